"""Analyse a scenario: all its outcomes where they can be looked at, the frontier alone or a sample where not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from negmas.inout import Scenario

from negotiations.engine import pictures, scenario_documents, wire
from negotiations.engine.analysis_bytes import to_bytes
from negotiations.engine.arrays import Array
from negotiations.engine.outcome_arrays import Additive, Asked, Space
from negotiations.engine.outcome_space import KEPT_FRONTIER, Analysis, Method
from negotiations.engine.pareto import TooMany, frontier, summed_frontier
from negotiations.engine.sampled_space import climbed, sample
from negotiations.engine.solution_points import opposition, solutions
from negotiations.engine.utilities import finite, plain

MOST_OUTCOMES = 1_000_000
"""Up to which all are looked at."""
MOST_ASKED = 200_000
"""The same where NegMAS has to be asked for each."""
MOST_ON_FRONTIER = 50_000
"""Of more than two parties, where each point is compared with each: seconds."""
MOST_SUMS_OF_TWO, MOST_SUMS_OF_MORE = 300_000, 10_000
"""Points of a frontier of sums that are followed from issue to issue."""
SEED = 0


@wire.carried
@dataclass(frozen=True, slots=True)
class Stored:
    """An analysis on its way from a child: the bytes to store as Latin-1, and what stands in columns beside them."""

    arrays: str
    method: str
    n_sampled: int
    n_frontier: int
    opposition: float | None
    rational_fraction: float
    points: Mapping[str, Mapping[str, Any]]
    sketch: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A frontier with where its outcomes lie, and what else was seen of the space."""

    method: Method
    frontier: Array
    places: Array
    ranges: Array
    seen: Array
    n_sampled: int = 0


def analyse_document(document: str) -> Iterator[Stored]:
    """The analysis of a stored scenario, as one item: meant for a child, since any of it may be large."""
    analysis = analyse(scenario_documents.load(document))
    yield Stored(
        arrays=to_bytes(analysis).decode("latin-1"),
        method=str(analysis.method),
        n_sampled=analysis.n_sampled,
        n_frontier=analysis.n_frontier,
        opposition=analysis.opposition,
        rational_fraction=analysis.rational_fraction,
        points=analysis.points,
        sketch=analysis.sketch,
    )


def analyse(scenario: Scenario) -> Analysis:
    """Exact where every outcome can be looked at, else the frontier exact where all functions are additive, else sampled."""
    space = Space.of(scenario)
    chance = np.random.default_rng(SEED)
    try:
        found = _whole(space) if _can_be_whole(space) else _summed(space, chance)
    except TooMany:
        found = _sampled(space, chance)
    return _analysis(space, found, chance)


def _can_be_whole(space: Space) -> bool:
    asked = any(isinstance(worth, Asked) for worth in space.worths)
    most = MOST_ASKED if asked else MOST_OUTCOMES
    return space.is_whole and space.n_outcomes is not None and space.n_outcomes <= most


def _whole(space: Space) -> Found:
    utilities = space.everywhere()
    ranges = np.stack([utilities.min(axis=0), utilities.max(axis=0)], axis=1)
    numbers = _acceptable(utilities, space.reserved)
    numbers = numbers[frontier(utilities[numbers], MOST_ON_FRONTIER)]
    return Found(Method.EXACT, utilities[numbers], space.places_of(numbers), ranges, utilities)


def _acceptable(utilities: Array, reserved: Array) -> Array:
    """Rows that give everybody at least its reserved value."""
    enough: Array = np.ones(len(utilities), bool)
    for index, least in enumerate(reserved):
        if least > -math.inf:
            enough &= utilities[:, index] >= least
    return np.flatnonzero(enough)


def _summed(space: Space, chance: Any) -> Found:
    """By partial sums; where some values stand for all of an issue, it is exact for those only: sampled, that is."""
    additive = space.additive
    if not additive:
        return _sampled(space, chance)
    columns = [np.stack(parts, axis=1) for parts in zip(*(worth.columns for worth in additive), strict=True)]
    start, end = _column(additive, "before"), _column(additive, "after")
    most = MOST_SUMS_OF_TWO if len(additive) == 2 else MOST_SUMS_OF_MORE
    points, places = summed_frontier(columns, start, end, space.reserved, most)
    kept = _acceptable(points, space.reserved)
    ranges = np.stack([_extreme(columns, start, end, np.min), _extreme(columns, start, end, np.max)], axis=1)
    seen = space.at(sample(space, chance))
    method = Method.FRONTIER if space.is_whole else Method.SAMPLED
    return Found(method, points[kept], places[kept], ranges, seen, len(seen))


def _column(additive: list[Additive], name: str) -> Array:
    return np.array([getattr(worth, name) for worth in additive])


def _extreme(columns: list[Array], start: Array, end: Array, extreme: Any) -> Array:
    """The least or the most that each party can get: added up in the order of the issues, as everywhere."""
    total = start
    for column in columns:
        total = total + extreme(column, axis=0)
    return np.asarray(end + total)


def _sampled(space: Space, chance: Any) -> Found:
    places = sample(space, chance)
    seen = space.at(places)
    places, points = climbed(space, places, seen, chance)
    low = np.minimum(seen.min(axis=0), points.min(axis=0))
    ranges = np.stack([low, np.maximum(seen.max(axis=0), points.max(axis=0))], axis=1)
    kept = _acceptable(points, space.reserved)
    return Found(Method.SAMPLED, points[kept], places[kept], ranges, seen, len(seen))


def _analysis(space: Space, found: Found, chance: Any) -> Analysis:
    solved = solutions(found.frontier, found.ranges, space.reserved)
    rows = _kept(found.frontier, solved)
    values, choices = _choices(space, found.places[rows])
    cloud = pictures.cloud(found.seen, chance)
    return Analysis(
        method=found.method,
        n_outcomes=space.n_outcomes,
        n_sampled=found.n_sampled,
        n_frontier=len(found.frontier),
        reserved=tuple(finite(value) for value in space.reserved),
        ranges=tuple((low, high) for low, high in found.ranges.tolist()),
        opposition=opposition(found.frontier, found.ranges[:, 1]),
        rational_fraction=_rational_fraction(found.seen, space.reserved),
        values=values,
        solutions={name: np.searchsorted(rows, of) for name, of in _among(rows, solved).items()},
        frontier=found.frontier[rows],
        choices=choices,
        cloud=cloud,
        grids=_grids(found, cloud),
    )


def _kept(points: Array, solved: dict[str, Array]) -> Array:
    """Rows of the frontier that are stored, in order: all of them, or evenly along the first party and the solutions."""
    if len(points) <= KEPT_FRONTIER:
        return np.arange(len(points))
    along = np.argsort(points[:, 0], kind="stable")
    evenly = along[np.linspace(0, len(points) - 1, KEPT_FRONTIER).astype(np.int64)]
    return np.unique(np.concatenate([evenly, *(rows[:1] for rows in solved.values())]))


def _among(rows: Array, solved: dict[str, Array]) -> dict[str, Array]:
    return {name: np.intersect1d(rows, found) for name, found in solved.items()}


def _choices(space: Space, places: Array) -> tuple[tuple[tuple[Any, ...], ...], Array]:
    """The values that occur on the frontier, an issue after the other, and where in them each outcome's are."""
    values, columns = [], []
    for index, axis in enumerate(space.axes):
        used, column = np.unique(places[:, index], return_inverse=True)
        values.append(plain(axis.values[place] for place in used.tolist()))
        columns.append(column.ravel())
    return tuple(values), np.stack(columns, axis=1)


def _rational_fraction(seen: Array, reserved: Array) -> float:
    """Of what was looked at, the part that gives everybody more than its reserved value."""
    more: Array = np.ones(len(seen), bool)
    for index, least in enumerate(reserved):
        more &= seen[:, index] > least
    return float(more.mean())


def _grids(found: Found, cloud: Array) -> Array:
    if len(cloud) == len(found.seen):
        return np.empty((0, 0), np.uint8)
    spans = pictures.spans_of(found.ranges)
    both = found.seen if found.method == Method.EXACT else np.concatenate([found.seen, found.frontier])
    return pictures.grids(both, spans)

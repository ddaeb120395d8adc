"""Tables of a tournament: competitor against opponent, per scenario, per seat."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.scoring.blocks import cell_means
from benchmarks.scoring.metrics import values_of
from benchmarks.scoring.rows import Array, SeatRows, known


@dataclass(frozen=True, slots=True)
class Cell:
    """What a competitor reached in some of its matches."""

    competitor: int
    #: The opponent, the scenario or the seat that these matches have in common.
    other: int
    mean: float | None
    #: Matches that count; identical repetitions once, and in self-play both seats are one match.
    matches: int
    agreed: int
    #: Matches in which this competitor crashed or hung.
    failed: int


def grid(rows: SeatRows, metric: str, scenario: int | None = None) -> tuple[Cell, ...]:
    """Competitors x opponents; with more than two parties each of the others is an opponent."""
    mine, theirs = _meetings(rows)
    if scenario is not None:
        here = rows.scenario[mine] == scenario
        mine, theirs = mine[here], theirs[here]
    return _cells(rows, metric, mine, rows.competitor[theirs])


def grids(rows: SeatRows, metric: str) -> dict[int, tuple[Cell, ...]]:
    """The grid of each scenario, all in one go."""
    mine, theirs = _meetings(rows)
    kinds = int(rows.competitor.max(initial=0)) + 1
    found: dict[int, list[Cell]] = {}
    for cell in _cells(rows, metric, mine, rows.scenario[theirs] * kinds + rows.competitor[theirs]):
        scenario, other = divmod(cell.other, kinds)
        found.setdefault(scenario, []).append(replace(cell, other=other))
    return {scenario: tuple(cells) for scenario, cells in sorted(found.items())}


def per_scenario(rows: SeatRows, metric: str) -> tuple[Cell, ...]:
    return _cells(rows, metric, np.arange(len(rows)), rows.scenario)


def per_seat(rows: SeatRows, metric: str) -> tuple[Cell, ...]:
    """By the order of speaking: seat 0 speaks first."""
    return _cells(rows, metric, np.arange(len(rows)), rows.seat)


def _meetings(rows: SeatRows) -> tuple[Array, Array]:
    """Pairs of rows (mine, theirs) of the same match."""
    most = int(rows.seat.max(initial=0))
    places = np.arange(len(rows))
    pairs = [_ahead(rows, places, ahead) for ahead in range(1, most + 1)]
    mine = np.concatenate([np.r_[a, b] for a, b in pairs] or [places[:0]])
    theirs = np.concatenate([np.r_[b, a] for a, b in pairs] or [places[:0]])
    return mine, theirs


def _ahead(rows: SeatRows, places: Array, ahead: int) -> tuple[Array, Array]:
    first = places[: max(0, len(places) - ahead)]
    first = first[rows.match[first] == rows.match[first + ahead]]
    return first, first + ahead


def _cells(rows: SeatRows, metric: str, mine: Array, other: Array) -> tuple[Cell, ...]:
    used = rows.counts[mine]
    mine, other = mine[used], other[used]
    kinds = int(other.max(initial=0)) + 1
    pairs, group = np.unique(rows.competitor[mine] * kinds + other, return_inverse=True)
    size = len(pairs)
    values = values_of(rows, metric)[mine]
    there = ~np.isnan(values)
    owner, means = cell_means(group[there], rows.cell[mine][there], values[there])
    count = np.bincount(owner, minlength=size)
    mean = np.divide(np.bincount(owner, means, size), count, out=np.full(size, np.nan), where=count > 0)
    agreed = values_of(rows, "agreement_rate")[mine] == 1.0
    tallies = (
        _matches(group, rows.match[mine], size),
        _matches(group[agreed], rows.match[mine][agreed], size),
        _matches(group[rows.fails[mine]], rows.match[mine][rows.fails[mine]], size),
    )
    return tuple(
        Cell(*divmod(int(pairs[k]), kinds), known(mean[k]), *(int(tally[k]) for tally in tallies))
        for k in range(size)
    )


def _matches(group: Array, match: Array, size: int) -> Array:
    """How many different matches each group has."""
    most = int(match.max(initial=0)) + 1
    return np.bincount(np.unique(group * most + match) // most, minlength=size)

"""Spaces that are too large to look at whole: some outcomes by chance, and a climb from the best of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from negotiations.engine.arrays import Array
from negotiations.engine.outcome_arrays import Axis, Space
from negotiations.engine.pareto import TooMany, frontier

SAMPLED = 200_000
"""Outcomes by chance."""
MOST_PLACES = 12_000_000
"""Values of all of them together; with more than sixty issues they are fewer."""
CLIMBED, CLIMBED_BY_MORE = 400_000, 100_000
"""Outcomes that the climb of two parties, and of more, looks at besides."""
AT_ONCE = 50_000
NEIGHBOURS = 64
"""Values of an issue that the climb tries; of more, some by chance."""
MOST_POINTS = 5_000
"""Points of the frontier of more than two parties; of more, the climb goes on with so many."""


def sample(space: Space, chance: Any) -> Array:
    """Outcomes by chance, each as likely as any other: a row each, a column an issue, of numbers of values."""
    count = min(SAMPLED, MOST_PLACES // len(space.axes))
    columns = [chance.integers(0, len(axis), count, dtype=np.int32) for axis in space.axes]
    return np.stack(columns, axis=1)


def climbed(space: Space, places: Array, utilities: Array, chance: Any) -> tuple[Array, Array]:
    """A frontier that starts as that of these outcomes and is pushed out: every outcome on it is looked at with each one
    issue changed, and what is better than the frontier comes onto it, until nothing is or enough was looked at.
    """
    places, utilities = _pruned(*_with_corners(space, places, utilities), chance)
    fresh: Array = np.ones(len(places), bool)
    budget = CLIMBED if utilities.shape[1] == 2 else CLIMBED_BY_MORE
    steps = sum(min(len(axis), NEIGHBOURS) for axis in space.axes)
    while fresh.any() and budget > 0:
        todo = np.flatnonzero(fresh)[: max(1, min(budget, AT_ONCE) // steps)]
        fresh[todo] = False
        around = _neighbours(space.axes, places[todo], chance)
        budget -= len(around)
        found = space.at(around)
        merged = np.concatenate([places, around])
        worth = np.concatenate([utilities, found])
        kept = _frontier(worth, chance)
        # What was on it and stays keeps its turn; what is new gets one.
        fresh = np.concatenate([fresh, np.ones(len(around), bool)])[kept]
        places, utilities = merged[kept], worth[kept]
    return places, utilities


def _with_corners(space: Space, places: Array, utilities: Array) -> tuple[Array, Array]:
    """With what each party, and all together, like best: climbed to from the best by chance, an issue at a time."""
    weights = np.concatenate([np.eye(space_parties := utilities.shape[1]), np.ones((1, space_parties))])
    found = [places]
    for weight in weights:
        best = places[int((utilities @ weight).argmax())].copy()
        for index, axis in enumerate(space.axes):
            tried = np.repeat(best[None, :], min(len(axis), NEIGHBOURS * 16), axis=0)
            tried[:, index] = np.linspace(0, len(axis) - 1, len(tried)).astype(np.int32)
            best = tried[int((space.at(tried) @ weight).argmax())]
        found.append(best[None, :])
    corners = np.concatenate(found[1:])
    return np.concatenate([places, corners]), np.concatenate([utilities, space.at(corners)])


def _pruned(places: Array, utilities: Array, chance: Any) -> tuple[Array, Array]:
    kept = _frontier(utilities, chance)
    return places[kept], utilities[kept]


def _frontier(utilities: Array, chance: Any) -> Array:
    """Of some of them, where it would be too large."""
    try:
        return frontier(utilities, MOST_POINTS)
    except TooMany:
        some = chance.choice(len(utilities), MOST_POINTS, replace=False)
        return np.asarray(some[frontier(utilities[some])])


def _neighbours(axes: tuple[Axis, ...], places: Array, chance: Any) -> Array:
    """Every outcome with each one issue changed."""
    around = []
    for index, axis in enumerate(axes):
        size = len(axis)
        tried = np.arange(size) if size <= NEIGHBOURS else chance.choice(size, NEIGHBOURS, replace=False)
        rows = np.repeat(places, len(tried), axis=0)
        rows[:, index] = np.tile(tried, len(places))
        around.append(rows)
    return np.concatenate(around)

"""What charts draw of an outcome space: points where they are few, otherwise which cells of a grid hold any."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np

from negotiations.engine.arrays import Array

MOST_POINTS = 5_000
"""Above it an image is drawn, not marks."""
CELLS = 256
"""A side of a grid."""
SKETCHED = 32
"""A side of the smallest picture, on a card."""
SKETCHED_POINTS = 40


def cloud(utilities: Array, chance: Any) -> Array:
    """All points where they are few, some by chance otherwise."""
    if len(utilities) <= MOST_POINTS:
        return utilities
    return utilities[np.sort(chance.choice(len(utilities), MOST_POINTS, replace=False))]


def grids(utilities: Array, spans: Array) -> Array:
    """A packed grid for each pair of parties, in the order of `pairs`."""
    cells = cells_of(utilities, spans, CELLS)
    found = [np.packbits(marked(cells[:, i], cells[:, j], CELLS)) for i, j in pairs(utilities.shape[1])]
    return np.stack(found) if found else np.empty((0, CELLS * CELLS // 8), np.uint8)


def pairs(parties: int) -> Iterator[tuple[int, int]]:
    return combinations(range(parties), 2)


def cells_of(utilities: Array, spans: Array, count: int) -> Array:
    """In which of so many cells each utility lies, of each party's span."""
    low, high = spans[:, 0], spans[:, 1]
    cells = np.empty(utilities.shape, np.int32, order="F")
    for index in range(utilities.shape[1]):
        share = (utilities[:, index] - low[index]) / (high[index] - low[index])
        cells[:, index] = np.clip(share * count, 0, count - 1)
    return cells


def marked(across: Array, up: Array, count: int) -> Array:
    """Which cells of a grid hold something: a row for each cell of `up`, from the lowest."""
    grid: Array = np.zeros(count * count, bool)
    grid[up * count + across] = True
    return grid.reshape(count, count)


def spans_of(ranges: Array) -> Array:
    """What the axes of a picture reach over: 0 to 1, and further only where utilities do."""
    low, high = np.minimum(ranges[:, 0], 0.0), np.maximum(ranges[:, 1], 1.0)
    # What is over by a rounding is not.
    return np.stack([np.where(low < -1e-6, low, 0.0), np.where(high > 1 + 1e-6, high, 1.0)], axis=1)

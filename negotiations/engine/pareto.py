"""Pareto frontiers: of points, and of sums of which one part an issue is chosen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from negotiations.engine.arrays import Array

BLOCK = 512
"""Points that are compared at once with all that are on the frontier so far."""
PAIRS = 1 << 23
"""Comparisons in one array."""
CHUNK = 300_000
"""Sums that are made at once."""
MOST_SUMS = 40_000_000
"""Sums that are made in all; of two parties some ten seconds."""
NEARLY = 1e-9


class TooMany(Exception):
    """The frontier, or the work for it, is too large."""


def frontier(points: Array, most: int | None = None) -> Array:
    """The rows that no other dominates, one for each distinct point, the highest sum first.

    As negmas.preferences.ops.pareto_frontier_numpy. Raises TooMany above `most` for more than two parties.
    """
    left = _culled(points)
    few = points[left]
    kept = left[_of_two(few) if points.shape[1] == 2 else _of_many(few, most)]
    return np.asarray(kept[np.argsort(-points[kept].sum(axis=1), kind="stable")])


def _culled(points: Array) -> Array:
    """Numbers of the rows that some good points do not dominate: what is left is little, mostly."""
    left = np.arange(len(points))
    for weights in _directions(points.shape[1]):
        if len(left) < BLOCK:
            break
        best = int((points @ weights).argmax())
        better: Array = np.zeros(len(points), bool)
        for index in range(points.shape[1]):
            better |= points[:, index] > points[best, index]
        better[best] = True
        left, points = left[better], points[better]
    return left


def _directions(parties: int) -> Iterator[Array]:
    """Everybody alike, each before the others, and some between."""
    yield np.ones(parties)
    yield from np.eye(parties) + 0.01
    if parties == 2:
        yield from (np.array([share, 1 - share]) for share in (0.25, 0.75, 0.12, 0.38, 0.62, 0.88))
    else:
        yield from np.random.default_rng(0).dirichlet(np.ones(parties), 4 * parties)


def _of_two(points: Array) -> Array:
    """By sorting: from the best of the first party on, each that is better for the second than all before."""
    order = np.lexsort((-points[:, 1], -points[:, 0]))
    second = points[order, 1]
    best = np.maximum.accumulate(second)
    return np.asarray(order[np.r_[True, second[1:] > best[:-1]][: len(order)]])


def _of_many(points: Array, most: int | None) -> Array:
    """Block by block, in an order in which nobody comes before who dominates him."""
    order = np.lexsort((*(-points[:, index] for index in range(points.shape[1])), -points.sum(axis=1)))
    ranks = _ranks(points)[order]
    on = np.empty((0, points.shape[1]), np.int32)
    kept: list[Array] = []
    for start in range(0, len(ranks), BLOCK):
        block = ranks[start : start + BLOCK]
        rows = np.arange(start, start + len(block))
        fresh = _undominated(block, on)
        block, rows = block[fresh], rows[fresh]
        first = _first_of(block)
        kept.append(rows[first])
        on = np.concatenate([on, block[first]])
        if most and len(on) > most:
            raise TooMany
    return np.asarray(order[np.concatenate(kept)]) if kept else order


def _ranks(points: Array) -> Array:
    """Each column by the order of its numbers, which compares as they do, and faster."""
    columns = (np.unique(points[:, index], return_inverse=True)[1] for index in range(points.shape[1]))
    return np.stack([column.ravel().astype(np.int32) for column in columns], axis=1)


def _undominated(block: Array, on: Array) -> Array:
    """Which of a block none of the others reaches in everything."""
    alive = np.arange(len(block))
    for start in range(0, len(on), PAIRS // BLOCK):
        others = on[start : start + PAIRS // BLOCK]
        alive = alive[~_reaches(others, block[alive]).any(axis=0)]
    return alive


def _reaches(others: Array, block: Array) -> Array:
    """Of each of the others (rows) and each of the block (columns), whether it is at least as good for everybody."""
    reaches = others[:, 0, None] >= block[None, :, 0]
    for index in range(1, block.shape[1]):
        reaches &= others[:, index, None] >= block[None, :, index]
    return np.asarray(reaches)


def _first_of(block: Array) -> Array:
    """Which of a block none before it reaches."""
    return np.asarray(~np.triu(_reaches(block, block), k=1).any(axis=0))


def summed_frontier(
    columns: list[Array], start: Array, end: Array, reserved: Array, most: int
) -> tuple[Array, Array]:
    """The frontier of all sums of one row of each of the columns, and which rows: exact, whatever their number.

    A sum of some issues that is dominated stays so whatever is added, rounding included, since both are rounded alike;
    so it is dropped at once, as is what cannot reach the reserved values any more. `columns` has a matrix an issue: a
    row a value, a column a party. Raises TooMany where more than `most` sums are left at some issue.
    """
    hopes = _hopes(columns, end)
    sums, work = start[None, :], 0
    steps: list[tuple[Array, Array]] = []
    for column, hope in zip(columns, hopes, strict=True):
        choices = frontier(column, most)
        work += len(sums) * len(choices)
        if work > MOST_SUMS:
            raise TooMany
        sums, before, chosen = _merged(sums, column[choices], reserved - hope - NEARLY, most)
        steps.append((before, choices[chosen]))
        if len(sums) > most:
            raise TooMany
    return end + sums, _traced(steps, len(sums))


def _hopes(columns: list[Array], end: Array) -> list[Array]:
    """The most that can be added after each issue."""
    hopes = [end]
    for column in reversed(columns[1:]):
        hopes.append(hopes[-1] + column.max(axis=0))
    return hopes[::-1]


def _merged(sums: Array, column: Array, least: Array, most: int) -> tuple[Array, Array, Array]:
    """The frontier of every sum with every row added, and of each which sum and which row it is."""
    at_once = max(1, CHUNK // len(column))
    found: list[tuple[Array, Array, Array]] = []
    for first in range(0, max(1, len(sums)), at_once):
        some = sums[first : first + at_once]
        added = (some[:, None, :] + column[None, :, :]).reshape(-1, column.shape[1])
        rows = np.flatnonzero((added >= least).all(axis=1))
        rows = rows[frontier(added[rows], most)]
        found.append((added[rows], first + rows // len(column), rows % len(column)))
    merged, before, chosen = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if len(found) > 1:
        rows = frontier(merged, most)
        merged, before, chosen = merged[rows], before[rows], chosen[rows]
    return merged, before, chosen


def _traced(steps: list[tuple[Array, Array]], count: int) -> Array:
    """The way of each sum back through its issues: a row a sum, a column an issue."""
    choices: Array = np.empty((count, len(steps)), np.int64)
    rows = np.arange(count)
    for index in range(len(steps) - 1, -1, -1):
        before, chosen = steps[index]
        choices[:, index] = chosen[rows]
        rows = before[rows]
    return choices

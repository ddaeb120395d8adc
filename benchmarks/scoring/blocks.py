"""Scenarios as blocks: what each competitor reached in each scenario, every cell of the plan with the same weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.scoring.metrics import LESS_IS_BETTER, values_of
from benchmarks.scoring.rows import Array, SeatRows


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """`means[s, c]`: competitor c's mean in scenario s, NaN where it has played no match there."""

    scenarios: tuple[int, ...]
    competitors: tuple[int, ...]
    means: Array
    less_is_better: bool = False

    @property
    def scores(self) -> Array:
        """Each competitor's mean over its scenarios."""
        return mean_of(self.means)


def blocks_of(rows: SeatRows, metric: str, competitors: Sequence[int] | None = None) -> Blocks:
    wanted = rows.competitors if competitors is None else tuple(competitors)
    scenarios = rows.scenarios
    values = values_of(rows, metric)
    used = rows.counts & ~np.isnan(values) & np.isin(rows.competitor, wanted)
    where = _positions(rows.scenario[used], scenarios), _positions(rows.competitor[used], wanted)
    block, cells = cell_means(where[0] * len(wanted) + where[1], rows.cell[used], values[used])
    size = len(scenarios) * len(wanted)
    count = np.bincount(block, minlength=size)
    total = np.bincount(block, cells, size)
    means = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
    means = means.reshape(len(scenarios), len(wanted))
    return Blocks(scenarios, wanted, means, metric in LESS_IS_BETTER)


def cell_means(group: Array, cell: Array, values: Array) -> tuple[Array, Array]:
    """The mean of each cell over its repetitions, and the group that each cell belongs to."""
    keys = group.astype(np.int64) * (int(cell.max(initial=0)) + 1) + cell
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return group[first], np.bincount(inverse, values) / np.maximum(np.bincount(inverse), 1)


def mean_of(means: Array) -> Array:
    """Column means that leave NaN out; NaN for a column of nothing else."""
    here = ~np.isnan(means)
    count = here.sum(axis=0)
    total = np.where(here, means, 0.0).sum(axis=0)
    return np.divide(total, count, out=np.full(means.shape[1], np.nan), where=count > 0)


def _positions(values: Array, among: Sequence[int]) -> Array:
    order = np.argsort(among, kind="stable")
    return order[np.searchsorted(np.asarray(among)[order], values)]

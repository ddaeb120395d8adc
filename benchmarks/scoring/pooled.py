"""Scores by another statistic than the mean: of all single matches together, resampled by scenarios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import NormalDist

import numpy as np

from benchmarks.scoring.blocks import Blocks
from benchmarks.scoring.comparisons import Comparison, compared, corrected
from benchmarks.scoring.intervals import resampled
from benchmarks.scoring.metrics import values_of
from benchmarks.scoring.paired import EQUAL
from benchmarks.scoring.rows import Array, SeatRows, known
from benchmarks.scoring.student import quantile, two_sided
from benchmarks.scoring.summaries import QUANTILES, seat_values, statistic_of

RESAMPLES = 500
#: Extremes and counts of a sample say nothing of those of other scenarios: they have no interval and no test.
RESAMPLED = frozenset({"std", *QUANTILES})


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """`scores[c]`, and `drawn[b, c]`: the same of resample b; no columns where nothing can be resampled."""

    scores: Array
    drawn: Array
    scenarios: int

    def interval(self, column: int, level: float) -> tuple[float, float] | None:
        """The expanded percentile interval, and the score itself within it; None where nothing was resampled."""
        drawn = self.drawn[:, column]
        drawn = drawn[~np.isnan(drawn)]
        if not len(drawn):
            return None
        low, high = np.quantile(drawn, tails(level, self.scenarios)).tolist()
        return min(low, float(self.scores[column])), max(high, float(self.scores[column]))


def tails(level: float, n: int) -> tuple[float, float]:
    """Further out than the level says, as far as Student's t is from the normal distribution (Hesterberg 2015)."""
    low = NormalDist().cdf(-quantile(level, n - 1) * math.sqrt(n / (n - 1)))
    return low, 1 - low


def pooled(rows: SeatRows, metric: str, statistic: str, competitors: Sequence[int]) -> Pooled:
    scores = [statistic_of(seat_values(rows, metric, each), statistic) for each in competitors]
    scenarios = np.unique(rows.scenario)
    if statistic not in RESAMPLED or len(scenarios) < 2:
        return Pooled(np.array(scores), np.empty((0, len(scores))), len(scenarios))
    counts = resampled(len(scenarios), RESAMPLES)
    drawn = [_drawn(rows, metric, statistic, each, scenarios, counts) for each in competitors]
    columns = np.stack(drawn, axis=1) if drawn else np.empty((RESAMPLES, 0))
    return Pooled(np.array(scores), columns, len(scenarios))


def comparisons(blocks: Blocks, found: Pooled, level: float) -> tuple[Comparison, ...]:
    """Differences of the scores against their spread over the resamples; who wins where stays a matter of means."""
    pairs = combinations(range(len(blocks.competitors)), 2)
    return corrected([_compared(blocks, found, i, j, level) for i, j in pairs])


def _compared(blocks: Blocks, found: Pooled, i: int, j: int, level: float) -> Comparison:
    means = compared(blocks, i, j, level)
    drawn = found.drawn[:, i] - found.drawn[:, j]
    drawn = drawn[~np.isnan(drawn)]
    difference = float(found.scores[i] - found.scores[j])
    is_tested = len(drawn) > 0 and means.scenarios > 1
    low, high = np.quantile(drawn, tails(level, found.scenarios)).tolist() if is_tested else (None, None)
    return replace(
        means,
        difference=known(difference),
        low=low,
        high=high,
        p=_p(difference, float(drawn.std()), means.scenarios) if is_tested else None,
        t_test=None,
    )


def _p(difference: float, spread: float, n: int) -> float:
    """Of the difference in units of its spread over the resamples; of the sign test where it has none."""
    if spread <= EQUAL:
        return 1.0 if abs(difference) <= EQUAL else 2.0 ** (1 - n)
    return two_sided(difference / spread, n - 1)


def _drawn(
    rows: SeatRows, metric: str, statistic: str, competitor: int, scenarios: Array, counts: Array
) -> Array:
    values = values_of(rows, metric)
    mine = rows.counts & (rows.competitor == competitor) & ~np.isnan(values)
    block, values = np.searchsorted(scenarios, rows.scenario[mine]), values[mine]
    if not len(values):
        return np.full(len(counts), np.nan)
    if statistic == "std":
        return _spreads(block, values, counts)
    return _quantiles(block, values, counts, QUANTILES[statistic])


def _spreads(block: Array, values: Array, counts: Array) -> Array:
    n, total, squares = (
        counts @ np.bincount(block, weights, counts.shape[1])
        for weights in (np.ones(len(values)), values - values.mean(), (values - values.mean()) ** 2)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = np.sqrt(np.maximum(squares - total**2 / n, 0.0) / (n - 1))
    return np.where(n > 1, found, np.nan)


def _quantiles(block: Array, values: Array, counts: Array, share: float) -> Array:
    """The least value that `share` of the drawn ones do not exceed, found by halving."""
    levels, place = np.unique(values, return_inverse=True)
    table = np.zeros((len(levels), counts.shape[1]))
    np.add.at(table, (place, block), 1.0)
    below = np.cumsum(table, axis=0)
    wanted = share * (counts @ below[-1])
    low: Array = np.zeros(len(counts), dtype=int)
    high: Array = np.full(len(counts), len(levels) - 1)
    while (low < high).any():
        middle = (low + high) // 2
        reached = (counts * below[middle]).sum(axis=1) >= wanted - 1e-9
        low, high = np.where(reached, low, middle + 1), np.where(reached, middle, high)
    return np.where(wanted > 0, levels[high], np.nan)

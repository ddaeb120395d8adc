"""Metric x statistic over single matches, as NegMAS's tournaments describe them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.scoring.metrics import METRICS, values_of
from benchmarks.scoring.rows import Array, SeatRows, known

STATISTICS = ("mean", "median", "std", "min", "max", "25%", "50%", "75%", "count")
QUANTILES = {"25%": 0.25, "50%": 0.5, "median": 0.5, "75%": 0.75}

_OF: dict[str, Callable[[Array], float]] = {
    "mean": lambda values: values.mean(),
    "std": lambda values: values.std(ddof=1) if len(values) > 1 else np.nan,
    "min": lambda values: values.min(),
    "max": lambda values: values.max(),
    "count": len,
}


def statistic_of(values: Array, statistic: str) -> float:
    """As pandas' `describe`: NaN of nothing, quantiles between two values by interpolation."""
    if not len(values):
        return 0.0 if statistic == "count" else float("nan")
    if statistic in QUANTILES:
        return float(np.quantile(values, QUANTILES[statistic]))
    return float(_OF[statistic](values))


def seat_values(rows: SeatRows, metric: str, competitor: int) -> Array:
    """The competitor's values, one for each match and seat that counts."""
    values = values_of(rows, metric)
    return values[rows.counts & (rows.competitor == competitor) & ~np.isnan(values)]


def summary(rows: SeatRows, competitor: int) -> dict[str, dict[str, float | None]]:
    """Every metric with every statistic."""
    found = {metric: seat_values(rows, metric, competitor) for metric in METRICS}
    return {
        metric: {name: known(statistic_of(values, name)) for name in STATISTICS}
        for metric, values in found.items()
    }

"""Intervals that were weighed against ours: docs/statistics.md shows by how much they miss."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np

from benchmarks.scoring import intervals
from benchmarks.scoring.intervals import resampled
from benchmarks.scoring.rows import Array

LEVEL = 0.95
UNIT = (0.0, 1.0)
NORMAL = NormalDist()


def bootstrap_t(columns: Array) -> Array:
    return intervals.bootstrap_t(columns, UNIT, LEVEL)


def student(columns: Array) -> Array:
    return intervals.student_t(columns, UNIT, LEVEL)


def percentile(columns: Array) -> Array:
    return np.quantile(_means(columns), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)


def bca(columns: Array) -> Array:
    """Bias-corrected and accelerated (Efron 1987)."""
    drawn = np.sort(_means(columns), axis=0)
    away = columns - columns.mean(axis=0)
    below = (drawn < columns.mean(axis=0)).mean(axis=0) + 0.5 * (drawn == columns.mean(axis=0)).mean(axis=0)
    bias = _each(NORMAL.inv_cdf, np.clip(below, 1e-3, 1 - 1e-3))
    spread = np.maximum(6 * (away**2).sum(axis=0) ** 1.5, 1e-30)
    acceleration = (away**3).sum(axis=0) / spread
    ends = []
    for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2):
        z = bias + NORMAL.inv_cdf(tail)
        place = _each(NORMAL.cdf, bias + z / (1 - acceleration * z)) * (len(drawn) - 1)
        ends.append(drawn[np.rint(place).astype(int), np.arange(drawn.shape[1])])
    return np.stack(ends)


def _means(columns: Array) -> Array:
    return resampled(len(columns)) @ columns / len(columns)


def _each(function: Callable[[float], float], values: Array) -> Array:
    return np.array([function(float(value)) for value in values])

"""Confidence intervals of a mean over scenarios, which are resampled as blocks.

The ends are halfway between those of the bootstrap-t, for which each resample's distance from the mean is counted in its
own standard errors (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, 12.5), and those of Student's t: with
few scenarios the first are too far out where scores are even, the second too near where many are zero.
docs/statistics.md shows both.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from benchmarks.scoring.rows import Array
from benchmarks.scoring.student import quantile

RESAMPLES = 4_000
SEED = 20_260_101  # one and the same always: a leaderboard changes with its matches, not by itself
NO_SPREAD = 1e-12

Limits = tuple[float, float]


@functools.lru_cache(maxsize=16)
def resampled(n: int, resamples: int = RESAMPLES) -> Array:
    """`[b, s]`: how often resample b drew block s."""
    drawn = np.random.default_rng([SEED, n]).integers(n, size=(resamples, n))
    places = drawn + n * np.arange(resamples)[:, None]
    counts: Array = np.bincount(places.ravel(), minlength=n * resamples).reshape(resamples, n)
    return counts.astype(float)


def interval(blocks: Array, limits: Limits, level: float = 0.95) -> Limits | None:
    """Of the mean of the blocks, within what is possible; None for fewer than two."""
    found = intervals(blocks[:, None], limits, level) if len(blocks) > 1 else None
    return None if found is None else (float(found[0, 0]), float(found[1, 0]))


def intervals(columns: Array, limits: Limits, level: float = 0.95) -> Array:
    """The same for each column: lower ends, upper ends."""
    found = (bootstrap_t(columns, limits, level) + student_t(columns, limits, level)) / 2
    mean, error = _mean_and_error(columns)
    flat = error <= NO_SPREAD
    found[:, flat] = without_spread(mean[flat], len(columns), limits, level)
    return found


def bootstrap_t(columns: Array, limits: Limits, level: float) -> Array:
    mean, error = _mean_and_error(columns)
    tails = [(1 + level) / 2, (1 - level) / 2]
    far = np.quantile(studentised(columns - mean), tails, axis=0, method="inverted_cdf")
    with np.errstate(invalid="ignore"):
        return np.clip(mean - far * error, *limits)


def student_t(columns: Array, limits: Limits, level: float) -> Array:
    mean, error = _mean_and_error(columns)
    far = quantile(level, len(columns) - 1) * error
    return np.clip(np.stack([mean - far, mean + far]), *limits)


def _mean_and_error(columns: Array) -> tuple[Array, Array]:
    return columns.mean(axis=0), columns.std(axis=0, ddof=1) / math.sqrt(len(columns))


def studentised(distances: Array) -> Array:
    """For each resample its mean in units of its own standard error; `distances` are from the mean of all."""
    n = len(distances)
    counts = resampled(n)
    mean = counts @ distances / n
    squares = counts @ distances**2 / n
    error = np.sqrt(np.maximum(squares - mean**2, 0.0) / (n - 1))
    # All blocks drawn are alike: as far as can be, or no distance at all.
    endless = np.where(abs(mean) <= NO_SPREAD, 0.0, np.copysign(np.inf, mean))
    return np.divide(mean, error, out=endless, where=error > NO_SPREAD**0.5 * np.maximum(1e-3, abs(mean)))


def without_spread(mean: Array, n: int, limits: Limits, level: float) -> Array:
    """All blocks are alike, so nothing can be resampled; but others may be rarer than these n could show.

    Of a kind with share q none is among n blocks with chance (1 - q)^n (Clopper and Pearson 1934, for none of n).
    """
    share = 1 - ((1 - level) / 2) ** (1 / n)
    low, high = limits
    return np.stack([mean - share * (mean - low), mean + share * (high - mean)])

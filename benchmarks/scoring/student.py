"""Student's t for whole degrees of freedom, by its finite series: a web process has no scipy.

Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
"""

from __future__ import annotations

import functools
import math

FARTHEST = 1e6


def inside(t: float, df: int) -> float:
    """The chance of a value between -t and t."""
    theta = math.atan2(abs(t), math.sqrt(df))
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = df % 2
    term = total = (cosine if df > 1 else 0.0) if odd else 1.0
    for k in range(2 if odd else 1, df - 2 + odd, 2):
        term *= cosine * cosine * k / (k + 1)
        total += term
    return 2 / math.pi * (theta + sine * total) if odd else sine * total


def two_sided(t: float, df: int) -> float:
    """The chance of a value at least as far from 0 as t."""
    return 0.0 if math.isinf(t) else min(1.0, max(0.0, 1 - inside(t, df)))


@functools.lru_cache(maxsize=4096)
def quantile(level: float, df: int) -> float:
    """t such that a value is between -t and t with the chance `level`."""
    low, high = 0.0, FARTHEST
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle, df) < level else (low, middle)
    return (low + high) / 2

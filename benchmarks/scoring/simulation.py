"""Tournaments whose true means are known, to see how often intervals, tests and the stop rule are right.

A scenario has an ease that all competitors share; each also likes it more or less on its own. Both together (z, a
standard normal number) decide how often a competitor reaches an agreement there, and what it then gets. So scores of one scenario
are correlated, many are exactly zero, and a competitor's true mean is an integral over z.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from benchmarks.scoring.rows import Array

MATCHES = 8  # of each competitor in each scenario
SHARED = 0.5  # of the variance of z
ALIKE = 1e-6  # True means that differ by less are equal
CONCENTRATION = 8.0  # of the beta distribution of what an agreement is worth


@dataclass(frozen=True, slots=True)
class Simulated:
    """A competitor: its agreement rate and what an agreement is worth, each on the logistic scale as a + b z."""

    name: str
    rate: tuple[float, float]
    worth: tuple[float, float] = (-0.3, 0.6)

    def chances(self, z: Array) -> Array:
        return _logistic(self.rate[0] + self.rate[1] * z)

    def worths(self, z: Array) -> Array:
        return _logistic(self.worth[0] + self.worth[1] * z)

    @property
    def mean(self) -> float:
        return _true_mean(self)


Field = tuple[Simulated, ...]


@functools.cache
def _true_mean(competitor: Simulated) -> float:
    """By Gauss-Hermite quadrature."""
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    return float((weights * competitor.chances(z) * competitor.worths(z)).sum() / weights.sum())


STRONG = Simulated("strong", (3.0, 1.5), (0.7, 0.6))
MIDDLE = Simulated("middle", (0.8, 2.0), (0.2, 0.6))
WEAK = Simulated("weak", (-1.2, 2.0))
RARE = Simulated("rare", (-3.5, 2.5))
FIELD = (STRONG, MIDDLE, WEAK, RARE)
#: As good as the weak one and the rare one, but all the same everywhere: the differences are as skewed as can be.
STEADY_AS_WEAK = Simulated("steady as weak", (6.0, 0.0), (-1.540656577945, 0.2))
STEADY_AS_RARE = Simulated("steady as rare", (6.0, 0.0), (-2.484647923343, 0.2))
#: Neighbours are some hundredths apart.
CLOSE = tuple(Simulated(f"close {k}", (0.8, 2.0), (0.2 - 0.3 * k, 0.6)) for k in range(4))
#: Of all but the last two some are equal, so there are false claims to be made.
FIELDS = {
    "two equals": (MIDDLE, MIDDLE),
    "four equals": (MIDDLE,) * 4,
    "equals, skewed": (WEAK, STEADY_AS_WEAK),
    "equals, most skewed": (RARE, STEADY_AS_RARE),
    "equals among others": (STRONG, MIDDLE, MIDDLE, WEAK),
    "close": CLOSE,
    "apart": FIELD,
}


def draw(rng: np.random.Generator, field: Field, tournaments: int, scenarios: int) -> Array:
    """`[tournament, scenario, competitor]`: the mean of the competitor's matches there."""
    shape = (tournaments, scenarios)
    ease = rng.standard_normal(shape)
    means = [_played(rng, each, ease) for each in field]
    return np.stack(means, axis=-1)


def _played(rng: np.random.Generator, competitor: Simulated, ease: Array) -> Array:
    z = math.sqrt(SHARED) * ease + math.sqrt(1 - SHARED) * rng.standard_normal(ease.shape)
    worth = competitor.worths(z)[..., None]
    size = (*ease.shape, MATCHES)
    agreed = rng.random(size) < competitor.chances(z)[..., None]
    gained = rng.beta(CONCENTRATION * worth, CONCENTRATION * (1 - worth), size)
    return (agreed * gained).mean(axis=-1)


def _logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))

"""The test of a mean difference against 0, and its interval: the paired t-test, made cautious where differences are skewed.

Hall (1992), On the removal of skewness by transformation, J. R. Statist. Soc. B 54: t is bent by the skewness of the
differences before it is looked up. Of both answers the more cautious one counts: without skewness they are the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from benchmarks.scoring.rows import Array
from benchmarks.scoring.student import quantile, two_sided

EQUAL = 1e-9  # Means that differ by less are equal: what is left of the same sum in another order


@dataclass(frozen=True, slots=True)
class Paired:
    """Differences, one for each scenario: at least two of them."""

    n: int
    mean: float
    spread: float
    skewness: float

    @classmethod
    def of(cls, differences: Array) -> Paired | None:
        n = len(differences)
        if n < 2:
            return None
        mean, spread = float(differences.mean()), float(np.std(differences, ddof=1))
        if spread <= EQUAL:
            return cls(n, mean, 0.0, 0.0)
        away = differences - mean
        skewness = float((away**3).mean() / (away**2).mean() ** 1.5)
        return cls(n, mean, spread, skewness)

    @property
    def p(self) -> float:
        """Two-sided. Where all differences are one and the same it is that of the sign test."""
        if not self.spread:
            return 1.0 if abs(self.mean) <= EQUAL else 2.0 ** (1 - self.n)
        return max(
            self.t_test, two_sided(self._bent(self.mean / self.spread) * math.sqrt(self.n), self.n - 1)
        )

    @property
    def t_test(self) -> float:
        """Of the paired t-test as it stands."""
        if not self.spread:
            return 1.0 if abs(self.mean) <= EQUAL else 0.0
        return two_sided(self.mean / self.spread * math.sqrt(self.n), self.n - 1)

    def interval(self, level: float) -> tuple[float, float]:
        """Of the mean difference; without 0 just where `p` is below 1 - level."""
        far = quantile(level, self.n - 1) / math.sqrt(self.n)
        return (
            self.mean - self.spread * max(far, self._straight(far)),
            self.mean - self.spread * min(-far, self._straight(-far)),
        )

    def _bent(self, ratio: float) -> float:
        g = self.skewness
        return ratio + g * ratio**2 / 3 + g**2 * ratio**3 / 27 + g / (6 * self.n)

    def _straight(self, bent: float) -> float:
        """The ratio that is bent so."""
        g = self.skewness
        return 3 / g * (math.cbrt(1 + g * (bent - g / (6 * self.n))) - 1) if abs(g) > 1e-6 else bent

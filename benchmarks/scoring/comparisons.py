"""Competitors in pairs: tests of their differences in the same scenarios, corrected, and who wins where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from benchmarks.scoring.blocks import Blocks
from benchmarks.scoring.paired import EQUAL, Paired
from benchmarks.scoring.rows import Array


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two competitors in the scenarios that both have played; `difference` is the first's mean less the second's."""

    first: int
    second: int
    scenarios: int
    difference: float | None
    #: Of the difference, for this pair alone.
    low: float | None
    high: float | None
    p: float | None
    #: Corrected for the number of pairs, by Holm.
    p_holm: float | None
    #: Of the plain paired t-test, as NegMAS's `pairwise_tests`; uncorrected.
    t_test: float | None
    #: Scenarios in which the first has the higher mean, the lower one, the same.
    higher: int
    lower: int
    equal: int

    def is_significant(self, level: float = 0.95) -> bool:
        return self.p_holm is not None and self.p_holm <= 1 - level + 1e-15


@dataclass(frozen=True, slots=True)
class Wins:
    """A cell of the win matrix: `competitor` against `opponent`, in the scenarios that both have played."""

    competitor: int
    opponent: int
    scenarios: int
    #: Share of the scenarios in which the competitor is better; scenarios where both are equal are won by neither.
    share: float | None
    difference: float | None


def comparisons(blocks: Blocks, level: float = 0.95) -> tuple[Comparison, ...]:
    """All pairs, in the order of the competitors."""
    pairs = combinations(range(len(blocks.competitors)), 2)
    return corrected([compared(blocks, i, j, level) for i, j in pairs])


def corrected(found: Sequence[Comparison]) -> tuple[Comparison, ...]:
    adjusted = holm([each.p for each in found])
    return tuple(replace(each, p_holm=p) for each, p in zip(found, adjusted, strict=True))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """P-values corrected for their number (Holm 1979); what has none is not counted."""
    order = sorted((p, place) for place, p in enumerate(values) if p is not None)
    adjusted: list[float | None] = [None] * len(values)
    highest = 0.0
    for done, (p, place) in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - done) * p))
        adjusted[place] = highest
    return adjusted


def win_matrix(blocks: Blocks) -> tuple[tuple[Wins | None, ...], ...]:
    """Row by row who beats whom; None on the diagonal."""
    size = range(len(blocks.competitors))
    return tuple(tuple(None if i == j else _wins(blocks, i, j) for j in size) for i in size)


def compared(blocks: Blocks, i: int, j: int, level: float = 0.95) -> Comparison:
    """The competitors of columns i and j; not yet corrected."""
    differences = _differences(blocks, i, j)
    paired = Paired.of(differences)
    low, high = paired.interval(level) if paired else (None, None)
    return Comparison(
        first=blocks.competitors[i],
        second=blocks.competitors[j],
        scenarios=len(differences),
        difference=float(differences.mean()) if len(differences) else None,
        low=low,
        high=high,
        p=paired.p if paired else None,
        p_holm=None,
        t_test=paired.t_test if paired else None,
        higher=int((differences > EQUAL).sum()),
        lower=int((differences < -EQUAL).sum()),
        equal=int((abs(differences) <= EQUAL).sum()),
    )


def _differences(blocks: Blocks, i: int, j: int) -> Array:
    """In the scenarios that both have played."""
    differences = blocks.means[:, i] - blocks.means[:, j]
    return differences[~np.isnan(differences)]


def _wins(blocks: Blocks, i: int, j: int) -> Wins:
    differences = _differences(blocks, i, j)
    n = len(differences)
    better = (differences < -EQUAL) if blocks.less_is_better else (differences > EQUAL)
    return Wins(
        competitor=blocks.competitors[i],
        opponent=blocks.competitors[j],
        scenarios=n,
        share=float(better.mean()) if n else None,
        difference=float(differences.mean()) if n else None,
    )

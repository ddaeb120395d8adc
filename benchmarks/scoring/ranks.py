"""Ranks as far as tests tell competitors apart.

A competitor is no better than one more than the number of those that beat it significantly, and no worse than the
number of all less those it beats so (Al Mohamad, Goeman and van Zwet 2022; Mogstad, Romano, Shaikh and Wilhelm 2024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.scoring.comparisons import Comparison
from benchmarks.scoring.paired import EQUAL
from benchmarks.scoring.rows import Array


@dataclass(frozen=True, slots=True)
class Place:
    #: By the score alone; equal scores share it.
    rank: int
    #: The best and the worst rank that the tests leave open.
    low: int
    high: int


def places(
    competitors: Sequence[int],
    scores: Array,
    pairs: Sequence[Comparison],
    level: float = 0.95,
    less_is_better: bool = False,
) -> list[Place]:
    """In the order of the competitors. Who has no score comes last. Where a pair has not played the same scenarios
    a rank can lie beyond what the tests say; they give way to it."""
    worth = np.where(np.isnan(scores), -np.inf, -scores if less_is_better else scores)
    ranks = [1 + int((worth > mine + EQUAL).sum()) for mine in worth]
    above, below = _decided(competitors, pairs, level, less_is_better)
    return [
        Place(rank, min(rank, 1 + above[each]), max(rank, len(ranks) - below[each]))
        for each, rank in zip(competitors, ranks, strict=True)
    ]


def _decided(
    competitors: Sequence[int], pairs: Sequence[Comparison], level: float, less_is_better: bool
) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """How many are significantly better than each, and how many worse."""
    above, below = dict.fromkeys(competitors, 0), dict.fromkeys(competitors, 0)
    for pair in pairs:
        if pair.is_significant(level):
            first_leads = ((pair.difference or 0.0) > 0) != less_is_better
            winner, loser = (pair.first, pair.second) if first_leads else (pair.second, pair.first)
            above[loser] += 1
            below[winner] += 1
    return above, below

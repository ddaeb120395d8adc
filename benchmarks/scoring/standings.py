"""The leaderboard: scores with intervals, and ranks as far as the tests tell competitors apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.scoring import pooled
from benchmarks.scoring.blocks import Blocks, blocks_of
from benchmarks.scoring.comparisons import Comparison, comparisons
from benchmarks.scoring.intervals import Limits, interval
from benchmarks.scoring.metrics import limits
from benchmarks.scoring.ranks import Place, places
from benchmarks.scoring.rows import Array, SeatRows, known

FEW_SCENARIOS = 10

#: Scores, their intervals, the pairs.
Found = tuple[Array, Sequence[Limits | None], tuple[Comparison, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A competitor's line."""

    #: By the score alone; equal scores share it.
    rank: int
    #: The best and the worst place that the tests leave open.
    rank_low: int
    rank_high: int
    competitor: int
    score: float | None
    low: float | None
    high: float | None
    #: Matches that count, identical repetitions once; scenarios that they are of.
    matches: int
    scenarios: int
    #: Matches in which it crashed or hung; they are among those that count.
    failed: int
    #: Matches that do not count for it, since a partner failed or nobody knows who.
    left_out: int


@dataclass(frozen=True, slots=True)
class Leaderboard:
    metric: str
    statistic: str
    level: float
    standings: tuple[Standing, ...]
    comparisons: tuple[Comparison, ...]
    scenarios: int
    matches: int
    #: What a reader must know before believing it; empty where there is nothing.
    warning: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def leaderboard(
    rows: SeatRows,
    metric: str = "advantage",
    statistic: str = "mean",
    level: float = 0.95,
    competitors: Sequence[int] | None = None,
    planned: int = 0,
) -> Leaderboard:
    """`competitors` are those to be ranked, also such as have no match yet; without it, all who have one.

    `planned` are all scenarios of which results are to come.
    """
    blocks = blocks_of(rows, metric, competitors)
    scores, ends, pairs = _by_mean(rows, blocks, metric, level)
    if statistic != "mean":
        scores, ends, pairs = _by_statistic(rows, blocks, metric, statistic, level)
    ranked = places(blocks.competitors, scores, pairs, level, blocks.less_is_better)
    lines = [_line(rows, blocks, k, ranked[k], scores[k], ends[k]) for k in range(len(scores))]
    return Leaderboard(
        metric=metric,
        statistic=statistic,
        level=level,
        standings=tuple(sorted(lines, key=lambda line: (line.rank, line.competitor))),
        comparisons=pairs,
        scenarios=len(blocks.scenarios),
        matches=len(rows.matches),
        warning=warning(len(blocks.scenarios), planned),
    )


def warning(scenarios: int, planned: int = 0) -> str:
    """For a page, where there are too few scenarios to say much; `planned` are all of which results are to come."""
    if scenarios >= FEW_SCENARIOS:
        return ""
    number = "one scenario" if scenarios == 1 else f"{scenarios} scenarios"
    so_far = f"{scenarios} of {planned:,} scenarios so far" if planned > scenarios else number
    told = (
        f"Only {so_far}: intervals and tests rest on how scores differ between scenarios, and below "
        f"{FEW_SCENARIOS} they may miss the truth more often than they say."
    )
    return told if planned >= FEW_SCENARIOS else f"{told} Add scenarios before you rely on them."


def _by_mean(rows: SeatRows, blocks: Blocks, metric: str, level: float) -> Found:
    possible = limits(rows, metric)
    ends = [interval(column[~np.isnan(column)], possible, level) for column in blocks.means.T]
    return blocks.scores, ends, comparisons(blocks, level)


def _by_statistic(rows: SeatRows, blocks: Blocks, metric: str, statistic: str, level: float) -> Found:
    found = pooled.pooled(rows, metric, statistic, blocks.competitors)
    ends = [found.interval(column, level) for column in range(len(blocks.competitors))]
    return found.scores, ends, pooled.comparisons(blocks, found, level)


def _line(
    rows: SeatRows, blocks: Blocks, k: int, place: Place, score: float, ends: Limits | None
) -> Standing:
    mine = rows.competitor == blocks.competitors[k]
    counted = np.unique(rows.match[mine & rows.counts])
    return Standing(
        rank=place.rank,
        rank_low=place.low,
        rank_high=place.high,
        competitor=blocks.competitors[k],
        score=known(score),
        low=ends and known(ends[0]),
        high=ends and known(ends[1]),
        matches=len(counted),
        scenarios=int((~np.isnan(blocks.means[:, k])).sum()),
        failed=len(np.unique(rows.match[mine & rows.fails])),
        left_out=len(np.setdiff1d(rows.match[mine & rows.left_out], counted)),
    )

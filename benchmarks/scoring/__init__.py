"""Scores of tournaments: pure functions of matches that are over. No Django, no NegMAS, no scipy."""

from __future__ import annotations

from benchmarks.scoring.blocks import Blocks, blocks_of
from benchmarks.scoring.comparisons import Comparison, Wins, comparisons, holm, win_matrix
from benchmarks.scoring.grids import Cell, grid, grids, per_scenario, per_seat
from benchmarks.scoring.matches import Scored
from benchmarks.scoring.metrics import LESS_IS_BETTER, METRICS, values_of
from benchmarks.scoring.rows import SeatRows
from benchmarks.scoring.standings import Leaderboard, Standing, leaderboard, warning
from benchmarks.scoring.stopping import StopRule, Verdict, settled
from benchmarks.scoring.summaries import STATISTICS, summary

__all__ = [
    "LESS_IS_BETTER",
    "METRICS",
    "STATISTICS",
    "Blocks",
    "Cell",
    "Comparison",
    "Leaderboard",
    "Scored",
    "SeatRows",
    "Standing",
    "StopRule",
    "Verdict",
    "Wins",
    "blocks_of",
    "comparisons",
    "grid",
    "grids",
    "holm",
    "leaderboard",
    "per_scenario",
    "per_seat",
    "settled",
    "summary",
    "values_of",
    "warning",
    "win_matrix",
]

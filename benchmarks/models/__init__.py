from __future__ import annotations

from benchmarks.models.benchmarks import Benchmark, BenchmarkScenario, Competitor, Metric, Statistic
from benchmarks.models.lanes import Lane
from benchmarks.models.leaderboards import Leaderboard
from benchmarks.models.matches import Match, MatchStatus, MatchTranscript

__all__ = [
    "Benchmark", "BenchmarkScenario", "Competitor", "Lane", "Leaderboard", "Match", "MatchStatus", "MatchTranscript",
    "Metric", "Statistic",
]  # fmt: skip

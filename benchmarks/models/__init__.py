from __future__ import annotations

from benchmarks.models.benchmarks import Benchmark, Metric, Statistic
from benchmarks.models.deletions import BenchmarkDeletion
from benchmarks.models.lanes import Lane
from benchmarks.models.leaderboards import Leaderboard
from benchmarks.models.line_ups import BenchmarkScenario, Competitor
from benchmarks.models.matches import Match, MatchStatus, MatchTranscript
from benchmarks.models.uploads import ResultsUpload

__all__ = [
    "Benchmark", "BenchmarkDeletion", "BenchmarkScenario", "Competitor", "Lane", "Leaderboard", "Match", "MatchStatus", "MatchTranscript",
    "Metric", "ResultsUpload", "Statistic",
]  # fmt: skip

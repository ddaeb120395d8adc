"""Proves of benchmarks that each match ended once, as undisturbed, and that the counters say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.models import Benchmark, Leaderboard, Match, MatchStatus
from benchmarks.models.results import COLUMNS
from benchmarks.playing import Players, rules_of
from negotiations.engine.match_specs import MatchResult
from negotiations.engine.matches import play_matches
from negotiations.engine.specs import EndReason
from negotiations.engine.transcripts import transcript_bytes
from negotiations.models import Status

COMPARED = [name for name in COLUMNS if name != "cpu_seconds"]
OVER = (MatchStatus.COMPLETED, MatchStatus.FAILED)


def other_benchmarks(figures: Counter[str]) -> Iterator[str]:
    for benchmark in Benchmark.objects.select_related("job"):
        figures["benchmarks"] += 1
        matches = list(benchmark.matches.select_related("transcript").order_by("index"))
        yield from _other_plan(benchmark, matches)
        yield from _other_rows(benchmark, matches, figures)
        yield from _other_counts(benchmark, matches)


def _other_plan(benchmark: Benchmark, matches: list[Match]) -> Iterator[str]:
    """The rows are the plan's, each once; all of them, and all over, where it is completed."""
    planned = list(benchmark.to_plan().matches())[: len(matches)]
    if [(match.index, match.seed, match.numbers) for match in matches] != [
        (match.index, match.seed, match.seats) for match in planned
    ]:
        yield f"{benchmark}: its matches are not those of its plan"
    if benchmark.job.status == Status.COMPLETED:
        left = sum(match.status not in OVER for match in matches)
        if left or len(matches) != benchmark.n_matches:
            yield f"{benchmark} is completed with {len(matches)} matches of which {left} are not over"


def _other_rows(benchmark: Benchmark, matches: list[Match], figures: Counter[str]) -> Iterator[str]:
    over = [match for match in matches if match.is_over]
    players = Players(benchmark)
    rules = rules_of(benchmark.mechanism, benchmark.ignore_reserved)
    played = play_matches(players.material, players.specs(over), None, rules)
    results = [item for item in played if isinstance(item, MatchResult)]
    figures["matches compared"] += len(over)
    for match, result in zip(over, results, strict=True):
        stored = [_plain(getattr(match, name)) for name in COMPARED]
        expected = [_plain(getattr(result, name)) for name in COMPARED]
        if stored != expected:
            yield f"{benchmark}: match {match.index} ended as {stored}, undisturbed as {expected}"
        elif bytes(match.transcript.actions) != transcript_bytes(result.transcript):
            yield f"{benchmark}: match {match.index} has other actions than undisturbed"


def _other_counts(benchmark: Benchmark, matches: list[Match]) -> Iterator[str]:
    """Each end has a number of its own, and the counters are the numbers of rows."""
    numbers = sorted(match.finished_seq for match in matches if match.finished_seq is not None)
    if numbers != list(range(1, benchmark.last_seq + 1)):
        yield f"{benchmark}: its matches ended with the numbers {numbers}"
    told = (benchmark.n_planned, benchmark.n_completed, benchmark.n_failed, benchmark.n_agreed)
    by_status = Counter(match.status for match in matches)
    agreed = sum(match.end_reason == EndReason.AGREEMENT for match in matches)
    counted = (len(matches), by_status[MatchStatus.COMPLETED], by_status[MatchStatus.FAILED], agreed)
    if told != counted:
        yield f"{benchmark} counts {told} of its matches, and there are {counted}"
    board = Leaderboard.objects.filter(benchmark=benchmark).values_list("seq", flat=True).first()
    if benchmark.job.status == Status.COMPLETED and board != benchmark.last_seq:
        yield f"{benchmark}: its leaderboard counts {board} matches of {benchmark.last_seq}"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value

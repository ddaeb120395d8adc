"""From what the engine says of a match to its row: once, by the lane that holds it, with the next number of the benchmark."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from benchmarks.models.matches import MatchStatus, MatchTranscript
from negotiations.endings import NORMAL
from negotiations.engine.match_specs import MatchResult
from negotiations.engine.specs import EndReason
from negotiations.engine.transcripts import transcript_bytes
from negotiations.exceptions import LostLease

if TYPE_CHECKING:
    from benchmarks.models.benchmarks import Benchmark

COLUMNS = (
    "end_reason", "error", "traceback", "steps", "relative_time", "n_offers", "cpu_seconds", "agreement", "utilities",
    "reserved", "best", "welfare", "nash_optimality", "kalai_optimality", "ks_optimality", "max_welfare_optimality",
    "pareto_optimality", "pareto_distance",
)  # fmt: skip
TIMED_OUT = (EndReason.STEPS, EndReason.SECONDS)


def record(benchmark: Benchmark, results: Sequence[MatchResult], token: uuid.UUID) -> None:
    """Write how these matches ended, if the lane with this token still holds each. Raises LostLease, and writes nothing."""
    with transaction.atomic():
        rows = type(benchmark).objects.filter(pk=benchmark.pk)
        # Numbers are given and committed in order, so a cursor misses none.
        seq = rows.select_for_update().values_list("last_seq", flat=True).get()
        held = dict(benchmark.matches.pending().filter(token=token).values_list("index", "pk"))
        for number, result in enumerate(results, start=seq + 1):
            row = benchmark.matches.pending().filter(pk=held.get(result.index), token=token)
            if not row.update(**_fields(result), finished_seq=number):
                raise LostLease
        MatchTranscript.objects.bulk_create(
            MatchTranscript(match_id=held[result.index], actions=transcript_bytes(result.transcript))
            for result in results
            if result.transcript
        )
        rows.update(last_seq=seq + len(results), **_counts(results))


def _fields(result: MatchResult) -> dict[str, Any]:
    told = asdict(result)
    return {name: told[name] for name in COLUMNS} | {
        "status": MatchStatus.COMPLETED if result.end_reason in NORMAL else MatchStatus.FAILED,
        "failed_seat": result.failed_party,
        "finished_at": timezone.now(),
        "token": None,
    }


def _counts(results: Sequence[MatchResult]) -> dict[str, Any]:
    n_completed = sum(result.end_reason in NORMAL for result in results)
    return {
        "n_completed": F("n_completed") + n_completed,
        "n_failed": F("n_failed") + len(results) - n_completed,
        "n_agreed": F("n_agreed") + sum(result.end_reason == EndReason.AGREEMENT for result in results),
        "n_timed_out": F("n_timed_out") + sum(result.end_reason in TIMED_OUT for result in results),
        "cpu_seconds": F("cpu_seconds") + sum(result.cpu_seconds for result in results),
    }

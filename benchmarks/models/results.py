"""From what the engine says of a match to its row: once, by the lane that holds it, with the next number of the benchmark."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.db import connection, transaction
from django.db.models import F, Field
from django.utils import timezone

from benchmarks.models.matches import Match, MatchStatus, MatchTranscript
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
        indexes = [result.index for result in results]
        mine = benchmark.matches.pending().filter(token=token, index__in=indexes)
        held = dict(mine.values_list("index", "pk"))
        if len(held) < len(set(indexes)):
            raise LostLease
        _update(
            {
                held[result.index]: _fields(result, number)
                for number, result in enumerate(results, start=seq + 1)
            }
        )
        n_bytes = _keep_actions(held, results)
        rows.update(last_seq=seq + len(results), n_bytes=F("n_bytes") + n_bytes, **_counts(results))


def _keep_actions(held: dict[int, int], results: Sequence[MatchResult]) -> int:
    """How many bytes they take."""
    kept = {held[each.index]: transcript_bytes(each.transcript) for each in results if each.transcript}
    MatchTranscript.objects.bulk_create(
        MatchTranscript(match_id=key, actions=actions) for key, actions in kept.items()
    )
    return sum(map(len, kept.values()))


def _update(rows: dict[int, dict[str, Any]]) -> None:
    """Set these fields of rows by their keys, the same fields in all: one statement, made once for many rows."""
    fields = [cast("Field[Any, Any]", Match._meta.get_field(name)) for name in next(iter(rows.values()), {})]
    if not fields:
        return
    quote = connection.ops.quote_name
    assigned = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    values = [
        [*(field.get_db_prep_save(row[field.name], connection) for field in fields), key]
        for key, row in rows.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(Match._meta.db_table)} SET {assigned} WHERE id = %s", values)


def _fields(result: MatchResult, number: int) -> dict[str, Any]:
    return {name: getattr(result, name) for name in COLUMNS} | {
        "finished_seq": number,
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
        "n_steps": F("n_steps") + sum(result.steps for result in results),
        "cpu_seconds": F("cpu_seconds") + sum(result.cpu_seconds for result in results),
    }

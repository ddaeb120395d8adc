"""A benchmark goes: its matches by the batch, in small transactions, then its row with all its jobs."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import transaction

from benchmarks.models import Benchmark, BenchmarkDeletion, MatchTranscript
from negotiations.deletions import stop
from negotiations.exceptions import Stopped
from negotiations.heart import Heart
from negotiations.models import AuditEntry, Job
from negotiations.models.audit import Deed

BATCH = 500
"""Matches in one transaction, with their transcripts."""
PAUSE = 0.02
"""SQLite's wait for the lock is not fair: without a pause who writes one row waits for all batches."""


class BenchmarkDeletionRecorder:
    """Removes what is marked: what was done is not done again."""

    def __init__(self, job: Job, deletion: BenchmarkDeletion) -> None:
        self.job, self.deletion = job, deletion
        self._heart = Heart(job)
        self._heart.step("Deleting")

    def run(self) -> None:
        """Until nothing is left. Raises Stopped between two batches, and LostLease where another has the job."""
        benchmark = self._marked()
        if benchmark is None:  # erased by an attempt that was lost just then
            return
        while benchmark.matches.exists():
            if self._beat(benchmark, lambda: self._remove_newest(benchmark)):
                raise Stopped
        self._beat(benchmark, lambda: self._erase(benchmark))

    def _marked(self) -> Benchmark | None:
        return self.deletion.benchmarks.select_related("job__owner").first()

    def _remove_newest(self, benchmark: Benchmark) -> None:
        keys = list(benchmark.matches.order_by("-index").values_list("pk", flat=True)[:BATCH])
        MatchTranscript.objects.filter(match__in=keys).delete()
        benchmark.matches.filter(pk__in=keys).only("pk").delete()

    def _erase(self, benchmark: Benchmark) -> None:
        erase(benchmark, self.job, self.deletion.n_matches)

    def _beat(self, benchmark: Benchmark, rows: Callable[[], None]) -> bool:
        total = self.deletion.n_matches
        done = total - benchmark.matches.count()
        told = f"{done:,} of {total:,} matches deleted"
        stop = self._heart.beat(rows, current_step=done, total_steps=total, message=told)
        time.sleep(PAUSE)
        return stop

    def complete(self) -> None:
        told = f"{self.deletion.name} deleted, with its {self.deletion.n_matches:,} matches, scores and logs."
        self.job.complete(told)

    def stop(self) -> None:
        n = self.deletion.n_matches
        left = sum(benchmark.matches.count() for benchmark in self.deletion.benchmarks.all())
        kept = f"{left:,} of {n:,} matches {'is' if left == 1 else 'are'} still there."
        if left < n:
            kept += " What is left of it is not shown any more; retry to delete it."
        stop(self.job, kept)


def erase(benchmark: Benchmark, by: Job, n_matches: int) -> None:
    """Remove what is left of it: its row, the jobs of all its attempts with their lanes and logs; and say so in the audit."""
    owner = benchmark.job.owner
    with transaction.atomic():
        AuditEntry.objects.note(by.owner, Deed.DELETE, benchmark, detail=f"of {owner}, {n_matches:,} matches")
        attempts = list(benchmark.job.attempts().values_list("pk", flat=True))
        Job.objects.filter(pk__in=attempts).delete()

"""What is kept of a job's way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Max
from django.utils import timezone

from negotiations.models.job_states import Status

PROGRESS_KEPT = 50
PROGRESS_EVERY = timedelta(seconds=10)


class JobProgressQuerySet(models.QuerySet[Any]):
    def note_all(self, jobs: Sequence[Any], message: str) -> None:
        """As `WithHistory.note`, of many jobs whose rows are locked."""
        last = dict(self.filter(job__in=jobs).order_by().values_list("job").annotate(Max("seq")))
        self.bulk_create(self.model(seq=last.get(job.pk, 0) + 1, **_line(job, message)) for job in jobs)
        for key in [key for key, seq in last.items() if seq >= PROGRESS_KEPT]:
            self.filter(job=key, seq__lte=last[key] + 1 - PROGRESS_KEPT).delete()


def _line(job: Any, message: str) -> dict[str, Any]:
    """How a job stands, but for the line's number."""
    return {
        "job": job,
        "status": job.status,
        "step": job.current_step,
        "step_name": job.step_name,
        "message": message[:500],
        "percentage": job.percentage,
    }


class JobProgress(models.Model):
    """A line of a job's history: each change of status, and progress at most every ten seconds."""

    job = models.ForeignKey(
        "negotiations.Job", on_delete=models.CASCADE, related_name="history", db_index=False
    )
    seq = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status)
    step = models.PositiveIntegerField()
    step_name = models.CharField(max_length=100, blank=True)
    message = models.CharField(max_length=500, blank=True)
    percentage = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobProgressQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["job", "seq"]
        verbose_name_plural = "job progress"
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "seq"], name="job_progress_once")]

    def __str__(self) -> str:
        return f"{self.seq}: {self.status}, {self.message}"


class WithHistory:
    """What a job does to keep its history."""

    def note(self: Any, message: str) -> None:
        """Write a line of history, and keep the newest `PROGRESS_KEPT`."""
        last = self.history.order_by("-seq").values_list("seq", flat=True).first() or 0
        JobProgress.objects.create(seq=last + 1, **_line(self, message))
        self._noted_at = timezone.now()
        self.history.filter(seq__lte=last + 1 - PROGRESS_KEPT).delete()

    def _note_progress(self: Any, now: datetime) -> None:
        """A beat with nothing new is not noted: the last line's time tells since when nothing moved."""
        is_due = now - getattr(self, "_noted_at", self.started_at or now) >= PROGRESS_EVERY
        if is_due and getattr(self, "_noted", None) != (self.current_step, self.message):
            self.note(self.message)
            self._noted = self.current_step, self.message

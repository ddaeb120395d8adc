"""What a job says while it works: rows with a cursor, as many as a reader can bear."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

from negotiations.models.jobs import Job


class Level(models.TextChoices):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class JobLogQuerySet(models.QuerySet[Any]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def at_least(self, level: str) -> Self:
        """Those of this level and of the graver ones."""
        return self.filter(level__in=Level.values[Level.values.index(level) :])


class JobLog(models.Model):
    """A line of a job's log. `detail` is a traceback, for staff only."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="log", db_index=False)
    seq = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField(default=0)
    level = models.CharField(max_length=10, choices=Level, default=Level.INFO)
    text = models.TextField()
    detail = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = JobLogQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["job", "seq"]
        verbose_name = "log line"
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "seq"], name="job_log_once")]

    def __str__(self) -> str:
        return f"{self.seq}: {self.text[:60]}"

"""What is kept of a job's way."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from negotiations.models.job_states import Status


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

    class Meta:
        ordering: ClassVar = ["job", "seq"]
        verbose_name_plural = "job progress"
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "seq"], name="job_progress_once")]

    def __str__(self) -> str:
        return f"{self.seq}: {self.status}, {self.message}"

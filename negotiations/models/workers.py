"""The worker processes as they were last seen, on whichever machine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

STALE_AFTER = timedelta(seconds=60)


class WorkerQuerySet(models.QuerySet[Any]):
    def alive(self) -> Self:
        return self.filter(seen_at__gte=timezone.now() - STALE_AFTER)

    def stale(self) -> Self:
        """Those not heard of for a minute: dead, or cut off from the database."""
        return self.filter(seen_at__lt=timezone.now() - STALE_AFTER)


class Worker(models.Model):
    """One process of a cluster. `name` is what `Job.worker` holds while it has a job."""

    name = models.CharField(max_length=100, primary_key=True)
    host = models.CharField(max_length=60)
    cluster = models.CharField(max_length=60, help_text="The queue that it serves.")
    pid = models.PositiveIntegerField()
    memory_mb = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["host", "cluster", "pid"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_stale(self) -> bool:
        return self.seen_at < timezone.now() - STALE_AFTER

"""The worker processes as they were last seen, on whichever machine."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import User
from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from negotiations.models.jobs import Job

STALE_AFTER = timedelta(seconds=60)
FORGET_AFTER = timedelta(days=1)


class WorkerQuerySet(models.QuerySet[Any]):
    def alive(self) -> Self:
        return self.filter(seen_at__gte=timezone.now() - STALE_AFTER)

    def stale(self) -> Self:
        """Those not heard of for a minute: dead, or cut off from the database."""
        return self.filter(seen_at__lt=timezone.now() - STALE_AFTER)

    def with_jobs(self, user: User | None = None) -> Self:
        """Each with what it is at: `busy_with`, the kind of any job, and `job_id`, where `user` may see that job.

        The job's own row says which worker has it, so a list takes one query, and no worker writes what it does.
        """
        held = Job.objects.processing().filter(worker=OuterRef("name"))
        seen = held.visible_to(user) if user else held
        return self.annotate(
            busy_with=Subquery(held.values("kind")[:1]),
            job_id=Subquery(seen.values("pk")[:1]),
            job_message=Subquery(seen.values("message")[:1]),
        )

    def idle_in(self, cluster: str) -> int:
        """How many workers of this cluster have no job."""
        busy = Job.objects.processing().values("worker")
        return self.alive().filter(cluster=cluster).exclude(name__in=busy).count()

    def is_in(self, cluster: str, name: str) -> bool:
        """Whether this worker serves that queue; none of a command does."""
        return self.filter(cluster=cluster, name=name).exists()

    def report(self, workers: Iterable[Worker]) -> None:
        """Say of all workers of a cluster that they live, in one statement."""
        self.bulk_create(
            workers, update_conflicts=True, unique_fields=["name"], update_fields=["memory_mb", "seen_at"]
        )

    def forget(self, names: Iterable[str]) -> None:
        """Drop the rows of these, which have ended."""
        self.filter(name__in=names).delete()

    def forget_long_gone(self) -> int:
        """Drop what nobody has heard of for a day; how many that were."""
        return self.filter(seen_at__lt=timezone.now() - FORGET_AFTER).delete()[0]


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

    @property
    def state(self) -> str:
        """stale, busy or idle; of rows that `with_jobs` found."""
        if self.is_stale:
            return "stale"
        return "busy" if getattr(self, "busy_with", None) else "idle"

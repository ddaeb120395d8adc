"""Results that ran elsewhere, until a worker has read them (B-11)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import models, transaction

from benchmarks.models.benchmarks import Benchmark
from negotiations.models import Job, Kind, Queue
from negotiations.models.limits import hold_to_limits


class ResultsUploadQuerySet(models.QuerySet[Any]):
    def start(
        self,
        *,
        owner: User,
        name: str,
        filename: str,
        content: bytes,
        group: Group | None = None,
        ring: bool = True,
    ) -> Benchmark:
        """An empty benchmark with what is to fill it, and a bell for the worker that reads it. Raises TooMuch."""
        with transaction.atomic():
            hold_to_limits(owner, more_bytes=len(content))
            job = Job.objects.enter(owner=owner, group=group, kind=Kind.BENCHMARK, queue=Queue.BATCH)
            benchmark = Benchmark.objects.create(job=job, name=name, is_imported=True)
            self.create(benchmark=benchmark, filename=filename[:200], content=content)
            if ring:
                job.ring()
        return benchmark


class ResultsUpload(models.Model):
    """It lives in the database, so any machine's worker can have it; gone as soon as its benchmark's job is over."""

    benchmark = models.OneToOneField(Benchmark, models.CASCADE, primary_key=True, related_name="upload")
    filename = models.CharField(max_length=200)
    content = models.BinaryField()

    objects = ResultsUploadQuerySet.as_manager()

    def __str__(self) -> str:
        return self.filename

"""Lanes: jobs that play the matches of one benchmark side by side. The benchmark's own job is the first."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction

from benchmarks.models.benchmarks import Benchmark
from negotiations.exceptions import Unsuitable
from negotiations.models import Job, Kind, Queue


class LaneQuerySet(models.QuerySet[Any]):
    def open(self, benchmark: Benchmark, number: int) -> Lane:
        """A further lane, rung for once that is committed."""
        with transaction.atomic():
            job = Job.objects.enter(
                owner=benchmark.job.owner,
                group=benchmark.job.group,
                kind=Kind.LANE,
                queue=Queue.BATCH,
                parent=benchmark.job,
            )
            lane: Lane = self.create(job=job, benchmark=benchmark, number=number)
            job.ring()
        return lane


class Lane(models.Model):
    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="lane")
    benchmark = models.ForeignKey(Benchmark, models.CASCADE, related_name="lanes")
    number = models.PositiveSmallIntegerField()

    objects = LaneQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["benchmark", "number"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.benchmark.get_absolute_url()

    @property
    def name(self) -> str:
        return f"Lane {self.number} of {self.benchmark.name}"

    @property
    def most_seconds(self) -> float:
        return float(settings.BENCHMARK_SLICE_SECONDS + settings.SESSION_SECONDS)

    def close(self, status: str) -> None:
        """What it had claimed is free again as soon as its job has no token any more."""

    def again(self, by: User) -> Lane:
        raise Unsuitable(
            "A lane goes with its benchmark. Run the benchmark on instead: its own lanes take what is left."
        )

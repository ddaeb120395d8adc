"""The deletion of a benchmark: marked at once, so that nobody sees it any more, and removed by a worker."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from django.db import models, transaction
from django.urls import reverse

from benchmarks.models.benchmarks import Benchmark
from negotiations.exceptions import Unsuitable
from negotiations.models import Job, Kind, Status

MOST_SECONDS = 3600.0
GONE = "Nothing of it is left to delete."


class BenchmarkDeletionQuerySet(models.QuerySet[Any]):
    def start(self, *, owner: User, benchmark: Benchmark, retry_of: Job | None = None) -> BenchmarkDeletion:
        """Mark it, and ring for a worker once that is committed. Raises Unsuitable where it is in progress, or gone.

        No limit on jobs or storage holds it back: it is the way out of both.
        """
        with transaction.atomic():
            rows = Benchmark.objects.select_for_update(of=("self",)).select_related("job")
            found = rows.filter(pk=benchmark.pk, deletion=None).first()
            if found is None:
                raise Unsuitable(GONE)
            if found.job.is_active:
                raise Unsuitable(f"{found} is in progress, and stays. Cancel it first, then delete it.")
            total = found.matches.count()
            job = Job.objects.enter(
                owner=owner, kind=Kind.BENCHMARK_DELETION, total_steps=total, retry_of=retry_of
            )
            fields = {"name": found.name, "key": found.pk, "n_matches": total}
            deletion = cast("BenchmarkDeletion", self.create(job=job, **fields))
            Benchmark.objects.filter(pk=found.pk).update(deletion=deletion)
            job.ring()
        return deletion


class BenchmarkDeletion(models.Model):
    """Its benchmark is the row that points to it; name and key stay for those who ask what it was about."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="benchmark_deletion")
    name = models.CharField(max_length=120)
    key = models.UUIDField()
    n_matches = models.PositiveIntegerField(default=0, help_text="That were there when it began.")

    objects = BenchmarkDeletionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Deletion of {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("negotiations:job-detail", args=[self.pk])

    @property
    def most_seconds(self) -> float:
        return MOST_SECONDS

    def close(self, status: str) -> None:
        """One that has all its matches is there again; one that has lost some stays out of sight, for a retry."""
        if status == Status.COMPLETED:
            return
        for benchmark in self.benchmarks.filter(n_planned__lte=self.n_matches):
            if benchmark.matches.count() == self.n_matches:
                self.benchmarks.filter(pk=benchmark.pk).update(deletion=None)

    def again(self, by: User) -> BenchmarkDeletion:
        """The rest of it. Unsuitable where nothing of it is left."""
        Benchmark.objects.changeable_by(by).filter(pk=self.key, deletion=self).update(deletion=None)
        left = Benchmark.objects.changeable_by(by).filter(pk=self.key).first()
        if left is None:
            raise Unsuitable(GONE)
        return BenchmarkDeletion.objects.start(owner=by, benchmark=left, retry_of=self.job)

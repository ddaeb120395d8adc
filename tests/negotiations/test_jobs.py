"""The state machine of jobs: claims, fences, moves."""

from __future__ import annotations

import pytest

from negotiations.exceptions import LostLease
from negotiations.models import Job, Status
from tests.factory import JobFactory

pytestmark = pytest.mark.django_db


def claimed() -> Job:
    job = Job.objects.claim(JobFactory().pk, "worker")
    assert job is not None
    return job


def test_of_two_claims_one_wins() -> None:
    """J-19"""
    job = JobFactory()
    assert Job.objects.claim(job.pk, "one") is not None
    assert Job.objects.claim(job.pk, "two") is None
    job.refresh_from_db()
    assert (job.status, job.attempt, job.worker) == (Status.PROCESSING, 1, "one")


def test_who_lost_the_lease_writes_nothing() -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(token="00000000-0000-0000-0000-000000000001")
    with pytest.raises(LostLease):
        job.beat(current_step=5)
    with pytest.raises(LostLease):
        job.complete("Agreement")
    job.refresh_from_db()
    assert (job.status, job.current_step) == (Status.PROCESSING, 0)

"""J-18: what one person may have at once, and how many restarts a job may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from negotiations.exceptions import TooMuch
from negotiations.models import Job, ScenarioImport, Seat, Session, Status
from negotiations.models.jobs import MAX_RESTARTS
from negotiations.models.limits import OFFER_BYTES, stored_bytes
from tests.factory import (
    JobFactory,
    NegotiatorFactory,
    ScenarioFactory,
    ScenarioImportFactory,
    SessionFactory,
)

pytestmark = pytest.mark.django_db


def start(owner: User, **fields: Any) -> Session:
    seats = [Seat(NegotiatorFactory())] * 2
    return Session.objects.start(
        owner=owner, scenario=ScenarioFactory(), seats=seats, seed=1, n_steps=5, **fields
    )


def upload(owner: User, archive: bytes = b"zip") -> ScenarioImport:
    return ScenarioImport.objects.start(owner=owner, group=None, filename="a.zip", archive=archive, tags=[])


@pytest.mark.parametrize("begin", [start, upload])
def test_so_many_jobs_a_person_may_have_and_the_reason_is_told(
    begin: Any, owner: User, superuser: User, settings: Settings
) -> None:
    settings.ACTIVE_JOBS = 2
    for person in (owner, superuser):
        JobFactory.create_batch(2, owner=person)
        JobFactory.create_batch(3, owner=person, status=Status.COMPLETED)
        with pytest.raises(TooMuch) as refused:
            begin(person)
        assert str(refused.value) == (
            "You have 2 active jobs, and a person may have 2 at once (ACTIVE_JOBS), so that others do not wait behind "
            "them. Nothing was started. Wait until one is over, or cancel one."
        )
        assert Job.objects.filter(owner=person).active().latest("created_at").cancel(person)
        begin(person)


def test_the_jobs_of_others_do_not_count(owner: User, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 1
    JobFactory.create_batch(3)
    start(owner)


def test_what_a_command_plays_itself_takes_nobody_a_worker(owner: User, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 1
    start(owner)
    start(owner, ring=False)


# --- Storage ----------------------------------------------------------------------------------------------


def test_documents_archives_and_offers_are_what_a_person_stores(owner: User) -> None:
    assert stored_bytes(owner) == 0
    ScenarioFactory(owner=owner, document="x" * 100)
    ScenarioFactory(document="x" * 100)
    ScenarioImportFactory(job__owner=owner, archive=b"x" * 50)
    SessionFactory(job__owner=owner, n_offers=7)
    SessionFactory(n_offers=7)
    assert stored_bytes(owner) == 100 + 50 + 7 * OFFER_BYTES


@pytest.mark.parametrize("begin", [start, upload])
def test_who_stores_too_much_starts_nothing_more(begin: Any, owner: User, settings: Settings) -> None:
    settings.STORAGE_MB = 1
    SessionFactory(job__owner=owner, job__status=Status.COMPLETED, n_offers=2**20 // OFFER_BYTES + 1)
    with pytest.raises(TooMuch) as refused:
        begin(owner)
    assert str(refused.value).startswith(
        "Your scenarios, sessions, markets and benchmarks would take 1 MB, and a person may store 1 MB (STORAGE_MB), so that the disk"
    )


def test_an_upload_counts_before_it_is_kept(owner: User, settings: Settings) -> None:
    settings.STORAGE_MB = 1
    with pytest.raises(TooMuch):
        upload(owner, b"x" * (2**20 + 1))
    assert not ScenarioImport.objects.exists()


# --- Restarts ---------------------------------------------------------------------------------------------


def lose_cluster(job: Job) -> Job:
    """The worker and all others with it; the next cluster claims the job again."""
    Job.objects.release(lambda worker: True)
    Job.objects.claim(job.pk, "worker")
    return Job.objects.get(pk=job.pk)


def test_a_job_that_takes_its_cluster_down_each_time_is_given_up() -> None:
    job: Job = SessionFactory().job
    Job.objects.claim(job.pk, "worker")
    for _ in range(MAX_RESTARTS - 1):
        job = lose_cluster(job)
        assert (job.status, job.attempt) == (Status.PROCESSING, 1)
    job = lose_cluster(job)
    assert job.status == Status.FAILED
    assert job.error == (
        "Backend restarted during processing. All workers stopped 10 times while it ran and came no step further: "
        "it may be why."
    )
    assert job.session.end_reason == "error"


def test_a_job_that_goes_on_between_restarts_is_not() -> None:
    job: Job = SessionFactory().job
    Job.objects.claim(job.pk, "worker")
    for step in range(1, 2 * MAX_RESTARTS):
        job = lose_cluster(job)
        assert job.status == Status.PROCESSING
        job.beat(current_step=step)


def test_steps_that_are_made_again_are_none_further() -> None:
    job: Job = ScenarioImportFactory().job
    working = Job.objects.claim(job.pk, "worker")
    assert working is not None
    working.beat(current_step=5)
    job = lose_cluster(job)
    for step in (1, 5):
        job.beat(current_step=step)
        assert (Job.objects.get(pk=job.pk).restarts, Job.objects.get(pk=job.pk).current_step) == (1, 5)
    job.beat(current_step=6)
    assert Job.objects.get(pk=job.pk).restarts == 0

"""Two queues of work: batch jobs have slots, are called in their turn, and never stand before live ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from negotiations import tasks
from negotiations.engine.child import in_child
from negotiations.engine.specs import Limits
from negotiations.models import Job, Queue, Session, Status
from negotiations.models.job_claims import RING_AGAIN
from tests.factory import SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def slots(settings: Settings) -> None:
    settings.BATCH_SLOTS = 2
    settings.BATCH_CLUSTER = ""


def _own_nice() -> Iterator[int]:
    yield os.nice(0)


def batch(count: int = 1, **fields: object) -> list[Job]:
    return [SessionFactory(job__queue=Queue.BATCH, **fields).job for _ in range(count)]


def claim(job: Job) -> Job | None:
    return Job.objects.claim(job.pk, "worker")


def called() -> list[str]:
    """The jobs that messages name, in the order in which workers will see them."""
    return [row.task["args"][0] for row in OrmQ.objects.order_by("pk")]


def ids(jobs: list[Job]) -> list[str]:
    return [str(job.pk) for job in jobs]


# --- Slots ------------------------------------------------------------------------------------------------


def test_no_more_batch_jobs_run_than_have_a_slot_and_live_ones_need_none() -> None:
    first, second, third = batch(3)
    assert claim(first) and claim(second)
    assert claim(third) is None
    waiting = Job.objects.get(pk=third.pk)
    assert waiting.message == "Waits for a place: 2 batch jobs run, and no more may at once."
    assert (waiting.status, waiting.attempt, waiting.rung_at) == (Status.QUEUED, 0, None)
    assert claim(SessionFactory().job)


def test_workers_of_their_own_are_the_only_limit(settings: Settings) -> None:
    settings.BATCH_CLUSTER = "batch"
    assert all(claim(job) for job in batch(4))


def test_a_paced_batch_session_needs_both_places(settings: Settings) -> None:
    settings.PACED_SESSIONS = 1
    assert claim(SessionFactory(pace_ms=100).job)
    assert claim(batch(pace_ms=100)[0]) is None


@pytest.mark.parametrize("full", ["slots", "paced"])
def test_who_needs_both_places_is_not_called_to_one(
    full: str, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """It would be sent away, called again, and so on without end."""
    settings.PACED_SESSIONS = 1
    for job in batch(2) if full == "slots" else [SessionFactory(pace_ms=100).job]:
        claim(job)
    (waiting,) = batch(pace_ms=100)
    assert claim(waiting) is None
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.ring_next()
    assert called() == []
    for running in Job.objects.processing():
        running.complete("Over.")
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.ring_next()
    assert called() == ids([waiting])


# --- Bells ------------------------------------------------------------------------------------------------


def test_as_many_are_called_as_have_a_slot_the_oldest_first(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    jobs = batch(5)
    with django_capture_on_commit_callbacks(execute=True):
        for job in jobs:
            job.ring()
    assert called() == ids(jobs[:2])
    live = SessionFactory().job
    with django_capture_on_commit_callbacks(execute=True):
        live.ring()
    assert called() == ids([*jobs[:2], live])


@pytest.mark.parametrize("end", ["complete", "hand_back", "cancel", "pause"])
def test_a_slot_that_becomes_free_calls_the_next(
    end: str, owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    jobs = batch(4)
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.ring_next()
    with django_capture_on_commit_callbacks(execute=True):
        if end in ("cancel", "pause"):  # it was called, but nobody has heard it yet
            getattr(Job.objects.get(pk=jobs[0].pk), end)(owner)
        else:
            running = claim(jobs[0])
            getattr(running, end)("It is over.")
            Job.objects.filter(pk=jobs[0].pk).update(hold=end == "hand_back")
            Job.objects.ring_next()  # as a worker does after each job
    assert called() == ids(jobs[:3])


def test_a_call_that_nobody_heard_is_repeated(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    jobs = batch(3)
    long_ago = timezone.now() - RING_AGAIN - timedelta(seconds=1)
    Job.objects.filter(pk__in=ids(jobs[:2])).update(rung_at=long_ago)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            Job.objects.reap()
    assert called() == ids(jobs[:2])


def test_what_lost_its_worker_is_called_again_at_once(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    (job,) = batch()
    with django_capture_on_commit_callbacks(execute=True):
        job.ring()
    claim(job)
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.lost_by("worker")
    assert called() == ids([job, job])


def test_two_who_call_at_the_same_time_call_once(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    (job,) = batch()
    seen_by_both = Job.objects.get(pk=job.pk)
    with django_capture_on_commit_callbacks(execute=True):
        job.call()
        seen_by_both.call()
    assert called() == ids([job])


def test_a_cluster_of_their_own_gets_the_message(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.BATCH_CLUSTER = "batch"
    settings.CLUSTERS = {"live": "parley", "batch": "batch"}
    jobs = batch(3)
    with django_capture_on_commit_callbacks(execute=True):
        for job in jobs:
            job.ring()
        SessionFactory().job.ring()
    assert list(OrmQ.objects.order_by("pk").values_list("key", flat=True)) == ["batch"] * 3 + ["parley"]


# --- Places in the queue ----------------------------------------------------------------------------------


def test_a_place_is_counted_in_its_own_queue_without_a_query_a_row(owner: User) -> None:
    jobs = [*batch(3), SessionFactory().job, SessionFactory().job]
    jobs[1].pause(owner)
    claim(jobs[3])
    with CaptureQueriesContext(connection) as queries:
        places = {job.pk: job.n_ahead for job in Job.objects.with_ahead()}
    assert len(queries) == 1
    assert [places[job.pk] for job in jobs] == [0, None, 1, None, 0]
    assert Session.objects.with_ahead().get(pk=jobs[2].pk).ahead == 1
    assert [Job.objects.number_ahead_of(Job.objects.get(pk=job.pk)) for job in jobs[1:3]] == [
        Session.objects.with_ahead().get(pk=job.pk).ahead or 0 for job in jobs[1:3]
    ]


# --- Processors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("queue", "nice"), [(Queue.LIVE, 0), (Queue.BATCH, tasks.BATCH_NICE)])
def test_the_child_of_a_batch_session_stands_back_for_live_ones(
    queue: Queue, nice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def watched(generator: Any, limits: Limits, turn: Any) -> Any:
        (child_nice,) = (item for item in in_child(_own_nice(), limits) if type(item) is int)
        seen.append(child_nice)
        return in_child(generator, limits, turn)

    monkeypatch.setattr(tasks, "in_child", watched)
    session = SessionFactory(job__queue=queue)
    tasks.run_job(str(session.pk))
    assert Job.objects.get(pk=session.pk).status == Status.COMPLETED
    assert seen == [os.nice(0) + nice]

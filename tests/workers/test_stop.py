"""Stopping: of workers, which hand their work back, and of a session that somebody cancels or paces."""

from __future__ import annotations

import time

import pytest
from django_q.models import OrmQ

from negotiations.models import Job, Session, Status
from tests.workers.conftest import Running, Starts, Storage, begin, ended, eventually, is_under_way, rows

pytestmark = [pytest.mark.workers]


@pytest.fixture
def workers(database: Storage, start: Starts) -> Running:
    """Two of them, and nothing to do from an earlier test."""
    OrmQ.objects.all().delete()
    Session.objects.all().delete()
    Job.objects.all().delete()
    return start("qworkers", PACED_SESSIONS="1")


def test_workers_that_stop_hand_their_work_back_and_no_attempt_is_lost(
    workers: Running, start: Starts
) -> None:
    paced, hanging = begin(n_steps=60, pace_ms=50), begin("tests.engine.hostile.Hangs")
    eventually(is_under_way(paced))
    eventually(is_under_way(hanging, 5))
    assert workers.stop() <= 3
    assert workers.left_after(0.5) == []
    for session in (paced, hanging):
        job = Job.objects.get(pk=session.pk)
        assert (job.status, job.attempt, job.worker, job.rung_at) == (Status.QUEUED, 0, "", None)
        assert job.message.startswith("The worker shuts down. The session goes on from step ")
    Job.objects.get(pk=hanging.pk).cancel(None)
    start("qworkers")
    again = ended(paced)
    assert (again.job.attempt, again.end_reason, len(rows(again))) == (1, "steps", 120)


def test_a_cancel_ends_an_action_that_hangs_within_two_seconds(workers: Running) -> None:
    """J-12"""
    session = begin("tests.engine.hostile.Hangs")
    eventually(is_under_way(session, 5))
    begun = time.monotonic()
    session.job.cancel(session.job.owner)
    session = ended(session, 2.5)
    assert time.monotonic() - begun <= 2.1
    assert (session.job.status, session.end_reason, session.n_offers) == (Status.CANCELLED, "cancelled", 5)
    assert session.job.error == "Job cancelled by user"
    assert session.job.message == "Cancelled by runner at step 3. 5 offers kept."
    assert eventually(lambda: len(workers.all()) == 6)


def test_a_paced_session_says_why_it_waits_and_starts_when_there_is_a_place(workers: Running) -> None:
    first = begin(n_steps=30, pace_ms=50)
    eventually(is_under_way(first, 2))
    second = begin(n_steps=10, pace_ms=50)
    eventually(lambda: Job.objects.get(pk=second.pk).message.startswith("Waits for a place: 1 paced"))
    waiting = Job.objects.get(pk=second.pk)
    assert (waiting.status, waiting.attempt) == (Status.QUEUED, 0)
    before, after = ended(first).job, ended(second).job
    assert before.finished_at and after.started_at and before.finished_at < after.started_at
    assert after.attempt == 1


def test_the_first_offer_is_there_at_once(workers: Running) -> None:
    eventually(lambda: len(workers.all()) == 6)
    ended(begin(n_steps=2))
    begun = time.monotonic()
    session = begin(n_steps=20, pace_ms=100)
    eventually(is_under_way(session, 1))
    assert time.monotonic() - begun < 1.5
    assert session.offers.count() <= 2


def test_however_many_workers_are_free_no_more_paced_sessions_run_than_may(
    database: Storage, start: Starts
) -> None:
    sessions = [begin(n_steps=6, pace_ms=100) for _ in range(6)]
    start("qworkers", PACED_SESSIONS="2", WORKERS="6")
    at_once = []

    def all_over() -> bool:
        statuses = list(Job.objects.filter(session__in=sessions).values_list("status", flat=True))
        at_once.append(statuses.count(Status.PROCESSING))
        return set(statuses) == {Status.COMPLETED}

    eventually(all_over)
    assert max(at_once) == 2
    assert {Job.objects.get(pk=session.pk).attempt for session in sessions} == {1}

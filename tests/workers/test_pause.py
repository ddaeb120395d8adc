"""Pausing takes effect within two seconds wherever the session is, and sets its worker free (N-20)."""

from __future__ import annotations

import time

import pytest

from negotiations.models import Job, Session, Status
from tests.workers.conftest import Running, Starts, begin, ended, eventually, is_under_way, rows

pytestmark = [pytest.mark.workers]

HANGS = "tests.engine.hostile.Hangs"


@pytest.fixture
def worker(start: Starts) -> Running:
    """A single one, so that who holds it keeps all others waiting."""
    return start("qworkers", WORKERS="1")


def is_held(session: Session) -> bool:
    job = Job.objects.get(pk=session.pk)
    return (job.status, job.hold, job.attempt, job.worker) == (Status.QUEUED, True, 0, "")


@pytest.mark.parametrize("type_name", [HANGS, "tests.engine.wanderer.Wanderer"])
def test_a_session_gives_its_worker_back_within_two_seconds_and_goes_on(
    type_name: str, worker: Running
) -> None:
    session = begin(type_name, n_steps=60, pace_ms=0 if type_name == HANGS else 100)
    eventually(is_under_way(session, 5))
    asked = time.monotonic()
    assert session.job.pause(session.job.owner)
    eventually(lambda: is_held(session), 2.5)
    assert time.monotonic() - asked <= 2.1
    before = rows(session)
    assert ended(begin(n_steps=5), 5).job.status == Status.COMPLETED  # the worker is free
    assert session.job.resume(session.job.owner)
    eventually(lambda: Job.objects.get(pk=session.pk).status == Status.PROCESSING, 2)
    assert Job.objects.get(pk=session.pk).attempt == 1
    assert rows(session)[: len(before)] == before
    session.job.cancel(session.job.owner)
    assert ended(session, 2.5).job.status == Status.CANCELLED


def test_what_is_paused_while_it_waits_does_not_start(worker: Running) -> None:
    first = begin(n_steps=30, pace_ms=50)
    eventually(is_under_way(first, 2))
    second, third = begin(n_steps=5), begin(n_steps=5)
    assert second.job.pause(None)
    assert ended(third).job.started_at
    assert Job.objects.get(pk=second.pk).started_at is None
    assert second.job.resume(None)
    assert ended(second).job.attempt == 1


def test_many_are_paused_resumed_and_cancelled_in_one_go(worker: Running) -> None:
    """J-24, while one of them runs and the others wait."""
    sessions = [begin(n_steps=60, pace_ms=100, seed=seed) for seed in range(4)]
    eventually(is_under_way(sessions[0], 2))
    jobs = Job.objects.filter(session__in=sessions)
    assert jobs.pause_all(None) == 4
    eventually(lambda: all(is_held(session) for session in sessions), 2.5)
    assert jobs.resume_all(None) == 4
    eventually(lambda: jobs.filter(status=Status.PROCESSING).exists(), 2)
    assert jobs.cancel_all(None) == 4
    assert [ended(session, 2.5).job.status for session in sessions] == [Status.CANCELLED] * 4
    assert jobs.retry_all(None) == 4
    again = Job.objects.filter(retry_of__in=jobs.all())
    eventually(lambda: again.filter(status=Status.PROCESSING).exists(), 2)
    assert again.cancel_all(None) == 4
    eventually(lambda: not Job.objects.active().exists(), 5)

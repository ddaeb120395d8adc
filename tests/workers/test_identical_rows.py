"""The same session gives the same rows whatever it went through: pauses, kills, restarts (N-05, N-20, J-10)."""

from __future__ import annotations

import os
import time
from typing import Any

import psutil
import pytest

from negotiations.models import Job, Session, Status
from tests.workers.conftest import Running, Starts, Storage, begin, ended, eventually, is_under_way, rows

pytestmark = [pytest.mark.workers]

STEPS, PACE_MS = 80, 60
# A minute where it is asked for: PAUSE_SECONDS=60.
PAUSE = float(os.environ.get("PAUSE_SECONDS", "2"))
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def undisturbed(database: Storage, start_for_all: Starts) -> Rows:
    """The rows of a session of this seed that nothing happened to."""
    workers = start_for_all("qworkers")
    expected = rows(ended(begin(n_steps=STEPS)))
    workers.stop()
    assert len(expected) == 2 * STEPS
    return expected


def slow(**fields: Any) -> Session:
    """The same session at a pace that leaves time to disturb it."""
    return begin(n_steps=STEPS, pace_ms=PACE_MS, **fields)


def goes_on(session: Session, more: int = 12) -> None:
    """Wait until it has so many offers more, of this process or the next."""
    eventually(is_under_way(session, session.offers.count() + more), 60)


def is_whole(session: Session, expected: Rows, attempts: int) -> bool:
    session = ended(session)
    assert rows(session) == expected
    assert (session.job.status, session.job.attempt) == ("completed", attempts)
    assert session.job.history.filter(status__in=["completed", "failed", "cancelled"]).count() == 1
    return True


def worker_of(session: Session) -> psutil.Process:
    """The process that has it, once one has."""
    name = eventually(lambda: Job.objects.get(pk=session.pk).worker)
    return psutil.Process(int(name.rpartition(":")[2]))


def test_paused_for_a_while(undisturbed: Rows, start: Starts) -> None:
    start("qworkers")
    session = slow()
    goes_on(session)
    session.job.pause(None)
    eventually(lambda: Job.objects.get(pk=session.pk).status == Status.QUEUED, 2.5)
    before = session.offers.count()
    assert before < len(undisturbed)
    time.sleep(PAUSE)
    assert session.offers.count() == before
    asked = time.monotonic()
    session.job.resume(None)
    eventually(is_under_way(session, before + 1))
    assert time.monotonic() - asked <= 2
    assert is_whole(session, undisturbed, attempts=1)


def test_killed_four_times(undisturbed: Rows, start: Starts) -> None:
    """Twice the worker, which costs an attempt each, and twice the whole cluster, which costs none."""
    serve = start("serve", "--port", "0")
    session = slow()
    for victim in ("worker", "cluster", "worker", "cluster"):
        goes_on(session)
        if victim == "worker":
            serve.kill(worker_of(session))
        else:
            (main,) = serve.named("qworkers")
            serve.kill(main, *main.children(recursive=True))
        assert session.offers.count() < len(undisturbed)
    assert is_whole(session, undisturbed, attempts=3)


def test_handed_back_by_three_restarts_of_serve(undisturbed: Rows, start: Starts) -> None:
    session = slow()
    for _ in range(3):
        serve = start("serve", "--port", "0")
        goes_on(session)
        serve.stop()
        assert serve.left_after(0.5) == []
        job = Job.objects.get(pk=session.pk)
        assert (job.status, job.attempt, job.worker) == (Status.QUEUED, 0, "")
    assert session.offers.count() < len(undisturbed)
    start("serve", "--port", "0")
    assert is_whole(session, undisturbed, attempts=1)


def test_four_jobs_of_half_a_minute_do_not_hold_up_the_end_of_serve(database: Storage, start: Starts) -> None:
    """3 s at most, no process left, they go on after the next start, and no attempt is counted."""
    serve: Running = start("serve", "--port", "0", WORKERS="4")
    sessions = [begin(n_steps=60, pace_ms=500, seed=seed) for seed in range(4)]
    for session in sessions:
        eventually(is_under_way(session, 4))
    seconds = serve.stop()
    assert seconds <= 3
    assert serve.left_after(0.2) == []
    jobs = Job.objects.filter(session__in=sessions)
    assert set(jobs.values_list("status", "attempt", "worker")) == {(Status.QUEUED, 0, "")}
    made = {session.pk: session.offers.count() for session in sessions}
    start("serve", "--port", "0", WORKERS="4")
    for session in sessions:
        eventually(is_under_way(session, made[session.pk] + 2))
    assert set(jobs.values_list("status", "attempt")) == {(Status.PROCESSING, 1)}
    assert jobs.cancel_all(None) == 4
    for session in sessions:
        ended(session)

"""What SIGKILL does, mid-run, to a worker, to the cluster and to the supervisor: nothing that is seen at the end."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from negotiations.models import Job, Session
from tests.chaos import dawdler
from tests.workers.conftest import Running, Starts, Storage, begin, ended, eventually, is_under_way, rows

pytestmark = [pytest.mark.workers]

STEPS = 50
Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def undisturbed(database: Storage, start_for_all: Starts) -> Rows:
    """The rows of a session of this seed that nothing happened to."""
    workers = start_for_all("qworkers")
    expected = rows(ended(begin(n_steps=STEPS)))
    workers.stop()
    assert len(expected) == 2 * STEPS
    return expected


@pytest.fixture
def serve(undisturbed: Rows, start: Starts) -> Running:
    return start("serve", "--port", "0")


@pytest.fixture
def session(serve: Running) -> Session:
    """A session in the midst of its run."""
    session = begin(n_steps=STEPS, pace_ms=60)
    eventually(is_under_way(session))
    return session


def is_whole(session: Session, expected: Rows, attempts: int) -> bool:
    session = ended(session)
    assert rows(session) == expected
    assert (session.job.status, session.job.attempt) == ("completed", attempts)
    assert (session.end_reason, session.steps, session.n_offers) == ("steps", STEPS, 2 * STEPS)
    return True


def stops_clean(serve: Running) -> bool:
    assert serve.stop() <= 5
    assert serve.left_after(1) == []
    return True


def test_a_killed_worker_costs_an_attempt_and_no_row(
    serve: Running, session: Session, undisturbed: Rows
) -> None:
    worker = psutil.Process(int(Job.objects.get(pk=session.pk).worker.rpartition(":")[2]))
    serve.kill(worker)
    assert is_whole(session, undisturbed, attempts=2)
    told = session.job.history.values_list("message", flat=True)
    assert any(line.startswith("The worker stopped. The session goes on from step ") for line in told)
    assert stops_clean(serve)


def test_a_killed_child_costs_an_attempt_and_no_row(undisturbed: Rows, start: Starts) -> None:
    """Be it by a person or by a system that is short of memory."""
    serve = start("serve", "--port", "0", **{dawdler.PAUSE: "0.02"})
    session = begin(dawdler.TYPE, other=dawdler.TYPE, n_steps=STEPS)
    eventually(is_under_way(session))
    worker = psutil.Process(int(Job.objects.get(pk=session.pk).worker.rpartition(":")[2]))
    serve.kill(*worker.children())
    assert is_whole(session, undisturbed, attempts=2)
    assert worker.is_running()
    assert stops_clean(serve)


def test_a_killed_cluster_costs_neither_an_attempt_nor_a_row(
    serve: Running, session: Session, undisturbed: Rows
) -> None:
    (main,) = serve.named("qworkers")
    serve.kill(main, *main.children(recursive=True))
    assert is_whole(session, undisturbed, attempts=1)
    assert stops_clean(serve)


def test_a_killed_supervisor_leaves_no_process_and_the_next_one_goes_on(
    serve: Running, session: Session, undisturbed: Rows, start: Starts
) -> None:
    serve.kill(psutil.Process(serve.process.pid))
    assert serve.left_after(5) == []
    assert 0 < session.offers.count() < len(undisturbed)
    second = start("serve", "--port", "0")
    assert is_whole(session, undisturbed, attempts=1)
    assert stops_clean(second)


@pytest.mark.parametrize("victim", ["main", "guard"])
def test_what_a_killed_process_started_dies_with_it(victim: str, undisturbed: Rows, start: Starts) -> None:
    workers = start("qworkers")
    eventually(lambda: len(workers.all()) == 6)
    main = psutil.Process(workers.process.pid)
    workers.kill(main if victim == "main" else main.children()[0])
    assert workers.left_after(3) == []

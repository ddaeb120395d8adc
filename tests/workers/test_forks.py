"""A fork is as hard to stop as any session: killed, with its first deleted, it comes to the same rows (X-03, J-10)."""

from __future__ import annotations

import psutil
import pytest

from negotiations.models import Fork, Job, Seat, Session
from negotiations.models.forks import Change
from tests.workers.conftest import (
    Running,
    Starts,
    begin,
    ended,
    eventually,
    is_under_way,
    negotiator,
    rows,
)

pytestmark = [pytest.mark.workers]

STEPS, PACE_MS, AT = 60, 50, 31
REMEMBERER = "tests.engine.rememberer.Rememberer"
CHANGES = ("offer", "negotiator", "steps")


@pytest.fixture
def workers(start: Starts) -> Running:
    return start("serve", "--port", "0")


@pytest.fixture
def first(workers: Running) -> Session:
    session = ended(begin(REMEMBERER, other=REMEMBERER, n_steps=STEPS))
    assert session.n_offers == 2 * STEPS
    return session


def change(what: str) -> Change:
    if what == "offer":
        return Change("offer", ("dear", "yes"))
    if what == "negotiator":
        return Change(party=1, seat=Seat(negotiator("tests.engine.wanderer.Wanderer")))
    return Change(n_steps=STEPS + 20)


def forked(first: Session, what: str, pace_ms: int = 0) -> Session:
    Session.objects.filter(pk=first.pk).update(pace_ms=pace_ms)
    first.refresh_from_db()
    fork: Session = Fork.objects.start(first, AT, change(what), owner=first.job.owner)
    return fork


def kill_the_worker_of(session: Session) -> None:
    name = eventually(lambda: Job.objects.get(pk=session.pk).worker)
    psutil.Process(int(name.rpartition(":")[2])).kill()


@pytest.mark.parametrize("what", CHANGES)
def test_a_fork_that_is_killed_comes_to_identical_rows(first: Session, what: str) -> None:
    before = rows(first)
    expected = rows(ended(forked(first, what)))
    fork = forked(first, what, PACE_MS)
    first.job.delete()
    eventually(is_under_way(fork, AT + 15))
    kill_the_worker_of(fork)
    eventually(is_under_way(fork, AT + 35))
    kill_the_worker_of(fork)
    fork = ended(fork)
    assert (fork.job.status, fork.job.attempt, fork.forked_from) == ("completed", 3, None)
    assert rows(fork) == expected
    if what != "steps":
        assert rows(fork)[: AT - 1] == before[: AT - 1]
    assert rows(fork)[AT - 1 :] != before[AT - 1 :]


def test_a_fork_that_is_paused_and_resumed_comes_to_identical_rows(first: Session) -> None:
    expected = rows(ended(forked(first, "negotiator")))
    fork = forked(first, "negotiator", PACE_MS)
    eventually(is_under_way(fork, AT + 15))
    fork.job.pause(None)
    eventually(lambda: Job.objects.get(pk=fork.pk).is_queued)
    fork.job.resume(None)
    assert rows(ended(fork)) == expected

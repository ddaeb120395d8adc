"""What negotiators do to real workers: one row each, with what is told, what is kept and what is left."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django_q.models import OrmQ
from django_q.tasks import async_task

from negotiations.models import Session
from tests.workers.conftest import (
    Running,
    Starts,
    Storage,
    begin,
    ended,
    eventually,
    is_under_way,
    rows,
)

pytestmark = [pytest.mark.workers]


@dataclass(frozen=True)
class Wrong:
    """Who sits in the second seat, what becomes of its session, and how many rows are there at the end."""

    negotiator: str
    status: str
    end_reason: str
    text: str
    rows: int
    kept: str = "The 5 offers before it are kept."
    attempts: int = 1


# Each behaves for two steps: four offers, and the fifth of its partner.
TABLE = [
    Wrong("Raises", "failed", "error", "stopped with an error: ValueError: boom.", 6),
    Wrong("RaisesSystemExit", "failed", "error", "stopped with an error: SystemExit: 3.", 6),
    Wrong(
        "RaisesAtBirth",
        "failed",
        "error",
        "stopped with an error: ValueError: not today.",
        0,
        "No offer was made before it.",
    ),
    Wrong("Loops", "failed", "action_limit", "took longer than 3 s to answer.", 5),
    Wrong("Hangs", "failed", "action_limit", "took longer than 3 s to answer.", 5),
    Wrong("HangsHoldingTheLock", "failed", "action_limit", "took longer than 3 s to answer.", 5),
    Wrong(
        "HangsAtStart",
        "failed",
        "action_limit",
        "took longer than 3 s to answer.",
        0,
        "No offer was made before it.",
    ),
    Wrong("Allocates", "failed", "memory_limit", "used more than 128 MB of memory.", 5),
    Wrong("Exits", "failed", "exited", "ended the process.", 5),
    Wrong("Crashes", "failed", "exited", "ended the process.", 5),
    # Nobody can tell whose SIGKILL it was: somebody else's is no fault of the negotiator.
    Wrong("KillsItself", "failed", "exited", "ended the process.", 5, attempts=3),
    Wrong("LeavesAProcessBehind", "failed", "exited", "ended the process.", 5),
    Wrong("WritesNonsense", "failed", "exited", "ended the process.", 5),
    Wrong(
        "AnswersText",
        "failed",
        "error",
        "stopped with an error: It answered 'yes', which is no response.",
        2,
        "The offer before it is kept.",
    ),
]


@pytest.fixture(scope="module")
def workers(start_for_all: Starts) -> Running:
    return start_for_all("qworkers", ACTION_SECONDS="3", CHILD_MEMORY_MB="128", WORKERS="4")


@pytest.fixture(scope="module")
def sessions(database: Storage, workers: Running) -> dict[str, Session]:
    """All at once, so that the table takes as long as its slowest rows."""
    return {row.negotiator: begin(f"tests.engine.hostile.{row.negotiator}") for row in TABLE}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.negotiator)
def test_a_negotiator_that_does_wrong_is_named_and_what_was_said_before_is_kept(
    row: Wrong, sessions: dict[str, Session]
) -> None:
    session = ended(sessions[row.negotiator])
    assert session.job.error == f"{row.negotiator} (seat 2) {row.text} {row.kept}"
    assert (session.job.status, session.end_reason, session.ended_by) == (row.status, row.end_reason, 1)
    assert [seq for seq, *_ in rows(session)] == list(range(1, row.rows + 1))
    assert (session.n_offers, session.job.attempt) == (row.rows, row.attempts)


@pytest.mark.parametrize("name", ["OffersText", "OffersWhatIsNotThere", "OffersANumber"])
def test_an_offer_that_is_no_outcome_ends_the_negotiation_as_in_negmas(name: str, workers: Running) -> None:
    session = ended(begin(f"tests.engine.hostile.{name}"))
    assert (session.job.status, session.end_reason, session.ended_by) == ("completed", "ended", 1)
    assert session.job.message == f"No agreement: {name} (seat 2) ended the negotiation."


def test_nothing_is_left_running_of_a_negotiator_that_did_wrong(
    sessions: dict[str, Session], workers: Running
) -> None:
    for session in sessions.values():
        ended(session)
    # The command, the guard, four workers, the monitor and the pusher.
    assert eventually(lambda: len(workers.all()) == 8)


def test_a_second_delivery_adds_nothing(workers: Running) -> None:
    """N-05, J-19: while it runs, and after it."""
    expected = rows(ended(begin(n_steps=50)))
    session = begin(n_steps=50, pace_ms=30)
    eventually(is_under_way(session))
    async_task("negotiations.tasks.run_job", str(session.pk))
    assert rows(ended(session)) == expected
    async_task("negotiations.tasks.run_job", str(session.pk))
    eventually(lambda: not OrmQ.objects.exists())
    session = ended(session)
    assert rows(session) == expected
    assert (session.job.attempt, session.job.status, session.n_offers) == (1, "completed", 100)

"""From what the engine says to rows: when they are written, what a replay compares, and when it lets go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from negotiations import drain, heart
from negotiations.engine.child import ChildFailed
from negotiations.engine.specs import Action, Result
from negotiations.exceptions import CannotResume, LostLease, Stopped
from negotiations.models import Job, Offer, Session
from negotiations.recorders import PAGE, ROWS, SessionRecorder
from tests.factory import SessionFactory

pytestmark = pytest.mark.django_db

RESULT = Result("steps", 20, None, (0.1, 0.2))
Items = Iterator[Action | Result | None]


def action(seq: int, **fields: Any) -> Action:
    step = (seq - 1) // 2
    said: dict[str, Any] = {"outcome": ("low", "yes"), "utilities": (1.0, 0.0)} | fields
    return Action(seq, step, step / 20, (seq - 1) % 2, "offer", **said)


def actions(count: int) -> Items:
    yield from (action(seq) for seq in range(1, count + 1))
    yield RESULT


def claimed(session: Session) -> Job:
    job = Job.objects.claim(session.pk, "worker")
    assert job is not None
    return job


def recorder(session: Session | None = None) -> SessionRecorder:
    session = session or SessionFactory()
    return SessionRecorder(claimed(session), session)


def seqs(session: Session) -> list[int]:
    return list(session.offers.order_by("seq").values_list("seq", flat=True))


def watched(items: Items, seen: Callable[[], int]) -> Iterator[Any]:
    """The items, and after each how many rows there are by then."""
    for item in items:
        yield item
        watched.rows.append(seen())  # type: ignore[attr-defined]


@pytest.fixture
def counts() -> list[int]:
    watched.rows = []  # type: ignore[attr-defined]
    return watched.rows  # type: ignore[attr-defined,no-any-return]


# --- Writing ----------------------------------------------------------------------------------------------


def test_the_first_action_is_written_at_once_and_the_others_by_the_batch(
    counts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """N-04, N-05"""
    monkeypatch.setattr(heart, "FLUSH_EVERY", 60)
    writes = recorder()
    result = writes.record(watched(actions(ROWS + 10), writes.session.offers.count))
    assert result == RESULT
    assert counts[:3] == [1, 1, 1]
    assert set(counts) == {1, ROWS + 1}
    assert seqs(writes.session) == list(range(1, ROWS + 11))


def test_what_waits_is_written_after_half_a_second(
    counts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "FLUSH_EVERY", 0.05)
    monkeypatch.setattr(heart, "LOOK_EVERY", 0.01)

    def slowly() -> Items:
        yield from (action(1), action(2))
        time.sleep(0.06)
        yield None
        yield RESULT

    writes = recorder()
    writes.record(watched(slowly(), writes.session.offers.count))
    assert counts == [1, 1, 2]


def test_a_row_says_what_the_action_said() -> None:
    said = action(1, outcome=("low", 3, 0.1), utilities=(0.30000000000000004, None), text="a ' \u2713 text")
    session = SessionFactory()
    recorder(session).record(iter_of(said, RESULT))
    (row,) = session.offers.all()
    assert row.to_action() == said


def iter_of(*items: Any) -> Iterator[Any]:
    yield from items


def test_a_batch_costs_four_queries_and_two_more_where_something_is_said() -> None:
    """The fence, the look at what people want, the rows, and their number; the number of the last line, and the lines."""
    writes = recorder()
    with CaptureQueriesContext(connection) as queries:
        writes.record(actions(3 * ROWS))
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    # The first action and the end say something, three batches do not; and the look for stored actions.
    assert len(statements) <= (4 + 2) + 3 * 4 + (2 + 2) + 1
    fence = next(at for at, sql in enumerate(statements) if sql.startswith("UPDATE"))
    rows = next(at for at, sql in enumerate(statements) if "INSERT INTO negotiations_offer" in sql)
    assert fence < rows


def test_the_job_tells_the_step() -> None:
    session = SessionFactory(n_steps=200)
    recorder(session).record(actions(276))
    job = Job.objects.get(pk=session.pk)
    assert (job.current_step, job.percentage, job.message) == (138, 69, "Step 138 of 200")
    session.refresh_from_db()
    assert session.n_offers == 276


# --- Letting go -------------------------------------------------------------------------------------------


def test_what_was_said_before_a_failure_is_kept() -> None:
    def failing() -> Items:
        yield from (action(seq) for seq in range(1, 8))
        raise ChildFailed("exited", 1, "gone")

    writes = recorder()
    with pytest.raises(ChildFailed):
        writes.record(failing())
    assert seqs(writes.session) == list(range(1, 8))


@pytest.mark.parametrize("wish", ["cancel", "hold", "drain"])
def test_it_stops_when_somebody_wishes_so_and_closes_the_child(
    wish: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "LOOK_EVERY", 0)
    monkeypatch.setattr(heart, "BEAT_EVERY", 0)
    monkeypatch.setattr(heart, "FLUSH_EVERY", 0)
    closed: list[bool] = []

    def hanging() -> Items:
        try:
            yield action(1)
            if wish == "cancel":
                Job.objects.get(pk=writes.session.pk).cancel(None)
            elif wish == "hold":
                Job.objects.filter(pk=writes.session.pk).update(hold=True)
            else:
                monkeypatch.setattr(drain, "asked", lambda: True)
            yield action(2)
            while True:
                yield None
        finally:
            closed.append(True)

    writes = recorder()
    with pytest.raises(Stopped):
        writes.record(hanging())
    assert closed == [True]
    assert seqs(writes.session) == [1, 2]


def test_who_lost_the_lease_writes_no_row() -> None:
    session = SessionFactory()
    writes = recorder(session)

    def taken_over() -> Items:
        yield action(1)
        Job.objects.filter(pk=session.pk).update(token="00000000-0000-0000-0000-000000000001")
        yield from actions(5)

    with pytest.raises(LostLease):
        writes.record(taken_over())
    assert seqs(session) == [1]


# --- Resuming ---------------------------------------------------------------------------------------------


def begun(offers: int, **fields: Any) -> SessionRecorder:
    """A recorder of a second attempt; the first has stored so many offers."""
    session = SessionFactory(**fields)
    first = recorder(session)
    first.prepare()
    Offer.objects.append(session, [action(seq) for seq in range(1, offers + 1)])
    first._heart.job.hand_back("The worker shuts down.")
    again = Session.objects.get(pk=session.pk)
    return recorder(again)


@pytest.mark.parametrize("stored", [1, 7, PAGE, PAGE + 1])
def test_a_replay_writes_only_what_is_missing(stored: int) -> None:
    second = begun(stored)
    second.prepare()
    second.record(actions(stored + 6))
    assert seqs(second.session) == list(range(1, stored + 7))


def test_a_replay_of_all_that_was_stored_adds_nothing() -> None:
    second = begun(6)
    second.record(actions(6))
    assert seqs(second.session) == list(range(1, 7))
    assert second.seq == 6


@pytest.mark.parametrize("fields", [{"outcome": ("high", "yes")}, {"utilities": (0.9, 0.0)}, {"text": "hm"}])
def test_a_replay_that_differs_ends_and_keeps_the_rows(fields: dict[str, Any]) -> None:
    second = begun(6)
    with pytest.raises(CannotResume, match="The replay differs from what was stored at offer 4"):
        second.record(iter_of(action(1), action(2), action(3), action(4, **fields), RESULT))
    assert [row.to_action() for row in second.session.offers.all()] == [action(seq) for seq in range(1, 7)]


def test_a_replay_that_ends_too_early_is_no_replay() -> None:
    with pytest.raises(CannotResume, match="The replay ended before offer 4, which is stored"):
        begun(6).record(actions(3))


def test_other_versions_are_not_gone_on_with() -> None:
    second = begun(6)
    second.session.versions = second.session.versions | {"negmas": "0.15"}
    with pytest.raises(
        CannotResume, match=r"what the session ran with has changed: negmas 0\.15 is now 0\.16"
    ):
        second.prepare()


def test_a_session_by_the_clock_is_not_gone_on_with() -> None:
    second = begun(6, mechanism={"seconds": 5.0})
    with pytest.raises(CannotResume, match="limited by seconds"):
        second.prepare()


def test_a_first_attempt_without_a_row_binds_nobody() -> None:
    second = begun(0, mechanism={"seconds": 5.0})
    second.session.versions = {"negmas": "0.15"}
    second.prepare()
    assert "engine" in Session.objects.get(pk=second.session.pk).versions


# --- Pace -------------------------------------------------------------------------------------------------


def test_a_pace_holds_back_each_step_but_the_first_and_none_of_a_replay() -> None:
    second = begun(4, pace_ms=40)
    begin = time.monotonic()
    second.record(actions(8))  # steps 0 and 1 are stored; 2 and 3 wait
    assert 0.08 <= time.monotonic() - begin < 0.2

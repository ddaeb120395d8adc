"""The task of a session, with a real engine in a real child."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from negotiations import drain, heart, patience, tasks
from negotiations.models import Job, Offer, Session, Status
from negotiations.tasks import run_job
from tests.factory import SessionFactory

pytestmark = pytest.mark.django_db

WANDERER = "tests.engine.wanderer.Wanderer"
HOSTILE = "tests.engine.hostile."


def played(*types: str, **fields: Any) -> Session:
    session = SessionFactory(types=list(types) or None, **fields)
    run_job(str(session.pk))
    over: Session = Session.objects.select_related("job").get(pk=session.pk)
    return over


# --- Ends -------------------------------------------------------------------------------------------------


def test_an_agreement_completes_the_job() -> None:
    session = played()
    assert (session.job.status, session.end_reason, session.ended_by) == ("completed", "agreement", None)
    last = session.offers.latest("seq")
    assert (last.response, last.outcome) == ("accept", session.agreement)
    assert session.utilities == last.utilities
    assert session.n_offers == session.offers.count()
    assert session.job.message.startswith("Agreement at 0.")
    assert (session.job.percentage, session.job.attempt) == (100, 1)
    assert set(session.versions) == {"engine", "negmas", "numpy", "python"}


def test_steps_that_are_used_up_complete_it_too() -> None:
    session = played(WANDERER, WANDERER)
    assert (session.job.status, session.end_reason, session.steps) == ("completed", "steps", 20)
    assert session.job.message == "No agreement: all 20 steps used."
    assert (session.agreement, session.utilities) == (None, [0.1, 0.2])


def test_a_negotiator_may_end_it() -> None:
    session = played(WANDERER, f"{HOSTILE}Ends")
    assert (session.job.status, session.end_reason, session.ended_by) == ("completed", "ended", 1)
    assert session.job.message == "No agreement: Ends (seat 2) ended the negotiation."


def test_an_error_fails_it_and_names_the_seat() -> None:
    """J-16: the traceback stands apart from the text for people."""
    session = played(WANDERER, f"{HOSTILE}Raises")
    assert (session.job.status, session.end_reason, session.ended_by) == ("failed", "error", 1)
    text = "Raises (seat 2) stopped with an error: ValueError: boom. The 5 offers before it are kept."
    assert session.job.error == text
    assert "Traceback" in session.job.traceback
    assert session.job.percentage < 100


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (
            "ACTION_SECONDS",
            "Hangs (seat 2) took longer than 0.3 s to answer. The 5 offers before it are kept.",
        ),
        (
            "SESSION_SECONDS",
            "The session took longer than 0.3 s. It was the turn of Hangs (seat 2). "
            "The 5 offers before it are kept.",
        ),
    ],
)
def test_a_limit_fails_it(limit: str, text: str, settings: Settings) -> None:
    """J-15"""
    setattr(settings, limit, 0.3)
    session = played(WANDERER, f"{HOSTILE}Hangs")
    assert session.job.error == text
    assert session.end_reason == limit.lower().replace("seconds", "limit")


def test_a_pace_is_no_part_of_the_limit(settings: Settings) -> None:
    settings.SESSION_SECONDS = 0.5
    session = played(WANDERER, WANDERER, n_steps=8, pace_ms=120)
    assert (session.job.status, session.n_offers) == ("completed", 16)


def test_a_type_that_is_no_negotiator_fails_it() -> None:
    session = played(WANDERER, "os.system")
    assert session.job.status == "failed"
    assert "os.system" in session.job.error
    assert session.end_reason == "error"


# --- Delivery ---------------------------------------------------------------------------------------------


def test_a_second_delivery_adds_nothing() -> None:
    """N-05, J-19"""
    session = played()
    before = list(session.offers.values())
    history = session.job.history.count()
    run_job(str(session.pk))
    assert list(session.offers.values()) == before
    assert Job.objects.get(pk=session.pk).history.count() == history


def test_a_message_for_a_job_that_is_gone_does_nothing() -> None:
    run_job(str(uuid.uuid4()))
    assert not Offer.objects.exists()


def test_a_worker_that_shuts_down_begins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    session = SessionFactory()
    Job.objects.filter(pk=session.pk).update(rung_at=session.job.created_at)
    monkeypatch.setattr(drain, "asked", lambda: True)
    run_job(str(session.pk))
    job = Job.objects.get(pk=session.pk)
    assert (job.status, job.attempt, job.rung_at) == (Status.QUEUED, 0, None)


# --- Resuming ---------------------------------------------------------------------------------------------


def halfway(**fields: Any) -> Session:
    """A session whose worker is gone after its 15th row."""
    session = played(WANDERER, WANDERER, **fields)
    session.offers.filter(seq__gt=15).delete()
    Session.objects.filter(pk=session.pk).update(end_reason="", n_offers=15, steps=None)
    Job.objects.filter(pk=session.pk).update(status=Status.QUEUED, finished_at=None, current_step=8)
    return session


def test_a_session_goes_on_where_a_dead_worker_left_it() -> None:
    whole = list(played(WANDERER, WANDERER, seed=5).offers.values_list("seq", "outcome", "utilities"))
    session = halfway(seed=5)
    kept = list(session.offers.values_list("pk", flat=True))
    run_job(str(session.pk))
    assert list(session.offers.values_list("seq", "outcome", "utilities")) == whole
    assert list(session.offers.values_list("pk", flat=True))[:15] == kept
    job = Job.objects.get(pk=session.pk)
    assert (job.status, job.attempt) == (Status.COMPLETED, 2)


def test_a_replay_that_differs_fails_and_keeps_the_rows() -> None:
    session = halfway()
    session.offers.filter(seq=9).update(text="not what was said")
    run_job(str(session.pk))
    session = Session.objects.select_related("job").get(pk=session.pk)
    assert (session.job.status, session.end_reason) == ("failed", "mismatch")
    text = "The replay differs from what was stored at offer 9. The 15 offers before it are kept."
    assert session.job.error == text
    assert session.offers.count() == 15


# --- Stopping ---------------------------------------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at what people want after each action."""
    for name in ("LOOK_EVERY", "BEAT_EVERY", "FLUSH_EVERY"):
        monkeypatch.setattr(heart, name, 0)


def test_a_cancelled_session_says_by_whom_and_what_is_kept(at_once: None, owner: User) -> None:
    """J-12"""
    session = SessionFactory(types=[WANDERER, f"{HOSTILE}Hangs"])
    job = Job.objects.claim(session.pk, "worker")
    assert job is not None
    assert Job.objects.get(pk=session.pk).cancel(owner)
    tasks.run_session(job)
    session = Session.objects.select_related("job").get(pk=session.pk)
    assert (session.job.status, session.end_reason) == (Status.CANCELLED, "cancelled")
    # The worker may look before its child's first offer has come.
    kept = session.offers.count()
    told = {0: "at step 0. 0 offers kept.", 1: "at step 1. 1 offer kept."}[kept]
    assert session.job.message == f"Cancelled by owner {told}"


def test_a_session_on_hold_gives_its_worker_back(at_once: None) -> None:
    session = SessionFactory(types=[WANDERER, f"{HOSTILE}Hangs"])
    job = Job.objects.claim(session.pk, "worker")
    assert job is not None
    Job.objects.filter(pk=session.pk).update(hold=True)
    tasks.run_session(job)
    session = Session.objects.select_related("job").get(pk=session.pk)
    assert (session.status, session.job.attempt, session.end_reason) == ("paused", 0, "")
    assert (
        session.job.message == f"Paused at step {session.offers.count()}."
    )  # it may look before the first offer


def test_a_paced_session_that_ends_calls_the_next(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.PACED_SESSIONS = 1
    waiting = SessionFactory(pace_ms=1)
    with django_capture_on_commit_callbacks() as rung:
        played(WANDERER, WANDERER, n_steps=2, pace_ms=1)
    assert len(rung) == 1
    assert Job.objects.get(pk=waiting.pk).rung_at is not None


# --- What goes wrong at our side --------------------------------------------------------------------------


def test_a_fault_of_ours_fails_the_job_with_a_plain_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(tasks, "play", broken)
    with caplog.at_level(logging.CRITICAL):
        session = played()
    assert (session.job.status, session.end_reason) == ("failed", "error")
    assert session.job.error.startswith("Parley failed at this: ZeroDivisionError.")
    assert "secret detail" not in session.job.error
    assert "secret detail" in session.job.traceback


def refusing(monkeypatch: pytest.MonkeyPatch, refusals: int) -> None:
    """The database refuses so many final writes, and nobody waits long for it."""
    left = [refusals]
    complete = Job.complete

    def refused(job: Job, message: str) -> None:
        complete(job, message)
        if left[0]:
            left[0] -= 1
            raise OperationalError("database is locked")

    monkeypatch.setattr(patience, "PAUSES", (0.0,))
    monkeypatch.setattr(Job, "complete", refused)


@pytest.mark.parametrize("refusals", [1, 2, 7])
def test_a_final_write_is_tried_until_the_database_takes_it(
    refusals: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """J-20, B-21"""
    refusing(monkeypatch, refusals)
    with caplog.at_level(logging.CRITICAL):
        session = played()
    assert (session.job.status, session.end_reason, session.job.attempt) == ("completed", "agreement", 1)
    assert session.job.history.filter(status="completed").count() == 1


def test_a_worker_that_has_to_stop_tries_three_times_and_leaves_the_job_to_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refusing(monkeypatch, 3)
    asked = [False, *[True] * 100]
    monkeypatch.setattr(drain, "asked", lambda: asked.pop(0))
    monkeypatch.setattr(heart.Heart, "is_due", lambda *args: False)
    monkeypatch.setattr(heart.Heart, "beat", lambda self, rows, **progress: bool(rows()))
    with caplog.at_level(logging.CRITICAL):
        session = played()
    assert (session.job.status, session.end_reason) == ("processing", "")

"""The state machine of jobs: claims, fences, moves, progress."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from negotiations.exceptions import LostLease
from negotiations.models import Job, Status
from negotiations.models.job_history import PROGRESS_KEPT
from negotiations.models.job_states import MOVES
from tests.factory import JobFactory, SessionFactory

pytestmark = pytest.mark.django_db


def claimed(job: Job | None = None) -> Job:
    taken = Job.objects.claim((job or JobFactory()).pk, "worker")
    assert taken is not None
    return taken


def in_status(status: Status) -> Job:
    """A job that came to this status by what its row says, whatever the way."""
    token = uuid.uuid4() if status == Status.PROCESSING else None
    job: Job = JobFactory(status=status, token=token)
    return job


def refreshed(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


# --- Claims -----------------------------------------------------------------------------------------------


def test_of_two_claims_one_wins() -> None:
    """J-19"""
    job = JobFactory()
    assert Job.objects.claim(job.pk, "one") is not None
    assert Job.objects.claim(job.pk, "two") is None
    job.refresh_from_db()
    assert (job.status, job.attempt, job.worker) == (Status.PROCESSING, 1, "one")


@pytest.mark.parametrize(
    "fields",
    [{"hold": True}, {"cancel_requested_at": timezone.now()}, {"status": Status.FAILED}],
    ids=["on hold", "to be cancelled", "over"],
)
def test_what_is_not_to_run_is_not_claimed(fields: dict[str, Any]) -> None:
    job = JobFactory(**fields)
    assert Job.objects.claim(job.pk, "worker") is None
    assert refreshed(job).attempt == 0


def test_a_resumed_job_keeps_the_time_of_its_first_start() -> None:
    job = claimed()
    begun = job.started_at
    job.hand_back("The worker shuts down.")
    assert claimed(job).started_at == begun


@pytest.mark.parametrize(("running", "starts"), [(1, True), (2, False)])
def test_so_many_paced_sessions_run_at_once(running: int, starts: bool, settings: Settings) -> None:
    settings.PACED_SESSIONS = 2
    for _ in range(running):
        claimed(SessionFactory(pace_ms=100).job)
    waiting = SessionFactory(pace_ms=100).job
    assert (Job.objects.claim(waiting.pk, "worker") is not None) is starts
    message = "Waits for a place: 2 paced sessions run, and no more may at once."
    assert refreshed(waiting).message == ("" if starts else message)
    assert (
        Job.objects.claim(SessionFactory().job.pk, "worker") is not None
    )  # at full speed, no place is needed


def test_a_free_place_calls_the_paced_session_that_waited_longest(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.PACED_SESSIONS = 1
    first, second = SessionFactory(pace_ms=100).job, SessionFactory(pace_ms=100).job
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.ring_next()
    assert refreshed(first).rung_at is not None
    assert refreshed(second).rung_at is None
    claimed(first)
    with django_capture_on_commit_callbacks(execute=True) as rung:
        Job.objects.ring_next()
    assert rung == []


# --- The bell ---------------------------------------------------------------------------------------------


def test_a_message_goes_out_on_commit_and_names_the_job_only(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """N-02, J-01"""
    job = SessionFactory(n_steps=100, pace_ms=60_000).job
    with django_capture_on_commit_callbacks(execute=True):
        job.ring()
        assert not OrmQ.objects.exists()
    (message,) = (row.task for row in OrmQ.objects.all())
    assert (message["func"], message["args"], message["kwargs"]) == (
        "negotiations.tasks.run_job",
        (str(job.pk),),
        {},
    )
    assert message["timeout"] > 100 * 60  # as long as its pace asks for


# --- Moves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [status for status in Status if status != Status.PROCESSING])
@pytest.mark.parametrize("before", Status)
def test_only_legal_moves_move(before: Status, after: Status) -> None:
    """N-08"""
    job = in_status(before)
    legal = after in MOVES[before]
    assert job.move(Job.objects.filter(pk=job.pk), after, "moved") is legal
    job = refreshed(job)
    assert job.status == (after if legal else before)
    assert job.history.count() == legal
    assert (job.token is not None) == (job.status == Status.PROCESSING)
    assert (job.finished_at is not None) == (
        legal and after in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
    )


@pytest.mark.parametrize("before", Status)
def test_only_what_is_queued_begins(before: Status) -> None:
    job = in_status(before)
    assert (Job.objects.claim(job.pk, "worker") is not None) == (Status.PROCESSING in MOVES[before])


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_what_is_over_stays_as_it_is(status: Status) -> None:
    assert MOVES[status] == set()


def test_a_job_in_processing_has_a_token_and_no_other_has() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        JobFactory(status=Status.PROCESSING)
    with pytest.raises(IntegrityError), transaction.atomic():
        JobFactory(token=uuid.uuid4())


# --- Fences -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        lambda job: job.beat(current_step=5),
        lambda job: job.complete("Agreement"),
        lambda job: job.fail("Failed"),
        lambda job: job.hand_back("Back"),
        lambda job: job.stop_cancelled(),
    ],
    ids=["beat", "complete", "fail", "hand back", "stop"],
)
def test_who_lost_the_lease_writes_nothing(write: Any) -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(token=uuid.uuid4())
    before = Job.objects.filter(pk=job.pk).values().get()
    with pytest.raises(LostLease):
        write(job)
    assert Job.objects.filter(pk=job.pk).values().get() == before
    assert refreshed(job).history.count() == 1


def test_a_final_write_that_the_database_refused_can_be_tried_again() -> None:
    """J-20"""
    job = claimed()
    with pytest.raises(RuntimeError), transaction.atomic():
        job.complete("Agreement")
        raise RuntimeError("the commit fails")
    job.complete("Agreement")
    assert refreshed(job).status == Status.COMPLETED


def test_a_job_that_is_handed_back_loses_no_attempt_and_rings_for_nobody() -> None:
    job = claimed()
    job.hand_back("The worker shuts down.")
    job = refreshed(job)
    assert (job.status, job.attempt, job.worker, job.lease_until) == (Status.QUEUED, 0, "", None)
    assert job in Job.objects.unheard()


# --- Cancel -----------------------------------------------------------------------------------------------


def test_a_job_that_waits_is_cancelled_at_once_and_its_session_with_it(owner: User) -> None:
    """J-12"""
    session = SessionFactory()
    assert session.job.cancel(owner)
    job = refreshed(session.job)
    session.refresh_from_db()
    assert (job.status, job.error, job.cancelled_by) == (Status.CANCELLED, "Job cancelled by user", owner)
    assert session.end_reason == "cancelled"
    assert Job.objects.claim(job.pk, "worker") is None


def test_a_job_that_runs_is_asked_to_stop(owner: User) -> None:
    job = claimed()
    assert refreshed(job).cancel(owner)
    assert refreshed(job).status == Status.PROCESSING
    assert job.beat() is True


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_a_job_that_is_over_is_not_cancelled(status: Status, owner: User) -> None:
    assert not in_status(status).cancel(owner)


# --- Progress ---------------------------------------------------------------------------------------------


def test_a_beat_renews_the_lease_in_two_queries() -> None:
    job = claimed()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert job.beat(current_step=5, total_steps=20, message="Step 5 of 20") is False
    assert len(queries) == 2
    job = refreshed(job)
    assert job.lease_until and job.lease_until > timezone.now() + timedelta(seconds=20)
    assert (job.current_step, job.percentage, job.message) == (5, 25, "Step 5 of 20")


def test_progress_never_falls_and_is_whole_only_at_the_end() -> None:
    """J-14"""
    job = claimed()
    job.beat(current_step=20, total_steps=20)
    assert refreshed(job).percentage == 99
    job.beat(current_step=3, total_steps=20)
    assert refreshed(job).percentage == 99
    job.complete("Agreement")
    assert refreshed(job).percentage == 100


def test_a_failed_job_keeps_the_progress_it_had() -> None:
    job = claimed()
    job.beat(current_step=5, total_steps=20)
    job.fail("Raises stopped with an error", "Traceback ...")
    job = refreshed(job)
    assert (job.percentage, job.error, job.traceback) == (25, "Raises stopped with an error", "Traceback ...")


def test_history_is_written_each_ten_seconds_and_fifty_lines_are_kept() -> None:
    """J-07, J-09"""
    job = claimed()
    job.beat(current_step=1, message="Step 1")
    assert job.history.count() == 1
    job._noted_at = timezone.now() - timedelta(seconds=11)
    job.beat(current_step=2, message="Step 2")
    assert [line.message for line in job.history.all()] == ["Started", "Step 2"]
    for step in range(60):
        job.note(f"Step {step}")
    assert job.history.count() == PROGRESS_KEPT
    assert job.history.latest("seq").message == "Step 59"

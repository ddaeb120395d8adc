"""N-20: a job on hold gives its worker back, keeps its place and its attempts, and goes on when it may."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from negotiations.models import Job, Session, Status
from tests.factory import SessionFactory

pytestmark = pytest.mark.django_db


def refreshed(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def claimed(job: Job) -> Job:
    taken = Job.objects.claim(job.pk, "worker")
    assert taken is not None
    return taken


@pytest.fixture
def job() -> Job:
    session: Session = SessionFactory()
    return session.job


def test_what_waits_is_held_at_once_and_no_worker_takes_it(job: Job, owner: User) -> None:
    assert job.pause(owner)
    held = refreshed(job)
    assert (held.status, held.hold, held.message) == (Status.QUEUED, True, "Paused by owner.")
    assert held.history.latest("seq").message == "Paused by owner."
    assert Job.objects.claim(job.pk, "worker") is None
    assert Session.objects.get(pk=job.pk).status == "paused"


def test_what_runs_hears_of_it_with_its_next_beat_and_loses_no_attempt(job: Job, owner: User) -> None:
    working = claimed(job)
    assert refreshed(job).pause(owner)
    assert working.beat() is True
    working.hand_back("Paused at step 3.")
    held = refreshed(job)
    assert (held.status, held.hold, held.attempt, held.worker) == (Status.QUEUED, True, 0, "")
    lines = list(held.history.values_list("message", flat=True))
    assert lines[-2:] == ["Asked to pause by owner.", "Paused at step 3."]


def test_who_works_on_it_goes_on_saying_what_it_is_at(job: Job, owner: User) -> None:
    working = claimed(job)
    working.beat(current_step=3, message="Step 3 of 20")
    refreshed(job).pause(owner)
    assert refreshed(job).message == "Step 3 of 20"


def test_to_resume_rings_at_once(
    job: Job, owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job.pause(owner)
    with django_capture_on_commit_callbacks(execute=True):
        assert job.resume(owner)
    assert (refreshed(job).hold, refreshed(job).message) == (False, "Resumed by owner.")
    assert OrmQ.objects.count() == 1
    assert claimed(job).attempt == 1


def test_a_worker_that_has_not_looked_up_yet_just_goes_on(
    job: Job, owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    working = claimed(job)
    refreshed(job).pause(owner)
    with django_capture_on_commit_callbacks(execute=True):
        assert refreshed(job).resume(owner)
    assert not OrmQ.objects.exists()
    assert working.beat() is False


def test_a_worker_that_is_just_handing_it_back_rings_for_the_next(
    job: Job, owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    working = claimed(job)
    refreshed(job).pause(owner)
    assert working.beat() is True
    refreshed(job).resume(owner)
    with django_capture_on_commit_callbacks(execute=True):
        working.hand_back("Paused at step 3.")
    assert OrmQ.objects.count() == 1
    assert claimed(job).attempt == 1


def test_what_lost_its_worker_while_on_hold_stays_on_hold(job: Job, owner: User) -> None:
    claimed(job)
    refreshed(job).pause(owner)
    assert Job.objects.lost_by("worker") == []
    assert (refreshed(job).status, refreshed(job).hold) == (Status.QUEUED, True)
    assert Job.objects.claim(job.pk, "worker") is None


def test_the_command_line_is_called_the_administrator(job: Job) -> None:
    job.pause(None)
    assert refreshed(job).message == "Paused by the administrator."

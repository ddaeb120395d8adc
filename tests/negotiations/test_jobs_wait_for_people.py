"""X-08: a job that waits for a person's answer holds no worker, is in nobody's way, and goes on when the answer is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from negotiations.exceptions import LostLease, TooMuch
from negotiations.health import Health
from negotiations.models import Job, Session, Status
from negotiations.models.job_claims import RING_AGAIN
from negotiations.models.limits import hold_to_limits
from negotiations.models.work import Work
from negotiations.views.job_rows import STUCK_AFTER, JobRow
from tests.factory import SessionFactory

pytestmark = pytest.mark.django_db

ASKED = "Waits for anna to answer."
ANSWERED = "anna answered."


def refreshed(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def claimed(job: Job) -> Job:
    taken = Job.objects.claim(job.pk, "worker")
    assert taken is not None
    return taken


@pytest.fixture
def job(owner: User) -> Job:
    """Waits for somebody, at step 3 of 20."""
    session: Session = SessionFactory(job__owner=owner)
    working = claimed(session.job)
    working.beat(current_step=3, total_steps=20)
    working.wait_for_people(ASKED)
    return refreshed(working)


def test_it_gives_up_its_worker_and_no_attempt(job: Job) -> None:
    assert (job.status, job.attempt, job.worker, job.token, job.message) == (
        Status.QUEUED,
        0,
        "",
        None,
        ASKED,
    )
    assert job.history.latest("seq").message == ASKED


def test_pages_say_that_it_runs_not_that_it_is_queued(job: Job) -> None:
    assert (job.word, job.session.status, JobRow(job, may_change=True).word) == (
        "processing",
        "running",
        "processing",
    )
    assert Job.objects.that_are("processing").get() == job
    assert not Job.objects.that_are("queued").exists()


def test_counts_of_what_is_active_say_the_same(job: Job, owner: User) -> None:
    SessionFactory(job__owner=owner)
    for work in (Work.of_jobs(owner), Work.of_sessions(owner)):
        assert dict(work.words) == {"processing": 1, "queued": 1}
        assert [number for _, number, _ in work.queues] == [1]


def test_only_who_holds_it_may_let_it_wait(job: Job) -> None:
    stale = SessionFactory().job
    with pytest.raises(LostLease):
        stale.wait_for_people(ASKED)


def test_no_worker_takes_it_and_nobody_rings_for_it_however_long_it_waits(
    job: Job, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    Job.objects.filter(pk=job.pk).update(rung_at=timezone.now() - 10 * RING_AGAIN)
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.reap()
        refreshed(job).ring()
        refreshed(job).call()
    assert not OrmQ.objects.exists()
    assert Job.objects.claim(job.pk, "worker") is None
    assert refreshed(job).awaits_since == job.awaits_since


def test_it_stands_in_nobodys_way(job: Job, owner: User, settings: Settings) -> None:
    waiting = SessionFactory().job
    assert Job.objects.number_ahead_of(waiting) == 0
    assert Job.objects.number_ahead_of(job) == 0
    assert dict(Job.objects.with_ahead().values_list("pk", "n_ahead")) == {waiting.pk: 0, job.pk: None}
    assert Job.objects.queue_lengths() == {"live": 1, "batch": 0}
    assert Health.look().queued == 1


def test_it_counts_to_no_limit_of_its_owner(job: Job, owner: User, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 1
    hold_to_limits(owner)
    job.people_answered(ANSWERED)
    with pytest.raises(TooMuch):
        hold_to_limits(owner)


def test_after_half_an_hour_nobody_calls_it_stuck(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(updated_at=timezone.now() - 2 * STUCK_AFTER)
    assert not JobRow(refreshed(job), may_change=True).is_stuck


def test_the_answer_rings_and_a_worker_goes_on_behind_all_who_wait_now(
    job: Job, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    other = SessionFactory().job
    with django_capture_on_commit_callbacks(execute=True):
        assert job.people_answered(ANSWERED)
    assert OrmQ.objects.count() == 1
    assert Job.objects.number_ahead_of(refreshed(job)) == 1
    assert Job.objects.number_ahead_of(other) == 0
    again = claimed(job)
    assert (again.attempt, again.current_step, again.awaits_since) == (1, 3, None)
    assert ANSWERED in again.history.values_list("message", flat=True)


def test_of_two_answers_the_second_finds_nobody_who_waits(
    job: Job, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    also = refreshed(job)
    with django_capture_on_commit_callbacks(execute=True):
        assert job.people_answered(ANSWERED)
        assert not also.people_answered(ANSWERED)
    assert OrmQ.objects.count() == 1


def test_on_hold_it_takes_the_answer_and_goes_on_when_it_is_resumed(
    job: Job, owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert job.pause(owner)
    assert refreshed(job).word == "paused"
    with django_capture_on_commit_callbacks(execute=True):
        assert refreshed(job).people_answered(ANSWERED)
    assert not OrmQ.objects.exists()
    assert Job.objects.claim(job.pk, "worker") is None
    with django_capture_on_commit_callbacks(execute=True):
        refreshed(job).resume(owner)
    assert OrmQ.objects.count() == 1
    assert claimed(job)


def test_resumed_without_an_answer_it_waits_on(
    job: Job, owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job.pause(owner)
        refreshed(job).resume(owner)
    assert not OrmQ.objects.exists()
    assert refreshed(job).word == "processing"
    assert Job.objects.claim(job.pk, "worker") is None


def test_cancelled_it_ends_at_once_and_takes_no_answer_any_more(job: Job, owner: User) -> None:
    assert job.cancel(owner)
    ended = refreshed(job)
    assert (ended.status, ended.awaits_since, ended.session.end_reason) == (
        Status.CANCELLED,
        None,
        "cancelled",
    )
    assert not ended.people_answered(ANSWERED)


def test_asked_to_stop_in_its_last_moment_it_does_not_wait(owner: User) -> None:
    working = claimed(SessionFactory(job__owner=owner).job)
    refreshed(working).cancel(owner)
    working.wait_for_people(ASKED)
    assert (refreshed(working).status, refreshed(working).awaits_since) == (Status.CANCELLED, None)


def test_paused_and_resumed_in_its_last_moment_it_rings_for_nobody(
    owner: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    working = claimed(SessionFactory(job__owner=owner).job)
    refreshed(working).pause(owner)
    working.beat()
    refreshed(working).resume(owner)
    with django_capture_on_commit_callbacks(execute=True):
        working.wait_for_people(ASKED)
    assert not OrmQ.objects.exists()
    assert refreshed(working).word == "processing"


def test_only_what_is_queued_can_wait_for_people(job: Job) -> None:
    with pytest.raises(IntegrityError):
        Job.objects.filter(pk=job.pk).update(status=Status.COMPLETED)


def test_the_list_of_jobs_says_for_what_it_waits(client: Client, job: Job, owner: User) -> None:
    client.force_login(owner)
    Job.objects.filter(pk=job.pk).update(awaits_since=timezone.now() - timedelta(days=2))
    text = client.get(reverse("negotiations:job-list")).content.decode()
    assert ASKED in text
    assert "May be stuck" not in text

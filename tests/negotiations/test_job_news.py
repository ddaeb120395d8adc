"""What the owner of a job is told when it is over, and that it is told once (F-20)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from negotiations.exceptions import LostLease
from negotiations.models import Job, Status
from notifications.models import Notification
from tests.factory import JobFactory, ScenarioImportFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(owner: User) -> Job:
    session = SessionFactory(job__owner=owner, scenario__name="Amsterdam")
    claimed = Job.objects.claim(session.pk, "here:1")
    assert claimed is not None
    return claimed


def told() -> list[tuple[str, str, str]]:
    return [(one.level, one.title, one.text) for one in Notification.objects.order_by("seq")]


ENDS: list[tuple[Callable[[Job], object], tuple[str, str, str]]] = [
    (lambda job: job.complete("Agreement at 0.69 and 0.89."), ("success", "Amsterdam completed", "Agreement at 0.69 and 0.89.")),
    (lambda job: job.fail("CAB took longer than 2 s to answer."), ("error", "Amsterdam failed", "CAB took longer than 2 s to answer.")),
]  # fmt: skip


@pytest.mark.parametrize(("end", "expected"), ENDS)
def test_the_owner_is_told_how_it_ended(
    running: Job, end: Callable[[Job], object], expected: tuple[str, str, str]
) -> None:
    end(running)
    assert told() == [expected]
    one = Notification.objects.get()
    assert one.user == running.owner
    assert one.href == f"/sessions/{running.pk}/"
    assert (one.context["session_id"], one.context["job_id"]) == (str(running.pk), str(running.pk))


def test_who_lost_the_lease_tells_nothing(running: Job) -> None:
    Job.objects.filter(pk=running.pk).update(token=uuid.uuid4())
    with pytest.raises(LostLease):
        running.complete("Agreement.")
    assert told() == []


def test_an_end_that_comes_twice_is_told_once(running: Job) -> None:
    same = Job.objects.get(pk=running.pk)
    running.complete("Agreement.")
    with pytest.raises(LostLease):
        same.complete("Agreement.")
    assert len(told()) == 1


def test_nothing_is_told_before_the_end(running: Job) -> None:
    running.beat(current_step=3)
    running.hand_back("Handed back.")
    assert told() == []


def test_who_cancels_their_own_finds_it_in_the_activity_and_is_not_told(owner: User) -> None:
    job = SessionFactory(job__owner=owner, scenario__name="Amsterdam").job
    job.cancel(owner)
    assert told() == [("info", "Amsterdam cancelled", "Cancelled by owner before it began.")]
    assert not Notification.objects.get().is_unread


def test_the_owner_is_told_who_else_cancelled_it(running: Job, superuser: User) -> None:
    running.beat(current_step=31)
    running.cancel(superuser)
    assert told() == []
    running.stop_cancelled()
    assert told() == [("info", "Amsterdam cancelled", "Cancelled by root at step 31.")]
    assert Notification.objects.get().is_unread


def test_a_job_that_is_given_up_is_told_by_the_reaper(running: Job) -> None:
    Job.objects.filter(pk=running.pk).update(attempt=3, lease_until="2020-01-01T00:00Z")
    assert [job.pk for job in Job.objects.reap()] == [running.pk]
    ((level, title, text),) = told()
    assert (level, title) == ("error", "Amsterdam failed")
    assert "Given up after 3 attempts" in text


def test_an_upload_is_told_by_its_file(owner: User) -> None:
    upload = ScenarioImportFactory(job__owner=owner, filename="anac.zip")
    job = Job.objects.claim(upload.pk, "here:1")
    assert job is not None
    job.complete("3 accepted, 0 known, 1 refused.")
    assert told() == [("success", "anac.zip read", "3 accepted, 0 known, 1 refused.")]
    assert Notification.objects.get().href == f"/scenarios/imports/{upload.pk}/"


def test_what_works_for_another_job_is_not_told(owner: User) -> None:
    parent = JobFactory(owner=owner)
    job = SessionFactory(job__owner=owner, job__parent=parent).job
    job.cancel(owner)
    assert job.status == Status.CANCELLED
    assert told() == []


def test_those_it_is_shared_with_are_not_told(running: Job, colleague: User) -> None:
    running.complete("Agreement.")
    assert not Notification.objects.filter(user=colleague).exists()


def test_a_job_without_anything_to_run_is_told_too(owner: User) -> None:
    job = JobFactory(owner=owner)
    job.cancel(None)
    assert told() == [("info", "A session cancelled", "Cancelled before it began.")]
    assert Notification.objects.get().href == f"/jobs/{job.pk}/"

"""Jobs that give way: who has had a turn waits behind all who wait, and loses nothing by it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from negotiations.models import Job, Kind, Queue, Status
from negotiations.models.job_claims import HEARD_WITHIN
from negotiations.models.limits import hold_to_limits
from notifications.models import Notification
from tests.factory import JobFactory, SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_place(settings: Settings) -> None:
    settings.BATCH_SLOTS = 1
    settings.BATCH_CLUSTER = ""


def batch() -> Job:
    job: Job = SessionFactory(job__queue=Queue.BATCH).job
    return job


def held(job: Job) -> Job:
    claimed = Job.objects.claim(job.pk, "worker")
    assert claimed
    return claimed


def test_who_gives_way_is_called_after_all_who_wait(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    first, second, third = (batch() for _ in range(3))
    with django_capture_on_commit_callbacks(execute=True):
        held(first).give_way("Others have their turn.")
    for _ in range(2):
        called = OrmQ.objects.order_by("-pk")[0].task["args"][0]
        with django_capture_on_commit_callbacks(execute=True):
            held(Job.objects.get(pk=called)).complete("Done.")
            Job.objects.ring_next()
    assert [row.task["args"][0] for row in OrmQ.objects.order_by("pk")] == [
        str(job.pk) for job in (second, third, first)
    ]


def test_giving_way_costs_no_attempt_and_no_restart() -> None:
    job = batch()
    for _ in range(5):
        held(job).give_way("Others have their turn.")
    job.refresh_from_db()
    assert (job.status, job.attempt, job.restarts, job.worker) == (Status.QUEUED, 0, 0, "")


def test_with_a_cluster_of_their_own_it_rings_anew(
    settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.BATCH_CLUSTER = "batch"
    with django_capture_on_commit_callbacks(execute=True):
        held(batch()).give_way("Others have their turn.")
    assert OrmQ.objects.count() == 1


def test_a_cancel_that_comes_while_it_gives_way_is_heeded() -> None:
    job = held(batch())
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=timezone.now())
    job.give_way("Others have their turn.")
    job.refresh_from_db()
    assert job.status == Status.CANCELLED


def test_only_others_count_as_waiting(owner: User) -> None:
    parent = held(JobFactory(owner=owner, kind=Kind.BENCHMARK, queue=Queue.BATCH))
    lane = JobFactory(owner=owner, kind=Kind.LANE, queue=Queue.BATCH, parent=parent)
    JobFactory(owner=owner)
    assert not Job.objects.wait_beside(parent).exists()
    assert not Job.objects.wait_beside(lane).exists()
    other = batch()
    assert list(Job.objects.wait_beside(parent)) == list(Job.objects.wait_beside(lane)) == [other]


def test_a_live_job_that_nobody_hears_is_rung_for_again_by_one_alone(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """Who rings for it gives way to it: a second one has no reason to."""
    late = timezone.now() - 2 * HEARD_WITHIN
    live = JobFactory(rung_at=late)
    JobFactory(rung_at=late, hold=True)
    JobFactory(rung_at=late, awaits_since=late)
    JobFactory(rung_at=timezone.now())
    Job.objects.filter(pk=batch().pk).update(rung_at=late)
    with django_capture_on_commit_callbacks(execute=True):
        assert Job.objects.call_late()
        assert not Job.objects.call_late()
    assert [row.task["args"][0] for row in OrmQ.objects.all()] == [str(live.pk)]


@pytest.mark.parametrize(
    "change", [{"hold": True}, {"cancel_requested_at": timezone.now()}, {"status": Status.CANCELLED}]
)
def test_what_works_for_another_job_stops_with_it(owner: User, change: dict[str, object]) -> None:
    parent = JobFactory(owner=owner, kind=Kind.BENCHMARK, queue=Queue.BATCH)
    lane = held(JobFactory(owner=owner, kind=Kind.LANE, queue=Queue.BATCH, parent=parent))
    assert not lane.beat()
    Job.objects.filter(pk=parent.pk).update(**change)
    assert lane.beat()
    assert lane.parent_stops


def test_lanes_are_no_news_no_limit_and_in_no_list(owner: User, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 2
    parent = JobFactory(owner=owner, kind=Kind.BENCHMARK, queue=Queue.BATCH)
    lane = JobFactory(owner=owner, kind=Kind.LANE, queue=Queue.BATCH, parent=parent)
    hold_to_limits(owner)
    held(lane).complete("8 matches played.")
    assert not Notification.objects.exists()
    chosen = {"kind": "", "queue": "", "owner": "", "status": "", "q": ""}
    assert list(Job.objects.narrowed(chosen)) == [parent]
    assert list(Job.objects.narrowed(chosen | {"kind": Kind.LANE})) == [lane]

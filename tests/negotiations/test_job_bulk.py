"""J-24: many jobs at once, of one's own only, and never more than a page can bear."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from pytest_django import Settings

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models import AuditEntry, Job, Status, job_queries
from tests.factory import JobFactory
from tests.negotiations.test_job_moves import job_in

pytestmark = pytest.mark.django_db


def statuses() -> list[tuple[str, bool]]:
    return list(Job.objects.order_by("created_at").values_list("status", "hold"))


@pytest.fixture
def one_of_each(owner: User) -> list[Job]:
    """Queued, queued on hold, processing, completed, failed, cancelled."""
    states = [
        (Status.QUEUED, False),
        (Status.QUEUED, True),
        *((status, False) for status in list(Status)[1:]),
    ]
    return [job_in(status, hold, owner=owner) for status, hold in states]


def test_only_those_that_may_are_changed_and_counted(one_of_each: list[Job], owner: User) -> None:
    mine = Job.objects.changeable_by(owner)
    assert mine.pause_all(owner) == 2
    assert mine.pause_all(owner) == 0
    assert mine.resume_all(owner) == 3
    assert mine.cancel_all(owner) == 3
    assert mine.cancel_all(owner) == 0
    # The two that waited are cancelled now, and may be retried beside the failed and the cancelled one.
    assert mine.retry_all(owner) == 4
    assert mine.retry_all(owner) == 0
    assert AuditEntry.objects.filter(by=owner).count() == 2 + 3 + 3 + 4


def test_a_choice_is_kept_to(one_of_each: list[Job], owner: User) -> None:
    chosen = Job.objects.changeable_by(owner).filter(pk__in=[one_of_each[0].pk, one_of_each[3].pk])
    assert chosen.cancel_all(owner) == 1
    assert statuses()[:3] == [("cancelled", False), ("queued", True), ("processing", False)]


def test_colleagues_look_on_and_strangers_see_nothing(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    """J-11"""
    JobFactory(owner=owner, group=group)
    for person in (colleague, stranger, AnonymousUser()):
        assert not Job.objects.changeable_by(person).exists()
    assert Job.objects.changeable_by(superuser).cancel_all(superuser) == 1


def test_no_more_than_a_page_can_bear(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queries, "CHANGED_AT_ONCE", 2)
    JobFactory.create_batch(3, owner=owner)
    assert Job.objects.cancel_all(owner) == 2
    # The newest first: a place that becomes free is not to call one that is the next to be stopped.
    assert statuses() == [("queued", False), ("cancelled", False), ("cancelled", False)]


def test_a_limit_in_the_midst_says_how_many_were_retried(owner: User, settings: Settings) -> None:
    """J-18"""
    settings.ACTIVE_JOBS = 2
    for _ in range(3):
        job_in(Status.FAILED, False, owner=owner)
    with pytest.raises(TooMuch, match=r"^2 jobs were retried\. You have 2 active jobs"):
        Job.objects.retry_all(owner)
    assert Job.objects.active().count() == 2


def test_what_cannot_be_retried_does_not_keep_the_others_from_it(owner: User) -> None:
    gone = job_in(Status.FAILED, False, owner=owner)
    gone.session.parties.update(negotiator=None)
    job_in(Status.FAILED, False, owner=owner)
    with pytest.raises(Unsuitable, match=r"^1 job was retried\. .* is no longer in the catalogue"):
        Job.objects.retry_all(owner)

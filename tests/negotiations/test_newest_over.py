"""What a list's poll looks at: what is in progress, and what ended last, however much has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from negotiations.models import Job, Session, Status
from tests.factory import GroupFactory, SessionFactory

pytestmark = pytest.mark.django_db


def ended(minutes_ago: int, owner: User, group: Group | None = None) -> Session:
    when = timezone.now() - timedelta(minutes=minutes_ago)
    session: Session = SessionFactory(
        job__owner=owner, job__group=group, job__status=Status.COMPLETED, job__finished_at=when
    )
    return session


def looked_at(user: User) -> list[Session]:
    with CaptureQueriesContext(connection) as queries:
        found = Session.objects.in_progress_and_newest_over(user, 30)
    assert len(queries) == 2
    return found


def test_each_sees_what_ended_last_of_what_is_theirs_to_see(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    """J-11"""
    colleague.groups.add(GroupFactory())
    running = SessionFactory(job__owner=owner)
    private, shared = ended(2, owner), ended(3, owner, group)
    ended(4, owner, group)
    theirs = ended(1, stranger)
    assert looked_at(owner) == [running, private]
    assert looked_at(colleague) == [shared]
    assert looked_at(stranger) == [theirs]
    assert looked_at(superuser) == [running, theirs]
    newest = ended(0, colleague)
    assert looked_at(colleague) == [newest]
    assert Session.objects.in_progress_and_newest_over(AnonymousUser(), 30) == []


def test_what_ended_is_found_by_an_index_for_each_way_to_see_it(owner: User, superuser: User) -> None:
    ended(1, owner)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # so few rows are read faster without any
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = Job.objects.newest_over(owner).explain()
    assert "job_by_owner_end" in plan
    assert "job_by_group_end" in plan
    assert "job_by_end" in Job.objects.newest_over(superuser).explain()

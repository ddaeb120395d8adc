"""What a list's poll looks at first: what is in progress, and what ended last, however much has ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from negotiations.models import Deletion, Job, Session, Status
from negotiations.models.work import Work
from tests.factory import GroupFactory, ScenarioImportFactory, SessionFactory

pytestmark = pytest.mark.django_db


def ended(minutes_ago: int, owner: User, group: Group | None = None) -> Session:
    when = timezone.now() - timedelta(minutes=minutes_ago)
    session: Session = SessionFactory(
        job__owner=owner, job__group=group, job__status=Status.COMPLETED, job__finished_at=when
    )
    return session


def looked_at(user: User) -> tuple[int, set[Session]]:
    """How many of a person's wait, and whose ends are seen."""
    with CaptureQueriesContext(connection) as queries:
        work = Work.of_sessions(user)
    assert len(queries) == 1
    moments = {as_told(moment) for _, moment in work.others if moment}
    return work.words["queued"], {one for one in Session.objects.all() if one.job.finished_at in moments}


def as_told(moment: Any) -> datetime:
    """SQLite has moments as text."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC) if isinstance(moment, str) else moment


def test_each_sees_what_ended_last_of_what_is_theirs_to_see(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    """J-11: of their own, and of each of their groups."""
    colleague.groups.add(GroupFactory())
    SessionFactory(job__owner=owner)
    private, shared = ended(2, owner), ended(3, owner, group)
    ended(4, owner, group)
    theirs = ended(1, stranger)
    assert looked_at(owner) == (1, {private, shared})
    assert looked_at(colleague) == (0, {shared})
    assert looked_at(stranger) == (0, {theirs})
    assert looked_at(superuser) == (1, {theirs})
    newest = ended(0, colleague)
    assert looked_at(colleague) == (0, {newest, shared})


def test_what_is_active_is_counted_as_it_may_be_seen(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    """J-11: the SQL of a poll and `visible_to` have one answer, for jobs and for sessions."""
    colleague.groups.add(GroupFactory())
    for user in (owner, stranger):
        for shared in (None, group, GroupFactory()):
            SessionFactory(job__owner=user, job__group=shared)
            ScenarioImportFactory(job__owner=user, job__group=shared)
    hidden = SessionFactory(job__owner=owner)
    Session.objects.filter(pk=hidden.pk).update(
        deletion=Deletion.objects.create(job=Job.objects.create(owner=owner, kind="deletion"))
    )
    for user in (owner, colleague, stranger, superuser):
        jobs, sessions = Work.of_jobs(user), Work.of_sessions(user)
        assert jobs.words["queued"] == Job.objects.visible_to(user).active().count() > 0
        assert sessions.words["queued"] == Session.objects.visible_to(user).in_progress().count() > 0
        assert jobs.groups == sessions.groups == set(user.groups.values_list("pk", flat=True))


def test_what_ended_is_found_by_an_index_for_each_way_to_see_it(owner: User, superuser: User) -> None:
    ended(1, owner)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # so few rows are read faster without any
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    indexes = {owner: ("job_by_owner_end", "job_by_group_end"), superuser: ("job_by_end",)}
    for user, names in indexes.items():
        with CaptureQueriesContext(connection) as queries:
            Work.of_sessions(user)
        plan = explained(queries[0]["sql"])
        assert [name for name in names if name not in plan] == []


def explained(sql: str) -> str:
    word = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{word} {sql}".replace("%", "%%"))
        return str(cursor.fetchall())

"""The table of workers: who lives, on which machine, and what each is at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from negotiations.models import Job, Queue, Worker
from tests.factory import JobFactory, SessionFactory, UserFactory

ROWS = pytest.mark.django_db


def worker(name: str, **fields: Any) -> Worker:
    now = timezone.now()
    told = {"host": "h", "cluster": "parley", "pid": 7, "memory_mb": 1, "started_at": now, "seen_at": now}
    return Worker(name=name, **told | fields)


@ROWS
def test_a_report_adds_each_worker_once_and_renews_it() -> None:
    Worker.objects.report([worker("h:1:2"), worker("h:1:3")])
    first = Worker.objects.get(pk="h:1:2")
    with CaptureQueriesContext(connection) as queries:
        Worker.objects.report([worker("h:1:2", memory_mb=9), worker("h:1:3")])
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1
    again = Worker.objects.get(pk="h:1:2")
    assert (again.memory_mb, again.started_at) == (9, first.started_at)
    assert again.seen_at > first.seen_at
    assert Worker.objects.count() == 2


@ROWS
def test_states_and_jobs_of_all_workers_come_in_one_query() -> None:
    Worker.objects.report([worker("h:1:2"), worker("h:1:3"), worker("h:1:4")])
    Worker.objects.filter(pk="h:1:4").update(seen_at=timezone.now() - timedelta(seconds=61))
    session = SessionFactory()
    Job.objects.claim(session.pk, "h:1:3")
    with CaptureQueriesContext(connection) as queries:
        told = {row.name: (row.state, row.busy_with, row.job_id) for row in Worker.objects.with_jobs()}
    assert len(queries) == 1
    assert told == {
        "h:1:2": ("idle", None, None),
        "h:1:3": ("busy", "session", session.pk),
        "h:1:4": ("stale", None, None),
    }
    assert [row.name for row in Worker.objects.stale()] == ["h:1:4"]


@ROWS
def test_whose_job_it_is_stays_with_those_who_may_see_it() -> None:
    """J-11"""
    Worker.objects.report([worker("h:1:3")])
    session = SessionFactory()
    Job.objects.claim(session.pk, "h:1:3")
    stranger, owner = Worker.objects.with_jobs(UserFactory()), Worker.objects.with_jobs(session.job.owner)
    assert [(row.state, row.job_id) for row in stranger] == [("busy", None)]
    assert [(row.state, row.job_id) for row in owner] == [("busy", session.pk)]


@ROWS
def test_what_was_not_seen_for_a_day_is_forgotten() -> None:
    Worker.objects.report([worker("old"), worker("new")])
    Worker.objects.filter(pk="old").update(seen_at=timezone.now() - timedelta(hours=25))
    assert Worker.objects.forget_long_gone() == 1
    assert Worker.objects.get().name == "new"


@ROWS
def test_the_lengths_of_the_queues_count_what_waits() -> None:
    JobFactory()
    JobFactory(hold=True)
    JobFactory(queue=Queue.BATCH)
    JobFactory(queue=Queue.BATCH)
    with CaptureQueriesContext(connection) as queries:
        assert Job.objects.queue_lengths() == {"live": 1, "batch": 2}
    assert len(queries) == 1

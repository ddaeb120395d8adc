"""Several clusters on one database share the work, and a database that goes away for a while costs nobody anything."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from negotiations.models import Job, Queue, Session, Worker
from tests.workers.conftest import Running, Starts, Storage, begin, ended, eventually, is_under_way, rows

pytestmark = [pytest.mark.workers]

Rows = list[tuple[Any, ...]]
SESSIONS = 30
STEPS = 40


@pytest.fixture(scope="module")
def undisturbed(database: Storage, start_for_all: Starts) -> Rows:
    """The rows of a session of this seed that nothing happened to."""
    workers = start_for_all("qworkers")
    expected = rows(ended(begin(n_steps=STEPS)))
    workers.stop()
    return expected


@pytest.fixture(autouse=True)
def table_of_nobody(undisturbed: Rows) -> None:
    """Else workers that a test before this one killed are counted until a cluster has looked for them."""
    Worker.objects.all().delete()


def test_two_clusters_share_the_sessions_and_play_each_once(undisturbed: Rows, start: Starts) -> None:
    """J-19, N-05"""
    first, second = start("qworkers"), start("qworkers")
    eventually(lambda: Worker.objects.alive().count() == 4, 60)
    sessions = [begin(n_steps=STEPS, pace_ms=20) for _ in range(SESSIONS // 3)]
    sessions += [begin(n_steps=STEPS) for _ in range(SESSIONS - len(sessions))]
    over = [ended(session, 60) for session in sessions]
    assert all(rows(session) == undisturbed for session in over)
    assert Counter((session.job.status, session.job.attempt) for session in over) == {
        ("completed", 1): SESSIONS
    }
    done_by = Counter(worker_of(session).rpartition(":")[0] for session in over)
    assert len(done_by) == 2
    assert min(done_by.values()) >= 3
    for cluster in (first, second):
        assert cluster.stop() <= 5


def worker_of(session: Session) -> str:
    """Of a finished job: its row still says who did it."""
    return Job.objects.get(pk=session.pk).worker


def test_a_worker_is_in_the_table_until_its_cluster_stops(undisturbed: Rows, start: Starts) -> None:
    workers = start("qworkers")
    eventually(lambda: Worker.objects.count() == 2, 60)
    session = begin(n_steps=STEPS, pace_ms=100)
    eventually(is_under_way(session, 2))
    rows_of_workers = list(Worker.objects.with_jobs())
    assert sorted(row.state for row in rows_of_workers) == ["busy", "idle"]
    assert {row.job_id for row in rows_of_workers} == {None, session.pk}
    pids = {process.pid for process in workers.all()}
    for row in rows_of_workers:
        assert row.pid in pids
        assert row.cluster == "parley"
        assert 20 < row.memory_mb < 2000
    session.job.cancel(None)
    workers.stop()
    assert not Worker.objects.exists()


def test_a_cluster_that_was_killed_leaves_the_table_when_the_next_one_starts(
    undisturbed: Rows, start: Starts
) -> None:
    workers = start("qworkers")
    eventually(lambda: Worker.objects.count() == 2, 60)
    before = set(Worker.objects.values_list("name", flat=True))
    workers.kill(*workers.all())
    start("qworkers")
    eventually(lambda: Worker.objects.exists() and not Worker.objects.filter(name__in=before).exists(), 60)


def test_batch_jobs_go_to_the_cluster_that_is_theirs(undisturbed: Rows, start: Starts, settings: Any) -> None:
    settings.BATCH_CLUSTER = "batch"
    settings.CLUSTERS = {"live": "parley", "batch": "batch"}
    start("qworkers", BATCH_CLUSTER="batch")
    start("qworkers", "--cluster", "batch", BATCH_CLUSTER="batch", BATCH_WORKERS="1")
    eventually(lambda: Worker.objects.alive().count() == 3, 60)
    clusters = dict(Worker.objects.values_list("name", "cluster"))
    live, batch = [begin(n_steps=STEPS) for _ in range(3)], [begin_batch() for _ in range(3)]
    assert {clusters[worker_of(ended(session))] for session in live} == {"parley"}
    assert {clusters[worker_of(ended(session))] for session in batch} == {"batch"}


def begin_batch() -> Session:
    with transaction.atomic():  # the bell rings after it, and then in the queue of batch jobs
        session = begin(n_steps=STEPS)
        session.job.queue = Queue.BATCH
        session.job.save(update_fields=["queue"])
    return session


def test_a_cluster_that_nobody_sends_work_to_says_so(undisturbed: Rows, start: Starts) -> None:
    workers = start("qworkers", "--cluster", "elsewhere")
    assert workers.process.wait(60) == 1
    assert "No job goes to a cluster called 'elsewhere'. Set BATCH_CLUSTER=elsewhere" in workers.output()[1]


# --- A database that is away --------------------------------------------------------------------------------


def disturbed(start: Starts, disturb: Any) -> tuple[list[Session], Running]:
    """Sessions that ran while something was done to the database."""
    workers = start("qworkers", WORKERS="4")
    sessions = [begin(n_steps=STEPS, pace_ms=60) for _ in range(4)]
    for session in sessions:
        eventually(is_under_way(session))
    disturb()
    return [ended(session, 60) for session in sessions], workers


def all_whole(sessions: list[Session], expected: Rows) -> bool:
    for session in sessions:
        assert rows(session) == expected
        assert (session.job.status, session.job.attempt) == ("completed", 1)
        assert session.job.history.filter(status="completed").count() == 1
        seqs = list(session.job.log.order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
    return True


def cut_connections() -> None:
    for _ in range(8):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        time.sleep(0.25)


def lock_for_seven_seconds(path: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        time.sleep(7)
        foreign.execute("ROLLBACK")


def test_a_database_that_is_away_costs_neither_an_attempt_nor_a_row(
    undisturbed: Rows, start: Starts, database: Storage
) -> None:
    """B-21: PostgreSQL's connections are cut eight times, a SQLite file is locked by somebody else."""
    disturb = partial(lock_for_seven_seconds, database.name) if database.is_file else cut_connections
    sessions, workers = disturbed(start, disturb)
    assert all_whole(sessions, undisturbed)
    assert workers.stop() <= 5

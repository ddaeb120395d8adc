"""What becomes of jobs whose worker, cluster or message was lost."""

from __future__ import annotations

import os
from datetime import timedelta
from io import StringIO
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks

from negotiations.models import Job, Session, Status
from negotiations.models.job_claims import RINGS_A_PASS
from negotiations.models.jobs import MAX_ATTEMPTS
from negotiations.processes import begin_cluster, is_gone, worker_name
from negotiations.upkeep import AFTER_OUTAGE, Rounds
from tests.factory import JobFactory, ScenarioImportFactory, SessionFactory

pytestmark = pytest.mark.django_db


def lost(session: Session | None = None, **fields: Any) -> Job:
    """A job in processing whose lease ran out a minute ago."""
    job = Job.objects.claim((session or SessionFactory()).job.pk, "host:1.1:2")
    assert job is not None
    past = timezone.now() - timedelta(minutes=1)
    Job.objects.filter(pk=job.pk).update(**({"lease_until": past} | fields))
    return refreshed(job)


def refreshed(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_a_lost_job_is_queued_again_where_it_was(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """J-10"""
    job = lost(current_step=84)
    with django_capture_on_commit_callbacks(execute=True):
        assert Job.objects.reap() == []
    job = refreshed(job)
    assert (job.status, job.attempt, job.token) == (Status.QUEUED, 1, None)
    assert job.message == "The worker stopped. The session goes on from step 84."
    assert job.recovered_at is not None
    assert OrmQ.objects.count() == 1


def test_after_three_attempts_a_job_fails_and_its_session_is_closed() -> None:
    job = lost(attempt=MAX_ATTEMPTS)
    (failed,) = Job.objects.reap()
    assert failed == job
    job = refreshed(job)
    assert (job.status, job.error) == (
        Status.FAILED,
        "Backend restarted during processing. Given up after 3 attempts.",
    )
    assert Session.objects.get(pk=job.pk).end_reason == "error"


def test_an_import_that_is_given_up_keeps_its_archive_for_a_retry() -> None:
    upload = ScenarioImportFactory(archive=b"zip")
    lost(upload, attempt=MAX_ATTEMPTS)
    Job.objects.reap()
    upload.refresh_from_db()
    assert upload.archive == b"zip"


def test_a_lost_job_that_was_to_be_cancelled_is_cancelled() -> None:
    job = lost(cancel_requested_at=timezone.now())
    assert Job.objects.reap() == []
    assert (refreshed(job).status, refreshed(job).error) == (Status.CANCELLED, "Job cancelled by user")
    assert Session.objects.get(pk=job.pk).end_reason == "cancelled"


def test_a_job_whose_lease_holds_is_left_alone() -> None:
    job = lost(lease_until=timezone.now() + timedelta(seconds=5))
    Job.objects.reap()
    assert refreshed(job).status == Status.PROCESSING


def test_of_two_reapers_one_acts() -> None:
    job = lost()
    seen_by_both = refreshed(job)
    Job.objects.reap()
    Job.objects.claim(job.pk, "host:1.1:3")
    assert seen_by_both.lose(Job.objects.abandoned()) is False
    assert refreshed(job).status == Status.PROCESSING
    assert refreshed(job).attempt == 2


def test_a_worker_that_beats_in_the_last_moment_keeps_its_job() -> None:
    job = lost()
    seen = refreshed(job)
    job.beat()
    assert seen.lose(Job.objects.abandoned()) is False
    assert refreshed(job).status == Status.PROCESSING


def test_a_message_that_nobody_heard_is_sent_again(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    for minutes in (0, 2, 3):
        JobFactory(rung_at=timezone.now() - timedelta(minutes=minutes))
    JobFactory(rung_at=None)
    JobFactory(rung_at=None, hold=True)
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.reap()
        Job.objects.reap()
    assert OrmQ.objects.count() == 3


def test_a_pass_rings_for_a_few_only(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    owner = JobFactory().owner
    Job.objects.bulk_create(Job(owner=owner, kind="session") for _ in range(RINGS_A_PASS + 5))
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.reap()
    assert OrmQ.objects.count() == RINGS_A_PASS


# --- Clusters ---------------------------------------------------------------------------------------------


def test_a_cluster_that_starts_rings_at_once_for_what_the_one_before_had_fetched(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    """The message is locked in the broker for a minute, or gone; nobody is to wait so long."""
    fetched = SessionFactory(job__rung_at=timezone.now())
    running = lost(lease_until=timezone.now() + timedelta(minutes=1), rung_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        Job.objects.forget_bells()
        Job.objects.reap()
    assert [message.name() for message in OrmQ.objects.all()] == [f"session-{fetched.pk}"]
    assert refreshed(running).rung_at == running.rung_at


def test_a_job_that_went_down_with_its_cluster_loses_no_attempt() -> None:
    dead, alive = lost(worker="host:7.70:8"), lost(worker="host:9.90:10")
    Job.objects.release(lambda worker: worker.startswith("host:7."))
    assert (refreshed(dead).status, refreshed(dead).attempt) == (Status.QUEUED, 0)
    assert (refreshed(alive).status, refreshed(alive).attempt) == (Status.PROCESSING, 1)


def test_it_loses_none_either_where_no_cluster_starts_again_before_its_lease_runs_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("negotiations.upkeep.is_gone", {"host:7.70:8"}.__contains__)
    # It would drop the connection that holds this test's transaction.
    monkeypatch.setattr("negotiations.upkeep.close_old_connections", lambda: None)
    dead, silent = lost(worker="host:7.70:8"), lost(worker="host:9.90:10")
    Rounds().look_after_jobs(pytest.fail)
    assert [(job.status, job.attempt) for job in map(refreshed, (dead, silent))] == [
        (Status.QUEUED, 0),
        (Status.QUEUED, 1),
    ]


@pytest.mark.parametrize("between_looks", [5, 10])
def test_a_lease_that_ran_out_while_the_database_was_away_costs_no_attempt(
    monkeypatch: pytest.MonkeyPatch, between_looks: int
) -> None:
    """Its worker has some seconds to come back, however long ago the last look was (J-20)."""
    monkeypatch.setattr("negotiations.upkeep.close_old_connections", lambda: None)
    moment, job, rounds = 100.0, lost(), Rounds()
    monkeypatch.setattr("negotiations.upkeep.time", Mock(monotonic=lambda: moment))

    def look(*, away: bool) -> bool:
        told: list[str] = []
        error = OperationalError("the database system is shutting down") if away else None
        monkeypatch.setattr("negotiations.upkeep.is_gone", Mock(side_effect=error, return_value=False))
        rounds.look_after_jobs(told.append)
        assert bool(told) == away
        return bool(refreshed(job).status == Status.QUEUED)

    for away in (True, True, False):
        moment += between_looks
        assert not look(away=away)
    moment += AFTER_OUTAGE
    assert look(away=False)


def test_a_file_that_can_be_read_and_not_be_written_is_away_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite, locked by somebody else for longer than a lease: nobody could renew one."""
    monkeypatch.setattr("negotiations.upkeep.close_old_connections", lambda: None)
    job, rounds = lost(), Rounds()
    told: list[str] = []
    with monkeypatch.context() as locked:
        refused = Mock(side_effect=OperationalError("database is locked"))
        locked.setattr("negotiations.upkeep.transaction.atomic", refused)
        rounds.look_after_jobs(told.append)
    rounds.look_after_jobs(told.append)
    assert told == ["jobs cannot be looked after at the moment: database is locked"]
    assert refreshed(job).status == Status.PROCESSING


def test_who_has_seen_no_outage_waits_for_nobody_whatever_else_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that cannot be given up again and again is no reason to wait for what is dead."""
    monkeypatch.setattr("negotiations.upkeep.close_old_connections", lambda: None)
    monkeypatch.setattr("negotiations.upkeep.is_gone", lambda worker: False)
    broken = Mock(side_effect=OperationalError("database is locked"))
    monkeypatch.setattr("negotiations.upkeep.Session", Mock(objects=Mock(overdue=broken)))
    rounds = Rounds()
    told: list[str] = []
    for _ in range(2):
        job = lost()
        rounds.look_after_jobs(told.append)
        assert refreshed(job).status == Status.QUEUED
    assert len(told) == 2


def test_however_often_clusters_restart_a_job_goes_on() -> None:
    job = lost(attempt=MAX_ATTEMPTS)
    Job.objects.release(lambda worker: True)
    assert (refreshed(job).status, refreshed(job).attempt) == (Status.QUEUED, MAX_ATTEMPTS - 1)


def test_a_worker_that_was_killed_costs_its_job_an_attempt_at_once() -> None:
    mine, other = lost(worker="host:7.70:8"), lost(worker="host:7.70:9")
    assert Job.objects.lost_by("host:7.70:8") == []
    assert (refreshed(mine).status, refreshed(mine).attempt) == (Status.QUEUED, 1)
    assert refreshed(other).status == Status.PROCESSING


def test_a_cluster_is_known_by_its_process_and_the_time_that_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARLEY_CLUSTER", raising=False)
    begin_cluster()
    mine = worker_name()
    assert mine.endswith(f":{os.getpid()}")
    assert not is_gone(mine)
    host, birth, worker = mine.split(":")
    assert is_gone(f"{host}:{birth}1:{worker}")  # the id is used again, the time is another
    assert is_gone(f"{host}:999999999.5:{worker}")
    assert not is_gone(f"elsewhere:999999999.5:{worker}")
    assert not is_gone("")


def test_the_command_tells_what_it_gave_up() -> None:
    job, out = lost(attempt=MAX_ATTEMPTS), StringIO()
    call_command("reap_jobs", stdout=out)
    assert out.getvalue() == f"{job.pk} Backend restarted during processing. Given up after 3 attempts.\n"

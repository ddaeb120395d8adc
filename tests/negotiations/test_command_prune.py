"""`prune` removes what is due, nothing else, and never much at once."""

from __future__ import annotations

import io
import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session as SignIn
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ, Task

from negotiations import leftovers
from negotiations.models import AuditEntry, Job, JobLog, JobProgress, Offer, ScenarioImport, Status, Worker
from notifications.models import Notification
from tests.factory import JobFactory, NotificationFactory, ScenarioImportFactory, make_completed_session

pytestmark = pytest.mark.django_db
NOW = timezone.now


def ago(days: float) -> datetime:
    return NOW() - timedelta(days)


def prune(*options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("prune", "--json", *options, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return told


def task(*, days: float, success: bool = True) -> Task:
    stopped = ago(days)
    return Task.objects.create(
        id=uuid.uuid4().hex, name="t", func="f", started=stopped, stopped=stopped, success=success
    )


def job_over(days: float, **fields: Any) -> Job:
    """A job that is over for so long, with a line of log and one of history."""
    job: Job = JobFactory(**fields)
    job.note("Queued")
    JobLog.objects.create(job=job, seq=1, text="Started")
    Job.objects.filter(pk=job.pk).update(status=Status.COMPLETED, finished_at=ago(days))
    return job


def test_records_of_tasks_go_after_a_day_and_of_failures_after_thirty() -> None:
    kept = {task(days=0.9).pk, task(days=29, success=False).pk}
    task(days=1.1)
    task(days=31, success=False)
    rows = prune()["rows"]
    assert (rows["records of tasks that succeeded"], rows["records of tasks that failed"]) == (1, 1)
    assert set(Task.objects.values_list("pk", flat=True)) == kept


def test_messages_that_nobody_read_for_a_day_go() -> None:
    """The reaper rings again each minute, so a queue without workers fills up for ever."""
    for days in (2, 0.5):
        OrmQ.objects.create(key="nobody", payload="", lock=ago(days))
    assert prune()["rows"]["messages that nobody read"] == 1
    assert OrmQ.objects.count() == 1


def test_logs_and_history_go_with_time_and_their_jobs_stay() -> None:
    old, new, running = job_over(91), job_over(89), job_over(91)
    Job.objects.filter(pk=running.pk).update(status=Status.QUEUED)
    prune()
    assert not old.log.exists() and not old.history.exists()
    for job in (new, running):
        assert job.log.exists() and job.history.exists()
    assert Job.objects.count() == 3


def test_what_people_made_and_the_audit_stay_whatever_their_age() -> None:
    session = make_completed_session()
    Job.objects.filter(pk=session.pk).update(finished_at=ago(4000), created_at=ago(4000))
    AuditEntry.objects.note(None, "cancelled", session)
    AuditEntry.objects.update(created_at=ago(4000))
    prune()
    assert (Offer.objects.count(), AuditEntry.objects.count()) == (3, 1)


def test_the_archive_of_an_import_goes_and_its_report_stays() -> None:
    for days in (8, 6):
        upload = ScenarioImportFactory(archive=b"PK", report=[{"path": "a"}])
        Job.objects.filter(pk=upload.pk).update(status=Status.FAILED, finished_at=ago(days))
    assert prune()["rows"]["archives of imports long over"] == 1
    assert ScenarioImport.objects.filter(archive=None, report=[{"path": "a"}]).count() == 1
    assert ScenarioImport.objects.count() == 2


def test_workers_unseen_for_a_day_go() -> None:
    for name, days in (("gone", 1.1), ("late", 0.1)):
        Worker.objects.create(
            name=name, host="h", cluster="parley", pid=1, started_at=ago(3), seen_at=ago(days)
        )
    prune()
    assert [worker.name for worker in Worker.objects.all()] == ["late"]


def test_notifications_go_when_they_have_run_out() -> None:
    """F-27"""
    old, new = NotificationFactory(), NotificationFactory()
    Notification.objects.filter(pk=old.pk).update(expires_at=ago(0.1))
    assert prune()["rows"]["notifications that have run out"] == 1
    assert [told.pk for told in Notification.objects.all()] == [new.pk]


def test_sign_ins_go_when_they_have_run_out_and_tries_after_a_month() -> None:
    for key, days in (("out", 1), ("in", -1)):
        SignIn.objects.create(session_key=key, session_data="", expire_date=ago(days))
    for days in (31, 29):
        AccessAttempt.objects.create(username=f"u{days}", failures_since_start=1)
        AccessFailureLog.objects.create(username=f"u{days}")
        AccessLog.objects.create(username=f"u{days}")
        for model in (AccessAttempt, AccessFailureLog, AccessLog):
            model.objects.filter(username=f"u{days}").update(attempt_time=ago(days))
    prune()
    assert [row.pk for row in SignIn.objects.all()] == ["in"]
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        assert [row.username for row in model.objects.all()] == ["u29"]


def test_a_dry_run_counts_and_removes_nothing() -> None:
    task(days=2)
    job_over(91)
    told = prune("--dry-run")
    assert told["dry_run"] is True
    assert told["rows"]["records of tasks that succeeded"] == 1
    assert told["rows"]["log lines of jobs long over"] == told["rows"]["history of jobs long over"] == 1
    assert Task.objects.count() == JobLog.objects.count() == JobProgress.objects.count() == 1


def test_no_transaction_removes_more_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "BATCH", 2)
    monkeypatch.setattr(leftovers, "PAUSE", 0)
    for _ in range(5):
        task(days=2)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert prune()["rows"]["records of tasks that succeeded"] == 5
    deletes = [query["sql"] for query in captured if query["sql"].startswith('DELETE FROM "django_q_task"')]
    assert len(deletes) == 3


def test_it_says_a_line_for_each_kind(capsys: Any) -> None:
    task(days=2)
    call_command("prune")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["1", "removed:", "records", "of", "tasks", "that", "succeeded"]
    assert len(lines) == len(list(leftovers.leftovers()))


def test_a_second_run_finds_nothing() -> None:
    task(days=2)
    job_over(91)
    prune()
    assert set(prune()["rows"].values()) == {0}

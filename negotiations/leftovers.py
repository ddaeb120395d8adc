"""What is kept for a time only, and how it goes: in small transactions, so that nobody waits long for a lock."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session as SignIn
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.models import OrmQ, Task

from negotiations.models import Job, JobLog, JobProgress, RoomLog, ScenarioImport, Worker
from notifications.models import LiveMinute, Notification

BATCH = 1_000
# SQLite's wait for the lock is not fair: without a pause a one-row update waits for all batches.
PAUSE = 0.05
MESSAGES_DAYS = WORKERS_DAYS = 1
LIVE_MINUTES_DAYS = 2


@dataclass(frozen=True)
class Leftover:
    """Rows of one kind that are due. With `emptied` these columns become null and the row stays."""

    name: str
    rows: models.QuerySet[Any]
    emptied: tuple[str, ...] = field(default=())

    def count(self) -> int:
        return self.rows.count()

    def prune(self) -> int:
        """Remove all of them, at most `BATCH` a transaction; how many there were."""
        pruned = 0
        while keys := list(self.rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            self._remove(self.rows.model._default_manager.filter(pk__in=keys))
            pruned += len(keys)
            if len(keys) == BATCH:
                time.sleep(PAUSE)
        return pruned

    def _remove(self, batch: models.QuerySet[Any]) -> None:
        with transaction.atomic():
            if self.emptied:
                batch.update(**dict.fromkeys(self.emptied))
            else:
                batch.delete()


def leftovers() -> Iterable[Leftover]:
    """All kinds. What people made - sessions, offers, scenarios - and the audit are none of them."""
    now = timezone.now()
    tasks, failures = now - timedelta(settings.KEEP_TASKS_DAYS), now - timedelta(settings.KEEP_FAILURES_DAYS)
    logs, archives = now - timedelta(settings.KEEP_LOGS_DAYS), now - timedelta(settings.KEEP_ARCHIVES_DAYS)
    tried = Q(attempt_time__lt=now - timedelta(settings.KEEP_SIGN_INS_DAYS))
    finished = Job.objects.exclude(pk__in=Job.objects.active().values("pk"))
    over_long = finished.filter(finished_at__lt=logs).values("pk")
    uploads = ScenarioImport.objects.filter(job__finished_at__lt=archives, archive__isnull=False)
    done = Task.objects.filter(success=True, stopped__lt=tasks)
    failed = Task.objects.filter(success=False, stopped__lt=failures)
    # A message is a bell: its job rings again, so none that waited for a day is missed.
    unread = OrmQ.objects.filter(Q(lock__lt=now - timedelta(MESSAGES_DAYS)) | Q(lock=None))
    measured = LiveMinute.objects.filter(minute__lt=now - timedelta(LIVE_MINUTES_DAYS))
    unseen = Worker.objects.filter(seen_at__lt=now - timedelta(WORKERS_DAYS))
    return (
        Leftover("records of tasks that succeeded", done),
        Leftover("records of tasks that failed", failed),
        Leftover("messages that nobody read", unread),
        Leftover("log lines of jobs long over", JobLog.objects.filter(job__in=over_long)),
        Leftover("history of jobs long over", JobProgress.objects.filter(job__in=over_long)),
        Leftover("logs of rooms of deleted markets", RoomLog.objects.outlived()),
        Leftover("workers unseen", unseen),
        Leftover("notifications that have run out", Notification.objects.expired()),
        Leftover("minutes of the live layer", measured),
        Leftover("archives of imports long over", uploads, emptied=("archive",)),
        Leftover("sign-ins that have run out", SignIn.objects.filter(expire_date__lt=now)),
        Leftover("locks of the sign-in", AccessAttempt.objects.filter(tried)),
        Leftover("failed tries to sign in", AccessFailureLog.objects.filter(tried)),
        Leftover("records of who signed in", AccessLog.objects.filter(tried)),
    )

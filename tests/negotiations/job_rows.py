"""Jobs in every state, as the tests of their pages want them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from negotiations.models import Job, JobLog, JobProgress, Session, Status, Worker
from tests.negotiations.session_rows import make_session

WORDS = ("queued", "processing", "paused", "completed", "failed", "cancelled")
_OF_SESSIONS = {"queued": "pending", "processing": "running"}


def make_job(word: str, **fields: Any) -> Job:
    """The job of a session of 1,000 steps, in one of WORDS; `fields` are the factory's."""
    session = make_session(_OF_SESSIONS.get(word, word), **fields)
    Job.objects.filter(pk=session.pk).update(total_steps=1000)
    job: Job = Job.objects.get(pk=session.pk)
    job.note("Queued")
    return job


def add_lines(job: Job, count: int, level: str = "info", **fields: Any) -> None:
    """`count` more lines of its log: "line 7 of info" and so on."""
    first = job.log.count() + 1
    lines = [
        {"seq": seq, "level": level, "text": f"line {seq} of {level}", **fields}
        for seq in range(first, first + count)
    ]
    JobLog.objects.bulk_create(JobLog(job=job, **line) for line in lines)


def make_old(job: Job, **ago: float) -> None:
    """As if the last line of its history were from so long ago; `ago` is a timedelta's."""
    JobProgress.objects.filter(job=job).update(created_at=timezone.now() - timedelta(**ago))


def make_worker(name: str = "lab:11.22:33", job: Job | None = None, **fields: Any) -> Worker:
    """A worker on host lab, with its job where it has one."""
    now = timezone.now()
    given = {
        "host": "lab",
        "cluster": "parley",
        "pid": 33,
        "memory_mb": 180,
        "started_at": now,
        "seen_at": now,
    }
    if job:
        Job.objects.filter(pk=job.pk).update(worker=name, status=Status.PROCESSING, token=uuid.uuid4())
    worker: Worker = Worker.objects.create(name=name, **given | fields)
    return worker


def rename(job: Job, name: str) -> None:
    session = Session.objects.select_related("scenario").get(pk=job.pk)
    session.scenario.name = name
    session.scenario.save()

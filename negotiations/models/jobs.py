"""One state machine for all kinds of work. The row is the truth; the queue's message only rings a bell."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from negotiations.models.job_attempts import MAX_ATTEMPTS, MAX_RESTARTS
from negotiations.models.job_history import JobProgress
from negotiations.models.job_people import AwaitingJob
from negotiations.models.job_queries import JobQuerySet
from negotiations.models.job_states import ACTIVE, CANCELLED, Kind, Queue, Status, Verb
from negotiations.models.job_verbs import AskedJob

__all__ = [
    "ACTIVE", "CANCELLED", "MAX_ATTEMPTS", "MAX_RESTARTS", "Job", "JobProgress", "JobQuerySet", "Kind", "Queue", "Status", "Verb",
]  # fmt: skip


class Job(AskedJob, AwaitingJob):
    """A piece of work for a worker, of whatever kind; the thing it runs points here with a one-to-one field."""

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            # The reaper's look at what is active, and the queue's length.
            models.Index(fields=["status", "created_at"], name="job_by_status"),
            # The lists of a person's own work, of what is shared with a group, of all: newest first.
            models.Index(fields=["owner", "-created_at"], name="job_by_owner"),
            models.Index(fields=["group", "-created_at"], name="job_by_group"),
            models.Index(fields=["-created_at"], name="job_by_age"),
            # A poll of the lists asks which job ended last: of all, of a person's, of a group's.
            models.Index(fields=["-finished_at"], name="job_by_end"),
            models.Index(fields=["owner", "-finished_at"], name="job_by_owner_end"),
            models.Index(fields=["group", "-finished_at"], name="job_by_group_end"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="job_processing_has_token",
                condition=Q(status=Status.PROCESSING, token__isnull=False)
                | (~Q(status=Status.PROCESSING) & Q(token__isnull=True)),
            ),
            models.CheckConstraint(name="job_percentage_to_100", condition=Q(percentage__lte=100)),
            models.CheckConstraint(
                name="job_awaits_in_queue", condition=Q(awaits_since=None) | Q(status=Status.QUEUED)
            ),
        ]

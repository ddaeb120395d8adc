"""The words of a job's state machine: statuses, legal moves, kinds of work."""

from __future__ import annotations

from django.db import models


class Status(models.TextChoices):
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (Status.QUEUED, Status.PROCESSING)
MOVES = {
    Status.QUEUED: {Status.PROCESSING, Status.FAILED, Status.CANCELLED},
    Status.PROCESSING: {Status.COMPLETED, Status.FAILED, Status.CANCELLED, Status.QUEUED},
    Status.COMPLETED: set[Status](),
    Status.FAILED: set[Status](),
    Status.CANCELLED: set[Status](),
}


class Kind(models.TextChoices):
    SESSION = "session"
    SCENARIO_IMPORT = "scenario import"


class Queue(models.TextChoices):
    """Live work has a person waiting for it; batch work never takes its place."""

    LIVE = "live"
    BATCH = "batch"

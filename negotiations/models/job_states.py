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
    # Completed without a worker: a room, by a person's decision.
    Status.QUEUED: {Status.PROCESSING, Status.COMPLETED, Status.FAILED, Status.CANCELLED},
    Status.PROCESSING: {Status.COMPLETED, Status.FAILED, Status.CANCELLED, Status.QUEUED},
    Status.COMPLETED: set[Status](),
    Status.FAILED: set[Status](),
    Status.CANCELLED: set[Status](),
}


CANCELLED = "Job cancelled by user"
"""What is said of each job that was cancelled."""


class Verb(models.TextChoices):
    """What people ask of a job."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"


# The status and the hold in which each may be asked. Once an active job is to be cancelled, nothing more may.
VERBS = {
    Verb.PAUSE: {(status, False) for status in ACTIVE},
    Verb.RESUME: {(status, True) for status in ACTIVE},
    Verb.CANCEL: {(status, hold) for status in ACTIVE for hold in (False, True)},
    Verb.RETRY: {(Status.FAILED, False), (Status.CANCELLED, False)},
}


class Kind(models.TextChoices):
    SESSION = "session"
    SCENARIO_IMPORT = "scenario import"
    DELETION = "deletion"
    SCENARIO_ANALYSIS = "scenario analysis"
    BENCHMARK = "benchmark"
    LANE = "lane"
    ROOM = "room run"
    BENCHMARK_DELETION = "benchmark deletion"


# What a person is told that is done, one after the other.
STEPS = {
    Kind.SESSION: ("Preparing", "Negotiating", "Closing"),
    Kind.SCENARIO_IMPORT: ("Unpacking", "Reading", "Keeping"),
    Kind.DELETION: ("Deleting",),
    Kind.SCENARIO_ANALYSIS: ("Computing", "Keeping"),
    Kind.BENCHMARK: ("Planning", "Playing", "Scoring"),
    Kind.LANE: ("Playing",),
    Kind.ROOM: ("Preparing", "Negotiating", "Closing"),
    Kind.BENCHMARK_DELETION: ("Deleting",),
}


class Queue(models.TextChoices):
    """Live work has a person waiting for it; batch work never takes its place."""

    LIVE = "live"
    BATCH = "batch"

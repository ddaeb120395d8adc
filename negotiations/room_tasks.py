"""What workers do for rooms. A task takes the job; what is asked of it stands in the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from negotiations import language_models, room_recorders
from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.room_specs import BUYER, RoomSpec, Said, SeatKind
from negotiations.engine.rooms import play_round
from negotiations.engine.specs import EndReason, Limits
from negotiations.engine.turns import Turn
from negotiations.exceptions import Stopped
from negotiations.models import Job, RoomRun
from negotiations.models.jobs import MAX_ATTEMPTS
from negotiations.patience import finally_write
from negotiations.room_recorders import Item, RoomRecorder


def run_room(job: Job) -> None:
    run = room_recorders.run_of(job)
    recorder = RoomRecorder(job, run)
    try:
        recorder.record(played)
    except Stopped:
        finally_write(recorder.stop)
    except ChildFailed as failure:
        if failure.was_killed and job.attempt < MAX_ATTEMPTS:
            finally_write(job.lose, Job.objects.all())
            return
        finally_write(job.fail, _told(run, failure), failure.traceback or failure.message)


def played(spec: RoomSpec, transcript: list[Said]) -> Iterator[Item]:
    """One round in a child of its own."""
    turn = Turn()
    speak = language_models.speaker() if _has_models(spec) else None
    limits = _limits(spec, speak.longest if speak else 0)
    items: Iterator[Any] = in_child(play_round(spec, transcript, speak, turn), limits, turn)
    return items


def _has_models(spec: RoomSpec) -> bool:
    return SeatKind.MODEL in (spec.buyer.kind, *(seller.kind for seller in spec.sellers))


def _limits(spec: RoomSpec, asking: float) -> Limits:
    """Of one round; `asking` are the seconds that a language model may take for an answer, all its tries."""
    seconds = settings.ACTION_SECONDS + asking
    n_seats = 2 + len(spec.sellers)
    return Limits(seconds, seconds * n_seats, settings.CHILD_MEMORY_MB * 2**20)


def _told(run: RoomRun, failure: ChildFailed) -> str:
    who = "The room" if failure.party is None else run.names_at([max(BUYER, failure.party)])
    told = {
        EndReason.ACTION_LIMIT: "took too long to answer.",
        EndReason.SESSION_LIMIT: "took too long over one round.",
        EndReason.MEMORY_LIMIT: f"used more than {settings.CHILD_MEMORY_MB:,} MB of memory.",
        EndReason.EXITED: "ended the process.",
    }.get(EndReason(failure.reason), f"stopped with an error: {failure.message.rstrip('.')}.")
    return f"{who} {told} What was said is kept. Start the room again."

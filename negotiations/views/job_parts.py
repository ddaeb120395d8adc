"""What the page of a job shows, part by part: the page and its live answers ask the same object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from negotiations.models import AuditEntry, Deed, Job, JobLog, JobProgress, Level, Status
from negotiations.models.job_states import Verb
from negotiations.models.owned import Visitor
from negotiations.views.job_rows import JobRow
from notifications.live import version_of

TAIL, LINES = 100, 200
ICONS = {
    Status.QUEUED: "clock",
    Status.PROCESSING: "play",
    Status.COMPLETED: "check",
    Status.FAILED: "octagon-x",
    Status.CANCELLED: "ban",
}
DEEDS = {Deed.PAUSE: "pause", Deed.RESUME: "play", Deed.CANCEL: "x", Deed.RETRY: "rotate-ccw"}
# How the lines begin that tell what people asked for; all others of the same status tell of progress.
ASKED = {
    "Paused": "pause",
    "Asked to pause": "pause",
    "Resumed": "play",
    "Asked to stop": "x",
    "Started": "play",
}


@dataclass(frozen=True)
class Move:
    """A line of the timeline. `kind` is the status that it led to, or "person"."""

    icon: str
    kind: str
    text: str
    at: datetime


class JobPage:
    """A job with what is read of it; each part is read when a template asks for it, and once.

    `place` is where the reader is in the log, as `LogForm.place` gives it; None where the panel is closed.
    """

    def __init__(self, job: Job, user: Visitor, place: tuple[int, str] | None = None) -> None:
        self.job, self.user, self.place = job, user, place
        self.row = JobRow(job, job.may_be_changed_by(user))
        self.is_staff = user.is_staff

    @property
    def may(self) -> dict[str, bool]:
        """By verb, whether its button is there."""
        return {verb: self.row.may_change and self.job.may(verb) for verb in Verb}

    # --- History ----------------------------------------------------------------------------------------------

    @cached_property
    def history(self) -> list[JobProgress]:
        return list(self.job.history.order_by("seq"))

    @property
    def progress(self) -> list[JobProgress]:
        """Newest first."""
        return self.history[::-1]

    @cached_property
    def moves(self) -> list[Move]:
        """Newest first: the lines that are no mere progress, and older deeds of people of which no line is kept."""
        kept = [line for before, line in pairwise([None, *self.history]) if line and is_move(before, line)]
        first = kept[0].created_at if kept else None
        deeds = (
            AuditEntry.objects.filter(thing_id=str(self.job.pk)).select_related("by").order_by("created_at")
        )
        told = [_of_line(line) for line in kept]
        told += [
            _of_deed(deed)
            for deed in deeds
            if not first or deed.created_at < first or deed.deed in (Deed.RETRY, Deed.SHARE)
        ]
        if first is None or self.history[0].seq > 1:
            told.append(Move("clock", Status.QUEUED, f"Queued by {self.job.owner}", self.job.created_at))
        return sorted(told, key=lambda move: move.at, reverse=True)

    @cached_property
    def attempts(self) -> list[JobRow]:
        """The chain of retries that this is one of, as far as this reader may see it."""
        chain = self.job.attempts().visible_to(self.user).with_runs()
        return [JobRow(job, may_change=False) for job in chain]

    # --- Log --------------------------------------------------------------------------------------------------

    @cached_property
    def lines(self) -> list[JobLog]:
        """The tail of the log, or what was said since the reader's last line; nothing where the panel is closed."""
        if self.place is None:
            return []
        after, level = self.place
        lines = self.job.log.readable_by(self.user).at_least(level)
        return list(lines.after(after)[:LINES]) if after else lines.tail(TAIL)

    @property
    def level(self) -> str:
        return self.place[1] if self.place else Level.INFO

    @property
    def levels(self) -> list[tuple[str, str]]:
        words = {Level.INFO: "All lines", Level.WARNING: "Warnings and errors", Level.ERROR: "Errors"}
        return [(level.value, words[level]) for level in Level]

    # --- Versions: what each part shows, hashed -----------------------------------------------------------------

    @cached_property
    def versions(self) -> dict[str, str]:
        """By the name of the part: its id with `_` for `-`."""
        job, state = self.job, self.row.state
        moved = version_of(*state, getattr(job, "progressed_at", None))
        return {
            "job_title": version_of(*state, self.row.is_stuck),
            "job_figures": self.row.version,
            # Apart from the figures: a button that is replaced each poll loses clicks and the focus.
            "job_actions": version_of(*state),
            "job_progress": self.row.version,
            "job_reason": version_of(*state),
            "job_moves": moved,
            "job_history": moved,
            "job_attempts": version_of(*state, job.hold),
            "job_facts": version_of(*state, job.worker, job.lease_until if self.is_staff else None),
        }


def is_move(before: JobProgress | None, line: JobProgress) -> bool:
    return before is None or before.status != line.status or line.message.startswith(tuple(ASKED))


def _of_line(line: JobProgress) -> Move:
    asked = next((icon for start, icon in ASKED.items() if line.message.startswith(start)), "")
    status = Status(line.status)
    is_by_person = bool(asked) and not line.message.startswith("Started")
    return Move(asked or ICONS[status], "person" if is_by_person else status, line.message, line.created_at)


def _of_deed(entry: AuditEntry) -> Move:
    shared = f" {entry.detail}" if entry.deed == Deed.SHARE else ""
    text = f"{str(entry.deed).capitalize()}{shared} by {entry.by or 'the command line'}"
    return Move(DEEDS.get(Deed(entry.deed), "user"), "person", text, entry.created_at)

"""From what an engine's child says to rows: batches, heartbeats, pace, and the looks at what people want."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import transaction

from negotiations import drain
from negotiations.engine.child import ChildFailed
from negotiations.engine.specs import Action, EndReason, Result
from negotiations.engine.versions import versions
from negotiations.exceptions import CannotResume, Stopped
from negotiations.models import Job, Offer, Scenario, ScenarioImport, Session

if TYPE_CHECKING:  # it brings NegMAS, which a worker's records do not need
    from negotiations.engine.scenarios import Read

ROWS = 200
"""Actions in one transaction at most."""
FLUSH_EVERY = 0.5
BEAT_EVERY = 1.0
"""Seconds between heartbeats while nothing is to be written; a cancel is to be seen within two."""
LOOK_EVERY = 0.1
PAGE = 500
"""Stored actions that a replay holds in memory."""


class Heart:
    """Says when a job's worker is to look up from its work, and lets it stop.

    Between two beats only the memory that is shared with the cluster is looked at, which costs nothing.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._look_at = 0.0
        self._beat = time.monotonic()

    def is_due(self, waiting: bool) -> bool:
        """Whether to beat now; `waiting` where rows wait to be written with it. Always on shutdown."""
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_EVERY
        return now - self._beat >= (FLUSH_EVERY if waiting else BEAT_EVERY) or drain.asked()

    def beat(self, **progress: Any) -> bool:
        """Renew the lease, inside the transaction that writes. True where the job is to stop."""
        stop = self.job.beat(**progress)
        self._beat = time.monotonic()
        return stop or drain.asked()


class SessionRecorder:
    """Writes a session's actions once each. Those that an earlier attempt stored are compared, not written."""

    def __init__(self, job: Job, session: Session) -> None:
        self.session = session
        self.seq = 0
        self.steps = 0
        self._heart = Heart(job)
        self._stored = _stored(session)
        self._replaying = True
        self._buffer: list[Action] = []
        self._is_first = True
        self._pause = session.pace_ms / 1000

    def prepare(self) -> None:
        """Note what this run depends on, or compare it with what the first attempt noted. Raises CannotResume."""
        now, before = versions(), self.session.versions
        if not self.session.offers.exists():
            self.session.versions = now
            Session.objects.filter(pk=self.session.pk).update(versions=now)
        elif not self.session.can_resume:
            raise CannotResume("The worker stopped, and a session limited by seconds cannot be resumed.")
        elif changed := [name for name in now if before.get(name) != now[name]]:
            told = ", ".join(f"{name} {before.get(name, 'unknown')} is now {now[name]}" for name in changed)
            raise CannotResume(f"The worker stopped, and what the session ran with has changed: {told}.")

    def record(self, items: Iterator[Action | Result | None]) -> Result:
        """Write what comes until the result. Raises Stopped, CannotResume, LostLease and the child's ChildFailed."""
        with closing(cast("Any", items)):
            try:
                for item in items:
                    if type(item) is Action:
                        self._take(item)
                    elif type(item) is Result:
                        self._finish_replay()
                        self._flush()
                        return item
                    if self._heart.is_due(bool(self._buffer)):
                        self._flush()
            except ChildFailed:
                self._flush()
                raise
        raise RuntimeError("The engine ended without a result.")

    def _take(self, action: Action) -> None:
        if self._replaying and self._was_stored(action):
            return
        if self._pause and action.step >= self.steps > 0:
            self._wait()
        self.steps = action.step + 1
        self._buffer.append(action)
        if self._is_first or len(self._buffer) >= ROWS:
            self._is_first = False
            self._flush()

    def _was_stored(self, action: Action) -> bool:
        """Whether an earlier attempt wrote this action. Raises CannotResume where it wrote another."""
        stored = next(self._stored, None)
        if stored is None:
            self._replaying = False
            return False
        if stored != action:
            raise CannotResume(f"The replay differs from what was stored at offer {stored.seq}.")
        self.seq, self.steps = stored.seq, stored.step + 1
        return True

    def _finish_replay(self) -> None:
        if self._replaying and (left := next(self._stored, None)):
            raise CannotResume(f"The replay ended before offer {left.seq}, which is stored.")

    def _wait(self) -> None:
        """The pace: hold the next step back, and go on beating."""
        until = time.monotonic() + self._pause
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY))
            if self._heart.is_due(bool(self._buffer)):
                self._flush()

    def _flush(self) -> None:
        """One transaction: the fence first, then the rows."""
        with transaction.atomic():
            stop = self._heart.beat(**self._progress())
            if self._buffer:
                self.seq = self._buffer[-1].seq
                Offer.objects.append(self.session, self._buffer)
                Session.objects.filter(pk=self.session.pk).update(n_offers=self.seq)
        self._buffer.clear()
        if stop:
            raise Stopped

    def _progress(self) -> dict[str, Any]:
        if not self._buffer:
            return {}
        total = self.session.n_steps
        step = min(self.steps, total)
        message = f"Step {step:,} of {total:,}"
        return {"current_step": step, "total_steps": total, "step_name": "Negotiating", "message": message}


def _stored(session: Session) -> Iterator[Action]:
    """What earlier attempts wrote, in order, a page at a time."""
    seq = 0
    while page := list(session.offers.after(seq)[:PAGE]):
        yield from (offer.to_action() for offer in page)
        seq = page[-1].seq


class ImportRecorder:
    """Keeps the scenarios of an upload as they are read, and says of each what became of it."""

    def __init__(self, job: Job, upload: ScenarioImport) -> None:
        self.job = job
        self.upload = upload
        self.report: list[dict[str, Any]] = []
        self._heart = Heart(job)
        # What a dead attempt accepted is known by now; it stays accepted.
        self._accepted = {entry["path"] for entry in upload.report if entry["verdict"] == "accepted"}

    def record(self, reads: Iterator[Read | None]) -> None:
        """Keep what comes. Raises Stopped, LostLease and the child's ChildFailed."""
        with closing(cast("Any", reads)):
            for read in reads:
                if read is not None:
                    self._take(read)
                if self._heart.is_due(waiting=False):
                    self._flush()

    def _take(self, read: Read) -> None:
        entry: dict[str, Any] = {
            "path": read.path,
            "verdict": "refused",
            "reason": read.reason,
            "scenario": None,
        }
        if read.spec:
            owner, source = self.job.owner, PurePath(self.upload.filename).stem
            kept = {"group": self.job.group, "source": source, "tags": self.upload.tags}
            scenario, is_new = Scenario.objects.keep(read.spec, owner=owner, **kept)
            verdict = "accepted" if is_new or read.path in self._accepted else "known"
            entry |= {"verdict": verdict, "scenario": scenario.pk}
        self.report.append(entry)

    def _flush(self) -> None:
        read = len(self.report)
        with transaction.atomic():
            stop = self._heart.beat(
                current_step=read, step_name="Reading", message=f"{read:,} scenarios read"
            )
            self._write_report()
        if stop:
            raise Stopped

    def _write_report(self) -> None:
        ScenarioImport.objects.filter(pk=self.upload.pk).update(report=self.report)

    def complete(self) -> None:
        self._write_report()
        self.job.complete(self.summary())

    def fail(self, reason: str, message: str, traceback: str) -> None:
        """The child died over the files; what it read before is kept."""
        self._write_report()
        told = {
            EndReason.SESSION_LIMIT: f"Reading took longer than {settings.IMPORT_SECONDS:g} s.",
            EndReason.MEMORY_LIMIT: f"Reading used more than {settings.CHILD_MEMORY_MB:,} MB of memory.",
            EndReason.EXITED: "Reading ended its process.",
        }.get(EndReason(reason), f"Reading stopped with an error: {message}")
        self.job.fail(
            f"{told} Kept: {self.summary()} Split the archive, or leave the last one out.", traceback
        )

    def summary(self) -> str:
        verdicts = [entry["verdict"] for entry in self.report]
        told = (f"{verdicts.count(verdict):,} {verdict}" for verdict in ("accepted", "known", "refused"))
        return f"{', '.join(told)}."

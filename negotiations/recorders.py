"""From what an engine's child says to rows: batches, heartbeats, pace, and the looks at what people want."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from negotiations.engine.child import ChildFailed
from negotiations.engine.specs import Action, Awaiting, EndReason, LogLine, Result
from negotiations.engine.versions import versions
from negotiations.exceptions import CannotResume, Stopped
from negotiations.heart import LOOK_EVERY, Heart
from negotiations.models import Job, Offer, Scenario, ScenarioImport, Session
from negotiations.patience import patiently

if TYPE_CHECKING:  # it brings NegMAS, which a worker's records do not need
    from negotiations.engine.scenarios import Read

ROWS = 200
"""Actions in one transaction at most."""
LAST_DIGIT = 1.5e-6
"""Of relative times, which have six."""
PAGE = 500
"""Stored actions that a replay holds in memory."""


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
        self._heart.step("Preparing")

    def prepare(self) -> None:
        """Note what this run depends on, or compare it with what the first attempt noted. Raises CannotResume."""
        now, before = versions(), self.session.versions
        if not self.session.offers.exists():
            self.session.versions = now
            Session.objects.filter(pk=self.session.pk).update(versions=now)
        elif not self.session.can_resume:
            raise CannotResume(
                "It was stopped on its way, and a session limited by seconds cannot be resumed. Run it again."
            )
        elif changed := [name for name in now if before.get(name) != now[name]]:
            told = ", ".join(f"{name} {before.get(name, 'unknown')} is now {now[name]}" for name in changed)
            why = "It is a fork" if self.session.forked_seq else "The worker stopped"
            raise CannotResume(f"{why}, and what the session ran with has changed: {told}.")

    def record(self, items: Iterator[Action | Awaiting | Result | LogLine | None]) -> Result | Awaiting:
        """Write what comes until the result, or until a person's turn. Raises Stopped, CannotResume, LostLease and the child's ChildFailed."""
        with closing(cast("Any", items)):
            try:
                for item in items:
                    if type(item) is Action:
                        self._take(item)
                    elif isinstance(item, Result | Awaiting):
                        self._finish_replay()
                        if isinstance(item, Result):
                            self._heart.step("Closing")
                        self._flush()
                        return item
                    elif type(item) is LogLine:
                        self._heart.hear(item)
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
        if self._is_first:
            self._is_first = False
            self._heart.step("Negotiating")
            self._flush()
        elif len(self._buffer) >= ROWS:
            self._flush()

    def _was_stored(self, action: Action) -> bool:
        """Whether an earlier attempt wrote this action. Raises CannotResume where it wrote another."""
        stored = next(self._stored, None)
        if stored is None:
            self._replaying = False
            return False
        if stored != action and not self._is_copied(stored, action):
            raise CannotResume(self._differs(stored.seq))
        self.seq, self.steps = stored.seq, stored.step + 1
        return True

    def _finish_replay(self) -> None:
        if self._replaying and (left := next(self._stored, None)):
            raise CannotResume(f"The replay ended before offer {left.seq}, which is stored.")

    def _is_copied(self, stored: Action, action: Action) -> bool:
        """A fork with another number of steps got its first rows from the database, which rounds their times itself."""
        near = abs(stored.relative_time - action.relative_time) < LAST_DIGIT
        is_copy = stored.seq < (self.session.forked_seq or 0)
        return is_copy and near and replace(stored, relative_time=action.relative_time) == action

    def _differs(self, seq: int) -> str:
        """Before its own first offer a fork repeats another session."""
        if seq < (self.session.forked_seq or 0):
            return (
                f"It does not go as the session that it was forked from: offer {seq} is another one. A negotiator "
                "decides by the clock, or by chance of its own. Fork at an offer before it, or start a new session."
            )
        return f"The replay differs from what was stored at offer {seq}."

    def _wait(self) -> None:
        """The pace: hold the next step back, and go on beating."""
        until = time.monotonic() + self._pause
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY))
            if self._heart.is_due(bool(self._buffer)):
                self._flush()

    def _flush(self) -> None:
        stop = self._heart.beat(self._write, **self._progress())
        self._buffer.clear()
        if stop:
            raise Stopped

    def _write(self) -> None:
        if self._buffer:
            self.seq = self._buffer[-1].seq
            Offer.objects.append(self.session, self._buffer)
            Session.objects.filter(pk=self.session.pk).update(n_offers=self.seq)

    def _progress(self) -> dict[str, Any]:
        if not self._buffer:
            return {}
        total = self.session.n_steps
        step = min(self.steps, total)
        message = f"Step {step:,} of {total:,}"
        return {"current_step": step, "total_steps": total, "message": message}


def _stored(session: Session) -> Iterator[Action]:
    """What earlier attempts wrote, in order, a page at a time."""
    seq = 0
    while page := patiently(lambda: list(session.offers.after(seq)[:PAGE])):  # noqa: B023 called at once
        yield from (offer.to_action() for offer in page)
        seq = page[-1].seq


class ImportRecorder:
    """Keeps the scenarios of an upload as they are read, and says of each what became of it."""

    def __init__(self, job: Job, upload: ScenarioImport) -> None:
        self.job = job
        self.upload = upload
        self.report: list[dict[str, Any]] = []
        self._heart = Heart(job)
        self._heart.step("Unpacking")
        # What a dead attempt accepted is known by now; it stays accepted.
        self._accepted = {entry["path"] for entry in upload.report if entry["verdict"] == "accepted"}

    def record(self, reads: Iterator[Read | LogLine | None]) -> None:
        """Keep what comes. Raises Stopped, LostLease and the child's ChildFailed."""
        with closing(cast("Any", reads)):
            try:
                for read in reads:
                    if isinstance(read, LogLine):
                        self._heart.hear(read)
                    elif read is not None:
                        self._take(read)
                    if self._heart.is_due(waiting=False):
                        self._flush()
            except ChildFailed:
                self._flush()
                raise
            self._heart.step("Keeping")
            self._flush()

    def _take(self, read: Read) -> None:
        if not self.report:
            self._heart.step("Reading")
        entry: dict[str, Any] = {
            "path": read.path,
            "verdict": "refused",
            "reason": read.reason,
            "scenario": None,
        }
        if read.spec:
            owner, source = self.job.owner, PurePath(self.upload.filename).stem
            kept = {"group": self.job.group, "source": source, "tags": self.upload.tags}
            spec = read.spec
            scenario, is_new = patiently(lambda: Scenario.objects.keep(spec, owner=owner, **kept))
            verdict = "accepted" if is_new or read.path in self._accepted else "known"
            entry |= {"verdict": verdict, "scenario": scenario.pk}
        self.report.append(entry)

    def _flush(self) -> None:
        read = len(self.report)
        if self._heart.beat(self._write_report, current_step=read, message=f"{read:,} scenarios read"):
            raise Stopped

    def _write_report(self) -> None:
        ScenarioImport.objects.filter(pk=self.upload.pk).update(report=self.report)

    def complete(self) -> None:
        """A success where something of it is in the library now; else there is nothing to be tried again, and no file is kept."""
        self._write_report()
        reasons = [entry["reason"] for entry in self.report if entry["verdict"] == "refused"]
        if len(reasons) < len(self.report):
            self.job.complete(self.summary())
            return
        ScenarioImport.objects.filter(pk=self.upload.pk).update(archive=None)
        why = reasons[0] if len(reasons) == 1 else f"{len(reasons):,} refused; its report says why of each."
        self.job.fail(f"Nothing of it was taken. {why}")

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

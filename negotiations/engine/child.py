"""Run a generator in a forked child that may hang, eat memory or die without harm to its parent."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

from negotiations.engine import inside
from negotiations.engine.inside import Ended
from negotiations.engine.pipe import PipeReader, pipe
from negotiations.engine.specs import EndReason, Limits, LogLine
from negotiations.engine.turns import Turn
from negotiations.engine.wire import WireError

__all__ = ["ChildFailed", "in_child"]

T = TypeVar("T")

BEAT = 0.1
"""Seconds after which the owner of the loop is given None when nothing came."""
FIRST_NAP, LAST_NAP = 0.002, 0.04
"""Seconds between two gulps while items flow: to wake for each would cost more than the item."""
LONGEST_LOOK = 1.0
"""Seconds that count at most between two looks at the clock, so that a stopped parent does not blame its child."""
LEAST_SHARE = 0.1
"""Of the time passed, that counts for an action even where its process waited for a processor all the while."""
LAST_BREATH = 0.5
"""Seconds a child has to die by itself once it has closed its pipe."""


class ChildFailed(Exception):
    """The child did not come to the end of its generator.

    `reason` is an EndReason's value, `party` whose turn it was if that is known. `was_killed` where the child got a
    SIGKILL that was not its parent's: from a person, from the system that is short of memory, or from itself.
    """

    was_killed = False

    def __init__(self, reason: str, party: int | None, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.party = party
        self.message = message
        self.traceback = traceback


def in_child(
    generator: Iterator[T], limits: Limits, turn: Turn | None = None
) -> Generator[T | LogLine | None, None, None]:
    """Yield the generator's items as a child makes them, and None about every 0.1 s when there are none.

    Between them come the lines that the child says: its prints, warnings and log records.

    Whatever was sent before a failure comes before its ChildFailed. Closing this iterator kills the child.
    Without a turn there is no limit on an action. Items are plain values and the dataclasses that `wire` carries.
    """
    child = _Child.fork(generator, limits)
    watch = _Watch(limits, turn, child.queued)
    try:
        yield from _items(child, watch)
    except WireError as error:
        raise watch.failed(EndReason.EXITED, f"Its process sent what cannot be read ({error}).") from error
    finally:
        child.kill()
        child.reader.close()


def _items(child: _Child, watch: _Watch) -> Iterator[Any]:
    nap = FIRST_NAP
    last = time.monotonic()
    while True:
        gone = child.reap()
        items = child.reader.gulp(0 if gone else BEAT / 2)
        for item in items:
            if isinstance(item, Ended):
                watch.end(item)
                return
            yield item
        failure = watch.look() or (watch.exited(child) if not items and child.over(gone) else None)
        if failure:
            child.kill()
            yield from (item for item in child.reader.rest() if not isinstance(item, Ended))
            raise failure
        if items:
            last = time.monotonic()
            time.sleep(nap)
            nap = min(nap * 2, LAST_NAP)
        elif time.monotonic() - last >= BEAT:
            nap, last = FIRST_NAP, time.monotonic()
            yield None


class _Child:
    """A forked process and the pipe from it."""

    def __init__(self, pid: int, reader: PipeReader) -> None:
        self._pid = pid
        self._status: int | None = None
        self._killed = False
        self.reader = reader

    @classmethod
    def fork(cls, generator: Iterator[Any], limits: Limits) -> _Child:
        read, write = pipe()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            inside.run(generator, write, parent, limits)
        os.close(write)
        return cls(pid, PipeReader(read))

    def reap(self, flags: int = os.WNOHANG) -> bool:
        """Whether the process is gone; its status is taken, so that no zombie stays."""
        if self._status is None:
            pid, status = os.waitpid(self._pid, flags)
            self._status = status if pid else None
        return self._status is not None

    def over(self, gone: bool) -> bool:
        """Whether nothing more can come: it is gone, or has closed its pipe and is about to go."""
        deadline = time.monotonic() + LAST_BREATH
        while self.reader.ended and not gone and time.monotonic() < deadline:
            time.sleep(0.001)
            gone = self.reap()
        return gone or self.reader.ended

    def queued(self) -> float:
        """Seconds that it was ready to run and no processor was free; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self._pid}/schedstat").read_text().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def kill(self) -> None:
        """End the process and the group it leads, should it have started others."""
        if self._killed:
            return
        self._killed = True
        with contextlib.suppress(
            ProcessLookupError, PermissionError
        ):  # no group: all are gone, or none was made yet
            os.killpg(self._pid, signal.SIGKILL)
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)
            self.reap(0)

    @property
    def was_killed(self) -> bool:
        """By a SIGKILL of somebody else."""
        return self._status is not None and os.waitstatus_to_exitcode(self._status) == -signal.SIGKILL

    def last_words(self) -> str:
        """How the process ended, for people."""
        if self._status is None:
            return "Its process closed its pipe."
        code = os.waitstatus_to_exitcode(self._status)
        if code >= 0:
            return f"Its process ended by itself with exit status {code}."
        memory = " The system may have run out of memory." if -code == signal.SIGKILL else ""
        return f"Its process was killed by signal {-code} ({signal.Signals(-code).name}).{memory}"


class _Watch:
    """Holds a child to its limits, by what its parent saw of the clock.

    What it waited for a processor counts for the session, and not for an action: nobody is to lose a match because
    the machine had much else to do.
    """

    def __init__(self, limits: Limits, turn: Turn | None, queued: Callable[[], float]) -> None:
        self._limits = limits
        self._turn = turn
        self._queued = queued
        self._looked = time.monotonic()
        self._waited = 0.0
        self._since = 0
        self._action = self._session = 0.0

    def look(self) -> ChildFailed | None:
        """Count the time since the last look; the failure where a limit is passed."""
        now = time.monotonic()
        passed = min(now - self._looked, LONGEST_LOOK)
        self._looked = now
        self._session += passed
        waited, self._waited = self._waited, self._queued()
        acted = max(passed - max(0.0, self._waited - waited), passed * LEAST_SHARE)
        self._action = self._action + acted if self._still_acting() else 0.0
        limits = self._limits
        if self._action > limits.action_seconds:
            return self.failed(
                EndReason.ACTION_LIMIT,
                f"One action took more than {limits.action_seconds:g} s, which is the limit.",
            )
        if self._session > limits.session_seconds:
            return self.failed(
                EndReason.SESSION_LIMIT,
                f"It took more than {limits.session_seconds:g} s, which is the limit.",
            )
        return None

    def _still_acting(self) -> bool:
        """Whether the same party acts on the same action as at the last look."""
        if self._turn is None:
            return False
        before, self._since = self._since, self._turn.since
        return self._turn.taken and before == self._since

    def end(self, ended: Ended) -> None:
        """Pass the child's own last words on."""
        if ended.reason == EndReason.MEMORY_LIMIT:
            allowed = self._limits.memory_bytes / 2**20
            raise self.failed(
                EndReason.MEMORY_LIMIT, f"It asked for more memory than the {allowed:.0f} MiB it may use."
            )
        if ended.reason:
            raise ChildFailed(ended.reason, None, ended.message, ended.traceback)

    def exited(self, child: _Child) -> ChildFailed:
        failure = self.failed(EndReason.EXITED, child.last_words())
        failure.was_killed = child.was_killed
        return failure

    def failed(self, reason: EndReason, message: str) -> ChildFailed:
        return ChildFailed(reason.value, self._turn.party if self._turn else None, message)

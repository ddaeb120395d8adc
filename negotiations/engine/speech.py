"""What a child says beside its items: warnings, log records and prints become lines on the way of the items.

Nothing of it reaches the server's own output: a negotiator may print without end.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import traceback
import warnings
from collections import deque
from collections.abc import Callable
from typing import Any

from negotiations.engine import wire
from negotiations.engine.failures import clean
from negotiations.engine.specs import LogLine

MOST_LINES = 1000
MOST_CHARACTERS = 2000
MOST_DETAIL = 20_000

Say = Callable[[str, str], None]


class Outlet:
    """The child's end of the pipe: whole frames, whichever thread or finaliser speaks in the midst of another's."""

    def __init__(self, write: int) -> None:
        self._end = write
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._owner = os.getpid()

    def send(self, item: Any) -> None:
        self.write(wire.encode(item))

    def write(self, frame: bytes) -> None:
        with self._lock:
            self._write(frame)
        if self._waiting:
            self._send_waiting()

    def mention(self, line: LogLine) -> None:
        """Send a line now, or with the next frame where somebody is just sending one."""
        if os.getpid() == self._owner:  # a process that a negotiator started has no say here
            self._waiting.append(wire.encode(line))
            self._send_waiting()

    def _send_waiting(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                while self._waiting:
                    self._write(self._waiting.popleft())
            finally:
                self._lock.release()

    def _write(self, frame: bytes) -> None:
        """At once, with no buffer: what was written survives the death of the writer."""
        sent = os.write(self._end, frame)
        while sent < len(frame):
            sent += os.write(self._end, frame[sent:])


class Speech:
    """Listens to what is said in this process, and mentions so much of it as a log may hold."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._said = 0
        self._streams: list[io.TextIOWrapper] = []

    def listen(self) -> None:
        """Take the place of Python's outputs; for the rest of this process's life."""
        self._streams = [_stream(1, "info", self.say), _stream(2, "warning", self.say)]
        sys.stdout, sys.stderr = self._streams
        warnings.showwarning = self._warn
        logging.root.handlers[:] = [_Records(self)]

    def say(self, level: str, text: str, detail: str = "") -> None:
        """One more than may be is sent, from which the reader knows that there was more."""
        if self._said <= MOST_LINES and (told := text.rstrip()):
            self._said += 1
            self._outlet.mention(LogLine(level, clean(told[:MOST_CHARACTERS]), clean(detail[:MOST_DETAIL])))

    def close(self) -> None:
        """Say what was printed without the end of a line."""
        for stream in self._streams:
            stream.write("\n")

    def _warn(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: object = None,
        line: str | None = None,
    ) -> None:
        where = f"{os.path.basename(filename)}:{lineno}"
        self.say("warning", f"{category.__name__}: {message} ({where})")


class _Records(logging.Handler):
    def __init__(self, speech: Speech) -> None:
        super().__init__()
        self._speech = speech

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "info"
        level = "warning" if record.levelno == logging.WARNING else level
        detail = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self._speech.say(level, f"{record.name}: {record.getMessage()}", detail)


class _Lines(io.BufferedIOBase):
    """The bytes of an output as lines; so much of an endless one is kept as may be said."""

    def __init__(self, number: int, level: str, say: Say) -> None:
        self._number = number
        self._level = level
        self._say = say
        self._rest = b""

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number

    def write(self, data: Any) -> int:
        *lines, rest = (self._rest + bytes(data)).split(b"\n")
        self._rest = rest[: 4 * MOST_CHARACTERS]
        for line in lines:
            self._say(self._level, line.decode("utf-8", "replace"))
        return len(data)


def _stream(number: int, level: str, say: Say) -> io.TextIOWrapper:
    lines: Any = _Lines(number, level, say)
    return io.TextIOWrapper(lines, "utf-8", "backslashreplace", newline="\n", write_through=True)

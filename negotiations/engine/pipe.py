"""The parent's end of the pipe to a child."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
from collections.abc import Iterator
from typing import Any

from negotiations.engine import wire

CAPACITY = 2**20
"""What Linux allows anyone; room for some 5,000 actions, so that the child seldom waits for its parent."""


def pipe() -> tuple[int, int]:
    """A pipe's two ends, wide where the system allows that."""
    read, write = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(PermissionError):  # the user's pipes are over their limit; a narrow one does
            fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, CAPACITY)
    os.set_blocking(read, False)
    return read, write


class PipeReader:
    """Takes whole items out of a pipe, many at a time."""

    def __init__(self, read: int) -> None:
        self._read = read
        self._buffer = bytearray()
        self._poll = select.poll()
        self._poll.register(read, select.POLLIN)
        self._broken: wire.WireError | None = None
        self.ended = False

    def gulp(self, seconds: float) -> list[Any]:
        """Everything that is there, after waiting for at most these seconds until something is.

        Raises WireError for what is no item, after all items before it were given.
        """
        if self._broken:
            raise self._broken
        if self.ended or not self._poll.poll(seconds * 1000):
            return []
        try:
            gulp = os.read(self._read, CAPACITY)
        except BlockingIOError:
            return []
        self.ended = not gulp
        self._buffer += gulp
        try:
            return wire.take(self._buffer)
        except wire.WireError as error:
            if not error.before:
                raise
            self._broken = error
            return list(error.before)

    def rest(self) -> Iterator[Any]:
        """What is left when the child is gone; half an item, or none, at the end is dropped."""
        with contextlib.suppress(wire.WireError):
            while more := self.gulp(0):
                yield from more

    def close(self) -> None:
        os.close(self._read)

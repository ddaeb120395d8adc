"""Whose turn it is, told across a fork through a few bytes of shared memory."""

from __future__ import annotations

import mmap
import time

NOBODY = -1
SOMEBODY = -2
_BYTES = 16


class Turn:
    """Says which party is acting and since when; the parent may read it while the child hangs with signals blocked.

    Make it before the fork. `since` is CLOCK_MONOTONIC in nanoseconds and changes with every turn.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _BYTES)
        self._words = memoryview(self._memory).cast("q")
        self._words[0] = NOBODY

    def take(self, party: int) -> None:
        """The code of this party runs from now on (SOMEBODY: of a party that cannot be named)."""
        self._words[0] = party
        self._words[1] = time.monotonic_ns()

    def leave(self) -> None:
        """No party's code runs."""
        self.take(NOBODY)

    @property
    def party(self) -> int | None:
        """The acting party, or None where nobody acts or nobody can be named."""
        return None if self._words[0] < 0 else self._words[0]

    @property
    def taken(self) -> bool:
        """Whether anybody's code runs."""
        return self._words[0] != NOBODY

    @property
    def since(self) -> int:
        return self._words[1]

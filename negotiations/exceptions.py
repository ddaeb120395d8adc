"""What can go wrong, in the words that people read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class LostLease(Exception):
    """Another worker has this job now."""


class DatabaseAway(Exception):
    """The database did not come back until this worker had to stop; its rows will tell the next one where to go on."""


class Stopped(Exception):
    """The worker lets go of a job before its end: cancelled, put on hold, or the worker shuts down."""


class CannotResume(Exception):
    """A session that began cannot go on as it was; the text says why."""


class OutOfTurn(Exception):
    """What a person sent into a session that does not wait for it; the text says why, and that nothing was changed."""


class Unsuitable(Exception):
    """A negotiator and a scenario that do not fit; the text says why and which would."""


class TooMuch(Exception):
    """A person has reached a limit of the installation; the text says which, why, and what to do."""


class Refused(Exception):
    """What was asked of a market or a room and cannot be; the text says why, `code` says it to programs.

    `field` is what is to be changed; `problems` are all of them, where there may be many.
    """

    def __init__(self, code: str, text: str, field: str = "", problems: Sequence[Any] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.field = field
        self.problems = tuple(problems)

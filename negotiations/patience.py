"""Waiting for a database that is away or locked, instead of losing what was done."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

from negotiations import drain
from negotiations.exceptions import DatabaseAway

logger = logging.getLogger(__name__)

TRANSIENT = (OperationalError, InterfaceError)
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each next try; the last one counts for all that follow."""
TRIES_ON_SHUTDOWN = 3

T = TypeVar("T")


def patiently(work: Callable[[], T], *, was_done: Callable[[], T | None] = lambda: None) -> T:
    """What `work` returns; it is called again until the database is there, with what it wrote rolled back in between.

    A commit may have reached the database and its answer not have come back. So before each further call `was_done`
    looks for that, and what it returns counts unless it is None. Nobody but the database is waited for: while it is
    away no other worker can take the job either, and afterwards the fence tells whether one has. Raises DatabaseAway
    where this worker has to stop meanwhile.
    """
    for tries in count(1):
        try:
            done = was_done() if tries > 1 else None
            return work() if done is None else done
        except TRANSIENT as error:
            if drain.asked() and tries >= TRIES_ON_SHUTDOWN:
                raise DatabaseAway from error
            pause = PAUSES[min(tries, len(PAUSES)) - 1]
            logger.warning("The database is away (%s); trying again in %s s", _one_line(error), pause)
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(pause)
    raise AssertionError  # count has no end


def finally_write(write: Callable[..., object], *args: object) -> None:
    """The last write of a job in one transaction, tried again where the database is away or locked (J-20)."""

    def write_all() -> None:
        with transaction.atomic():
            write(*args)

    patiently(write_all)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

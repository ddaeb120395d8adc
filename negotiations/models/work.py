"""What is at work, in plain values: a poll of a list looks at these before it makes a row of anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    Count,
    DateTimeField,
    IntegerField,
    Max,
    Q,
    QuerySet,
    Value,
)

from negotiations.models.job_states import Status

NO_WORD, NO_NUMBER = Value("", CharField()), Value(None, IntegerField())
NO_HOLD, NEVER = Value(None, BooleanField()), Value(None, DateTimeField())


@dataclass(frozen=True)
class Work:
    """Lines of a status, whether on hold, a queue, how many are one's own to see, how many there are and the newest change.

    Lines without a status are what else was asked for: a number, a moment, or both.
    """

    lines: list[tuple[Any, ...]]

    @classmethod
    def of(cls, active: QuerySet[Any], own: Q, others: Iterable[Any] = ()) -> Work:
        """One query. `own` narrows what is counted for the user; the queues are everybody's."""
        lines = active.order_by().values_list("status", "hold", "queue")
        counted = lines.annotate(own=Count("pk", filter=own or None), n=Count("pk"), newest=Max("updated_at"))
        return cls(list(counted.union(*others, all=True)))

    @property
    def words(self) -> Counter[str]:
        """How many of one's own there are of each status; those on hold are "paused"."""
        found: Counter[str] = Counter()
        for status, is_held, _, count, *_ in self.lines:
            if status:
                found["paused" if is_held else status] += count
        return found

    @property
    def queues(self) -> list[Any]:
        """Who joins a queue is changed as they do, so number and newest change tell of every place in it."""
        waiting = [line for line in self.lines if line[:2] == (Status.QUEUED, False)]
        return sorted((queue, number, newest) for _, _, queue, _, number, newest in waiting)

    @property
    def others(self) -> list[tuple[int | None, Any]]:
        return sorted(((number, moment) for status, *_, number, moment in self.lines if not status), key=str)

    @property
    def groups(self) -> set[int]:
        """The keys of the user's groups."""
        return {number for number, _ in self.others if number}


def lines_of(rows: QuerySet[Any], number: Any = NO_NUMBER, moment: Any = NEVER) -> Any:
    """Others for `Work.of`, one a row."""
    return rows.order_by().values_list(NO_WORD, NO_HOLD, NO_WORD, NO_NUMBER, number, moment)

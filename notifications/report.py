"""How the polls of the last hour did, for each kind of page and for all: what `notifications.meter` wrote, added up."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from notifications.meter import UNKNOWN, ms_of
from notifications.models import LiveMinute
from notifications.models.live_minutes import COUNTS

MINUTES = 60
# Only where the name of the URL does not say it.
NAMES = {
    "notifications:live": "Pages that wait for notifications alone",
    "notifications:live-report-live": "This page",
    "negotiations:home-sessions": "Home",
    "negotiations:session-list-live": "Sessions",
    "negotiations:job-list-live": "Jobs",
    "negotiations:worker-list-live": "Workers",
    "negotiations:scenario-import-report": "Import of scenarios",
    UNKNOWN: "Others",
}


def name_of(page: str) -> str:
    """What people call it: `negotiations:session-live` is a session."""
    return NAMES.get(page) or page.split(":")[-1].removesuffix("-live").replace("-", " ").capitalize()


@dataclass
class Figures:
    """What polls came to, those of one page or of all."""

    page: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)
    by_minute: Counter[datetime] = field(default_factory=Counter)

    def add(self, minute: datetime, counts: dict[str, int], times: dict[str, int]) -> None:
        self.counts.update(counts)
        self.times.update({int(step): count for step, count in times.items()})
        self.by_minute[minute] += counts["polls"]

    @property
    def name(self) -> str:
        return name_of(self.page)

    @property
    def polls(self) -> int:
        return self.counts["polls"]

    @property
    def per_minute(self) -> float:
        """Of the minutes in which there were any: a page that was open for ten minutes is not said to ask seldom."""
        return self.polls / len(self.by_minute) if self.by_minute else 0.0

    @property
    def peak(self) -> int:
        return max(self.by_minute.values(), default=0)

    @property
    def empty_share(self) -> float | None:
        return self.counts["empty"] / self.polls if self.polls else None

    @property
    def empty_percent(self) -> float | None:
        return None if self.empty_share is None else 100 * self.empty_share

    def ms(self, percent: int) -> float | None:
        """What so many of a hundred answers did not exceed, within a step of the histogram."""
        wanted, reached = math.ceil(self.times.total() * percent / 100), 0
        for step in sorted(self.times):
            reached += self.times[step]
            if reached >= wanted:
                return ms_of(step)
        return None

    @cached_property
    def p50(self) -> float | None:
        return self.ms(50)

    @cached_property
    def p95(self) -> float | None:
        return self.ms(95)

    @cached_property
    def p99(self) -> float | None:
        return self.ms(99)

    def to_dict(self) -> dict[str, Any]:
        times = {f"p{percent}_ms": _rounded(self.ms(percent), 2) for percent in (50, 95, 99)}
        rates = {"per_minute": round(self.per_minute, 1), "peak_minute": self.peak}
        counts = {name: self.counts[name] for name in COUNTS}
        return {**counts, **rates, "empty_share": _rounded(self.empty_share, 4), **times}


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


@dataclass(frozen=True)
class Bar:
    """A minute of the picture."""

    minute: datetime
    polls: int
    x: int
    height: float
    is_over: bool

    @property
    def y(self) -> float:
        return 100 - self.height


class LiveReport:
    """One query, whatever was polled. The minute that runs counts too, as far as it was written."""

    def __init__(self, now: datetime | None = None) -> None:
        self.current = (now or timezone.now()).replace(second=0, microsecond=0)
        self.all = Figures()
        found: dict[str, Figures] = {}
        for minute, page, times, *counts in self._rows():
            told = dict(zip(COUNTS, counts, strict=True))
            for figures in (self.all, found.setdefault(page, Figures(page))):
                figures.add(minute, told, times)
        self.pages = sorted(found.values(), key=lambda each: (-each.polls, each.page))

    def _rows(self) -> Iterable[tuple[Any, ...]]:
        since = self.current - timedelta(minutes=MINUTES - 1)
        return LiveMinute.objects.since(since).values_list("minute", "page", "times", *COUNTS)

    @property
    def bars(self) -> list[Bar]:
        """The last sixty minutes, the oldest first; the highest fills the picture."""
        minutes = [self.current - timedelta(minutes=ago) for ago in reversed(range(MINUTES))]
        counts = [self.all.by_minute[minute] for minute in minutes]
        highest = max(*counts, 1)
        return [
            Bar(minute, count, x, round(100 * count / highest, 2), minute < self.current)
            for x, (minute, count) in enumerate(zip(minutes, counts, strict=True))
        ]

    @property
    def peak_minute(self) -> datetime | None:
        """The first of those with most polls."""
        counts = self.all.by_minute
        return min(counts, key=lambda minute: (-counts[minute], minute)) if counts else None

    def to_dict(self) -> dict[str, Any]:
        pages = {each.page: each.to_dict() for each in self.pages}
        return {"minutes": MINUTES, "all": self.all.to_dict(), "pages": pages}

"""How fast a benchmark goes, and how long that leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, Min, Sum
from django.utils import timezone

from benchmarks.models import Benchmark

RECENT = 200
"""Matches by which the pace is told."""
OLD_AFTER = timedelta(minutes=1)
"""A pace that is older says nothing of now."""


@dataclass(frozen=True)
class Pace:
    """Of the last matches: how many a second, and the processor time of one."""

    rate: float
    cpu_seconds: float

    @property
    def per_minute(self) -> float:
        return self.rate * 60

    def seconds_for(self, benchmark: Benchmark, n_left: int) -> float:
        """As fast as lately, with matches that cost as much as all so far: one scenario may take a hundred times another."""
        usual = benchmark.cpu_seconds / benchmark.n_over if benchmark.n_over else 0.0
        dearer = usual / self.cpu_seconds if usual and self.cpu_seconds else 1.0
        return n_left / self.rate * dearer


def pace_of(benchmark: Benchmark) -> Pace | None:
    """By so many rows at most, however many there are; None where nothing ended of late."""
    last = benchmark.last_seq
    first = max(1, last - RECENT)
    if last <= first:
        return None
    rows = benchmark.matches.filter(finished_seq__gte=first, finished_seq__lte=last)
    told = rows.aggregate(since=Min("finished_at"), until=Max("finished_at"), cpu=Sum("cpu_seconds"))
    if told["since"] is None or timezone.now() - told["until"] > OLD_AFTER:
        return None
    seconds = (told["until"] - told["since"]).total_seconds()
    return Pace((last - first) / seconds, told["cpu"] / (last - first + 1)) if seconds > 0 else None

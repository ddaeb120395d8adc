"""The event log of a benchmark: what people and workers did, who came to lead, what broke for the first time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchmarks.templatetags.benchmarks import short
from negotiations.views.job_parts import Move

if TYPE_CHECKING:
    from benchmarks.views.benchmark_parts import BenchmarkPage

MOST = 60
LEADS = 20
FAILURES = 20


@dataclass(frozen=True)
class Event(Move):
    """A line that opens its matches."""

    url: str = ""


def events_of(page: BenchmarkPage) -> list[Move]:
    """Newest first."""
    told = [*page.job_page.moves, *_leads(page), *_failures(page)]
    return sorted(told, key=lambda move: move.at, reverse=True)[:MOST]


def _leads(page: BenchmarkPage) -> Iterator[Move]:
    leads = page.board.leads[-LEADS:]
    ended = _ended(page, "finished_seq", [n for n, _ in leads])
    for n, number in leads:
        if n in ended:
            text = f"{short(page.names[number])} leads after {n:,} match{'' if n == 1 else 'es'}"
            url = f"{page.matches.path}?competitor={number}#matches"
            yield Event("trophy", "queued", text, ended[n], url)


def _failures(page: BenchmarkPage) -> Iterator[Move]:
    errors = page.board.errors[:FAILURES]
    ended = _ended(page, "index", [error["match"] for error in errors])
    for error in errors:
        if at := ended.get(error["match"]):
            text = f"Match {error['match']} failed: {error['error'] or error['reason']}"
            yield Event("triangle-alert", "failed", text, at, page.matches.url_of(error["match"]))


def _ended(page: BenchmarkPage, column: str, values: list[int]) -> dict[Any, datetime]:
    """When the matches with these values ended."""
    rows = page.benchmark.matches.filter(**{f"{column}__in": values}).exclude(finished_at=None)
    return dict(rows.values_list(column, "finished_at"))

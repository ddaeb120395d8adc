from __future__ import annotations

import json as encoder
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from notifications.report import Figures, LiveReport

HEAD = ("page", "polls", "a min", "peak", "204", "p50", "p95", "p99", "rows", "dropped", "missed", "failed")


class Command(BaseCommand):
    help = "How the pages' polls of the last hour did: how many, how long they took, what was lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(self, *args: Any, json: bool, **options: Any) -> None:
        try:
            report = LiveReport()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {' '.join(str(error).split())}") from error
        for line in _table(report):
            self.stdout.write(line)
        if json:
            self.stdout.write(encoder.dumps(report.to_dict()))


def _table(report: LiveReport) -> list[str]:
    if not report.pages:
        return ["No poll was measured in the last hour."]
    rows = [HEAD, *(_row(each.name, each) for each in report.pages), _row("All", report.all)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return [_line(row, widths) for row in rows]


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    counts = (f"{figures.counts[each]:,}" for each in ("rows", "dropped", "missed", "failed"))
    times = (_ms(each) for each in (figures.p50, figures.p95, figures.p99))
    share = "–" if figures.empty_share is None else f"{figures.empty_share:.1%}"
    rates = (f"{figures.polls:,}", f"{figures.per_minute:.1f}", f"{figures.peak:,}", share)
    return (name, *rates, *times, *counts)


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} ms"


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    first, *rest = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join((first, *rest)).rstrip()

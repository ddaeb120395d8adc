"""What each negotiator can stand, measured by letting it play in a child with limits."""

from __future__ import annotations

import json
import multiprocessing
import os
import warnings
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connections
from django.utils import timezone

from negotiations import measured
from negotiations.engine import trials
from negotiations.management.plain import PlainCommand
from negotiations.models import Negotiator
from negotiations.models.negotiators import NegotiatorQuerySet, size_of


class Command(PlainCommand):
    help = "Measure what negotiators can stand: outcomes, parties, time for an action, chance. Goes on where it was stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="Short names; all without any.")
        parser.add_argument("--again", action="store_true", help="Also those measured with these versions.")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="How many at once.")
        parser.add_argument("--save", type=Path, help="Write all facts of this installation to this file.")
        parser.add_argument("--json", action="store_true", help="The last line is a summary as JSON.")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        asked = _asked(names)
        due = [row for row in asked if options["again"] or not _is_done(row)]
        day = timezone.now().date().isoformat()
        for number, (row, facts) in enumerate(_measured(due, max(1, options["jobs"])), 1):
            row.measure(facts, day)
            self.stdout.write(f"{number:>4} of {len(due)}  {row.short_name:<42} {told(facts)}")
        if options["save"]:
            _save(options["save"])
        if options["json"]:
            self.stdout.write(json.dumps(_summary(asked.all(), len(due))))


def _asked(names: list[str]) -> NegotiatorQuerySet:
    rows = Negotiator.objects.seatable()
    known = set(rows.filter(short_name__in=names).values_list("short_name", flat=True))
    if unknown := [name for name in names if name not in known]:
        raise CommandError(f"There is no negotiator called {', '.join(unknown)}.")
    found: NegotiatorQuerySet = rows.filter(short_name__in=names) if names else rows
    if not found.exists():
        raise CommandError("The catalogue is empty. Run: manage.py sync_negotiators")
    return found


def _is_done(row: Negotiator) -> bool:
    return row.is_measured and row.measured.get("facts") == trials.FACTS


def _measured(rows: list[Negotiator], jobs: int) -> Iterator[tuple[Negotiator, dict[str, Any]]]:
    """As they are done. Each process forks a child for every trial; NegMAS is loaded before, once for all."""
    connections.close_all()  # no fork takes a connection along
    with (
        warnings.catch_warnings(action="ignore"),
        ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool,
    ):
        trials.preload(row.type for row in rows)
        under_way: dict[Future[dict[str, Any]], Negotiator] = {
            pool.submit(trials.measure, row.type): row for row in rows
        }
        try:
            for done in as_completed(under_way):
                yield under_way[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def told(facts: dict[str, Any]) -> str:
    """The facts of one in a line."""
    if not facts["outcomes"]:
        return f"fails: {facts['fails']}"
    speed = "no later action" if facts["microseconds"] is None else f"{facts['microseconds']:,} us an action"
    chance = {True: "deterministic", False: "random", None: "chance unknown"}[facts["deterministic"]]
    most = f"{size_of(facts['outcomes'])} outcomes, {facts['parties']} parties"
    return f"{most}, {speed}, {chance}" + (f"; beyond: {facts['fails']}" if facts["fails"] else "")


def _save(path: Path) -> None:
    rows = Negotiator.objects.seatable().exclude(measured={})
    measured.ship({row.type: row.measured for row in rows}, path)


def _summary(rows: NegotiatorQuerySet, due: int) -> dict[str, Any]:
    facts = [row.facts for row in rows if row.is_measured]
    return {
        "negotiators": rows.count(),
        "measured_now": due,
        "measured": len(facts),
        "fail_always": sum(1 for each in facts if not each["outcomes"]),
        "stand_all_sizes": sum(1 for each in facts if each["outcomes_failed"] is None),
        "deterministic": sum(1 for each in facts if each["deterministic"]),
    }

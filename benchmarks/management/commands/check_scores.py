"""Scores of matches beside those of NegMAS's tournament on the same work."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from benchmarks.management.side_by_side import Tournament, add_arguments, tournament
from negotiations.engine.negmas_tournament import Difference, TournamentRow, differences, run_negmas
from negotiations.management.plain import PlainCommand

MOST_SHOWN = 20


class Command(PlainCommand):
    help = "Play a tournament here and by NegMAS, and compare each match; exit code 1 where one differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="Print every match, not only what differs.")
        parser.add_argument(
            "--as-is",
            action="store_true",
            help="NegMAS with its own chance and normalising anew; docs/statistics.md says what then differs.",
        )
        parser.add_argument("--tolerance", type=float, default=1e-6)

    def handle(
        self, *args: Any, paths: list[Path], all: bool, as_is: bool, tolerance: float, **options: Any
    ) -> None:
        asked = {name: options[name] for name in ("types", "steps", "repetitions", "most_outcomes")}
        work = tournament(paths, **asked, normalize=as_is)
        theirs = run_negmas(work.plan, seeded=not as_is).rows
        ours = work.play()
        found = differences(theirs, ours, tolerance)
        by_key = {row.key: row for row in theirs}
        shown = ((by_key.get(row.key), row) for row in ours) if all else _pairs(found[:MOST_SHOWN])
        for negmas, mine in shown:
            self.stdout.write(_line(work, negmas, mine))
        self.stdout.write(
            f"{len(ours):,} matches on {len(work.specs)} scenarios: {len(found):,} differ by more than {tolerance:g}."
        )
        if found:
            raise CommandError(f"{len(found):,} matches differ from NegMAS's.")


def _pairs(found: Iterable[Difference]) -> Iterable[tuple[TournamentRow | None, TournamentRow | None]]:
    return ((one.negmas, one.ours) for one in found)


def _line(work: Tournament, negmas: TournamentRow | None, ours: TournamentRow | None) -> str:
    row = ours or negmas
    if row is None:
        return ""
    where = f"{work.specs[row.scenario].name} {row.rotation} {' - '.join(row.seats)} #{row.repetition}"
    return f"{where:<70} NegMAS {_told(negmas)}   ours {_told(ours)}"


def _told(row: TournamentRow | None) -> str:
    if row is None:
        return "nothing"
    numbers = (*row.utilities, *row.advantages)
    told = " ".join("-" if number is None else f"{number:.6f}" for number in numbers)
    return f"{row.steps:>3} steps {told}"

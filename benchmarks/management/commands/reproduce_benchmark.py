from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import track

from benchmarks.management.found import benchmark_called
from benchmarks.models import Benchmark
from benchmarks.reproduction import Difference, chosen, frozen, planned, replayed
from negotiations.management.commands.qworkers import fix_environment
from negotiations.management.plain import PlainCommand

MOST_SHOWN = 20


class Command(PlainCommand):
    help = "Play a benchmark's matches again and compare them with its rows: says identical, or what differs."

    def run_from_argv(self, argv: list[str]) -> None:
        fix_environment()
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="Of the benchmark: it stands in the address of its page.")
        parser.add_argument(
            "--matches", type=int, metavar="N", help="So many, evenly spread over the plan; else all."
        )

    def handle(self, *args: Any, id: str, matches: int | None, **options: Any) -> None:
        benchmark = benchmark_called(id)
        if benchmark.is_imported:
            raise CommandError(f"{benchmark} was played elsewhere: there is no plan to play it again from.")
        if matches is not None and matches < 1:
            raise CommandError(f"--matches {matches}: write a whole number from 1.")
        found = [*frozen(benchmark), *planned(benchmark)]
        indexes = chosen(benchmark, matches)
        if not indexes:
            raise CommandError("No match that repeats itself is over: there is nothing to compare.")
        if not found:
            found = self._played(benchmark, indexes)
        self._tell(benchmark, found, len(indexes))

    def _played(self, benchmark: Benchmark, indexes: list[int]) -> list[Difference]:
        console, disable = Console(stderr=True), not sys.stderr.isatty()
        results = (each for each in replayed(benchmark, indexes) if each is not None)
        shown = track(
            results, benchmark.name, total=len(indexes), console=console, transient=True, disable=disable
        )
        try:
            return [difference for each in shown for difference in each]
        except KeyboardInterrupt as stop:
            raise CommandError("Stopped before all was compared; nothing was changed.") from stop

    def _tell(self, benchmark: Benchmark, found: list[Difference], n: int) -> None:
        timed = benchmark.matches.over().exclude(seconds=None).count()
        if timed:
            self.stdout.write(f"{timed:,} matches are limited by seconds, and are not compared.")
        if not found:
            self.stdout.write(
                f"identical: {n:,} of {benchmark.n_over:,} matches, plan {benchmark.plan_hash[:12]}"
            )
            return
        for each in found[:MOST_SHOWN]:
            self.stdout.write(f"  {each}")
        if len(found) > MOST_SHOWN:
            self.stdout.write(f"  and {len(found) - MOST_SHOWN:,} more")
        raise CommandError(f"{benchmark} is not reproduced: {len(found):,} differences.")

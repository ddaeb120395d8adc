"""The tables of docs/statistics.md: how often intervals, tests and the stop rule are right."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

import numpy as np
from django.core.management.base import CommandError

from benchmarks.scoring.coverage import METHODS, Told, coverage, told_apart
from benchmarks.scoring.simulated_stops import Stopped, stops
from negotiations.management.plain import PlainCommand

SCENARIOS = (5, 10, 20, 50, 100)
STOP_SCENARIOS = (50, 100)


class Command(PlainCommand):
    help = "Simulate tournaments with known means: how often intervals hold them and tests are right."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tournaments", type=int, default=2_000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--early-stop", action="store_true", help="Also the errors of the stop rule.")

    def handle(self, *args: Any, tournaments: int, seed: int, early_stop: bool, **options: Any) -> None:
        if not (1 <= tournaments <= 100_000 and seed >= 0):
            raise CommandError("Choose 1 to 100,000 tournaments and a seed of 0 or more.")
        rng = np.random.default_rng(seed)
        self._intervals(rng, tournaments)
        self._pairs(line for n in SCENARIOS for line in told_apart(rng, tournaments, n))
        if early_stop:
            self._stops(line for n in STOP_SCENARIOS for line in stops(rng, tournaments, n))

    def _row(self, *cells: object) -> None:
        self.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |")

    def _head(self, title: str, *names: str) -> None:
        self.stdout.write(f"\n{title}\n\n")
        self._row(*names)
        self.stdout.write("|---" + "|---:" * (len(names) - 1) + "|")

    def _intervals(self, rng: np.random.Generator, tournaments: int) -> None:
        title = f"Share of {tournaments:,} simulated tournaments whose 95 % interval holds the true mean:"
        self._head(title, "competitor", "scenarios", "true mean", "zeros", *METHODS, "width")
        for n in SCENARIOS:
            for line in coverage(rng, tournaments, n):
                shares = [_percent(line.shares[name]) for name in METHODS]
                known = f"{line.mean:.3f}", _percent(line.zeros)
                self._row(line.competitor, n, *known, *shares, f"{line.width:.3f}")

    def _pairs(self, lines: Iterable[Told]) -> None:
        title = "Pairs: intervals that hold the true difference; tournaments with a false claim; with all ranks in range:"
        self._head(title, "field", "scenarios", "differences", "false claims", "by plain t", "ranks")
        for line in lines:
            shares = (line.differences, line.false_claims, line.false_by_t, line.ranks)
            self._row(line.field, line.scenarios, *(_percent(share) for share in shares))

    def _stops(self, lines: Iterable[Stopped]) -> None:
        title = "Early stop: shares of tournaments, and the mean share of scenarios saved:"
        self._head(title, "field", "places", "scenarios", "stopped", "stopped wrongly", "saved")
        for line in lines:
            shares = (line.stopped, line.wrong, line.saved)
            self._row(line.field, line.first or "all", line.scenarios, *(_percent(each) for each in shares))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"

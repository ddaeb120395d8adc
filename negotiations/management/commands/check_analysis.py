"""Our analysis of outcome spaces beside NegMAS's own: the same numbers, in less time."""

from __future__ import annotations

import gc
import json
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from django.conf import settings
from django.core.management.base import CommandError

from negotiations.engine import scenarios
from negotiations.engine.analysing import MOST_OUTCOMES, analyse
from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.negmas_stats import by_negmas, by_us, difference
from negotiations.engine.specs import Limits, ScenarioSpec
from negotiations.management.plain import PlainCommand

T = TypeVar("T")

RUNS, MOST_RUNS = 5, 100
MOST_DIFFERENCE = 1e-9
LEAST_RATIO = 100.0


@dataclass(frozen=True)
class Row:
    """One scenario. NegMAS has no number where it would go through more outcomes than we do."""

    name: str
    size: str
    words: str
    ours: float
    negmas: float | None = None
    apart: float = 0.0

    @property
    def line(self) -> str:
        beside = (
            f"{'-':>10} {'-':>8} {'-':>10}"
            if self.negmas is None
            else f"{self.negmas:>10.3f} {self.negmas / self.ours:>7.0f}x {self.apart:>10.1e}"
        )
        return f"{self.name[:30]:<30} {self.size:>11}  {self.words:<16} {self.ours:>9.4f} {beside}"


class Command(PlainCommand):
    help = "Compare our analysis of scenarios with NegMAS's; exit code 1 where it differs or is too slow."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", type=Path, help="A scenario's folder, or one of many."
        )
        parser.add_argument(
            "--least-ratio", type=float, default=LEAST_RATIO, help="NegMAS's CPU seconds over ours."
        )
        parser.add_argument("--runs", type=int, default=RUNS, help="Of each, by turns; medians count.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(
        self, *args: Any, paths: list[Path], least_ratio: float, runs: int, json: bool, **options: Any
    ) -> None:
        if not 1 <= runs <= MOST_RUNS:
            raise CommandError(f"--runs {runs}: write a whole number from 1 to {MOST_RUNS}.")
        self.stdout.write(f"CPU seconds: medians of {runs} runs of each, by turns.")
        self.stdout.write(
            f"{'scenario':<30} {'outcomes':>11}  {'ours is':<16} {'ours':>9} {'NegMAS':>10} {'ratio':>8} {'apart':>10}"
        )
        rows = []
        for spec in _specs(paths):
            rows.append(_compared(spec, runs))
            self.stdout.write(rows[-1].line)
        self._judge([row for row in rows if row.negmas is not None], least_ratio, json)

    def _judge(self, rows: list[Row], least_ratio: float, json: bool) -> None:
        if not rows:
            raise CommandError("No scenario was found that NegMAS can go through. Name folders of scenarios.")
        ours, negmas = sum(row.ours for row in rows), sum(row.negmas or 0 for row in rows)
        apart = max(row.apart for row in rows)
        self.stdout.write(
            _line(len(rows), apart, ours, negmas)
            if json
            else f"{len(rows)} {'scenario' if len(rows) == 1 else 'scenarios'}: {apart:.1e} apart at most, {negmas:.2f} s by {ours:.3f} s is {negmas / ours:.0f}x."
        )
        if apart > MOST_DIFFERENCE:
            raise CommandError(f"Ours differs by {apart:.1e}, and {MOST_DIFFERENCE:.0e} is the limit.")
        if negmas < least_ratio * ours:
            raise CommandError(
                f"Ours is {negmas / ours:.0f} times as fast, and {least_ratio:g} is the least."
            )


def _line(count: int, apart: float, ours: float, negmas: float) -> str:
    return json.dumps(
        {"scenarios": count, "max_difference": apart, "ours_seconds": ours, "negmas_seconds": negmas}
    )


def _specs(paths: list[Path]) -> Iterator[ScenarioSpec]:
    """As an import would store them, read in a child."""
    limits = Limits(settings.IMPORT_SECONDS, settings.IMPORT_SECONDS, settings.CHILD_MEMORY_MB * 2**20)
    for path in paths:
        if not path.is_dir():
            raise CommandError(f"{path} is no folder. Name folders of scenarios.")
        try:
            for read in in_child(scenarios.read_all(path.absolute()), limits):
                if isinstance(read, scenarios.Read) and read.spec:
                    yield read.spec
        except ChildFailed as failure:
            raise CommandError(f"Reading {path} stopped: {failure.message}") from failure


def _compared(spec: ScenarioSpec, runs: int) -> Row:
    """Ours and NegMAS's by turns, each run on objects of its own: NegMAS remembers what it has found."""
    gc.collect()  # what was left before is not for this scenario to clean up
    is_small = spec.n_outcomes is not None and spec.n_outcomes <= MOST_OUTCOMES
    found, by_them = [], []
    for _ in range(runs):
        found.append(_timed(lambda scenario: analyse(scenario), spec))
        if is_small:
            by_them.append(_timed(by_negmas, spec))
    analysis = found[0][0]
    return Row(
        name=spec.name,
        size="infinite"
        if spec.n_outcomes is None
        else f"{spec.n_outcomes:,}"
        if spec.n_outcomes < 10**9
        else f"{spec.n_outcomes:.0e}",
        words=analysis.words,
        ours=median(seconds for _, seconds in found),
        negmas=median(seconds for _, seconds in by_them) if by_them else None,
        apart=max((difference(by_us(analysis), theirs) for theirs, _ in by_them), default=0.0),
    )


def _timed(work: Callable[[Any], T], spec: ScenarioSpec) -> tuple[T, float]:
    """What it gives of a fresh scenario, and the CPU seconds of this process, those of its threads included."""
    scenario = scenarios.load(spec.document)
    begun = time.process_time()
    found = work(scenario)
    return found, time.process_time() - begun

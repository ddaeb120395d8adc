"""What a benchmark costs, everything stored, beside NegMAS's tournament on the same work."""

from __future__ import annotations

import os
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from benchmarks.management.crew import Crew, is_going_on
from benchmarks.management.side_by_side import Tournament, add_arguments, tournament
from benchmarks.models import Benchmark
from benchmarks.models.line_ups import Entrant
from negotiations.engine.negmas_tournament import SERIAL, Clock, run_negmas
from negotiations.management.commands.measure_recording import HERE, measure_elsewhere
from negotiations.management.plain import PlainCommand
from negotiations.models import Negotiator, Scenario, ScenarioAnalysis

MOST_CPU, MOST_WALL = 0.45, 0.5
LOOK_EVERY = 0.05


class Command(PlainCommand):
    help = "Measure CPU of one lane and wall time of two over NegMAS's; exit code 1 where one is above its limit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, paths: list[Path], **options: Any) -> None:
        if HERE not in os.environ:
            raise SystemExit(measure_elsewhere())
        call_command("migrate", verbosity=0)
        asked = {name: options[name] for name in ("types", "steps", "repetitions", "most_outcomes")}
        work = tournament(paths, **asked)
        n = len(list(work.plan.keys()))
        self.stdout.write(f"{n:,} matches on {len(work.specs)} scenarios, {work.plan.n_steps} steps")
        clock = Clock()
        work.play()
        self._line("engine alone", n, *clock.spent())
        cpu = self._compared(work, n, lanes=1)[0]
        wall = self._compared(work, n, lanes=2)[1]
        self.stdout.write(f"CPU {cpu:.2f}x (limit {MOST_CPU}), wall of two {wall:.2f}x (limit {MOST_WALL})")
        if cpu > MOST_CPU or wall > MOST_WALL:
            raise CommandError("A benchmark costs more than it may.")

    def _compared(self, work: Tournament, n: int, lanes: int) -> tuple[float, float]:
        """CPU and wall time as parts of NegMAS's: serial and without files for one lane, as it saves by itself for two."""
        ours = _spent(_started(work, lanes), lanes)
        self._line(f"lanes: {lanes}", n, *ours)
        with tempfile.TemporaryDirectory(prefix="parley-") as folder:
            alone = lanes == 1
            path = None if alone else Path(folder) / "tournament"
            run = run_negmas(work.plan, SERIAL if alone else lanes, path)
        self._line(
            f"NegMAS: {'serial' if alone else f'{lanes} jobs, saved'}", n, run.cpu_seconds, run.wall_seconds
        )
        return ours[0] / run.cpu_seconds, ours[1] / run.wall_seconds

    def _line(self, name: str, n: int, cpu: float, wall: float) -> None:
        self.stdout.write(
            f"{name:<22} {cpu:>9.2f} s CPU {1e3 * cpu / n:>8.2f} ms a match {wall:>9.2f} s wall"
        )
        self.stdout.flush()


def _started(work: Tournament, lanes: int) -> Benchmark:
    """The same work as a benchmark that no worker was rung for."""
    owner, _ = User.objects.get_or_create(username="measure")
    kept = [_kept(work, number, owner) for number in range(len(work.specs))]
    entrants = [
        Entrant(Negotiator.objects.get_or_create(source="negmas", type=party.type, short_name=party.name)[0])
        for party in work.plan.competitors
    ]
    benchmark: Benchmark = Benchmark.objects.start(
        owner=owner,
        name=f"measure {lanes}",
        entrants=entrants,
        scenarios=kept,
        ring=False,
        n_lanes=lanes,
        repetitions=work.plan.repetitions,
        steps_low=work.plan.n_steps,
        steps_high=work.plan.n_steps,
    )
    return benchmark


def _kept(work: Tournament, number: int, owner: User) -> Scenario:
    scenario, _ = Scenario.objects.keep(work.specs[number], owner=owner)
    ScenarioAnalysis.objects.keep(scenario, work.stored[number])
    return scenario


def _spent(benchmark: Benchmark, lanes: int) -> tuple[float, float]:
    """CPU of all its processes, and the time until it was over. Raises CommandError where it did not play all."""
    clock = Clock()
    crew = Crew(benchmark, lanes)
    while is_going_on(benchmark.pk):
        crew.look()
        time.sleep(LOOK_EVERY)
    wall = clock.spent()[1]
    crew.end()
    over = Benchmark.objects.select_related("job").get(pk=benchmark.pk)
    if over.n_completed < over.n_matches:
        raise CommandError(f"Only {over.n_completed:,} of {over.n_matches:,} were played: {over.job.message}")
    return clock.spent()[0], wall

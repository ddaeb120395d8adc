"""What it costs to play a session in a child and record it, against NegMAS alone."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from statistics import median
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from negotiations import tasks
from negotiations.engine.bare import run_bare
from negotiations.engine.scenarios import read_folder
from negotiations.engine.specs import ScenarioSpec
from negotiations.models import Job, Negotiator, Scenario, Seat, Session

BOULWARE = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"
DEFAULT = Path(__file__).parents[2] / "scenarios" / "research-consortium"
LIMITS = {1_000: 1.5, 5_000: 1.4}
RUNS = 5
HERE = "PARLEY_MEASURES_HERE"


class Command(BaseCommand):
    help = "Measure the CPU of recorded sessions over bare ones; exit code 1 where it is above the limit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scenario", type=Path, default=DEFAULT, help="Folder of a scenario.")
        parser.add_argument("--runs", type=int, default=RUNS, help="Interleaved runs of each; medians count.")

    def handle(self, *args: Any, scenario: Path, runs: int, **options: Any) -> None:
        if HERE not in os.environ:
            raise SystemExit(measure_elsewhere())
        call_command("migrate", verbosity=0)
        spec = read_folder(scenario)
        self.stdout.write(f"{spec.name}: {spec.n_outcomes} outcomes, Boulware pair, medians of {runs} runs")
        self.stdout.write(
            f"{'steps':>6} {'offers':>7} {'bare s':>8} {'recorded s':>11} {'ratio':>6} {'limit':>6}"
        )
        rows = [self._row(spec, n_steps, limit, runs) for n_steps, limit in LIMITS.items()]
        if not all(rows):
            raise CommandError("Recording costs more than it may.")

    def _row(self, spec: ScenarioSpec, n_steps: int, limit: float, runs: int) -> bool:
        """Measure and print one line; whether it is within the limit."""
        bare, recorded, offers = [], [], 0
        for seed in range(runs):
            session = make_session(spec, seed, n_steps)
            cost, offers = run_bare(session.to_spec())
            bare.append(cost)
            recorded.append(run_recorded(session, offers))
        ratio = median(recorded) / median(bare)
        self.stdout.write(
            f"{n_steps:>6,} {offers:>7,} {median(bare):>8.3f} {median(recorded):>11.3f} {ratio:>6.2f} {limit:>6.1f}"
        )
        return ratio <= limit


def measure_elsewhere() -> int:
    """The same command on a database of its own: a SQLite file that goes with it."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        here = {HERE: "1", "DATABASE_URL": f"sqlite:///{folder}/measure.sqlite3", "PYTHONHASHSEED": "0"}
        return subprocess.run(sys.orig_argv, env=os.environ | here, check=False).returncode


def make_session(spec: ScenarioSpec, seed: int, n_steps: int) -> Session:
    owner, _ = User.objects.get_or_create(username="measure")
    scenario, _ = Scenario.objects.keep(spec, owner=owner)
    negotiator, _ = Negotiator.objects.get_or_create(source="negmas", type=BOULWARE, short_name="Boulware")
    seats = [Seat(negotiator)] * scenario.n_parties
    return Session.objects.start(owner=owner, scenario=scenario, seats=seats, seed=seed, n_steps=n_steps)


def run_recorded(session: Session, offers: int) -> float:
    """CPU seconds of the whole task: claim, child, rows and end."""
    gc.collect()
    gc.freeze()  # as the workers do before they fork
    begun = cpu()
    tasks.run_job(str(session.pk))
    cost = cpu() - begun
    job = Job.objects.get(pk=session.pk)
    if job.error or session.offers.count() < offers:
        raise CommandError(f"The session was not recorded as it should be: {job.message}")
    return cost


def cpu() -> float:
    """User and system seconds of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmarks.management.crew import LOOK_EVERY, Crew, handing_back_on_signals, is_going_on
from benchmarks.management.found import benchmark_called
from benchmarks.models import Benchmark
from benchmarks.models.leaderboards import ranking
from benchmarks.spec_files import SpecRefused, read_spec
from negotiations import drain
from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.management.commands.qworkers import fix_environment
from negotiations.management.owners import owner_named
from negotiations.management.plain import PlainCommand
from negotiations.models import Status

MOST_LANES = 64


class Command(PlainCommand):
    help = "Run a benchmark from a TOML or JSON file here, or hand it to the workers with --queue; docs/benchmarks.md."

    def run_from_argv(self, argv: list[str]) -> None:
        fix_environment()
        super().run_from_argv(argv)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("spec", nargs="?", metavar="SPEC.toml", help="What is to be played.")
        parser.add_argument(
            "--resume", metavar="ID", help="Run on what was stopped; failed matches are played again."
        )
        parser.add_argument(
            "--lanes", type=int, metavar="N", help="Processes side by side, in place of the file's."
        )
        parser.add_argument("--queue", action="store_true", help="Let the workers run it.")
        parser.add_argument("--owner", help="Whose benchmark it is; by default the first superuser's.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(self, *args: Any, queue: bool, json: bool, **options: Any) -> None:
        benchmark = _resumed(**options) if options["resume"] else _started(queue=queue, **options)
        if not queue:
            _play(benchmark, self)
        benchmark = Benchmark.objects.select_related("job").get(pk=benchmark.pk)
        self.stdout.write(_line(benchmark) if json else _told(benchmark))
        if not queue and benchmark.status == "paused":
            raise CommandError(f"Stopped. Run on with: manage.py run_benchmark --resume {benchmark.pk}")
        if benchmark.job.status in (Status.FAILED, Status.CANCELLED):
            raise CommandError(" ".join(benchmark.job.message.split()))


def _started(spec: str | None, owner: str | None, lanes: int | None, queue: bool, **_: Any) -> Benchmark:
    if not spec:
        raise CommandError("Name a file, or run on a benchmark with --resume ID.")
    user = owner_named(owner)
    try:
        wanted = read_spec(Path(spec).read_bytes(), user)
        return wanted.start(user, ring=queue, **({"n_lanes": _checked(lanes)} if lanes is not None else {}))
    except OSError as error:
        raise CommandError(f"{spec} cannot be read: {error.strerror}.") from error
    except SpecRefused as refused:
        raise CommandError(f"{spec}: {refused}") from refused
    except (Unsuitable, TooMuch) as refusal:
        raise CommandError(str(refusal)) from refusal


def _resumed(resume: str, spec: str | None, owner: str | None, lanes: int | None, **_: Any) -> Benchmark:
    if spec:
        raise CommandError("Name a file or --resume, not both: what is run on has its plan already.")
    benchmark = benchmark_called(resume)
    user: User = owner_named(owner) if owner else benchmark.job.owner
    if not benchmark.may_be_changed_by(user):
        raise CommandError(f"{benchmark} belongs to {benchmark.job.owner}, not to {user}.")
    if lanes is not None:
        Benchmark.objects.filter(pk=benchmark.pk).update(n_lanes=_checked(lanes))
    try:
        if not benchmark.job.is_active:
            return benchmark.again(user)
    except (Unsuitable, TooMuch) as refusal:
        raise CommandError(str(refusal)) from refusal
    benchmark.job.resume(by=user)
    return benchmark


def _checked(lanes: int) -> int:
    if not 1 <= lanes <= MOST_LANES:
        raise CommandError(f"--lanes {lanes}: write a whole number from 1 to {MOST_LANES}.")
    return lanes


def _play(benchmark: Benchmark, command: Command) -> None:
    """With lanes of its own; on Ctrl-C they hand back, and the benchmark is held until somebody runs it on."""
    n_lanes = Benchmark.objects.values_list("n_lanes", flat=True).get(pk=benchmark.pk)
    with handing_back_on_signals():
        crew = Crew(benchmark, n_lanes)
        try:
            _follow(benchmark, crew)
        finally:
            crew.end()
    mine = Benchmark.objects.select_related("job").get(pk=benchmark.pk)
    if drain.asked() and mine.job.is_active:
        mine.job.pause(by=mine.job.owner)


def _follow(benchmark: Benchmark, crew: Crew) -> None:
    """Until it is over, on hold, or to be handed back; with a bar where stderr is a terminal.

    The bar has no thread of its own: a lane that is forked meanwhile would inherit the locks that it holds.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    is_shown = sys.stderr.isatty()
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not is_shown,
        auto_refresh=False,
    ) as bar:
        task = bar.add_task(benchmark.name, total=benchmark.n_matches)
        while is_going_on(benchmark.pk) and not drain.asked():
            crew.look()
            if is_shown:
                counts = ("n_completed", "n_failed", "n_skipped")
                done = sum(Benchmark.objects.values_list(*counts).get(pk=benchmark.pk))
                bar.update(task, completed=done, refresh=True)
            time.sleep(LOOK_EVERY)


def _line(benchmark: Benchmark) -> str:
    told = {
        "id": str(benchmark.pk),
        "status": benchmark.status,
        "matches": {
            "total": benchmark.n_matches,
            "completed": benchmark.n_completed,
            "failed": benchmark.n_failed,
        },
        "leaderboard": ranking(benchmark),
        "seconds": benchmark.job.seconds,
    }
    return json.dumps(told)


def _told(benchmark: Benchmark) -> str:
    lines = [f"Benchmark {benchmark.pk}: {benchmark.status}. {benchmark.job.message}".rstrip()]
    for each in ranking(benchmark):
        score = "unknown" if each["score"] is None else format(each["score"], ".3f")
        within = "" if each["low"] is None else f" [{each['low']:.3f}, {each['high']:.3f}]"
        lines.append(f"  {each['rank']}. {each['competitor']}: {score}{within}")
    return "\n".join(lines)

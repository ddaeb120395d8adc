"""From a stranger's results to a benchmark: read in a child, written by the worker that holds the job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from benchmarks.models import Benchmark, BenchmarkScenario, Competitor, Match, MatchStatus
from benchmarks.models.matches import seats_key
from benchmarks.models.uploads import ResultsUpload
from benchmarks.result_files import read_results
from benchmarks.result_values import NoResults, ReadMatch
from benchmarks.standings import Standings
from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.specs import EndReason, Limits, LogLine
from negotiations.exceptions import Stopped
from negotiations.heart import Heart
from negotiations.models import Job
from negotiations.patience import finally_write

AT_ONCE = 1_000
MOST_COMPETITORS = 1_000
MOST_SCENARIOS = 20_000
SAME = (
    "end_reason", "error", "failed_seat", "steps", "n_steps", "relative_time", "cpu_seconds", "agreement", "utilities",
    "reserved", "best", "welfare", "nash_optimality", "kalai_optimality", "ks_optimality", "max_welfare_optimality",
    "pareto_optimality",
)  # fmt: skip
"""What rows call as the files do."""


def run_import(job: Job, benchmark: Benchmark) -> None:
    recorder = ResultsRecorder(job, benchmark)
    try:
        recorder.record(_read(benchmark))
    except Stopped:
        finally_write(_stop, job)
    except ChildFailed as failure:
        finally_write(job.fail, _told(failure), failure.traceback)
    except NoResults as refusal:
        finally_write(job.fail, str(refusal))
    else:
        finally_write(recorder.complete)


def _read(benchmark: Benchmark) -> Iterator[ReadMatch | LogLine | None]:
    upload = ResultsUpload.objects.get(benchmark=benchmark)
    limits = Limits(settings.IMPORT_SECONDS, settings.IMPORT_SECONDS, settings.CHILD_MEMORY_MB * 2**20)
    return in_child(_told_by(bytes(upload.content), upload.filename), limits)


def _told_by(content: bytes, filename: str) -> Iterator[ReadMatch | LogLine]:
    """In the child: what it refuses comes as its last line."""
    try:
        yield from read_results(content, filename)
    except NoResults as refused:
        yield LogLine(REFUSED, str(refused))


REFUSED = "refused"


def _told(failure: ChildFailed) -> str:
    why = {
        EndReason.SESSION_LIMIT: f"Reading took longer than {settings.IMPORT_SECONDS:g} s.",
        EndReason.MEMORY_LIMIT: f"Reading used more than {settings.CHILD_MEMORY_MB:,} MB of memory.",
        EndReason.EXITED: "Reading ended its process.",
    }.get(EndReason(failure.reason), f"Reading stopped with an error: {failure.message}.")
    return f"{why} Nothing was imported. Look whether the file is whole, or split it."


def _stop(job: Job) -> None:
    if job.cancel_requested_at:
        job.stop_cancelled()
    elif job.hold:
        job.hand_back("Paused.")
    else:
        job.hand_back("The worker shuts down. The import starts again.")


class ResultsRecorder:
    """Collects what is read, then writes it by the thousand; a later attempt begins anew."""

    def __init__(self, job: Job, benchmark: Benchmark) -> None:
        self.job = job
        self.benchmark = benchmark
        self._heart = Heart(job)
        self._competitors: dict[str, int] = {}
        self._scenarios: dict[str, int] = {}
        self._repetitions: Counter[tuple[int, int, str]] = Counter()
        self._found: list[ReadMatch] = []

    def record(self, items: Iterator[ReadMatch | LogLine | None]) -> None:
        """Raises Stopped, LostLease, NoResults and the child's ChildFailed."""
        self._heart.say("Reading the files.")
        with closing(cast("Any", items)):
            for item in items:
                if isinstance(item, ReadMatch):
                    self._take(item)
                elif isinstance(item, LogLine) and item.level == REFUSED:
                    raise NoResults(item.text)
                if self._heart.is_due(waiting=False):
                    self._beat(f"{len(self._found):,} matches read")
        if not self._found:
            raise NoResults("There is no match in it: its table is empty, or its log speaks of no task.")
        self._write()
        self._score()

    def _take(self, read: ReadMatch) -> None:
        self._found.append(read)
        self._scenarios.setdefault(read.scenario, len(self._scenarios))
        for name in read.competitors:
            self._competitors.setdefault(name, len(self._competitors))
        for n, most, what in (
            (len(self._found), settings.BENCHMARK_MATCHES, "matches"),
            (len(self._competitors), MOST_COMPETITORS, "competitors"),
            (len(self._scenarios), MOST_SCENARIOS, "scenarios"),
        ):
            if n > most:
                raise NoResults(f"There are more than {most:,} {what} in it. Nothing was imported. Split it.")

    def _beat(self, message: str, rows: Any = lambda: None, done: int = 0) -> None:
        if self._heart.beat(rows, current_step=done, total_steps=len(self._found), message=message):
            raise Stopped

    # --- To rows ------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        self._beat("Keeping", self._begin)
        for start in range(0, len(self._found), AT_ONCE):
            chunk = self._found[start : start + AT_ONCE]
            rows = [self._row(index, read) for index, read in enumerate(chunk, start)]
            done = start + len(rows)
            self._beat(f"{done:,} matches kept", partial(Match.objects.bulk_create, rows), done)

    def _begin(self) -> None:
        """Competitors and scenarios; what an attempt before this one wrote goes."""
        key = self.benchmark.pk
        for rows in (self.benchmark.matches, self.benchmark.competitors, self.benchmark.scenarios):
            rows.all().delete()
        Competitor.objects.bulk_create(
            Competitor(benchmark_id=key, index=index, name=name) for name, index in self._competitors.items()
        )
        BenchmarkScenario.objects.bulk_create(
            BenchmarkScenario(benchmark_id=key, index=index, name=name)
            for name, index in self._scenarios.items()
        )

    def _row(self, index: int, read: ReadMatch) -> Match:
        seats = seats_key([self._competitors[name] for name in read.competitors])
        cell = self._scenarios[read.scenario], read.rotation, seats
        self._repetitions[cell] += 1
        return Match(
            benchmark_id=self.benchmark.pk,
            index=index,
            scenario=cell[0],
            rotation=read.rotation,
            seats=seats,
            repetition=self._repetitions[cell] - 1,
            seed=0,
            status=MatchStatus.FAILED if read.success is False else MatchStatus.COMPLETED,
            finished_seq=index + 1,
            finished_at=timezone.now(),
            **{name: _plain(getattr(read, name)) for name in SAME},
        )

    def _score(self) -> None:
        """Outside of any transaction: of many matches it takes seconds."""
        counts = self._counts()
        self._beat("Scoring", lambda: Benchmark.objects.filter(pk=self.benchmark.pk).update(**counts))
        self._standings = Standings(Benchmark.objects.get(pk=self.benchmark.pk))
        self._standings.read()
        self._scores = self._standings.data({})

    def complete(self) -> None:
        with transaction.atomic():
            self._standings.keep(self._scores)
            self.job.complete(self.summary())

    def _counts(self) -> dict[str, Any]:
        n, failed = len(self._found), sum(read.success is False for read in self._found)
        steps = [read.n_steps for read in self._found if read.n_steps]
        return {
            "n_matches": n,
            "n_planned": n,
            "n_completed": n - failed,
            "n_failed": failed,
            "n_agreed": sum(read.success is True for read in self._found),
            "n_timed_out": sum(read.end_reason == EndReason.STEPS for read in self._found),
            "last_seq": n,
            "n_steps": sum(read.steps or 0 for read in self._found),
            "cpu_seconds": sum(read.cpu_seconds for read in self._found),
            "repetitions": max(self._repetitions.values()),
            "steps_low": min(steps, default=None),
            "steps_high": max(steps, default=None),
            "metric": self._metric(),
        }

    def _metric(self) -> str:
        """Of a log the score, where it has one; else the share that passed."""
        if any(len(read.competitors) > 1 for read in self._found):
            return "advantage"
        has_scores = any(read.utilities and read.utilities[0] is not None for read in self._found)
        return "utility" if has_scores else "agreement"

    def summary(self) -> str:
        verdicts = Counter(read.success for read in self._found)
        told = (
            f"{len(self._found):,} matches: {verdicts[True]:,} passed or agreed, {verdicts[False]:,} failed"
        )
        return f"{told}, {verdicts[None]:,} neither."


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value

"""Benchmarks as files: CSV of matches and of scores, JSON with all there is, the files of NegMAS's tournaments; streamed."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

from benchmarks import negmas_files
from benchmarks.match_exports import RESULT, described, filename
from benchmarks.models import Benchmark, Leaderboard, Match
from negotiations.exports import Sink, csv_line, moment_text, packed, strict

FORMAT = 1
ROWS = 500
"""Matches that are in memory at once."""
SETTINGS = (
    "seed", "repetitions", "steps_low", "steps_high", "seconds_low", "seconds_high", "rotate", "self_play",
    "ignore_reserved", "mechanism", "metric", "statistic", "n_lanes", "early_stop",
)  # fmt: skip
COUNTS = (
    "n_matches", "n_completed", "n_failed", "n_agreed", "n_timed_out", "n_skipped", "n_steps", "cpu_seconds", "settled",
)  # fmt: skip
PLAIN = tuple(
    name for name in RESULT if name not in ("agreement", "utilities", "reserved", "best", "advantages")
)
SIMULATED = "simulated"


class Exported:
    """A benchmark with what all of its files say."""

    def __init__(self, benchmark: Benchmark) -> None:
        self.benchmark = benchmark
        self.names = [each.name for each in benchmark.competitors.all()]
        self.places = [each.name for each in benchmark.scenarios.all()]

    def matches(self) -> Iterator[Match]:
        """All, by the page: no long transaction while somebody downloads slowly."""
        last = -1
        while page := list(self.benchmark.matches.filter(index__gt=last).order_by("index")[:ROWS]):
            yield from page
            last = page[-1].index

    @cached_property
    def n_seats(self) -> int:
        """Of the widest match."""
        found = self.benchmark.matches.order_by().values_list("seats", flat=True)
        return max((seats.count(",") + 1 for seats in found.distinct()), default=2)

    @property
    def board(self) -> dict[str, Any]:
        found = Leaderboard.objects.filter(benchmark=self.benchmark).values_list("data", flat=True).first()
        return dict(found or {})

    @property
    def mark(self) -> list[str]:
        """The last cell of each row, where the benchmark was made up (B-26)."""
        return [SIMULATED] if self.benchmark.is_simulated else []

    # --- CSV ------------------------------------------------------------------------------------------------------

    def match_lines(self) -> Iterator[str]:
        """One row a match."""
        seats = range(1, self.n_seats + 1)
        people = [f"{word} {seat}" for word in ("competitor", "utility", "advantage") for seat in seats]
        first = ["index", "scenario", "rotation", "repetition", "seed", "n_steps", "seconds"]
        yield csv_line([*first, *people, "agreement", *PLAIN, *self.mark])
        for match in self.matches():
            named = [self.names[number] for number in match.numbers]
            values = [named, match.utilities, match.advantages if match.best else []]
            filled = [cell for column in values for cell in self._filled(column)]
            plan = [match.index, self.places[match.scenario], match.rotation, match.repetition, match.seed]
            agreed = "" if match.agreement is None else strict(match.agreement)
            told = [getattr(match, name) for name in PLAIN]
            yield csv_line([*plan, match.n_steps, match.seconds, *filled, agreed, *told, *self.mark])

    def _filled(self, values: Sequence[Any]) -> list[Any]:
        return [*values, *[None] * (self.n_seats - len(values))]

    def score_lines(self) -> Iterator[str]:
        """One row a match and seat, of those that are over."""
        names = ["index", "scenario", "rotation", "repetition", "seat", "competitor", "partners", "utility"]
        shares = ["welfare", "nash_optimality", "kalai_optimality", "ks_optimality", "max_welfare_optimality",
                  "pareto_optimality", "pareto_distance"]  # fmt: skip
        ends = ["reserved", "best", "advantage", "partner_welfare", "status", "end_reason", "failed_here"]
        yield csv_line([*names, *ends, *shares, *self.mark])
        for match in self.matches():
            if match.is_over:
                told = [getattr(match, name) for name in shares]
                for line in self._seat_lines(match):
                    yield csv_line([*line, *told, *self.mark])

    def _seat_lines(self, match: Match) -> Iterator[list[Any]]:
        numbers, n = match.numbers, len(match.numbers)
        advantages = match.advantages if match.best else [None] * n
        place = [match.index, self.places[match.scenario], match.rotation, match.repetition]
        for seat, number in enumerate(numbers):
            partners = [self.names[other] for index, other in enumerate(numbers) if index != seat]
            worth = _at(match.utilities, seat)
            line = [seat, self.names[number], " + ".join(partners), worth, _at(match.reserved, seat)]
            others = negmas_files.mean_of_others(match.utilities, seat)
            ends = [_at(match.best, seat), advantages[seat], others, match.status, match.end_reason]
            yield [*place, *line, *ends, match.failed_seat == seat]

    # --- JSON -----------------------------------------------------------------------------------------------------

    def json_texts(self) -> Iterator[str]:
        head = strict(self._described(), indent=1)
        yield head[: head.rindex("}")].rstrip() + ',\n "matches": ['
        comma = "\n  "
        for match in self.matches():
            yield comma + strict(described(match) | {"finished_at": moment_text(match.finished_at)})
            comma = ",\n  "
        yield "\n ]\n}\n"

    def _described(self) -> dict[str, Any]:
        """Everything but the matches."""
        benchmark, job = self.benchmark, self.benchmark.job
        return {
            "format": "parley-benchmark",
            "format_version": FORMAT,
            "id": str(benchmark.pk),
            "name": benchmark.name,
            "owner": job.owner.username,
            "status": benchmark.status,
            "error": job.error,
            "created_at": moment_text(job.created_at),
            "started_at": moment_text(job.started_at),
            "finished_at": moment_text(job.finished_at),
            "simulated": benchmark.is_simulated,
            "imported": benchmark.is_imported,
            "based_on": benchmark.based_on_id and str(benchmark.based_on_id),
            "settings": {name: getattr(benchmark, name) for name in SETTINGS},
            "counts": {name: getattr(benchmark, name) for name in COUNTS},
            "plan": asdict(benchmark.to_plan()),
            "plan_hash": benchmark.plan_hash,
            "versions": benchmark.versions,
            "leaderboard": self.board,
        }

    # --- As NegMAS writes -----------------------------------------------------------------------------------------

    def negmas_texts(self) -> dict[str, Callable[[], Iterable[str]]]:
        """The files of a folder that `SimpleTournamentResults.load` reads."""
        names, places = self.names, self.places
        return {
            "details.csv": lambda: negmas_files.details(self.matches(), names, places, self.mark),
            "all_scores.csv": lambda: negmas_files.all_scores(self.matches(), names, places, self.mark),
            "type_scores.csv": lambda: negmas_files.type_scores(self.matches(), names, places),
            "scores.csv": lambda: negmas_files.final_scores(self.board, names, self.mark),
            "config.yaml": lambda: negmas_files.config(self.benchmark, names),
        }


def parts(benchmark: Benchmark, kind: str) -> Iterator[Any]:
    """The file of a kind, piece by piece: texts, of the zip bytes."""
    exported = Exported(benchmark)
    if kind == "negmas":
        return zip_of(exported.negmas_texts())
    return {"csv": exported.match_lines, "scores": exported.score_lines, "json": exported.json_texts}[kind]()


def zip_of(files: dict[str, Callable[[], Iterable[str]]]) -> Iterator[bytes]:
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, texts in files.items():
            yield from packed(archive, sink, name, iter(texts()))
    yield sink.take()


ENDINGS = {"csv": "-matches.csv", "scores": "-scores.csv", "json": ".json", "negmas": "-negmas.zip"}
TYPES = {
    "csv": "text/csv; charset=utf-8", "scores": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8",
    "negmas": "application/zip",
}  # fmt: skip


def name_of(benchmark: Benchmark, kind: str) -> str:
    return f"{filename(benchmark)}{ENDINGS[kind]}"


def _at(values: Sequence[Any], seat: int) -> Any:
    return values[seat] if seat < len(values) else None

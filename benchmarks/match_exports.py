"""One match as a file: JSON with all there is, CSV with one row an action."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from django.utils.text import slugify

from benchmarks.models import Benchmark, Match
from negotiations.engine.specs import Action
from negotiations.exports import csv_line, filled, header, strict

FORMAT = 1
ACTION = ("seq", "step", "relative_time", "party", "response", "outcome", "utilities", "text")
PLANNED = ("index", "scenario", "rotation", "seats", "repetition", "seed", "n_steps", "seconds")
RESULT = (
    "status", "end_reason", "error", "failed_seat", "steps", "relative_time", "n_offers", "cpu_seconds", "agreement",
    "utilities", "reserved", "best", "advantages", "welfare", "nash_optimality", "kalai_optimality", "ks_optimality",
    "max_welfare_optimality", "pareto_optimality", "pareto_distance",
)  # fmt: skip


class Played(Protocol):
    """What a page has read of a match."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def issues(self) -> Sequence[dict[str, Any]]: ...

    @property
    def actions(self) -> Sequence[Action]: ...


def match_json(match: Match, played: Played) -> Iterator[str]:
    benchmark = match.benchmark
    head = {
        "format": "parley-match",
        "format_version": FORMAT,
        "benchmark": {"id": str(benchmark.pk), "name": benchmark.name, "versions": benchmark.versions},
        "simulated": benchmark.is_simulated,
        "competitors": list(played.names),
        "issues": [issue["name"] for issue in played.issues],
        **described(match),
    }
    text = strict(head, indent=1)
    yield text[: text.rindex("}")].rstrip() + ',\n "actions": ['
    comma = "\n  "
    for action in played.actions:
        yield comma + strict({name: getattr(action, name) for name in ACTION})
        comma = ",\n  "
    yield "\n ]\n}\n"


def described(match: Match) -> dict[str, Any]:
    """What was planned of it, and how it ended."""
    told = {name: getattr(match, name) for name in (*PLANNED, *RESULT)}
    return told | {"seats": list(match.numbers)}


def match_csv(match: Match, played: Played) -> Iterator[str]:
    """A header, then a row an action: a column an issue, and one for each seat's utility."""
    parties, issues = len(match.numbers), [issue["name"] for issue in played.issues]
    simulated = match.benchmark.is_simulated
    yield csv_line([*header(issues, parties), *(["simulated"] if simulated else [])])
    for each in played.actions:
        name = played.names[each.party]
        first = [each.seq, each.step, each.relative_time, each.party, name, each.response]
        values = [*filled(each.outcome, len(issues)), *filled(each.utilities, parties), each.text]
        yield csv_line([*first, *values, *(["simulated"] if simulated else [])])


def filename(benchmark: Benchmark) -> str:
    """Without an ending; nothing in it but letters, figures and hyphens."""
    mark = "simulated-" if benchmark.is_simulated else ""
    return f"{mark}{slugify(benchmark.name)[:60] or 'benchmark'}-{str(benchmark.pk)[:8]}"

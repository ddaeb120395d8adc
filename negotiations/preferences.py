"""What the scenario page shows: what the parties want, issue by issue, and the points of the outcome space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from negotiations.models import Scenario, ScenarioAnalysis
from negotiations.space_charts import NAMES

# More values than this are not read by anybody; the page says how many it left out.
VALUES_SHOWN = 40


@dataclass(frozen=True)
class ValueRow:
    value: str
    utilities: list[float | None]


@dataclass(frozen=True)
class IssueTable:
    """One issue: its weight for each party, and each value's utility for each party, in the order of the seats."""

    name: str
    kind: str
    n_values: int | None
    low: float | None
    high: float | None
    weights: list[float | None]
    rows: list[ValueRow]

    @property
    def n_hidden(self) -> int:
        return (self.n_values or 0) - len(self.rows) if self.rows else 0

    @property
    def has_utilities(self) -> bool:
        return any(utility is not None for row in self.rows for utility in row.utilities)


def issue_tables(scenario: Scenario) -> list[IssueTable]:
    parties = scenario.preferences
    return [
        IssueTable(
            name=issue["name"],
            kind=issue["kind"],
            n_values=issue["n_values"],
            low=issue["low"],
            high=issue["high"],
            weights=[party["weights"].get(issue["name"]) for party in parties],
            rows=[
                ValueRow(
                    str(value), [party["values"].get(issue["name"], {}).get(str(value)) for party in parties]
                )
                for value in (issue["values"] or [])[:VALUES_SHOWN]
            ],
        )
        for issue in scenario.issues
    ]


@dataclass(frozen=True)
class PointRow:
    """A solution point: what each party gets there, and by which outcome; `n` outcomes are equally good."""

    name: str
    utilities: list[float]
    outcome: list[Any]
    n: int

    @property
    def n_others(self) -> int:
        return self.n - 1


def figures_of(analysis: ScenarioAnalysis) -> list[PointRow]:
    return [
        PointRow(title, point["utilities"], point["outcome"], point["n"])
        for name, title in NAMES.items()
        if (point := analysis.points.get(name))
    ]


def pair_of(x: str | None, y: str | None, parties: int) -> tuple[int, int]:
    """The two parties of a plane by their numbers from 1; the first two where that makes no sense."""
    asked = [int(text) - 1 if text and text.isdecimal() and len(text) < 4 else -1 for text in (x, y)]
    if len(set(asked)) == 2 and all(0 <= index < parties for index in asked):
        return asked[0], asked[1]
    return 0, 1


def share_of(analysis: ScenarioAnalysis | None) -> str:
    """The part of the outcomes that is rational, in per cent; never 0 or 100 where it is not quite."""
    share = analysis.rational_fraction if analysis else None
    if share is None:
        return "–"
    percent = f"{100 * share:.3g}" if 0 < share < 0.9995 else f"{100 * share:.6g}"
    return f"{percent} %"

"""What the parties of a scenario want, issue by issue, as the scenario page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from negotiations.models.scenarios import Scenario

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

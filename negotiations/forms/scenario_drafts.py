"""A scenario on its way through a form: every cell keeps what was typed, with what is wrong beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_bounds import check_text
from negotiations.engine.scenario_tables import LARGEST, IssueTable, PartyTable
from negotiations.engine.specs import ScenarioSpec
from negotiations.models import Scenario

MOST_ISSUES = 20
MOST_VALUES = 30
MOST_PARTIES = 10
MOST_CELLS = 900
"""Django reads 1,000 fields of a form; a larger scenario is written as files."""


@dataclass
class Cell:
    """One field: its name in the form, its text, and what is wrong with it."""

    name: str
    text: str = ""
    error: str = ""

    def number(self, exact: Mapping[str, float]) -> float:
        """An empty cell is 0; what `exact` knows by its text is that number, with all the digits that are not shown."""
        text = self.text.strip().replace("−", "-").replace(",", ".")
        try:
            number = exact[text] if text in exact else float(text or 0)
        except ValueError:
            number = math.nan
        if not abs(number) <= LARGEST:
            self.error = "Write a number." if math.isnan(number) else f"At most {LARGEST:,.0f}."
        return number

    def word(self, what: str) -> str:
        text = self.text.strip()
        try:
            check_text(text, what)
            self.error = "" if text else f"{what} is missing."
        except ScenarioRefused as refused:
            self.error = refused.reason
        return text


@dataclass
class ValueRow:
    value: Cell
    worths: list[Cell]


@dataclass
class IssueDraft:
    name: Cell
    weights: list[Cell]
    rows: list[ValueRow]


@dataclass
class PartyDraft:
    name: Cell
    reserved: Cell


@dataclass
class ScenarioDraft:
    parties: list[PartyDraft] = field(default_factory=list)
    issues: list[IssueDraft] = field(default_factory=list)
    exact: dict[str, float] = field(default_factory=dict)

    @classmethod
    def blank(cls) -> ScenarioDraft:
        """Two parties, two issues of three values: what most people begin with."""
        return cls.sent({"party-0": "", "party-1": "", "issue-0": "", "issue-1": ""}, values=3)

    @classmethod
    def of(cls, scenario: Scenario) -> ScenarioDraft:
        """What a scenario says, in fields. Ask `why_not` first."""
        told: dict[str, str] = {}
        for p, party in enumerate(scenario.preferences):
            reserved = party["reserved_value"]
            told |= {
                f"party-{p}": party["name"],
                f"reserved-{p}": "" if reserved is None else _shown(reserved),
            }
        for i, issue in enumerate(scenario.issues):
            told[f"issue-{i}"] = issue["name"]
            for p, party in enumerate(scenario.preferences):
                told[f"weight-{i}-{p}"] = _shown(party["weights"][issue["name"]])
            for v, value in enumerate(map(str, issue["values"])):
                told[f"value-{i}-{v}"] = value
                for p, party in enumerate(scenario.preferences):
                    told[f"worth-{i}-{v}-{p}"] = _shown(party["values"][issue["name"]][value])
        return cls.sent(told)

    @classmethod
    def sent(cls, told: Mapping[str, str], values: int = 0) -> ScenarioDraft:
        """Out of the fields of a form, as many of each as there are in a row."""
        parties = range(_count(told, "party-{}", MOST_PARTIES))
        draft = cls([PartyDraft(_cell(told, f"party-{p}"), _cell(told, f"reserved-{p}")) for p in parties])
        for i in range(_count(told, "issue-{}", MOST_ISSUES)):
            rows = values or _count(told, f"value-{i}-{{}}", MOST_VALUES)
            draft.issues.append(
                IssueDraft(
                    _cell(told, f"issue-{i}"),
                    [_cell(told, f"weight-{i}-{p}", "1") for p in parties],
                    [_row(told, i, v, parties) for v in range(rows)],
                )
            )
        return draft

    @property
    def n_cells(self) -> int:
        n = len(self.parties)
        return 2 * n + sum(1 + n + len(issue.rows) * (1 + n) for issue in self.issues)

    @property
    def errors(self) -> list[Cell]:
        cells = [cell for party in self.parties for cell in (party.name, party.reserved)]
        for issue in self.issues:
            cells += [issue.name, *issue.weights]
            cells += [cell for row in issue.rows for cell in (row.value, *row.worths)]
        return [cell for cell in cells if cell.error]

    # --- Rows more and less -------------------------------------------------------------------------------------

    def change(self, wanted: str) -> str:
        """Add or drop a party, an issue or a value (`add-value-2`, `drop-issue-0`); why not, where it cannot be."""
        verb, _, rest = wanted.partition("-")
        what, *places = rest.split("-")
        if (verb, what) not in _CHANGES or not all(place.isdecimal() for place in places):
            return "There is no such change."
        refused = _CHANGES[verb, what](self, *map(int, places[:2]))
        self._renumber()
        return refused

    def _add_party(self, *_: int) -> str:
        more = 2 + sum(1 + len(issue.rows) for issue in self.issues)
        if len(self.parties) >= MOST_PARTIES or self.n_cells + more > MOST_CELLS:
            return f"No more than {MOST_PARTIES} parties and {MOST_CELLS} fields."
        self.parties.append(PartyDraft(Cell(""), Cell("")))
        for issue in self.issues:
            issue.weights.append(Cell("", "1"))
            for row in issue.rows:
                row.worths.append(Cell(""))
        return ""

    def _add_issue(self, *_: int) -> str:
        n = len(self.parties)
        if len(self.issues) >= MOST_ISSUES or self.n_cells + 3 + 3 * n > MOST_CELLS:
            return f"No more than {MOST_ISSUES} issues and {MOST_CELLS} fields."
        rows = [ValueRow(Cell(""), [Cell("") for _ in range(n)]) for _ in range(2)]
        self.issues.append(IssueDraft(Cell(""), [Cell("", "1") for _ in range(n)], rows))
        return ""

    def _add_value(self, i: int = -1, *_: int) -> str:
        if not 0 <= i < len(self.issues):
            return "There is no such issue."
        n = len(self.parties)
        if len(self.issues[i].rows) >= MOST_VALUES or self.n_cells + 1 + n > MOST_CELLS:
            return f"No more than {MOST_VALUES} values an issue and {MOST_CELLS} fields."
        self.issues[i].rows.append(ValueRow(Cell(""), [Cell("") for _ in range(n)]))
        return ""

    def _drop_party(self, p: int = -1, *_: int) -> str:
        if len(self.parties) <= 2 or not 0 <= p < len(self.parties):
            return "A scenario has at least two parties."
        del self.parties[p]
        for issue in self.issues:
            del issue.weights[p]
            for row in issue.rows:
                del row.worths[p]
        return ""

    def _drop_issue(self, i: int = -1, *_: int) -> str:
        if len(self.issues) <= 1 or not 0 <= i < len(self.issues):
            return "A scenario has at least one issue."
        del self.issues[i]
        return ""

    def _drop_value(self, i: int = -1, v: int = -1, *_: int) -> str:
        if (
            not 0 <= i < len(self.issues)
            or not 0 <= v < len(self.issues[i].rows)
            or len(self.issues[i].rows) == 1
        ):
            return "An issue has at least one value."
        del self.issues[i].rows[v]
        return ""

    def _renumber(self) -> None:
        for p, party in enumerate(self.parties):
            party.name.name, party.reserved.name = f"party-{p}", f"reserved-{p}"
        for i, issue in enumerate(self.issues):
            issue.name.name = f"issue-{i}"
            for p, weight in enumerate(issue.weights):
                weight.name = f"weight-{i}-{p}"
            for v, row in enumerate(issue.rows):
                row.value.name = f"value-{i}-{v}"
                for p, worth in enumerate(row.worths):
                    worth.name = f"worth-{i}-{v}-{p}"

    # --- What it says -------------------------------------------------------------------------------------------

    def tables(self) -> tuple[tuple[IssueTable, ...], tuple[PartyTable, ...]]:
        """Issues and parties; where a cell has an error after it, they are of no use."""
        issues = tuple(
            IssueTable(
                issue.name.word("The name of the issue"),
                tuple(row.value.word("The value") for row in issue.rows),
            )
            for issue in self.issues
        )
        _mark_twice([issue.name for issue in self.issues], "Another issue has this name.")
        for issue in self.issues:
            _mark_twice([row.value for row in issue.rows], "The issue has this value twice.")
        return issues, tuple(self._party(p) for p in range(len(self.parties)))

    def _party(self, p: int) -> PartyTable:
        party = self.parties[p]
        weights = tuple(issue.weights[p].number(self.exact) for issue in self.issues)
        for issue, weight in zip(self.issues, weights, strict=True):
            if weight < 0:
                issue.weights[p].error = "Not below 0: turn the values round instead."
        worths = tuple(tuple(row.worths[p].number(self.exact) for row in issue.rows) for issue in self.issues)
        reserved = party.reserved.number(self.exact) if party.reserved.text.strip() else None
        name = party.name.word("The name of the party")
        spans = [w * (max(row) - min(row)) for w, row in zip(weights, worths, strict=True)]
        if not party.name.error and all(span == 0 for span in spans):
            party.name.error = "It values every outcome alike: give it a weight and values that differ."
        return PartyTable(name, weights, worths, reserved)


_CHANGES: dict[tuple[str, str], Callable[..., str]] = {
    ("add", "party"): ScenarioDraft._add_party,
    ("add", "issue"): ScenarioDraft._add_issue,
    ("add", "value"): ScenarioDraft._add_value,
    ("drop", "party"): ScenarioDraft._drop_party,
    ("drop", "issue"): ScenarioDraft._drop_issue,
    ("drop", "value"): ScenarioDraft._drop_value,
}


def why_not(scenario: Scenario) -> str:
    """Why this scenario does not fit into the form; empty where it does."""
    parties, issues = scenario.preferences, scenario.issues
    if any(party["kind"] != "additive" for party in parties):
        return "Its utility functions are not additive"
    if any(not issue["values"] or len(issue["values"]) > MOST_VALUES for issue in issues):
        return f"An issue has more than {MOST_VALUES} values"
    cells = sum(1 + len(parties) + len(issue["values"]) * (1 + len(parties)) for issue in issues)
    if len(issues) > MOST_ISSUES or len(parties) > MOST_PARTIES or cells + 2 * len(parties) > MOST_CELLS:
        return "It has too many issues, values or parties"
    return ""


def _mark_twice(cells: list[Cell], error: str) -> None:
    counted = Counter(cell.text.strip() for cell in cells)
    for cell in cells:
        if not cell.error and counted[cell.text.strip()] > 1:
            cell.error = error


def _count(told: Mapping[str, str], name: str, most: int) -> int:
    return next((index for index in range(most) if name.format(index) not in told), most)


def _cell(told: Mapping[str, str], name: str, text: str = "") -> Cell:
    return Cell(name, told.get(name, text))


def _row(told: Mapping[str, str], i: int, v: int, parties: range) -> ValueRow:
    return ValueRow(_cell(told, f"value-{i}-{v}"), [_cell(told, f"worth-{i}-{v}-{p}") for p in parties])


def exact_numbers(scenario: Scenario) -> dict[str, float]:
    """What each number of a scenario is that the form shows shortened, so that an edit changes only what was edited."""
    numbers: list[float] = []
    for party in scenario.preferences:
        numbers += [
            *party["weights"].values(),
            *(() if party["reserved_value"] is None else [party["reserved_value"]]),
        ]
        numbers += [worth for worths in party["values"].values() for worth in worths.values()]
    return {_shown(number): number for number in numbers}


def unchanged(spec: ScenarioSpec, base: Scenario) -> ScenarioSpec:
    """As its base is stored, to the last bit, where it says the same: six digits are shown, and sums are rounded."""
    same = [asdict(issue) for issue in spec.issues] == [
        issue | {"values": tuple(issue["values"])} for issue in base.issues
    ] and all(
        _alike(asdict(ours), theirs) for ours, theirs in zip(spec.preferences, base.preferences, strict=False)
    )
    if not same or len(spec.preferences) != len(base.preferences):
        return spec
    return replace(spec, document=base.document, checksum=base.checksum)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, abs_tol=1e-12)
    return bool(one == other)


def _shown(number: float) -> str:
    return f"{number:.6g}"

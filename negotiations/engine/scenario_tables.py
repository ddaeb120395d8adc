"""Additive scenarios out of tables that a person or a generator filled in. Without NegMAS, so pages may use it.

What comes out is what the reader of uploads makes of the same document, to the last bit of its checksum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_bounds import MAX_DIGITS, MAX_ISSUES, MAX_PARTIES, check_text
from negotiations.engine.scenario_texts import checked, checksum, dumped
from negotiations.engine.specs import IssueSpec, PreferenceSpec, ScenarioSpec, Value

MAX_VALUES = 1_000
"""Of an issue; the reader lists no more."""
LARGEST = 1e9
"""Of a number that is typed in."""


@dataclass(frozen=True, slots=True)
class IssueTable:
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartyTable:
    """`worths` has a row for each issue, a number for each of its values; any scale, since it is normalised.

    `reserved` counts in normalised utility: 0 is the worst outcome, 1 the best; None accepts anything.
    """

    name: str
    weights: tuple[float, ...]
    worths: tuple[tuple[float, ...], ...]
    reserved: float | None = None


def spec_of(name: str, issues: tuple[IssueTable, ...], parties: tuple[PartyTable, ...]) -> ScenarioSpec:
    """Raises ScenarioRefused, as for an upload."""
    _check(issues, parties)
    values = [_plain(issue.values) for issue in issues]
    normal = [_normal(party) for party in parties]
    document = "---\n".join(
        dumped(checked(part, "The scenario")) for part in _parts(name, issues, values, normal)
    )
    return ScenarioSpec(
        name=name,
        document=document,
        checksum=checksum(document),
        n_outcomes=math.prod(len(issue.values) for issue in issues),
        issues=tuple(_issue(issue, each) for issue, each in zip(issues, values, strict=True)),
        preferences=tuple(_preference(issues, party) for party in normal),
    )


def _check(issues: tuple[IssueTable, ...], parties: tuple[PartyTable, ...]) -> None:
    if not 1 <= len(issues) <= MAX_ISSUES:
        raise ScenarioRefused(f"It has {len(issues)} issues; from 1 to {MAX_ISSUES} can be kept.")
    if not 2 <= len(parties) <= MAX_PARTIES:
        raise ScenarioRefused(f"It has {len(parties)} parties; from 2 to {MAX_PARTIES} can be kept.")
    _once((issue.name for issue in issues), "Two issues are called {!r}. Rename one of them.")
    for issue in issues:
        check_text(issue.name, "The name of an issue")
        if not 1 <= len(issue.values) <= MAX_VALUES:
            raise ScenarioRefused(
                f"The issue {issue.name!r} has {len(issue.values):,} values; 1 to {MAX_VALUES:,} can be kept."
            )
        _once(issue.values, f"The issue {issue.name!r} has the value {{!r}} twice. Rename one of them.")
        for value in issue.values:
            check_text(value, f"A value of the issue {issue.name!r}")
    if math.prod(len(issue.values) for issue in issues) >= 10**MAX_DIGITS:
        raise ScenarioRefused(f"It has 10^{MAX_DIGITS} outcomes or more. Leave some issues out.")
    for party in parties:
        _check_party(party)


def _check_party(party: PartyTable) -> None:
    check_text(party.name, "The name of a party")
    numbers = [*party.weights, *(worth for row in party.worths for worth in row)]
    numbers.append(0.0 if party.reserved is None else party.reserved)
    if not all(math.isfinite(number) and abs(number) <= LARGEST for number in numbers):
        raise ScenarioRefused(
            f"{party.name} has a number that is not finite or larger than {LARGEST:,.0f}. Every number has to be smaller."
        )
    if min(party.weights) < 0:
        raise ScenarioRefused(
            f"{party.name} has a negative weight. Turn the values of that issue round instead."
        )
    if not any(w * (max(row) - min(row)) > 0 for w, row in zip(party.weights, party.worths, strict=True)):
        raise ScenarioRefused(
            f"{party.name} values every outcome alike. Give an issue a weight, and its values different numbers."
        )


def _once(texts: Iterable[str], refusal: str) -> None:
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            raise ScenarioRefused(refusal.format(text[:80]))
        seen.add(text)


def _plain(texts: tuple[str, ...]) -> tuple[Value, ...]:
    """Whole numbers in a row become such (an integer issue, as negotiators that reckon with values want it)."""
    if all(text.removeprefix("-").isdecimal() and len(text) <= 9 for text in texts):
        numbers = tuple(int(text) for text in texts)
        low = numbers[0]
        if len(numbers) > 1 and all(
            number == low + index and str(number) == text
            for index, (number, text) in enumerate(zip(numbers, texts, strict=True))
        ):
            return numbers
    return texts


@dataclass(frozen=True, slots=True)
class _Normal:
    """A party whose weights add up to 1, each issue's values from 0 to 1."""

    name: str
    weights: list[float]
    shares: list[list[float]]
    reserved: float | None


def _normal(party: PartyTable) -> _Normal:
    spans = [w * (max(row) - min(row)) for w, row in zip(party.weights, party.worths, strict=True)]
    total = math.fsum(spans)
    return _Normal(
        name=party.name,
        weights=[span / total for span in spans],
        shares=[_shares(row, span) for row, span in zip(party.worths, spans, strict=True)],
        reserved=party.reserved,
    )


def _shares(row: tuple[float, ...], span: float) -> list[float]:
    low, high = min(row), max(row)
    return [(worth - low) / (high - low) if span else 0.0 for worth in row]


def _parts(
    name: str, issues: tuple[IssueTable, ...], values: list[tuple[Value, ...]], parties: list[_Normal]
) -> Iterable[dict[str, Any]]:
    told = [_told(issue, each) for issue, each in zip(issues, values, strict=True)]
    yield {"issues": told, "name": name, "type": "DiscreteCartesianOutcomeSpace"}
    for party in parties:
        tables = [
            {"mapping": dict(zip(each, shares, strict=True)), "type": "TableFun"}
            for each, shares in zip(values, party.shares, strict=True)
        ]
        yield {
            "name": party.name,
            "reserved_value": -math.inf if party.reserved is None else party.reserved,
            "weights": party.weights,
            "values": tables,
            "type": "LinearAdditiveUtilityFunction",
        }


def _told(issue: IssueTable, values: tuple[Value, ...]) -> dict[str, Any]:
    if isinstance(values[0], int):
        return {"values": [values[0], values[-1]], "name": issue.name, "type": "ContiguousIssue"}
    return {"values": list(values), "name": issue.name, "type": "CategoricalIssue"}


def _issue(issue: IssueTable, values: tuple[Value, ...]) -> IssueSpec:
    first, last = values[0], values[-1]
    if isinstance(first, int) and isinstance(last, int):
        return IssueSpec(issue.name, "integer", values, len(values), float(first), float(last))
    return IssueSpec(issue.name, "categorical", values, len(values))


def _preference(issues: tuple[IssueTable, ...], party: _Normal) -> PreferenceSpec:
    weights, values = {}, {}
    for issue, weight, shares in zip(issues, party.weights, party.shares, strict=True):
        worth = [weight * share for share in shares]
        low, span = min(worth), max(worth) - min(worth)
        weights[issue.name] = span
        values[issue.name] = {
            value: (each - low) / span if span else 0.0
            for value, each in zip(issue.values, worth, strict=True)
        }
    return PreferenceSpec(party.name, "additive", party.reserved, weights, values)

"""What a reader is shown of a scenario: its issues, and what each party wants."""

from __future__ import annotations

import math
from typing import Any

from negmas.inout import Scenario
from negmas.preferences import LinearAdditiveUtilityFunction, LinearUtilityFunction

from negotiations.engine.scenario_values import LISTED
from negotiations.engine.specs import IssueSpec, PreferenceSpec
from negotiations.engine.utilities import finite, plain


def issues_of(scenario: Scenario) -> tuple[IssueSpec, ...]:
    return tuple(_issue(issue) for issue in scenario.outcome_space.issues)


def _issue(issue: Any) -> IssueSpec:
    n_values = int(issue.cardinality) if issue.is_discrete() and math.isfinite(issue.cardinality) else None
    values = plain(issue.all) if n_values is not None and n_values <= LISTED else None
    low, high = (float(issue.min_value), float(issue.max_value)) if issue.is_numeric() else (None, None)
    return IssueSpec(str(issue.name), _kind(issue), values, n_values, low, high)


def _kind(issue: Any) -> str:
    if not issue.is_discrete():
        return "continuous"
    return "integer" if issue.is_numeric() and issue.is_integer() else "categorical"


def preferences_of(scenario: Scenario) -> tuple[PreferenceSpec, ...]:
    return tuple(_preference(ufun, scenario.outcome_space.issues) for ufun in scenario.ufuns)


def _preference(ufun: Any, issues: Any) -> PreferenceSpec:
    weights: dict[str, float] = {}
    values: dict[str, dict[str, float]] = {}
    if isinstance(ufun, LinearAdditiveUtilityFunction | LinearUtilityFunction):
        for index, issue in enumerate(issues):
            weights[issue.name], values[issue.name] = _contribution(ufun, index, issue)
    return PreferenceSpec(str(ufun.name), _ufun_kind(ufun), finite(ufun.reserved_value), weights, values)


def _ufun_kind(ufun: Any) -> str:
    if isinstance(ufun, LinearAdditiveUtilityFunction | LinearUtilityFunction):
        return "additive"
    return "hyper-rectangles"


def _contribution(ufun: Any, index: int, issue: Any) -> tuple[float, dict[str, float]]:
    """How much an issue can add to the utility, and where in that span each value lies."""
    listed = issue.is_discrete() and issue.cardinality <= LISTED
    chosen = list(issue.all) if listed else [issue.min_value, issue.max_value]
    weight = ufun.weights[index]
    fun = ufun.values[index] if isinstance(ufun, LinearAdditiveUtilityFunction) else float
    worth = {str(value): float(weight * fun(value)) for value in chosen}
    low, span = min(worth.values()), max(worth.values()) - min(worth.values())
    shares = {value: (worth[value] - low) / span if span else 0.0 for value in worth}
    return span, shares if listed else {}

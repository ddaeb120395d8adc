"""A loaded scenario made fit for storing: checked, without discounting, every utility in [0, 1]."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from negmas.inout import Scenario
from negmas.preferences import (
    HyperRectangleUtilityFunction,
    LinearAdditiveUtilityFunction,
    TableFun,
)
from negmas.preferences.discounted import DiscountedUtilityFunction

from negotiations.engine.box_extremes import Most, extremes
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_bounds import check_bounds
from negotiations.engine.scenario_texts import one_line

PROBED = 2_000
"""Outcomes that each utility function is tried on where there are more; enough to meet every value of most issues."""
LISTED = 1_000
"""Values of an issue that are listed; a longer range is given by its ends."""
NEARLY = 1e-6
"""How far from 0 and 1 the ends of a utility function may lie to count as normalised; NegMAS takes the same."""


def prepare(scenario: Scenario, reserved_in_unit: bool) -> list[str]:
    """Check and normalise in place; the warnings for its owner.

    Genius writes reservation values in [0, 1] beside raw utilities (`reserved_in_unit`); the other formats write both
    in one scale. Raises ScenarioRefused.
    """
    if len(scenario.ufuns) < 2:
        raise ScenarioRefused(
            f"The scenario has {len(scenario.ufuns)} utility functions and needs at least 2. Add a file for each party."
        )
    check_bounds(scenario)
    warnings = _undiscounted(scenario)
    for index, ufun in enumerate(scenario.ufuns):
        _check(scenario, ufun, _named(ufun, index))
    scenario.ufuns = tuple(
        _in_unit(scenario, ufun, _named(ufun, index), reserved_in_unit, warnings)
        for index, ufun in enumerate(scenario.ufuns)
    )
    return warnings


@contextmanager
def same_chance() -> Iterator[None]:
    """Seed `random` for a while: NegMAS samples and invents names, and one upload is to give one scenario."""
    state = random.getstate()
    random.seed(0)
    try:
        yield
    finally:
        random.setstate(state)


def _named(ufun: Any, index: int) -> str:
    return f"The utility function {ufun.name!r} (party {index + 1})"


def _undiscounted(scenario: Scenario) -> list[str]:
    warnings = []
    for index, ufun in enumerate(scenario.ufuns):
        if isinstance(ufun, DiscountedUtilityFunction):
            warnings.append(
                f"{_named(ufun, index)} was discounted over time. The discount was removed: NegMAS applies it "
                "at every step, whatever the length of the session. Utilities are those of the first moment."
            )
    scenario.remove_discounting()
    return warnings


def _check(scenario: Scenario, ufun: Any, name: str) -> None:
    if isinstance(ufun, LinearAdditiveUtilityFunction):
        _check_tables(scenario, ufun, name)
    for outcome in probes(scenario):
        try:
            utility = float(ufun(outcome))
        except Exception as error:
            raise ScenarioRefused(
                f"{name} has no utility for {outcome!r:.200} ({one_line(error)}). Complete it."
            ) from error
        if not math.isfinite(utility):
            raise ScenarioRefused(
                f"{name} gives {utility} to {outcome!r:.200}. Every utility has to be a finite number."
            )


def _check_tables(scenario: Scenario, ufun: Any, name: str) -> None:
    for issue, fun in zip(scenario.outcome_space.issues, ufun.values, strict=False):
        if not isinstance(fun, TableFun) or not issue.is_discrete() or issue.cardinality > LISTED:
            continue
        known = list(issue.all)
        for value in known:
            if value not in fun.mapping:
                raise ScenarioRefused(
                    f"{name} has no utility for the value {value!r} of the issue {issue.name!r}. Add it."
                )
        for value in fun.mapping:
            if value not in known:
                raise ScenarioRefused(
                    f"{name} gives a utility to {value!r}, which is no value of the issue {issue.name!r}. Remove or rename it."
                )


def probes(scenario: Scenario) -> Iterator[Any]:
    """All outcomes of a small scenario, some of a large one."""
    space = scenario.outcome_space
    if space.cardinality <= PROBED and space.is_finite():
        return iter(list(space.enumerate_or_sample()))
    return iter(list(space.sample(PROBED, with_replacement=True, fail_if_not_enough=False)))


def _in_unit(scenario: Scenario, ufun: Any, name: str, reserved_in_unit: bool, warnings: list[str]) -> Any:
    reserved = ufun.reserved_value
    reserved = float(reserved) if reserved is not None else -math.inf
    low, high = _range(scenario, ufun, name, warnings)
    if not high - low > 0:
        raise ScenarioRefused(
            f"{name} gives every outcome the same utility, {low:g}. There is nothing to negotiate about."
        )
    if abs(low) <= NEARLY and abs(high - 1) <= NEARLY:
        low, high = 0.0, 1.0  # what was normalised before is kept to the last bit, so that its checksum stays
    normal = _scaled(scenario, ufun, low, high)
    if not math.isfinite(reserved):
        if reserved != -math.inf:
            warnings.append(f"{name} had the reservation value {reserved}; it has none now.")
        normal.reserved_value = -math.inf
    elif reserved_in_unit and 0 <= reserved <= 1:
        normal.reserved_value = reserved
    else:
        normal.reserved_value = (reserved - low) / (high - low)
    return normal


def _range(scenario: Scenario, ufun: Any, name: str, warnings: list[str]) -> tuple[float, float]:
    """The least and the most that an outcome gives. Of hyper-rectangles NegMAS only knows what no outcome need reach."""
    if not isinstance(ufun, HyperRectangleUtilityFunction):
        low, high = (float(end) for end in ufun.minmax())
        return low, high
    least, most = _extremes(scenario, ufun, name)
    if not (least.is_reached and most.is_reached):
        warnings.append(
            f"{name} has too many hyper-rectangles to find its worst and its best outcome. It was normalised from "
            f"{-least.worth:g} to {most.worth:g}: no outcome is beyond, but its worst may be above 0 and its best below 1."
        )
    return -least.worth, most.worth


def _extremes(scenario: Scenario, ufun: Any, name: str) -> tuple[Most, Most]:
    if found := extremes(ufun, scenario.outcome_space.issues):
        return found
    raise ScenarioRefused(
        f"{name} gives a hyper-rectangle a utility that is no number. Give each rectangle one number."
    )


def _scaled(scenario: Scenario, ufun: Any, low: float, high: float) -> Any:
    if (low, high) == (0.0, 1.0):
        return ufun
    if isinstance(ufun, HyperRectangleUtilityFunction):
        factor = 1 / (high - low)
        return HyperRectangleUtilityFunction(
            outcome_ranges=ufun.outcome_ranges,
            utilities=ufun.mappings,
            weights=[weight * factor for weight in ufun.weights],
            ignore_issues_not_in_input=ufun.ignore_issues_not_in_input,
            ignore_failing_range_utilities=ufun.ignore_failing_range_utilities,
            bias=(ufun.bias - low) * factor,
            name=ufun.name,
            outcome_space=scenario.outcome_space,
        )
    return ufun.normalize_for((0.0, 1.0), outcome_space=scenario.outcome_space)

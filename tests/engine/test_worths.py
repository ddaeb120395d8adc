"""X-08: what an offer is worth before it is made, whatever the shape of the utility function: held against NegMAS."""

from __future__ import annotations

import random
from typing import Any

import pytest
from negmas.inout import Scenario
from negmas.outcomes import make_issue, make_os
from negmas.preferences import HyperRectangleUtilityFunction, LinearAdditiveUtilityFunction
from negmas.preferences.value_fun import AffineFun, ConstFun, IdentityFun, LinearFun, TableFun

from negotiations.engine import scenario_documents, scenarios
from negotiations.engine.utilities import finite, plain
from negotiations.engine.worths import worth_of
from tests.engine.scenes import SCENARIOS, scenario
from tests.engine.spaces import affine, boxes


def check(document: str, count: int = 200) -> None:
    """Each party's utility of outcomes by chance, as NegMAS says it."""
    loaded = scenarios.load(document)
    random.seed(7)
    for outcome in loaded.outcome_space.sample(count, with_replacement=True, fail_if_not_enough=False):
        for party, ufun in enumerate(loaded.ufuns):
            assert worth_of(document, party, plain(outcome)) == pytest.approx(
                finite(ufun(outcome)), abs=1e-12
            )


@pytest.mark.parametrize("name", SCENARIOS)
def test_of_the_scenarios_of_the_tests(name: str) -> None:
    check(scenario(name).document)


@pytest.mark.parametrize("seed", range(5))
def test_of_hyper_rectangles(seed: int) -> None:
    check(scenario_documents.written(boxes([7, 9, 4], 2, seed)))


def test_of_straight_lines() -> None:
    check(scenario_documents.written(affine([7, 9, 4], 2, seed=1)))


def test_of_every_function_of_an_issue() -> None:
    space = make_os([make_issue(5, name) for name in "abcd"] + [make_issue(["x", "y"], "e")])
    values = [
        AffineFun(2.0, 1.0),
        LinearFun(3.0),
        IdentityFun(),
        ConstFun(0.5),
        TableFun({"x": 1.0, "y": 0.0}),
    ]
    ufuns = [
        LinearAdditiveUtilityFunction(
            values=values, weights=weights, bias=0.1, outcome_space=space, reserved_value=0.0, name=name
        )
        for name, weights in (("one", [0.1, 0.2, 0.3, 0.4, 0.5]), ("two", [0.5, 0.4, 0.3, 0.2, 0.1]))
    ]
    check(scenario_documents.written(Scenario(space, tuple(ufuns))))


SIDES: list[Any] = [(1, 4), 2, [1, 3, 4], [(0, 2), (3, 5)], [[0, 1, 2], 4], [], None]


@pytest.mark.parametrize("side", SIDES, ids=str)
def test_of_every_way_to_write_a_side_of_a_box(side: Any) -> None:
    space = make_os([make_issue(6, "a"), make_issue(["x", "y"], "b")])
    ranges = [{0: side} if side is not None else None, {1: "x"}, {0: (0, 5), 1: ["y"]}]
    ufuns = [
        HyperRectangleUtilityFunction(
            outcome_ranges=ranges,
            utilities=[0.5, ConstFun(0.25), 0.125],
            weights=weights,
            bias=0.01,
            outcome_space=space,
            reserved_value=0.0,
            name=name,
        )
        for name, weights in (("one", None), ("two", [2.0, 0.5, 1.0]))
    ]
    check(scenario_documents.written(Scenario(space, tuple(ufuns))))


def test_what_the_function_does_not_know_is_worth_nothing_that_can_be_said() -> None:
    name = next(iter(SCENARIOS))
    spec = scenario(name)
    assert worth_of(spec.document, 0, tuple("nowhere" for _ in spec.issues)) is None

"""The least and the most of hyper-rectangles, held against every outcome asked one by one."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from negmas.inout import Scenario
from negmas.outcomes import make_issue, make_os
from negmas.preferences import ConstFun, HyperRectangleUtilityFunction

from negotiations.engine import box_extremes, scenarios
from negotiations.engine.analysing import analyse
from negotiations.engine.box_extremes import QUICK_STEPS, BoxSum, extremes, telling_values
from negotiations.engine.scenario_values import prepare
from tests.engine.spaces import asked, boxes

LETTERS = ["a", "b", "c", "d"]


def of(space: Any, rectangles: list[Any], amounts: list[Any], **told: Any) -> HyperRectangleUtilityFunction:
    return HyperRectangleUtilityFunction(rectangles, amounts, outcome_space=space, reserved_value=0.0, **told)


def ends(ufun: Any) -> tuple[float, float]:
    found = extremes(ufun, ufun.outcome_space.issues)
    assert found
    least, most = found
    assert least.is_reached
    assert most.is_reached
    return -least.worth, most.worth


def by_asking(ufun: Any) -> tuple[float, float]:
    outcomes = itertools.product(*(issue.all for issue in ufun.outcome_space.issues))
    worths = [float(ufun(outcome)) for outcome in outcomes]
    return min(worths), max(worths)


@pytest.fixture(params=[box_extremes.MOST_OUTCOMES, 0], ids=["by looking at all", "by sets of boxes"])
def each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_extremes, "MOST_OUTCOMES", request.param)


@pytest.mark.usefixtures("each_way")
@pytest.mark.parametrize("seed", range(8))
def test_they_are_those_of_all_outcomes(seed: int) -> None:
    for ufun in boxes((6, 5, 4, 7), 2, seed).ufuns:
        assert ends(ufun) == pytest.approx(by_asking(ufun), abs=1e-12)


@pytest.mark.usefixtures("each_way")
@pytest.mark.parametrize("seed", range(8))
def test_boxes_that_cost_something_are_not_taken_for_avoidable(seed: int) -> None:
    """Half of the amounts are negative, sides are ranges, single values and lists of either."""
    chance = np.random.default_rng(seed)
    space = make_os([make_issue(7, "one"), make_issue((-3, 6), "two"), make_issue(LETTERS, "three")])

    def box() -> dict[int, Any]:
        low, high = sorted(int(end) for end in chance.integers(-4, 8, 2))
        sides: dict[int, Any] = {
            0: [(low, high), 6],
            1: (low, high),
            2: [str(letter) for letter in chance.choice(LETTERS, 2, replace=False)],
        }
        return {index: side for index, side in sides.items() if chance.random() < 0.7}

    ufun = of(space, [box() for _ in range(25)], [float(x) for x in chance.normal(size=25)], bias=-0.3)
    assert ends(ufun) == pytest.approx(by_asking(ufun), abs=1e-12)


def test_what_holds_every_outcome_cannot_be_avoided() -> None:
    space = make_os([make_issue(3, "one")])
    assert ends(of(space, [None, {}, {0: (0, 2)}], [-1.0, 2.0, -5.0], bias=0.5)) == (-3.5, 1.5)


def test_ends_of_ranges_are_open_as_they_are_to_negmas() -> None:
    """The two share the value 5 in NegMAS's own bound, and no outcome."""
    space = make_os([make_issue(10, "one")])
    ufun = of(space, [{0: (1, 5)}, {0: (5, 9)}, {0: (9, 9)}], [2.0, 3.0, 7.0])
    assert ufun.minmax()[1] > 5
    assert ends(ufun) == by_asking(ufun) == (0.0, 3.0)


@pytest.mark.usefixtures("each_way")
@pytest.mark.parametrize("values", [(0, 3_000), (-5, 6_000), (0, 9_000, 3)])
def test_of_a_long_range_the_values_beside_the_ends_stand_for_all(values: tuple[int, ...]) -> None:
    chance = np.random.default_rng(len(values))
    issue = make_issue(values, "price")
    pairs = [sorted(float(end) for end in chance.uniform(0, 6_000, 2)) for _ in range(30)]
    rectangles: list[Any] = [{0: (low, high)} for low, high in pairs] + [{0: 600}, {0: (599, 601)}]
    ufun = of(make_os([issue]), rectangles, [float(x) for x in chance.normal(size=32)])
    assert len(telling_values(issue, [rectangle[0] for rectangle in rectangles])) < 250
    assert ends(ufun) == pytest.approx(by_asking(ufun), abs=1e-12)


@pytest.mark.usefixtures("each_way")
def test_a_continuous_issue_is_exact_too() -> None:
    """Between 0.3 and 0.30001 lies what no sample finds."""
    space = make_os([make_issue((0.0, 1.0), "share"), make_issue(3, "days")])
    rectangles: list[Any] = [{0: (0.0, 0.30001)}, {0: (0.3, 1.0)}, {0: 0.75, 1: 2}]
    assert ends(of(space, rectangles, [1.0, 2.0, 0.5])) == (0.0, 3.0)


def test_a_space_that_nobody_can_go_through_is_exact_where_its_boxes_can() -> None:
    """Twenty boxes over fifty issues: those that hold one corner outcome add up to the most."""
    space = make_os([make_issue(10, f"issue{index}") for index in range(50)])
    hold = [{index: (2, 5), 49 - index: (1, 9)} for index in range(10)]
    miss = [{index: (5, 8), (index + 7) % 50: (6, 9)} for index in range(10)]
    ufun = of(space, hold + miss, [3.0] * 10 + [1.0] * 10)
    assert ends(ufun) == (0.0, 30.0)


def test_what_needs_too_many_steps_is_a_bound() -> None:
    """Every pair of issues shares a box for each pair of values: a puzzle by design."""
    chance = np.random.default_rng(1)
    space = make_os([make_issue(5, f"issue{index}") for index in range(5)])
    rectangles = [
        {int(i): int(chance.integers(5)) for i in chance.choice(5, 2, replace=False)} for _ in range(60)
    ]
    ufun = of(space, rectangles, [float(x) for x in chance.normal(size=60)])
    least, most = by_asking(ufun)
    alive = [
        [sum((index not in box or box[index] == value) << n for n, box in enumerate(rectangles)) for value in range(5)]
        for index in range(5)
    ]  # fmt: skip
    problem = BoxSum(ufun.mappings, alive)
    few, many = problem.most(steps=60), problem.most()
    assert not few.is_reached
    assert few.worth > most
    assert many.is_reached
    assert many.worth == pytest.approx(most)
    assert QUICK_STEPS > 60


def test_a_bound_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_extremes, "MOST_OUTCOMES", 100)
    monkeypatch.setattr(BoxSum.most, "__defaults__", (30,))
    scenario = boxes((5, 5, 5, 5), 2, 4, count=60)
    warnings = prepare(scenario, reserved_in_unit=False)
    assert len(warnings) == 2
    assert "has too many hyper-rectangles to find its worst and its best outcome" in warnings[0]
    worths = np.array(asked(scenario))
    assert worths.min() >= -1e-9
    assert worths.max() < 1


def test_a_read_scenario_reaches_nought_and_one(tmp_path: Path) -> None:
    scenario = boxes((8, 8, 8, 8), 3, 11)
    scenario.dumpas(tmp_path, type="yml")
    spec = scenarios.read_folder(tmp_path)
    assert spec.warnings == ()
    worths = np.array(asked(scenarios.load(spec.document)))
    assert worths.min(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    assert worths.max(axis=0) == pytest.approx([1, 1, 1], abs=1e-12)
    assert analyse(scenarios.load(spec.document)).ranges == tuple(
        zip(worths.min(axis=0), worths.max(axis=0), strict=True)
    )


def test_what_was_stored_is_read_as_it_is(tmp_path: Path) -> None:
    boxes((8, 8, 8, 8), 2, 11).dumpas(tmp_path / "first", type="yml")
    spec = scenarios.read_folder(tmp_path / "first")
    scenarios.write_folder(spec.document, tmp_path / "second")
    assert scenarios.read_folder(tmp_path / "second").checksum == spec.checksum


def test_a_constant_function_of_a_box_is_its_number_and_a_box_elsewhere_counts_for_nothing() -> None:
    space = make_os([make_issue(4, "one"), make_issue(4, "two")])
    told: dict[str, Any] = {"ignore_issues_not_in_input": True}
    ufun = of(space, [{0: (0, 2)}, {7: (0, 3)}], [ConstFun(2.0), 9.0], **told)
    assert ends(ufun) == by_asking(ufun) == (0.0, 2.0)
    scenario = Scenario(space, (ufun, of(space, [{1: (0, 3)}, {7: 1}], [1.0, 9.0], **told)))
    prepare(scenario, reserved_in_unit=False)
    assert np.array(asked(scenario)).max(axis=0) == pytest.approx([1, 1])

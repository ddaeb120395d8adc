"""Small outcome spaces, of which everything can be checked by the definition."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from negmas.inout import Scenario
from negmas.outcomes import make_issue, make_os
from negmas.preferences import LinearAdditiveUtilityFunction

from negotiations.engine import analysing, wire
from negotiations.engine.analysing import Stored, analyse, analyse_document
from negotiations.engine.analysis_bytes import Unreadable, from_bytes, to_bytes
from negotiations.engine.arrays import Array
from negotiations.engine.outcome_arrays import Space
from negotiations.engine.outcome_space import KEPT_FRONTIER, Analysis, frontier_words
from negotiations.engine.pareto import TooMany, frontier
from tests.engine.scenes import SCENARIOS, scenario
from tests.engine.spaces import additive, affine, asked, boxes, undominated

pytestmark = pytest.mark.slow

SMALL: list[Scenario] = [
    *(additive([3, 4, 2], 2, seed, step=0.25) for seed in range(4)),
    *(additive([5, 4, 3], 3, seed, reserved=0.3) for seed in range(3)),
    *(additive([3, 3, 3], 9, seed, reserved=0.2, step=0.5) for seed in range(2)),
    *(affine([4, 5, 3], 2, seed) for seed in range(2)),
    *(boxes([6, 5, 4], parties, parties) for parties in (2, 3, 9)),
]


def vectors(points: Any) -> set[tuple[float, ...]]:
    return {tuple(point) for point in np.asarray(points).tolist()}


def acceptable(scenario: Scenario) -> list[tuple[float, ...]]:
    reserved = [float(ufun.reserved_value) for ufun in scenario.ufuns]
    return [point for point in asked(scenario) if all(u >= r for u, r in zip(point, reserved, strict=True))]


@pytest.mark.parametrize("scenario", SMALL)
def test_every_outcome_is_worth_what_negmas_says_to_the_last_bit(scenario: Scenario) -> None:
    assert Space.of(scenario).everywhere().tolist() == [list(point) for point in asked(scenario)]


@pytest.mark.parametrize("scenario", SMALL)
def test_single_outcomes_are_worth_the_same_as_among_all(scenario: Scenario) -> None:
    space = Space.of(scenario)
    everywhere = space.everywhere()
    numbers = np.arange(0, len(everywhere), 7)
    assert space.at(space.places_of(numbers)).tolist() == everywhere[numbers].tolist()


@pytest.mark.parametrize("scenario", SMALL)
def test_the_frontier_is_what_nobody_dominates(scenario: Scenario) -> None:
    analysis = analyse(scenario)
    assert analysis.words == "exact"
    assert vectors(analysis.frontier) == undominated(acceptable(scenario))
    assert analysis.n_frontier == len(analysis.frontier)
    sums = analysis.frontier.sum(axis=1)
    assert (np.diff(sums) <= 1e-12).all()


@pytest.mark.parametrize("scenario", SMALL)
def test_the_outcomes_of_the_frontier_are_worth_what_it_says(scenario: Scenario) -> None:
    analysis = analyse(scenario)
    for row, point in enumerate(analysis.frontier.tolist()):
        outcome = analysis.outcome(row)
        assert [float(ufun(outcome)) for ufun in scenario.ufuns] == point


@pytest.mark.parametrize("scenario", SMALL)
def test_ranges_fraction_and_opposition_follow_their_definitions(scenario: Scenario) -> None:
    analysis, points = analyse(scenario), asked(scenario)
    assert list(analysis.ranges) == [(min(column), max(column)) for column in zip(*points, strict=True)]
    reserved = [ufun.reserved_value for ufun in scenario.ufuns]
    better = [point for point in points if all(u > r for u, r in zip(point, reserved, strict=True))]
    assert analysis.rational_fraction == pytest.approx(len(better) / len(points))
    high = [top for _, top in analysis.ranges]
    nearest = min(
        (
            math.dist([u / top for u, top in zip(point, high, strict=True)], [1] * len(high))
            for point in acceptable(scenario)
        ),
        default=None,
    )
    assert analysis.opposition == (None if nearest is None else pytest.approx(nearest))


def test_solution_points_of_a_game_worked_by_hand() -> None:
    """Six points; without agreement both have 0.1."""
    worths = {
        "a": (1.0, 0.1),
        "b": (0.8, 0.5),
        "c": (0.6, 0.65),
        "d": (0.2, 0.9),
        "e": (0.5, 0.5),
        "f": (0.05, 1.0),
    }
    space = make_os([make_issue(list(worths), "what")])
    ufuns = tuple(
        LinearAdditiveUtilityFunction(
            values=[{name: worth[party] for name, worth in worths.items()}],
            weights=[1.0],
            outcome_space=space,
            reserved_value=0.1,
        )
        for party in range(2)
    )
    points = analyse(Scenario(space, ufuns)).points
    told = {name: point["outcome"] for name, point in points.items()}
    assert told == {
        "nash": ["b"],  # 0.7 * 0.4 = 0.28 > 0.5 * 0.55 = 0.275
        "kalai": ["c"],  # gains 0.5 and 0.55
        "ks": ["c"],
        "modified_kalai": ["c"],
        "modified_ks": ["c"],
        "welfare": ["b"],
        "relative_welfare": ["b"],
    }
    assert points["nash"] == {"utilities": [0.8, 0.5], "outcome": ["b"], "n": 1}


# --- Where nothing is to be won ---------------------------------------------------------------------------


def test_reserved_values_above_everything_leave_no_frontier() -> None:
    analysis = analyse(additive([3, 4], 2, 1, reserved=2.0))
    assert (len(analysis.frontier), analysis.points, analysis.opposition) == (0, {}, None)
    assert analysis.rational_fraction == 0
    assert set(analysis.distances([0.5, 0.5]).values()) == {None}
    assert set(analysis.optimality([0.5, 0.5]).values()) == {None}
    assert from_bytes(to_bytes(analysis)).points == {}


def test_parties_without_a_reserved_value_accept_everything() -> None:
    analysis = analyse(additive([3, 4], 2, 1, reserved=-math.inf))
    assert analysis.rational_fraction == 1
    assert analysis.reserved == (None, None)
    assert from_bytes(to_bytes(analysis)).reserved == (None, None)


def test_who_gains_nothing_anywhere_makes_every_point_a_solution() -> None:
    space = make_os([make_issue(["x", "y"], "a"), make_issue(["x", "y"], "b")])

    def ufun(weights: list[float], worth: float) -> LinearAdditiveUtilityFunction:
        values = [{"x": worth, "y": 0.5}, {"x": 0.5, "y": 0.5}]
        return LinearAdditiveUtilityFunction(
            values=values, weights=weights, outcome_space=space, reserved_value=0.0
        )

    analysis = analyse(Scenario(space, (ufun([0.5, 0.5], 0.5), ufun([0.0, 0.0], 1.0))))
    assert analysis.frontier.tolist() == [[0.5, 0.0]]
    assert {name: point["n"] for name, point in analysis.points.items()} == dict.fromkeys(analysis.points, 1)
    assert set(analysis.points) >= {"nash", "kalai", "ks", "welfare", "relative_welfare"}
    assert analysis.optimality([0.5, 0.0])["pareto"] is None  # no range, so no share of it


# --- Frontiers of points ----------------------------------------------------------------------------------


@pytest.mark.parametrize("parties", [2, 3, 4, 9])
@pytest.mark.parametrize("count", [0, 1, 2, 700, 1_500])
def test_a_frontier_of_points_by_chance(parties: int, count: int) -> None:
    chance = np.random.default_rng(count)
    for points in (chance.random((count, parties)), chance.integers(0, 4, (count, parties)) / 4):
        rows = frontier(points)
        found = [tuple(point) for point in points[rows].tolist()]
        assert len(set(found)) == len(found)
        assert set(found) == undominated([tuple(point) for point in points.tolist()])


def test_a_frontier_of_two_that_is_everything() -> None:
    price = np.linspace(0, 1, 5_000)
    assert len(frontier(np.stack([price, 1 - price], axis=1))) == 5_000


def test_a_frontier_of_many_stops_where_it_is_too_long() -> None:
    sphere = np.abs(np.random.default_rng(0).normal(size=(3_000, 3)))
    sphere /= np.linalg.norm(sphere, axis=1)[:, None]
    assert len(frontier(sphere)) == 3_000
    with pytest.raises(TooMany):
        frontier(sphere, most=1_000)


@pytest.mark.parametrize("parties", [3, 9])
def test_a_space_with_too_long_a_frontier_is_sampled_and_says_so(
    parties: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All outcomes could be looked at; the frontier could not be followed."""
    scenario = additive([6, 5, 7, 4], parties, 0)
    whole = analyse(scenario)
    assert (whole.words, frontier_words(whole.method, whole.n_frontier)) == (
        "exact",
        f"{whole.n_frontier} outcomes",
    )
    monkeypatch.setattr(analysing, "MOST_ON_FRONTIER", whole.n_frontier - 1)
    analysis = analyse(scenario)
    assert analysis.words == "sampled 200,000"
    assert frontier_words(analysis.method, analysis.n_frontier).endswith(" outcomes found by sampling")
    monkeypatch.setattr(analysing, "MOST_ON_FRONTIER", whole.n_frontier)
    assert analyse(scenario).words == "exact"


def test_one_outcome_on_the_frontier_is_one() -> None:
    assert frontier_words("exact", 1) == "1 outcome"
    assert frontier_words("sampled", 1_234) == "1,234 outcomes found by sampling"


# --- Storing ----------------------------------------------------------------------------------------------


def same(one: Analysis, other: Analysis) -> bool:
    def equal(a: Any, b: Any) -> bool:
        if isinstance(a, dict):
            return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
        return np.array_equal(a, b) if hasattr(a, "shape") else bool(a == b)

    return all(equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Analysis))


@pytest.mark.parametrize(
    "scenario",
    [additive([4, 5], 2, 0), additive([9, 9, 9, 9], 3, 0), boxes([9, 9, 9, 9], 9, 1), affine([4, 5], 2, 3)],
)
def test_what_is_stored_comes_back_as_it_was(scenario: Scenario) -> None:
    analysis = analyse(scenario)
    stored = to_bytes(analysis)
    back = from_bytes(stored)
    assert same(analysis, back)
    assert to_bytes(back) == stored
    assert back.points == analysis.points
    assert back.distances([0.5] * len(back.ranges)) == analysis.distances([0.5] * len(back.ranges))


def test_other_bytes_are_refused() -> None:
    stored = to_bytes(analyse(additive([4, 5], 2, 0)))
    for bad in (b"", b"nonsense", stored[: len(stored) // 2], stored[10:]):
        with pytest.raises(Unreadable):
            from_bytes(bad)


def test_a_long_frontier_is_thinned_but_its_solutions_are_kept() -> None:
    n = 2 * KEPT_FRONTIER
    space = make_os([make_issue(n, "price")])
    prices = np.linspace(0, 1, n)
    ufuns = tuple(
        LinearAdditiveUtilityFunction(
            values=[{j: float(worth) for j, worth in enumerate(worths)}],
            weights=[1.0],
            outcome_space=space,
            reserved_value=0.0,
        )
        for worths in (prices, np.sqrt(1 - prices**2))
    )
    analysis = analyse(Scenario(space, ufuns))
    assert (analysis.words, analysis.n_frontier) == ("exact", n)
    assert KEPT_FRONTIER <= len(analysis.frontier) <= KEPT_FRONTIER + 10
    best = analysis.points["welfare"]["utilities"]
    assert sum(best) == pytest.approx(math.sqrt(2), abs=1e-9)
    assert (analysis.distances(best) or {})["pareto"] == 0
    assert {1.0} <= {max(point) for point in analysis.frontier.tolist()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_child_can_send_it(name: str) -> None:
    [stored] = analyse_document(scenario(name).document)
    [back] = wire.take(bytearray(wire.encode(stored)))
    assert isinstance(back, Stored)
    assert back == stored
    analysis = from_bytes(back.arrays.encode("latin-1"))
    assert analysis.points == back.points
    assert analysis.sketch == back.sketch


# --- Pictures ---------------------------------------------------------------------------------------------


def test_a_small_space_is_drawn_point_by_point() -> None:
    scenario = additive([5, 6, 7], 3, 2)
    analysis = analyse(scenario)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        wanted = {(round(point[i], 6), round(point[j], 6)) for point in asked(scenario)}
        assert set(analysis.plane(i, j)) == wanted


@pytest.mark.parametrize("build", [additive, boxes])
def test_a_larger_one_by_the_cells_that_hold_an_outcome(build: Any) -> None:
    scenario = build([10, 9, 8, 9], 3, 2)
    analysis = analyse(scenario)
    assert len(analysis.cloud) == 5_000
    points = np.array(asked(scenario))
    for i, j in ((0, 1), (0, 2), (2, 1)):
        low, high = np.array(analysis.spans).T
        cells = np.minimum((points - low) / (high - low) * 256, 255).astype(int)
        wanted: Array = np.zeros((256, 256), bool)
        wanted[cells[:, j], cells[:, i]] = True
        assert (analysis.grid(i, j) == wanted).all()


def test_a_sketch_fits_on_a_card() -> None:
    analysis = analyse(additive([9, 9, 9, 9], 2, 0))
    sketch = analysis.sketch
    cells = np.unpackbits(np.frombuffer(bytes.fromhex(sketch["cells"]), np.uint8)).reshape(32, 32)
    assert (cells.astype(bool) == analysis.grid(0, 1).reshape(32, 8, 32, 8).any(axis=(1, 3))).all()
    assert 0 < len(sketch["frontier"]) <= 40


def test_axes_reach_further_where_utilities_do() -> None:
    analysis = analyse(affine([4, 5], 2, 0))
    for (low, high), (left, right) in zip(analysis.ranges, analysis.spans, strict=True):
        assert left <= min(low, 0)
        assert right >= max(high, 1)
    unit = replace(analysis, ranges=((-1e-17, 1 + 1e-16), (0.2, 0.9)))
    assert unit.spans == ((0, 1), (0, 1))

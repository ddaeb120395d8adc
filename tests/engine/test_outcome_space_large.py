"""Outcome spaces that nobody can go through: exact by sums where that goes, sampled otherwise, and never much memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from negmas.inout import Scenario
from negmas.outcomes import make_issue, make_os
from negmas.preferences import AffineFun, LinearAdditiveUtilityFunction, MappingUtilityFunction

from negotiations.engine import analysing
from negotiations.engine.analysing import analyse
from negotiations.engine.analysis_bytes import from_bytes, to_bytes
from negotiations.engine.outcome_arrays import Asked, Space
from negotiations.engine.pareto import frontier
from tests.engine.spaces import additive, asked, boxes, undominated

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 2.0, 500
IN_A_CHILD = r"""
import json, re, sys, time
from pathlib import Path

from negotiations.engine.analysing import analyse
from negotiations.engine.analysis_bytes import to_bytes
from tests.engine import spaces

build, *numbers = json.loads(sys.argv[1])
scenario = getattr(spaces, build)(*numbers)
begun = time.process_time()
analysis = analyse(scenario)
size = len(to_bytes(analysis))
print(json.dumps({
    "seconds": time.process_time() - begun,
    # Its own peak: what getrusage says begins with that of the process that started it.
    "megabytes": int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1]) / 1024,
    "words": analysis.words, "n_frontier": analysis.n_frontier, "bytes": size,
}))
"""


def measured(*scenario: Any) -> dict[str, Any]:
    """In a process of its own, whose memory is the analysis's, NegMAS included."""
    command = [sys.executable, "-c", IN_A_CHILD, json.dumps(scenario)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("issues", [10, 50], ids=["10^10", "10^50"])
def test_additive_ones_are_exact_in_two_seconds(issues: int, seed: int) -> None:
    told = measured("additive", [10] * issues, 2, seed)
    assert told["words"] == "frontier exact"
    assert told["n_frontier"] > 20
    assert told["seconds"] <= SECONDS
    assert told["megabytes"] <= MEGABYTES
    assert told["bytes"] < 2_000_000


def test_hyper_rectangles_are_sampled_in_two_seconds() -> None:
    told = measured("boxes", [10] * 10, 2, 0, 20)
    assert told["words"] == "sampled 200,000"
    assert told["seconds"] <= SECONDS
    assert told["megabytes"] <= MEGABYTES


# --- By sums ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("reserved", [0.0, 0.45])
def test_a_frontier_by_sums_is_that_of_all_outcomes(
    parties: int, reserved: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysing, "MOST_OUTCOMES", 10)
    for seed in range(3):
        for step in (None, 0.25):
            scenario = additive([4, 3, 5, 2], parties, seed, reserved=reserved, step=step)
            analysis = analyse(scenario)
            assert analysis.words == "frontier exact"
            wanted = [point for point in asked(scenario) if min(point) >= reserved]
            assert {tuple(point) for point in analysis.frontier.tolist()} == undominated(wanted)
            columns = zip(*asked(scenario), strict=True)
            assert list(analysis.ranges) == [(min(column), max(column)) for column in columns]
            for row, point in enumerate(analysis.frontier.tolist()):
                assert [float(ufun(analysis.outcome(row))) for ufun in scenario.ufuns] == point


def test_what_is_solved_by_sums_is_what_is_solved_by_going_through(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = additive([6, 5, 7, 4], 3, 0, reserved=0.3)
    whole = analyse(scenario)
    monkeypatch.setattr(analysing, "MOST_OUTCOMES", 10)
    summed = analyse(scenario)
    assert summed.method == "frontier exact"
    assert summed.points == whole.points
    assert (summed.opposition, summed.ranges) == (whole.opposition, whole.ranges)
    assert summed.rational_fraction == pytest.approx(whole.rational_fraction, abs=0.01)


def test_the_frontier_of_a_space_that_nobody_can_go_through_holds_what_is_known_of_it() -> None:
    """Whoever weighs the parties' utilities gets the best outcome issue by issue: it has to be on the frontier."""
    scenario = additive([10] * 50, 2, 3)
    analysis = analyse(scenario)
    [first, second] = (worth.columns for worth in Space.of(scenario).additive)
    for share in np.linspace(0.01, 0.99, 25):
        best = sum(float((share * a + (1 - share) * b).max()) for a, b in zip(first, second, strict=True))
        assert (analysis.frontier @ [share, 1 - share]).max() == pytest.approx(best, abs=1e-12)
    assert len(frontier(analysis.frontier)) == len(analysis.frontier)
    for row in range(0, len(analysis.frontier), 97):
        outcome = analysis.outcome(row)
        assert [float(ufun(outcome)) for ufun in scenario.ufuns] == analysis.frontier[row].tolist()


def test_a_frontier_that_doubles_with_each_issue_is_sampled() -> None:
    """Two zero-sum parties and weights of powers of two: each of the 10^12 outcomes is on the frontier."""
    sizes = [2] * 40
    space = make_os([make_issue(n, f"issue{i}") for i, n in enumerate(sizes)])
    ufuns = tuple(
        LinearAdditiveUtilityFunction(
            values=[{0: low, 1: 1 - low}] * len(sizes),
            weights=[2.0**-i for i in range(len(sizes))],
            outcome_space=space,
            reserved_value=0.0,
        )
        for low in (0.0, 1.0)
    )
    analysis = analyse(Scenario(space, ufuns))
    assert analysis.words == "sampled 200,000"
    assert analysis.n_frontier > 100_000
    assert len(analysis.frontier) <= 20_010
    assert analysis.ranges[0] == pytest.approx((0, 2), abs=1e-3)


# --- By chance --------------------------------------------------------------------------------------------


def test_the_climb_finds_what_chance_misses(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = boxes([8, 8, 8, 8], 2, 5, 30)
    whole = analyse(scenario)
    monkeypatch.setattr(analysing, "MOST_OUTCOMES", 10)
    monkeypatch.setattr("negotiations.engine.sampled_space.SAMPLED", 50)
    climbed = analyse(scenario)
    assert climbed.words == "sampled 50"
    assert climbed.ranges[0][1] == pytest.approx(whole.ranges[0][1], rel=0.05)
    reached = [whole.distances(point)["pareto"] or 0.0 for point in climbed.frontier.tolist()]
    assert float(np.mean(reached)) < 0.05
    best = whole.points["welfare"]["utilities"]
    assert sum(climbed.points["welfare"]["utilities"]) >= 0.95 * sum(best)


def test_the_same_scenario_gives_the_same_analysis() -> None:
    assert to_bytes(analyse(boxes([10] * 8, 3, 1))) == to_bytes(analyse(boxes([10] * 8, 3, 1)))


# --- Hostile sizes ----------------------------------------------------------------------------------------


def test_one_issue_of_a_million_values() -> None:
    told = measured("affine", [1_000_000], 2, 1)
    assert told["words"] == "exact"
    assert told["megabytes"] <= MEGABYTES


def test_an_issue_of_more_values_than_anybody_looks_at() -> None:
    space = make_os([make_issue((0, 10**12), "price"), make_issue(3, "colour")])
    ufuns = tuple(
        LinearAdditiveUtilityFunction(
            values=[AffineFun(slope, bias), {0: 0.0, 1: 0.3, 2: 1.0}],
            weights=[0.5, 0.5],
            outcome_space=space,
            reserved_value=0.0,
        )
        for slope, bias in ((1e-12, 0.0), (-1e-12, 1.0))
    )
    analysis = analyse(Scenario(space, ufuns))
    assert (analysis.words, analysis.n_outcomes) == ("sampled 200,000", 3 * (10**12 + 1))
    assert [high for _, high in analysis.ranges] == [1, 1]
    assert analysis.points["welfare"]["outcome"][1] == 2


def test_a_continuous_issue_is_looked_at_in_levels() -> None:
    space = make_os([make_issue((0.0, 1.0), "share")])
    ufuns = tuple(
        LinearAdditiveUtilityFunction(
            values=[AffineFun(slope, bias)], weights=[1.0], outcome_space=space, reserved_value=0.0
        )
        for slope, bias in ((1.0, 0.0), (-1.0, 1.0))
    )
    analysis = analyse(Scenario(space, ufuns))
    assert (analysis.method, analysis.n_outcomes) == ("sampled", None)
    assert analysis.points["nash"]["utilities"] == pytest.approx([0.5, 0.5])
    assert from_bytes(to_bytes(analysis)).n_outcomes is None


def test_three_hundred_issues() -> None:
    told = measured("additive", [3] * 300, 2, 0)
    assert told["words"] in ("frontier exact", "sampled 40,000")
    assert told["megabytes"] <= MEGABYTES


def test_many_parties_over_a_large_space_take_seconds() -> None:
    told = measured("additive", [10] * 10, 9, 0)
    assert told["words"] == "sampled 200,000"
    assert told["seconds"] <= 30
    assert told["megabytes"] <= MEGABYTES


def test_a_function_of_another_make_is_asked_outcome_by_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    space = make_os([make_issue(["a", "b", "c"], "x"), make_issue(4, "y")])
    worths = {outcome: index / 11 for index, outcome in enumerate(space.enumerate_or_sample())}
    plain = additive([3, 4], 1, 0).ufuns[0]
    mapped = MappingUtilityFunction(worths, outcome_space=space, reserved_value=0.0)
    tables = [{name: plain.values[0](f"v{i}") for i, name in enumerate("abc")}, {i: i / 3 for i in range(4)}]
    other = LinearAdditiveUtilityFunction(
        values=tables, weights=[0.5, 0.5], outcome_space=space, reserved_value=0.0
    )
    scenario = Scenario(space, (mapped, other))
    space_ = Space.of(scenario)
    assert isinstance(space_.worths[0], Asked)
    whole = analyse(scenario)
    assert {tuple(point) for point in whole.frontier.tolist()} == undominated(asked(scenario))
    monkeypatch.setattr(analysing, "MOST_ASKED", 5)
    monkeypatch.setattr("negotiations.engine.sampled_space.SAMPLED", 300)
    sampled = analyse(scenario)
    assert sampled.words == "sampled 300"
    assert {tuple(point) for point in sampled.frontier.tolist()} == undominated(asked(scenario))


def test_energys_size_takes_a_blink() -> None:
    """390,625 outcomes (X-09)."""
    scenario = additive([5] * 8, 2, 0)
    begun = time.process_time()
    assert analyse(scenario).words == "exact"
    assert time.process_time() - begun < 1

"""Every number as NegMAS computes it, outcome by outcome."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from negmas.inout import Scenario
from negmas.preferences.ops import (
    calc_outcome_distances,
    calc_outcome_optimality,
    calc_scenario_stats,
    estimate_max_dist,
)

from negotiations.engine import scenarios
from negotiations.engine.analysing import analyse
from negotiations.engine.negmas_stats import by_negmas, by_us, difference
from tests.engine.scenes import DATA, SCENARIOS
from tests.engine.spaces import additive

pytestmark = pytest.mark.slow

BUILTIN = Path(scenarios.__file__).parents[1] / "scenarios"
FOLDERS = [path for path in sorted(BUILTIN.iterdir()) if path.is_dir()] + [DATA / name for name in SCENARIOS]
MOST = 20_000
"""Outcomes that NegMAS goes through in a second; `check_analysis` takes the larger ones too."""
CLOSE = 1e-9
OURS = {
    "pareto": "pareto",
    "nash": "nash",
    "kalai": "kalai",
    "ks": "ks",
    "modified_kalai": "modified_kalai",
    "modified_ks": "modified_ks",
}


def loaded(folder: Path) -> Scenario | None:
    spec = scenarios.read_folder(folder)
    return scenarios.load(spec.document) if (spec.n_outcomes or 0) <= MOST else None


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_all_quantities_of_our_scenarios(folder: Path) -> None:
    if scenario := loaded(folder):
        assert difference(by_us(analyse(scenario)), by_negmas(scenario)) <= CLOSE


def test_most_of_our_scenarios_are_small_enough_for_that() -> None:
    assert sum(loaded(folder) is not None for folder in FOLDERS) >= 15


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("reserved", [-math.inf, 0.0, 0.4, 0.9])
@pytest.mark.parametrize("step", [None, 0.25])
def test_all_quantities_of_scenarios_by_chance(parties: int, reserved: float, step: float | None) -> None:
    for seed in range(3):
        scenario = additive([4, 3, 3, 2], parties, seed, reserved=reserved, step=step)
        assert difference(by_us(analyse(scenario)), by_negmas(scenario)) <= CLOSE


def test_the_comparison_sees_what_differs() -> None:
    ours = by_us(analyse(additive([4, 3], 2, 0)))
    assert difference(ours, by_negmas(additive([4, 3], 2, 1))) > 0.001
    assert difference(ours | {"nash": []}, ours) == math.inf
    assert difference(ours | {"opposition": [[2.0]]}, ours) > 1


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("reserved", [0.0, 0.4, 2.0])
def test_distances_and_optimality_of_any_outcome(parties: int, reserved: float) -> None:
    scenario = additive([5, 4, 3], parties, 3, reserved=reserved)
    analysis, stats = analyse(scenario), calc_scenario_stats(scenario.ufuns)
    most = estimate_max_dist(scenario.ufuns)
    for utilities in np.random.default_rng(0).random((20, parties)):
        theirs = calc_outcome_distances(tuple(utilities), stats)
        ours = analysis.distances(utilities)
        shares, wanted = analysis.optimality(utilities), calc_outcome_optimality(theirs, stats, most)
        for name, their_name in OURS.items():
            assert known(ours[name]) == near(getattr(theirs, f"{their_name}_dist"))
            assert known(shares[name]) == near(getattr(wanted, f"{their_name}_optimality"))
        assert known(shares["welfare"]) == near(wanted.max_welfare_optimality)


def known(number: float | None) -> float:
    return math.nan if number is None else number


def near(number: float) -> Any:
    return pytest.approx(number, abs=CLOSE, nan_ok=True)

"""A generated scenario has the opposition that was asked for, counted by the analysis, and one seed makes one (P-04)."""

from __future__ import annotations

import pytest

from negotiations.engine.analysing import analyse
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_generation import TOLERANCE, Recipe, Unreachable, generate
from negotiations.engine.scenarios import load


@pytest.mark.parametrize("opposition", [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_two_parties_get_the_opposition_they_ask_for(opposition: float) -> None:
    made = generate(Recipe(opposition=opposition, issues=5, values=(3, 6), seed=4))
    assert made.is_exact
    analysis = analyse(load(made.spec.document))
    assert analysis.opposition == pytest.approx(opposition, abs=TOLERANCE)
    assert analysis.opposition == pytest.approx(made.opposition, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_where_not_all_outcomes_are_looked_at_the_exact_frontier_agrees(seed: int) -> None:
    """10^10 outcomes; the analysis has the frontier exactly."""
    made = generate(Recipe(opposition=0.45, issues=10, values=(10, 10), seed=seed))
    assert not made.is_exact
    analysis = analyse(load(made.spec.document))
    assert analysis.words == "frontier exact"
    assert analysis.opposition == pytest.approx(0.45, abs=2 * TOLERANCE)


@pytest.mark.parametrize(("parties", "opposition"), [(3, 0.7), (9, 1.4)])
def test_more_parties_get_it_too_and_their_reserved_values(parties: int, opposition: float) -> None:
    recipe = Recipe(parties=parties, issues=4, opposition=opposition, reserved=(0.05, 0.15), seed=2)
    made = generate(recipe)
    assert made.opposition == pytest.approx(opposition, abs=TOLERANCE)
    assert analyse(load(made.spec.document)).opposition == pytest.approx(made.opposition, abs=1e-9)
    assert all(0.05 <= (party.reserved_value or 0) <= 0.15 for party in made.spec.preferences)
    assert len(made.spec.preferences) == parties


def test_one_seed_makes_one_scenario_and_another_another() -> None:
    first, again, other = (generate(Recipe(seed=seed)).spec.checksum for seed in (5, 5, 6))
    assert first == again != other


def test_what_cannot_be_reached_is_refused_with_the_nearest() -> None:
    with pytest.raises(Unreachable, match=r"nearest opposition of such a scenario is 1\.00"):
        generate(Recipe(issues=1, values=(2, 2), opposition=0.7))
    with pytest.raises(Unreachable, match="lower reserved values"):
        generate(Recipe(parties=9, opposition=2.8, reserved=(1.0, 1.0)))


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(parties=1), Recipe(parties=11), Recipe(issues=0), Recipe(issues=51), Recipe(values=(1, 3)),
        Recipe(values=(4, 3)), Recipe(values=(2, 51)), Recipe(opposition=-0.1), Recipe(opposition=1.01),
        Recipe(opposition=float("nan")), Recipe(seed=-1), Recipe(reserved=(0.5, 0.4)), Recipe(reserved=(0.0, 1.1)),
    ],
)  # fmt: skip
def test_nonsense_is_refused(recipe: Recipe) -> None:
    with pytest.raises(ScenarioRefused):
        generate(recipe)

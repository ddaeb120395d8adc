"""Functions for many matches: equal to the scenario's to the last bit, and nobody's changes reach the next match."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from negmas.preferences import LinearAdditiveUtilityFunction
from negmas.preferences.inv_ufun import PresortingInverseUtilityFunction

from negotiations.engine import scenario_documents
from negotiations.engine.match_scenarios import MatchScenario
from tests.engine.bouts import GENIUS, match, material, results
from tests.engine.scenes import SCENARIOS


def pairs(on: str) -> list[tuple[Any, Any]]:
    """Each function of a scenario beside one for a match."""
    scenario = scenario_documents.load(material(on).document)
    shared = MatchScenario(material(on))
    for ufun, reserved in zip(scenario.ufuns, shared.reserved, strict=True):
        ufun.reserved_value = reserved
    return list(zip(scenario.ufuns, shared.ufuns(0), strict=True))


@pytest.mark.parametrize("on", SCENARIOS)
def test_every_outcome_is_worth_the_same(on: str) -> None:
    for original, quick in pairs(on):
        for outcome in original.outcome_space.enumerate_or_sample():
            assert quick(outcome) == original(outcome)
            assert quick.eval(list(outcome)) == original.eval(list(outcome))
        assert quick(None) == quick.eval(None) == original.reserved_value
        assert quick.minmax() == original.minmax()
        assert quick.extreme_outcomes() == original.extreme_outcomes()


@pytest.mark.parametrize("settings", [{}, {"rational_only": True}, {"eps": -1, "rel_eps": -1}, {"levels": 5}])
@pytest.mark.parametrize("on", SCENARIOS)
def test_inverters_know_the_same(on: str, settings: dict[str, Any]) -> None:
    for original, quick in pairs(on):
        one, other = (PresortingInverseUtilityFunction(ufun, **settings) for ufun in (original, quick))
        for inverter in (one, other):
            inverter.init()
        for name, value in vars(one).items():
            if name != "_ufun":
                assert (
                    list(value) == list(getattr(other, name))
                    if name == "utils"
                    else value == getattr(other, name)
                )


def test_a_copy_is_of_the_original_type() -> None:
    for original, quick in pairs("laptop_xml"):
        for made in (copy.copy(quick), copy.deepcopy(quick), pickle.loads(pickle.dumps(quick))):
            assert type(made) is LinearAdditiveUtilityFunction
            assert made(made.best()) == original(original.best())
        assert isinstance(quick, LinearAdditiveUtilityFunction)
        assert type(quick).__name__ == "LinearAdditiveUtilityFunction"
        assert quick.to_dict() == original.to_dict() | {"id": quick.id, "name": quick.name}


def test_what_a_party_does_to_its_function_stays_in_its_match() -> None:
    shared = MatchScenario(material())
    first, _ = shared.ufuns(0)
    inverter = first.invert()
    inverter.outcomes.clear()
    first.values[0].mapping.clear()
    first.weights.clear()
    first.reserved_value = 0.9
    first.add_constraint(lambda outcome: False)
    assert first(first.outcome_space.random_outcome()) == float("-inf")
    second, _ = shared.ufuns(0)
    original = scenario_documents.load(material().document).ufuns[0]
    assert len(second.invert().outcomes) == original.outcome_space.cardinality
    assert second.reserved_value == original.reserved_value
    assert second.weights == original.weights
    assert second(original.best()) == original(original.best())


def test_another_reserved_value_sorts_anew() -> None:
    ufun, _ = MatchScenario(material()).ufuns(0)
    before = len(ufun.invert(rational_only=True).within_fractions((0, 1)))
    ufun.reserved_value = 0.9
    inverter = PresortingInverseUtilityFunction(ufun, rational_only=True)
    inverter.init()
    assert len(inverter.within_fractions((0, 1))) < before


def test_agents_of_a_package_find_the_order_that_the_last_one_left() -> None:
    first, second = results([match(GENIUS, GENIUS), match(GENIUS, GENIUS)])
    assert first.transcript == second.transcript

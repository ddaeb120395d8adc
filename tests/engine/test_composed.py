"""Negotiators of named components: all that is on the list plays, and nothing else can be named."""

from __future__ import annotations

from typing import Any

import pytest
from negmas import component_registry

from negotiations.engine import negotiators
from negotiations.engine.composed import component, component_classes, components
from negotiations.engine.composition import COMPOSED, chosen_in, misfit, parameters_of, slot_parameters
from negotiations.engine.exceptions import UnknownNegotiator
from negotiations.engine.specs import ComponentSpec, PartySpec
from tests.engine.scenes import BOULWARE, SCENARIOS, played, scenario, session

ALL = components()
NEED_MORE = {"TFTAcceptancePolicy", "TFTOfferingPolicy"}
"""They take a model and a recommender, which no form can give."""
REQUIRED = {"acceptance.limit": 0.5, "acceptance.min": 0.5, "acceptance.tau": 0.9}


def given_for(spec: ComponentSpec) -> dict[str, Any]:
    """The least that a negotiator with this component needs."""
    given: dict[str, Any] = {spec.slot: spec.name}
    if spec.needs:
        given["offering"] = spec.needs[0]
    given |= {f"{spec.slot}.{each.name}": 0.5 for each in spec.parameters if not each.optional}
    return given


def test_the_list_is_that_of_negmas_without_what_no_form_can_build() -> None:
    for slot, classes in component_classes().items():
        registered = {each.cls for each in component_registry.values() if each.component_type == slot}
        left_out = {each.__name__ for each in registered - set(classes.values())}
        assert set(classes.values()) <= registered
        assert left_out <= NEED_MORE | {"NoneOfferingPolicy"}
    assert len(ALL) == 136


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: f"{spec.slot}-{spec.name}")
def test_every_component_plays(spec: ComponentSpec) -> None:
    party = PartySpec("composed", COMPOSED, given_for(spec))
    spec_of_session = session(COMPOSED, BOULWARE)
    parties = (party, spec_of_session.parties[1])
    actions, result = played(type(spec_of_session)(
        spec_of_session.scenario, parties, spec_of_session.mechanism, 7
    ))  # fmt: skip
    assert actions and result.end_reason in ("agreement", "steps", "ended"), result.error


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_composed_one_plays_in_every_seat(name: str) -> None:
    seats = len(scenario(name).preferences)
    actions, result = played(session(*[COMPOSED] * seats, on=name))
    assert {action.party for action in actions} == set(range(seats))
    assert result.end_reason in ("agreement", "steps")


@pytest.mark.parametrize(
    "given",
    [
        {"offering": "os.system"},
        {"offering": "ACNext"},
        {"offering": "OfferingPolicy"},
        {"offering": "NoneOfferingPolicy"},
        {"acceptance": "__class__"},
        {"model": "TimeBasedOfferingPolicy"},
        {"model": ["GDefaultModel"]},
        {"extra_components": "x"},
        {"components": "x"},
        {"name_of": "x"},
        {"offering.curve": "x"},
        {"offering.negotiator": "x"},
        {"acceptance.offering_strategy": "x"},
        {"acceptance.alpha": float("nan")},
        {"acceptance.alpha": "__import__('os')"},
        {"acceptance": "AcceptAbove"},
        {"acceptance": "MiCROAcceptancePolicy"},
    ],
)
def test_what_is_not_on_the_list_cannot_be_named(given: dict[str, Any]) -> None:
    party = PartySpec("x", COMPOSED, given)
    with pytest.raises(UnknownNegotiator):
        negotiators.create(party)


def test_parameters_stand_under_the_name_of_their_slot() -> None:
    chosen = [component(slot, name) for slot, name in chosen_in({"offering": "GBoulwareOffering"}).items()]
    names = [each.name for each in parameters_of(slot_parameters(ALL), chosen)]
    assert names[:3] == ["offering", "acceptance", "model"]
    assert {"offering.e", "acceptance.alpha"} <= set(names)


def test_parameters_reach_their_component() -> None:
    party = PartySpec(
        "x", COMPOSED, {"offering": "GBoulwareOffering", "offering.e": 0.5, "acceptance.alpha": 2.0}
    )
    made = negotiators.create(party)
    assert made._offering.e == 0.5
    assert made._acceptance.alpha == 2.0


def test_an_acceptance_component_may_need_a_kind_of_offering() -> None:
    micro = [component("acceptance", "MiCROAcceptancePolicy"), component("offering", "GBoulwareOffering")]
    assert misfit(micro) == (
        "MiCROAcceptancePolicy works with FastMiCROOfferingPolicy or MiCROOfferingPolicy only, "
        "not with GBoulwareOffering."
    )

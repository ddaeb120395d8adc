"""What a composed negotiator is made of, as plain data: which components, with which parameters. Needs no NegMAS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from negotiations.engine.specs import ComponentSpec, ParameterSpec

COMPOSED = "negotiations.engine.composed.ComposedNegotiator"
SLOTS = {
    "offering": "What it offers.",
    "acceptance": "When it accepts what another offers.",
    "model": "What it takes the other's utilities for; some offering and acceptance components ask it.",
}
DEFAULTS: dict[str, str | None] = {
    "offering": "TimeBasedOfferingPolicy",
    "acceptance": "ACNext",
    "model": None,
}


def slot_parameters(components: Iterable[ComponentSpec]) -> tuple[ParameterSpec, ...]:
    """A choice for each slot; the parameters of what is chosen come after them."""
    named: dict[str, list[str]] = {slot: [] for slot in SLOTS}
    for component in components:
        named[component.slot].append(component.name)
    return tuple(
        ParameterSpec(slot, "choice", DEFAULTS[slot], tuple(sorted(named[slot])), words=words)
        for slot, words in SLOTS.items()
    )


def chosen_in(given: Mapping[str, Any]) -> dict[str, str]:
    """The component of each slot that has one; what is not given takes its default."""
    names = {slot: given.get(slot) or DEFAULTS[slot] for slot in SLOTS}
    return {slot: str(name) for slot, name in names.items() if name}


def parameters_of(
    slots: Iterable[ParameterSpec], chosen: Iterable[ComponentSpec]
) -> tuple[ParameterSpec, ...]:
    """All parameters of a composed negotiator: its slots, then those of each component under the slot's name."""
    inner = (
        replace(parameter, name=f"{component.slot}.{parameter.name}")
        for component in chosen
        for parameter in component.parameters
    )
    return (*slots, *inner)


def misfit(chosen: Iterable[ComponentSpec]) -> str:
    """Why these components do not work together; empty where they do."""
    by_slot = {component.slot: component for component in chosen}
    acceptance, offering = by_slot.get("acceptance"), by_slot.get("offering")
    if acceptance and offering and acceptance.needs and offering.name not in acceptance.needs:
        return f"{acceptance.name} works with {' or '.join(acceptance.needs)} only, not with {offering.name}."
    return ""

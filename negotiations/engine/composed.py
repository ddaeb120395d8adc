"""A negotiator of NegMAS's components: what it offers, when it accepts, how it models the other."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

from negmas import gb
from negmas.gb.components import GBComponent, acceptance, genius, models, offering
from negmas.gb.components.acceptance import AcceptancePolicy
from negmas.gb.components.base import Component
from negmas.gb.components.offering import OfferingPolicy
from negmas.gb.negotiators.modular import BOANegotiator
from negmas.preferences import BaseUtilityFunction

from negotiations.engine import composition
from negotiations.engine.docstrings import text_of
from negotiations.engine.exceptions import UnknownNegotiator
from negotiations.engine.introspection import needed, parameters_of
from negotiations.engine.parameters import check_parameters
from negotiations.engine.specs import ComponentSpec

_HOUSE = f"{gb.__name__}.components."
_PLACES = (acceptance, offering, models, genius)
_OFFERING = ("offering_strategy", "offering_policy")
"""What acceptance components call the offering component that they ask."""
_UNFIT = frozenset(
    [
        "AcceptancePolicy",
        "GeniusAcceptancePolicy",
        "OfferingPolicy",
        "GeniusOfferingPolicy",
        "LimitedOutcomesAcceptancePolicy",
        "NoneOfferingPolicy",
    ]
)
"""Bases of others, one that takes a list of outcomes, and one that ends every session at its first step."""


class ComposedNegotiator(BOANegotiator):
    """Takes plain data: a component's name for each slot, and its parameters as `slot.name`."""

    def __init__(self, *, name: str, id: str, **given: Any) -> None:
        super().__init__(**_parts(given), name=name, id=id)


@functools.cache
def component_classes() -> dict[str, dict[str, type[Any]]]:
    """The components that may be named: slot, then name. Nothing else is ever looked up."""
    found: dict[str, dict[str, type[Any]]] = {slot: {} for slot in composition.SLOTS}
    for kind in {each for place in _PLACES for each in vars(place).values() if isinstance(each, type)}:
        slot = _slot(kind)
        if slot and _can_be_made(kind):
            found[slot][kind.__name__] = kind
    return found


@functools.cache
def component(slot: str, name: str) -> ComponentSpec:
    """Raises UnknownNegotiator where there is none of this name."""
    kind = component_classes().get(slot, {}).get(name)
    if kind is None:
        raise UnknownNegotiator(f"There is no {slot} component {name[:60]!r}.")
    text = text_of(kind.__doc__ or "")
    return ComponentSpec(
        slot,
        name,
        family=_family(kind),
        description=text.partition("\n")[0][:500],
        parameters=parameters_of(kind, _asked(kind, None)),
        needs=_needs(kind),
    )


def components() -> tuple[ComponentSpec, ...]:
    classes = component_classes()
    return tuple(component(slot, name) for slot in classes for name in sorted(classes[slot]))


def _slot(kind: type[Any]) -> str:
    if not kind.__module__.startswith(_HOUSE) or inspect.isabstract(kind) or kind.__name__.startswith("_"):
        return ""
    if issubclass(kind, AcceptancePolicy):
        return "acceptance"
    if issubclass(kind, OfferingPolicy):
        return "offering"
    is_model = issubclass(kind, GBComponent) and issubclass(kind, BaseUtilityFunction)
    return "model" if is_model and issubclass(kind, Component) else ""


def _can_be_made(kind: type[Any]) -> bool:
    return kind.__name__ not in _UNFIT and not set(needed(kind)) - set(_OFFERING)


def _needs(kind: type[Any]) -> tuple[str, ...]:
    """The offering components that an acceptance component works with, where that is not any."""
    base = next((annotation for name, annotation in needed(kind).items() if name in _OFFERING), "")
    wanted = vars(offering).get(base.strip("'\""), OfferingPolicy)
    if wanted is OfferingPolicy:
        return ()
    classes = component_classes()["offering"]
    return tuple(sorted(name for name, each in classes.items() if issubclass(each, wanted)))


def _family(kind: type[Any]) -> str:
    return "Genius" if kind.__module__.startswith(genius.__name__) else "NegMAS"


def _parts(given: Mapping[str, Any]) -> dict[str, Any]:
    """The components by slot. Raises UnknownNegotiator where one of them or a parameter is not on the list."""
    specs = [component(slot, name) for slot, name in composition.chosen_in(given).items()]
    slots = composition.slot_parameters(components())
    parameters = composition.parameters_of(slots, specs)
    missing = {each.name: None for each in parameters if not each.optional and given.get(each.name) is None}
    wrong = check_parameters(parameters, {**given, **missing})
    if wrong or composition.misfit(specs):
        told = [f"{name[:60]}: {text}" for name, text in wrong.items()] or [composition.misfit(specs)]
        raise UnknownNegotiator(" ".join(told))
    made: dict[str, Any] = {}
    for spec in specs:
        kind = component_classes()[spec.slot][spec.name]
        own = {
            parameter.name: given[f"{spec.slot}.{parameter.name}"]
            for parameter in spec.parameters
            if given.get(f"{spec.slot}.{parameter.name}") is not None
        }
        made[spec.slot] = kind(**own, **_asked(kind, made["offering"] if made else None))
    return made


def _asked(kind: type[Any], chosen: OfferingPolicy | None) -> dict[str, OfferingPolicy | None]:
    """The offering component for those that ask it."""
    return {name: chosen for name in needed(kind) if name in _OFFERING}

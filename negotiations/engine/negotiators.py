"""Negotiators: the catalogue of what is installed, and making one from its type and parameters."""

from __future__ import annotations

import importlib
from typing import Any

from negmas.gb.negotiators.base import GBNegotiator

from negotiations.engine.exceptions import UnknownNegotiator
from negotiations.engine.parameters import check_parameters
from negotiations.engine.specs import PartySpec

__all__ = ["UnknownNegotiator", "check_parameters", "create"]


def create(party: PartySpec, identity: str | None = None) -> Any:
    """The negotiator of a party. Raises UnknownNegotiator unless its type is one of NegMAS's kind."""
    return kind_of(party)(**{**given(party), "name": party.name, "id": identity or party.name})


def kind_of(party: PartySpec) -> Any:
    """The class of a party's negotiator."""
    module, _, name = party.type.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownNegotiator(
            f"There is no negotiator {party.type!r}. Is its package installed?"
        ) from error
    # NegMAS's own are of the general kind GBNegotiator; SAONegotiator is one of its children.
    if not (isinstance(kind, type) and issubclass(kind, GBNegotiator)):
        raise UnknownNegotiator(f"{party.type!r} is no negotiator.")
    return kind


def given(party: PartySpec) -> dict[str, Any]:
    """Its parameters; one that is None is left to its default."""
    return {key: value for key, value in party.parameters.items() if value is not None}

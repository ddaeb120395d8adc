"""Every negotiator that is installed, with what it can stand."""

from __future__ import annotations

import importlib
import logging
import re
from importlib import metadata
from typing import Any

from negmas import negotiator_registry

from negotiations.engine.introspection import parameters_of
from negotiations.engine.specs import NegotiatorSpec

MAX_OUTCOMES = 1_000_000
"""Most negotiators list and sort all outcomes: a pair takes 0.4 GB and 3 s for it here,
and ten times that at ten times the size."""
MAX_DESCRIPTION = 500

_JAVA = "genius"
"""The tag of those that need a running Java program."""
_NOT_LISTING = frozenset(
    ["NiceNegotiator", "RandomNegotiator", "RandomAlwaysAcceptingNegotiator", "LimitedOutcomesAcceptor"]
)
_NOT_PROPOSING = frozenset(["LimitedOutcomesAcceptor"])
_NOT_ALONE_TAGS = frozenset(["elicitation", "meta"])
_NOT_ALONE = frozenset(["UtilBasedNegotiator"])
_RANDOM = _NOT_LISTING | {
    "LimitedOutcomesNegotiator",
    "TopFractionNegotiator",
    "MiCRONegotiator",
    "FastMiCRONegotiator",
}
_FAMILIES = {
    "micro": "MiCRO",
    "cab-family": "Conceding (CAB)",
    "wab-family": "Wasting (WAB)",
    "tit-for-tat": "Tit for tat",
    "following": "Following",
    "offer-oriented": "Offer oriented",
    "time-based": "Time based",
    "hybrid": "Hybrid",
    "random": "Random",
    "limited-outcomes": "Limited outcomes",
    "elicitation": "Elicitation",
    "meta": "Meta",
}
_ANAC_YEAR = re.compile(r"\.anac\.y(\d{4})\.")

_log = logging.getLogger(__name__)


def catalogue() -> list[NegotiatorSpec]:
    """All negotiators of NegMAS and of the installed agent packages, by source and name."""
    _import_packages()
    infos = [info for info in negotiator_registry.values() if _JAVA not in info.tags]
    specs = {(spec.source, spec.type): spec for spec in map(_spec, infos)}
    return [specs[key] for key in sorted(specs)]


def _import_packages() -> None:
    """Import every package named negmas-*; they enter NegMAS's registry as they are imported."""
    for distribution in metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower().replace("_", "-")
        if name.startswith("negmas-"):
            try:
                importlib.import_module(name.replace("-", "_"))
            except Exception as error:  # noqa: BLE001 a package that breaks must not take the others with it
                _log.warning("The agent package %s cannot be imported: %s", name, error)


def _spec(info: Any) -> NegotiatorSpec:
    name, tags = info.short_name, frozenset(info.tags)
    alone = name not in _NOT_ALONE and not tags & _NOT_ALONE_TAGS
    native = info.source == "negmas"
    return NegotiatorSpec(
        source=info.source,
        type=_type(info),
        short_name=name,
        family=_family(info, tags),
        tags=tuple(sorted(tags)),
        description=_first_paragraph(info.description or ""),
        parameters=parameters_of(info.cls) if alone else (),
        max_outcomes=None if native and name in _NOT_LISTING else MAX_OUTCOMES,
        max_parties=2 if "bilateral-only" in tags else None,
        proposes=name not in _NOT_PROPOSING,
        runs_alone=alone,
        deterministic=native and alone and name not in _RANDOM,
    )


def _type(info: Any) -> str:
    """The name it is imported by; NegMAS lists one class under two names, and both lead to it."""
    module = importlib.import_module(info.cls.__module__)
    name = info.short_name if getattr(module, info.short_name, None) is info.cls else info.cls.__qualname__
    return f"{info.cls.__module__}.{name}"


def _family(info: Any, tags: frozenset[str]) -> str:
    year = _ANAC_YEAR.search(info.cls.__module__ + ".")
    if year:
        return f"ANAC {year[1]}"
    return next((family for tag, family in _FAMILIES.items() if tag in tags), "Other")


def _first_paragraph(text: str) -> str:
    first = text.strip().split("\n\n")[0]
    return " ".join(first.replace("`", "").replace("*", "").split())[:MAX_DESCRIPTION]

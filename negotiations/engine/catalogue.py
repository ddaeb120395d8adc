"""Every negotiator that is installed, with what it can stand."""

from __future__ import annotations

import functools
import importlib
import logging
import re
from importlib import metadata
from typing import Any

from negmas import negotiator_registry

from negotiations.engine.composed import components
from negotiations.engine.composition import COMPOSED, slot_parameters
from negotiations.engine.docstrings import text_of
from negotiations.engine.introspection import not_given, parameters_of
from negotiations.engine.specs import NegotiatorSpec

MAX_OUTCOMES = 1_000_000
"""Most negotiators list and sort all outcomes: a pair takes 0.4 GB and 3 s for it here,
and ten times that at ten times the size."""
MAX_DESCRIPTION = 500

ENTRY_POINTS = "parley.negotiators"
"""An agent package that is not called negmas-* names under this group the modules that register its negotiators."""
COMPOSED_NAME = "Composed"

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
    specs = {(spec.source, spec.type): spec for spec in [_composed(), *map(_spec, infos)]}
    return [specs[key] for key in sorted(specs)]


def _import_packages() -> None:
    """Import every agent package; they enter NegMAS's registry as they are imported."""
    for name in _packages():
        try:
            importlib.import_module(name.replace("-", "_"))
        except Exception as error:  # noqa: BLE001 a package that breaks must not take the others with it
            _log.warning("The agent package %s cannot be imported: %s", name, error)


def _packages() -> list[str]:
    """Those named negmas-*, and the modules that others name as entry points."""
    names = [(each.metadata["Name"] or "").lower().replace("_", "-") for each in metadata.distributions()]
    pointed = [entry.module for entry in metadata.entry_points(group=ENTRY_POINTS)]
    return list(dict.fromkeys([*(name for name in names if name.startswith("negmas-")), *pointed]))


def _spec(info: Any) -> NegotiatorSpec:
    name, tags = info.short_name, frozenset(info.tags)
    alone = name not in _NOT_ALONE and not tags & _NOT_ALONE_TAGS
    native = info.source == "negmas"
    parameters = parameters_of(info.cls) if alone else ()
    return NegotiatorSpec(
        source=info.source,
        type=_type(info),
        short_name=name,
        family=_family(info, tags),
        tags=tuple(sorted(tags)),
        description=_first_paragraph(info.description or ""),
        parameters=parameters,
        max_outcomes=None if native and name in _NOT_LISTING else MAX_OUTCOMES,
        max_parties=2 if "bilateral-only" in tags else None,
        proposes=name not in _NOT_PROPOSING,
        runs_alone=alone,
        deterministic=native and alone and name not in _RANDOM,
        text=text_of(info.description or ""),
        not_given=not_given(info.cls, parameters),
        version=version_of(info.cls.__module__),
    )


def _composed() -> NegotiatorSpec:
    """One for all that are composed of components: which ones, its parameters say."""
    return NegotiatorSpec(
        source="parley",
        type=COMPOSED,
        short_name=COMPOSED_NAME,
        family=COMPOSED_NAME,
        tags=("components",),
        description="Made of named components of NegMAS: what it offers, when it accepts, how it models the other.",
        text="Made of named components of NegMAS: what it offers, when it accepts, how it models the other.",
        parameters=slot_parameters(components()),
        max_outcomes=MAX_OUTCOMES,
        max_parties=None,
        version=version_of("negmas"),
    )


@functools.cache
def version_of(module: str) -> str:
    """Which packages a negotiator's behaviour depends on: its own and NegMAS, each with its version."""
    own = module.partition(".")[0].replace("_", "-")
    found = []
    for name in dict.fromkeys([own, "negmas"]):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)


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

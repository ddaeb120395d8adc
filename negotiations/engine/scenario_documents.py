"""The stored form of a scenario: a YAML stream, the outcome space first, then one utility function a party."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from negmas import outcomes, preferences
from negmas.inout import Scenario

from negotiations.engine.scenario_texts import (
    ISSUES,
    SPACES,
    UFUNS,
    VALUE_FUNS,
    dumped,
    parsed,
    short,
    stripped,
)

_TYPES: dict[str, type[Any]] = {
    **{name: getattr(outcomes, name) for name in SPACES + ISSUES},
    **{name: getattr(preferences, name) for name in UFUNS + VALUE_FUNS},
}


def build(space: dict[str, Any], ufuns: Iterable[dict[str, Any]]) -> Scenario:
    """NegMAS's objects from checked documents."""
    outcome_space = _made(space)
    parties = tuple(_made({**ufun, "outcome_space": outcome_space}) for ufun in ufuns)
    return Scenario(outcome_space=outcome_space, ufuns=parties, name=str(space.get("name") or "scenario"))


def _made(node: Any) -> Any:
    """As NegMAS's deserialize, with types from the list alone and nothing ever looked up by name."""
    if isinstance(node, list):
        return [_made(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "type" not in node:
        return {key: _made(value) for key, value in node.items()}
    arguments = {key: _made(value) for key, value in node.items() if key != "type"}
    kind = _TYPES[short(node)]
    return kind(**arguments)


def written(scenario: Scenario) -> str:
    """The document of a scenario."""
    told = scenario.serialize()
    return "---\n".join(dumped(stripped(part)) for part in (told["domain"], *told["ufuns"]))


def load(document: str) -> Scenario:
    """Fresh objects of a stored scenario, nothing shared with another session."""
    space, *ufuns = parsed(document)
    return build(space, ufuns)

"""The stored form of a scenario: a YAML stream, the outcome space first, then one utility function a party."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable
from typing import Any

import yaml
from negmas import outcomes, preferences
from negmas.inout import Scenario

from negotiations.engine.exceptions import ScenarioRefused

MAX_NODES = 200_000
"""A file of 2 MB holds fewer; a nested one that holds more is built to cost time."""
MAX_DEPTH = 20

_SPACES = ("CartesianOutcomeSpace", "DiscreteCartesianOutcomeSpace")
_ISSUES = (
    "CategoricalIssue",
    "OrdinalIssue",
    "CardinalIssue",
    "ContiguousIssue",
    "DiscreteCardinalIssue",
    "DiscreteOrdinalIssue",
    "ContinuousIssue",
)
_UFUNS = (
    "LinearAdditiveUtilityFunction",
    "LinearUtilityFunction",
    "AffineUtilityFunction",
    "HyperRectangleUtilityFunction",
    "ExpDiscountedUFun",
)
_VALUE_FUNS = ("TableFun", "AffineFun", "LinearFun", "IdentityFun", "ConstFun")
_SHORT = {"LinearAdditiveFun": "LinearAdditiveUtilityFunction", "LinearFunction": "LinearUtilityFunction"}

_TYPES: dict[str, type[Any]] = {
    **{name: getattr(outcomes, name) for name in _SPACES + _ISSUES},
    **{name: getattr(preferences, name) for name in _UFUNS + _VALUE_FUNS},
}
_TYPE_NAME = re.compile(r"(negmas\.([a-z_]+\.)*)?(\w+)")
_IGNORED = ("path", "id", "n_values", "outcome_space", "stability", "reserved_outcome", "owner", "type_name")

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Plain(_DUMPER):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def parse(text: str, where: str) -> list[dict[str, Any]]:
    """The documents of hostile YAML: plain values, no aliases, types from a short list.

    Raises ScenarioRefused with `where` in its text.
    """
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent):
                raise ScenarioRefused(
                    f"{where} uses YAML aliases (*name), which are not allowed. Write the values out."
                )
        documents = [document for document in yaml.load_all(text, Loader=_LOADER) if document is not None]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ScenarioRefused(
            f"{where} is not valid YAML: {one_line(error)}. Save it again from its program."
        ) from error
    return [checked(document, where) for document in documents]


def checked(document: Any, where: str) -> dict[str, Any]:
    """The document, cleaned of what does not matter; refused where it holds what it must not."""
    if not isinstance(document, dict):
        raise ScenarioRefused(
            f"{where} holds no mapping at its top. An outcome space or a utility function is needed."
        )
    _Check(where).walk(document, 0)
    stripped: dict[str, Any] = _stripped(document)
    return stripped


class _Check:
    def __init__(self, where: str) -> None:
        self._where = where
        self._nodes = 0

    def walk(self, node: Any, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise ScenarioRefused(
                f"{self._where} holds more than {MAX_NODES:,} values or is nested deeper than {MAX_DEPTH} levels. Make it smaller."
            )
        if isinstance(node, dict):
            self._mapping(node, depth)
        elif isinstance(node, list | tuple):
            for item in node:
                self.walk(item, depth + 1)
        elif not (node is None or isinstance(node, str | int | float)):
            raise ScenarioRefused(
                f"{self._where} holds a {type(node).__name__}, where only text and numbers may stand. Quote it if it is text."
            )

    def _mapping(self, node: dict[Any, Any], depth: int) -> None:
        for key, value in node.items():
            if not isinstance(key, str | int | float):
                raise ScenarioRefused(
                    f"{self._where} has a key that is neither text nor a number. Use plain keys."
                )
            if key == "type":
                self._type(value)
            if isinstance(key, str) and key.startswith("__"):
                raise ScenarioRefused(
                    f"{self._where} has a key {key[:60]!r}, which is not allowed. Remove it."
                )
            self.walk(value, depth + 1)

    def _type(self, name: Any) -> None:
        match = _TYPE_NAME.fullmatch(name) if isinstance(name, str) else None
        short = match[3] if match else ""
        if _SHORT.get(short, short) not in _TYPES:
            raise ScenarioRefused(
                f"{self._where} names the type {str(name)[:80]!r}, which is not allowed. "
                f"Allowed are {', '.join(_TYPES)}; an issue value called 'type' has to be renamed."
            )


def _stripped(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: _stripped(value) for key, value in node.items() if not (key in _IGNORED and "type" in node)
        }
    return [_stripped(item) for item in node] if isinstance(node, list | tuple) else node


def is_space(document: dict[str, Any]) -> bool:
    return _short(document) in _SPACES


def is_ufun(document: dict[str, Any]) -> bool:
    return _short(document) in _UFUNS


def _short(document: dict[str, Any]) -> str:
    name = str(document.get("type", "")).rsplit(".", 1)[-1]
    return _SHORT.get(name, name)


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
    kind = _TYPES[_short(node)]
    return kind(**arguments)


def written(scenario: Scenario) -> str:
    """The document of a scenario."""
    told = scenario.serialize()
    return "---\n".join(dumped(_stripped(part)) for part in (told["domain"], *told["ufuns"]))


def dumped(document: dict[str, Any]) -> str:
    text: str = yaml.dump(
        document, Dumper=_Plain, sort_keys=False, allow_unicode=True, default_flow_style=False
    )
    return text


def checksum(document: str) -> str:
    """SHA-256 of what a scenario says, without its names and whatever the order of keys."""
    parts = [{key: value for key, value in part.items() if key != "name"} for part in _parsed(document)]
    return hashlib.sha256(repr(_ordered(parts)).encode()).hexdigest()


def _ordered(node: Any) -> Any:
    if isinstance(node, dict):
        return sorted(((repr(key), _ordered(value)) for key, value in node.items()), key=lambda pair: pair[0])
    return [_ordered(item) for item in node] if isinstance(node, list) else node


def load(document: str) -> Scenario:
    """Fresh objects of a stored scenario, nothing shared with another session."""
    space, *ufuns = _parsed(document)
    return build(space, ufuns)


@functools.lru_cache(maxsize=16)
def _parsed(document: str) -> tuple[dict[str, Any], ...]:
    parts = yaml.load_all(document, Loader=_LOADER)
    return tuple(checked(part, "The stored scenario") for part in parts)


def one_line(error: BaseException) -> str:
    """What an error says, short enough for a message."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]

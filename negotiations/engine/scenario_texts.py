"""The texts of scenarios: YAML and JSON as strangers write them, and as a scenario is stored. Without NegMAS."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import Any, ClassVar

import yaml

from negotiations.engine.exceptions import ScenarioRefused

MAX_NODES = 200_000
"""A file of 2 MB holds fewer; a nested one that holds more is built to cost time."""
MAX_DEPTH = 20

SPACES = ("CartesianOutcomeSpace", "DiscreteCartesianOutcomeSpace")
ISSUES = (
    "CategoricalIssue",
    "OrdinalIssue",
    "CardinalIssue",
    "ContiguousIssue",
    "DiscreteCardinalIssue",
    "DiscreteOrdinalIssue",
    "ContinuousIssue",
)
UFUNS = (
    "LinearAdditiveUtilityFunction",
    "LinearUtilityFunction",
    "AffineUtilityFunction",
    "HyperRectangleUtilityFunction",
    "ExpDiscountedUFun",
)
VALUE_FUNS = ("TableFun", "AffineFun", "LinearFun", "IdentityFun", "ConstFun")
_SHORT = {"LinearAdditiveFun": "LinearAdditiveUtilityFunction", "LinearFunction": "LinearUtilityFunction"}

TYPES = (*SPACES, *ISSUES, *UFUNS, *VALUE_FUNS)
_TYPE_NAME = re.compile(r"(negmas\.([a-z_]+\.)*)?(\w+)")
_IGNORED = ("path", "id", "n_values", "outcome_space", "stability", "reserved_outcome", "owner", "type_name")

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Twice(ValueError):
    """A key that a mapping has already."""


class _Reader(_LOADER):
    """As YAML 1.1, but that `yes`, `no`, `1:30`, `007` and dates stay the texts that their writer saw.

    All that it takes for a number YAML 1.1 does too, so that what is stored and exported comes back the same.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise _Twice(key.value)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else "")
        return super().construct_mapping(node, deep)


_DIGITS = "-+0123456789."
_READ_AS = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?(0|[1-9][0-9_]*|0b[01_]+|0x[0-9a-fA-F_]+)", _DIGITS),
    "float": (
        r"[-+]?([0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|\.[0-9][0-9_]*([eE][-+][0-9]+)?|\.(inf|Inf|INF))"
        r"|\.(nan|NaN|NAN)",
        _DIGITS,
    ),
    "null": (r"~|null|Null|NULL|", "~nN\0"),
}
for _tag, (_pattern, _first) in _READ_AS.items():
    _Reader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), ["" if c == "\0" else c for c in _first]
    )


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
        documents = [document for document in yaml.load_all(text, Loader=_Reader) if document is not None]
    except _Twice as twice:
        raise written_twice(where, str(twice)) from twice
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ScenarioRefused(
            f"{where} is not valid YAML: {one_line(error)}. Save it again from its program."
        ) from error
    return [checked(document, where) for document in documents]


def written_twice(where: str, key: str) -> ScenarioRefused:
    return ScenarioRefused(f"{where} says {key[:80]!r} twice in one place. Keep one of them.")


def checked(document: Any, where: str) -> dict[str, Any]:
    """The document, cleaned of what does not matter; refused where it holds what it must not."""
    if not isinstance(document, dict):
        raise ScenarioRefused(
            f"{where} holds no mapping at its top. An outcome space or a utility function is needed."
        )
    _Check(where).walk(document, 0)
    clean: dict[str, Any] = stripped(document)
    return clean


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
                self._no_truth(item)
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
            self._no_truth(key)
            if key == "type":
                self._type(value)
            if isinstance(key, str) and key.startswith("__"):
                raise ScenarioRefused(
                    f"{self._where} has a key {key[:60]!r}, which is not allowed. Remove it."
                )
            self.walk(value, depth + 1)

    def _no_truth(self, value: Any) -> None:
        if isinstance(value, bool):
            raise ScenarioRefused(
                f"{self._where} has {str(value).lower()} for a value, which is no text but a truth value. "
                f"Put it in quotes: '{str(value).lower()}'."
            )

    def _type(self, name: Any) -> None:
        match = _TYPE_NAME.fullmatch(name) if isinstance(name, str) else None
        short = match[3] if match else ""
        if _SHORT.get(short, short) not in TYPES:
            raise ScenarioRefused(
                f"{self._where} names the type {str(name)[:80]!r}, which is not allowed. "
                f"Allowed are {', '.join(TYPES)}; an issue value called 'type' has to be renamed."
            )


def stripped(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: stripped(value) for key, value in node.items() if not (key in _IGNORED and "type" in node)
        }
    return [stripped(item) for item in node] if isinstance(node, list | tuple) else node


def is_space(document: dict[str, Any]) -> bool:
    return short(document) in SPACES


def is_ufun(document: dict[str, Any]) -> bool:
    return short(document) in UFUNS


def short(document: dict[str, Any]) -> str:
    name = str(document.get("type", "")).rsplit(".", 1)[-1]
    return _SHORT.get(name, name)


def dumped(document: dict[str, Any]) -> str:
    text: str = yaml.dump(
        document, Dumper=_Plain, sort_keys=False, allow_unicode=True, default_flow_style=False
    )
    return text


def checksum(document: str) -> str:
    """SHA-256 of what a scenario says, without its names and whatever the order of keys."""
    parts = [{key: value for key, value in part.items() if key != "name"} for part in parsed(document)]
    return hashlib.sha256(repr(_ordered(parts)).encode()).hexdigest()


def _ordered(node: Any) -> Any:
    if isinstance(node, dict):
        return sorted(((repr(key), _ordered(value)) for key, value in node.items()), key=lambda pair: pair[0])
    return [_ordered(item) for item in node] if isinstance(node, list) else node


@functools.lru_cache(maxsize=16)
def parsed(document: str) -> tuple[dict[str, Any], ...]:
    parts = yaml.load_all(document, Loader=_LOADER)
    return tuple(checked(part, "The stored scenario") for part in parts)


def one_line(error: BaseException) -> str:
    """What an error says, short enough for a message."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]

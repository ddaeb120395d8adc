"""Which parameters a negotiator's constructor takes that a person may safely set."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from negotiations.engine.docstrings import bounds_in, words_of
from negotiations.engine.specs import ParameterSpec

_OWN = frozenset(
    [
        "self",
        "name",
        "parent",
        "preferences",
        "ufun",
        "owner",
        "id",
        "type_name",
        "private_info",
        "kwargs",
        "args",
        "can_propose",
        "negotiator",
        "next_indx",
    ]
)
_LITERAL = re.compile(r"Literal\[([^\]]*)\]")
_LIST = re.compile(r"^(list|tuple|Sequence|Iterable)\[float(, \.\.\.)?\]$")
_NUMBERS = {"int": "int", "float": "float", "bool": "bool"}


def parameters_of(kind: type[Any], fixed: Mapping[str, Any] | None = None) -> tuple[ParameterSpec, ...]:
    """The numbers, switches and closed choices among the constructor's parameters, those of its bases included.

    Free strings are left out, and so is whatever names a class or a function: nothing a person writes is looked up
    or evaluated. Parameters that the constructor does not really pass on are left out as well. `fixed` is what the
    constructor cannot do without and gets from elsewhere.
    """
    words = words_of(kind)
    found = (_spec(parameter) for parameter in _signature(kind).values())
    return tuple(
        _told(spec, words.get(spec.name, "")) for spec in found if spec and _accepts(kind, spec, fixed or {})
    )


def not_given(kind: type[Any], given: tuple[ParameterSpec, ...]) -> tuple[str, ...]:
    """The parameters that cannot be given in a form, each with its type."""
    names = {parameter.name for parameter in given}
    others = (parameter for name, parameter in _signature(kind).items() if name not in names)
    return tuple(f"{each.name} ({_annotation(each)})".replace(" ()", "") for each in others)


def needed(kind: type[Any]) -> dict[str, str]:
    """The type of each parameter that has no default and cannot be given in a form."""
    found = _signature(kind).values()
    return {
        each.name: _annotation(each) for each in found if each.default is each.empty and _spec(each) is None
    }


def _told(spec: ParameterSpec, words: str) -> ParameterSpec:
    """With what its class says of it; bounds only where the default keeps to them."""
    bounds = bounds_in(words) if spec.kind in ("int", "float") else None
    if bounds is None or isinstance(spec.default, str | Sequence):
        return replace(spec, words=words)
    low, high = bounds
    if spec.default is not None and not low <= spec.default <= high:
        return replace(spec, words=words)
    return replace(spec, words=words, low=low, high=high)


def _signature(kind: type[Any]) -> dict[str, inspect.Parameter]:
    """Parameters over the line of bases, as far as each passes its keywords on.

    Some write `kwargs["name"] = ...` over what they were given; their code holds that name as a constant.
    """
    found: dict[str, inspect.Parameter] = {}
    fixed = set(_OWN)
    for base in kind.__mro__:
        if "__init__" not in base.__dict__ or base is object:
            continue
        init = base.__dict__["__init__"]
        parameters = inspect.signature(init).parameters.values()
        for parameter in parameters:
            if (
                parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
                and parameter.name not in fixed
            ):
                found.setdefault(parameter.name, parameter)
        fixed |= {name for name in _constants(init) if name not in found}
        if not any(parameter.kind == parameter.VAR_KEYWORD for parameter in parameters):
            break
    return found


def _constants(function: Any) -> set[str]:
    code = getattr(function, "__code__", None)
    return {constant for constant in code.co_consts if isinstance(constant, str)} if code else set()


def _spec(parameter: inspect.Parameter) -> ParameterSpec | None:
    default = None if parameter.default is parameter.empty else parameter.default
    if isinstance(default, float) and not math.isfinite(default):
        default = None
    if default is not None and not isinstance(default, bool | int | float | str):
        return None
    kind, choices = _kind(_annotation(parameter), default)
    if not kind:
        return None
    return ParameterSpec(parameter.name, kind, default, choices, parameter.default is not parameter.empty)


def _annotation(parameter: inspect.Parameter) -> str:
    annotation = parameter.annotation
    if annotation is parameter.empty:
        return ""
    if isinstance(annotation, str):
        return annotation
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _kind(annotation: str, default: Any) -> tuple[str, tuple[str, ...]]:
    choices = tuple(
        choice.strip().strip("'\"")
        for group in _LITERAL.findall(annotation)
        for choice in group.split(",")
        if choice.strip()
    )
    words = {word.strip() for word in _LITERAL.sub("", annotation).split("|")}
    if any(map(_LIST.match, words)):
        return "numbers", ()
    numbers = [_NUMBERS[word] for word in ("float", "int", "bool") if word in words]
    if choices:
        return ("number_or_choice" if numbers else "choice"), choices
    if numbers:
        return numbers[0], ()
    if not annotation and default is not None:
        return _NUMBERS.get(type(default).__name__, ""), ()
    return "", ()


def _accepts(kind: type[Any], spec: ParameterSpec, fixed: Mapping[str, Any]) -> bool:
    """Whether the constructor takes it: some bases fix a value and fail when it is given again."""
    if spec.default is None:
        value: Any = spec.choices[0] if spec.choices else [1.0] if spec.kind == "numbers" else 1
    else:
        value = spec.default
    try:
        kind(**{spec.name: value}, **fixed)
    except Exception:  # noqa: BLE001 a constructor of a package that is not ours
        return False
    return True

"""Which parameters a negotiator's constructor takes that a person may safely set."""

from __future__ import annotations

import inspect
import math
import re
from typing import Any

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
    ]
)
_LITERAL = re.compile(r"Literal\[([^\]]*)\]")
_NUMBERS = {"int": "int", "float": "float", "bool": "bool"}


def parameters_of(kind: type[Any]) -> tuple[ParameterSpec, ...]:
    """The numbers, switches and closed choices among the constructor's parameters, those of its bases included.

    Free strings are left out, and so is whatever names a class or a function: nothing a person writes is looked up
    or evaluated. Parameters that the constructor does not really pass on are left out as well.
    """
    found = (_spec(parameter) for parameter in _signature(kind).values())
    return tuple(spec for spec in found if spec and _accepts(kind, spec))


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
    numbers = [_NUMBERS[word] for word in ("float", "int", "bool") if word in words]
    if choices:
        return ("number_or_choice" if numbers else "choice"), choices
    if numbers:
        return numbers[0], ()
    if not annotation and default is not None:
        return _NUMBERS.get(type(default).__name__, ""), ()
    return "", ()


def _accepts(kind: type[Any], spec: ParameterSpec) -> bool:
    """Whether the constructor takes it: some bases fix a value and fail when it is given again."""
    if spec.default is None:
        value: Any = spec.choices[0] if spec.choices else 1
    else:
        value = spec.default
    try:
        kind(**{spec.name: value})
    except Exception:  # noqa: BLE001 a constructor of a package that is not ours
        return False
    return True

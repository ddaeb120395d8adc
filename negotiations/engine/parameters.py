"""Is what a person wrote right for a negotiator's parameters? Pure: needs neither NegMAS nor Django."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from negotiations.engine.specs import ParameterSpec

LARGEST = 1_000_000
"""Exponents, counts and window sizes beyond this only cost memory or overflow."""
MOST_NUMBERS = 100


def check_parameters(parameters: Iterable[ParameterSpec], given: Mapping[str, Any]) -> dict[str, str]:
    """A text for each given parameter that is wrong; empty when all are right."""
    known = {parameter.name: parameter for parameter in parameters}
    errors = {name: _error(known.get(name), name, value, known) for name, value in given.items()}
    return {name: error for name, error in errors.items() if error}


def _error(parameter: ParameterSpec | None, name: str, value: Any, known: Mapping[str, ParameterSpec]) -> str:
    if parameter is None:
        offered = f"It has {', '.join(known)}." if known else "It has none."
        return f"This negotiator has no parameter {str(name)[:60]!r}. {offered}"
    if value is None:
        return (
            ""
            if parameter.optional and parameter.default is None
            else "Needs a value. Leave it out to use the default."
        )
    return _CHECKS[parameter.kind](parameter, value)


def _bool(parameter: ParameterSpec, value: Any) -> str:
    return "" if isinstance(value, bool) else "Has to be true or false."


def _int(parameter: ParameterSpec, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "Has to be a whole number."
    return _range(parameter, value)


def _float(parameter: ParameterSpec, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "Has to be a number."
    return _range(parameter, value)


def _range(parameter: ParameterSpec, value: float) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "Has to be a finite number."
    if parameter.low is not None and parameter.high is not None:
        is_within = parameter.low <= value <= parameter.high
        return "" if is_within else f"Has to lie between {parameter.low:g} and {parameter.high:g}."
    default = parameter.default
    largest = max(LARGEST, abs(default)) if isinstance(default, int | float) else LARGEST
    return "" if abs(value) <= largest else f"Has to lie between -{largest:,} and {largest:,}."


def _choice(parameter: ParameterSpec, value: Any) -> str:
    return (
        ""
        if isinstance(value, str) and value in parameter.choices
        else f"Has to be one of {', '.join(parameter.choices)}."
    )


def _number_or_choice(parameter: ParameterSpec, value: Any) -> str:
    if isinstance(value, str):
        return (
            ""
            if value in parameter.choices
            else f"Has to be a number or one of {', '.join(parameter.choices)}."
        )
    return _float(parameter, value)


def _numbers(parameter: ParameterSpec, value: Any) -> str:
    if not isinstance(value, list | tuple) or len(value) > MOST_NUMBERS:
        return f"Has to be a list of at most {MOST_NUMBERS} numbers."
    return next((wrong for each in value if (wrong := _float(parameter, each))), "")


_CHECKS = {
    "numbers": _numbers,
    "bool": _bool,
    "int": _int,
    "float": _float,
    "choice": _choice,
    "number_or_choice": _number_or_choice,
}

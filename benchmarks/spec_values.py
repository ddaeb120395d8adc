"""Single values of a benchmark's file: each is given back as it is wanted, or raises Wrong with what would be right."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

MOST_SHOWN = 60
"""Characters of a wrong value that are said again."""
STEPS = 1_000_000
SECONDS = 86_400.0


class Wrong(Exception):
    """A value is not right; the text says what would be."""


def shown(value: Any) -> str:
    """A wrong value, short enough for a sentence."""
    try:
        text = json.dumps(value, default=str)
    except (RecursionError, ValueError):
        return "..."
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def text_of(value: Any, most: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Wrong(f"has to be a text of 1 to {most} characters.")
    if len(value) > most or not value.isprintable():
        raise Wrong(f"has to be one line of at most {most} characters.")
    return value.strip()


def whole(value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Wrong(f"has to be a whole number from {least:,} to {most:,}.")
    return value


def true_or_false(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("has to be true or false.")
    return value


def one_of(value: Any, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise Wrong(f"has to be one of {', '.join(choices)}.")
    return value


def steps(value: Any) -> int:
    return whole(value, 1, STEPS)


def seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= SECONDS:
        raise Wrong(f"has to be a number of seconds above 0 and at most {SECONDS:,.0f}.")
    return float(value)


def span(value: Any, one: Callable[[Any], Any]) -> tuple[Any, Any]:
    """A number, or the least and the most."""
    if not isinstance(value, list):
        return one(value), one(value)
    if len(value) != 2:
        raise Wrong("has to be one number, or two: [least, most].")
    low, high = map(one, value)
    if low > high:
        raise Wrong("has the least after the most. Turn them round.")
    return low, high

"""What was read of matches that were played elsewhere, and single cells of their files. Nothing in them is trusted."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from negotiations.engine import wire

MOST_TEXT = 2_000
MOST_CELL = 10_000
MOST_ISSUES = 200
MOST_STEPS = 2**31 - 1
_NUMPY = re.compile(r"np\.\w{1,20}\(([^()]{0,40})\)")
_NO_NUMBER = re.compile(r"-?\b(?:nan|inf|NaN|Infinity)\b")

Values = tuple[float | None, ...]


class NoResults(Exception):
    """This is no tournament and no log; the text says what would be one."""


@wire.carried
@dataclass(frozen=True, slots=True)
class ReadMatch:
    """One result; tuples by seat. `success`: True agreed or passed, False failed, None says neither (B-10)."""

    scenario: str
    rotation: int
    competitors: tuple[str, ...]
    success: bool | None
    end_reason: str = ""
    error: str = ""
    failed_seat: int | None = None
    steps: int = 0
    n_steps: int | None = None
    relative_time: float | None = None
    cpu_seconds: float = 0.0
    agreement: tuple[str | int | float, ...] | None = None
    utilities: Values = ()
    reserved: Values = ()
    best: Values = ()
    welfare: float | None = None
    nash_optimality: float | None = None
    kalai_optimality: float | None = None
    ks_optimality: float | None = None
    max_welfare_optimality: float | None = None
    pareto_optimality: float | None = None


Row = Mapping[str, Any]


def text(value: Any, most: int = MOST_TEXT) -> str:
    """Without what a database refuses, and without the apostrophe that guards a spreadsheet."""
    told = "" if value is None else str(value)
    told = told.replace("\0", "").encode("utf-8", "replace").decode().strip()[:most]
    return told[1:] if told[:1] == "'" and told[1:2] in "=+-@|%" else told


def number(value: Any) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < 1e15 else None


def whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and 0 <= found <= MOST_STEPS else None


def truth(value: Any) -> bool | None:
    return {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}.get(
        str(value).lower()
    )


def sequence(value: Any, is_numeric: bool = False) -> tuple[Any, ...]:
    """A list as Python, NumPy or JSON writes it; empty where it is none."""
    if isinstance(value, str):
        if len(value) > MOST_CELL:
            return ()
        told = _NUMPY.sub(r"\1", value)
        value = _literal(_NO_NUMBER.sub("None", told) if is_numeric else told)
    return tuple(value) if isinstance(value, list | tuple) else ()


def _literal(told: str) -> Any:
    for read in (ast.literal_eval, json.loads):
        try:
            return read(told)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            continue
    return None


def numbers(value: Any) -> Values:
    return tuple(number(each) for each in sequence(value, is_numeric=True))


def outcome(value: Any) -> tuple[str | int | float, ...] | None:
    """An agreement; None where there was none."""
    found = sequence(value)
    kept = [
        each if isinstance(each, int | float) and number(each) is not None else text(each, 200)
        for each in found
    ]
    return tuple(kept[:MOST_ISSUES]) or None

"""What an outcome is worth to every party, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from negotiations.engine.specs import Outcome, Utilities, Value

KEPT_OUTCOMES = 50_000
"""Some 20 MB; a session that offers more different outcomes than this evaluates some of them again."""

_PLAIN = (str, int, float)


class UtilityTable:
    """Utilities of all parties, one tuple an outcome, kept since parties repeat their offers."""

    def __init__(self, ufuns: Iterable[Any]) -> None:
        self._ufuns = tuple(ufuns)
        self._known: dict[Any, tuple[Outcome, Utilities]] = {}
        self.reserved: Utilities = tuple(finite(ufun.reserved_value) for ufun in self._ufuns)

    def of(self, outcome: Any) -> tuple[Outcome, Utilities]:
        """The outcome in plain values, and what it is worth to each party."""
        key = outcome if type(outcome) is tuple else tuple(outcome)
        known = self._known.get(key)
        if known is None:
            known = self._evaluate(key)
        return known

    def _evaluate(self, outcome: tuple[Any, ...]) -> tuple[Outcome, Utilities]:
        if len(self._known) >= KEPT_OUTCOMES:
            self._known.clear()
        known = plain(outcome), tuple(finite(ufun(outcome)) for ufun in self._ufuns)
        self._known[outcome] = known
        return known


def finite(number: Any) -> float | None:
    """The number as a float, None where it is none, infinite or not a number."""
    if number is None:
        return None
    value = float(number)
    return value if math.isfinite(value) else None


def plain(outcome: Iterable[Any]) -> Outcome:
    """The outcome as a tuple of str, int and float: numpy's scalars are unwrapped, booleans become 0 and 1."""
    return tuple(value if type(value) in _PLAIN else _plain_value(value) for value in outcome)


def _plain_value(value: Any) -> Value:
    if hasattr(value, "item"):
        value = value.item()
    for kind in _PLAIN:
        if isinstance(value, kind):
            return kind(value)
    return str(value)

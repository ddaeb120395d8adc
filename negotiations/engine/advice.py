"""What helps a person at the table: what an outcome is worth to them, what another party seems to want, what to offer.

It knows the person's own preferences and the offers, and nothing else. Plain numbers, so pages may ask it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np

from negotiations.engine.arrays import Array
from negotiations.engine.specs import Outcome, Value

MOST_OUTCOMES = 50_000
"""All of a smaller space are looked at; in a larger one the way goes uphill from what was offered."""
NEARLY = 1e-9

Values = tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Wishes:
    """Issue by issue and value by value, what each adds to a utility."""

    values: Values
    worths: tuple[tuple[float, ...], ...]

    @classmethod
    def told(cls, issues: Sequence[Mapping[str, Any]], preference: Mapping[str, Any]) -> Self | None:
        """From a stored scenario's issues and a party's preferences; None where values are not worth something by themselves."""
        values, worths = [], []
        for issue in issues:
            shares = preference["values"].get(issue["name"])
            listed = tuple(issue["values"] or ())
            if not listed or not shares or any(str(value) not in shares for value in listed):
                return None
            weight = preference["weights"][issue["name"]]
            values.append(listed)
            worths.append(tuple(weight * shares[str(value)] for value in listed))
        return cls(tuple(values), tuple(worths))

    @classmethod
    def guessed(cls, values: Values, offers: Sequence[Outcome]) -> Self | None:
        """What a party seems to want that made these offers, in order; None before the first.

        What is offered often is liked, and who gives an issue away early cares little for it.
        """
        if not offers:
            return None
        worths = []
        for index, weight in enumerate(weights_of(offers)):
            counts = Counter(offer[index] for offer in offers)
            most = max(counts.values())
            worths.append(tuple(weight * counts[value] / most for value in values[index]))
        return cls(values, tuple(worths))

    @cached_property
    def _by_value(self) -> tuple[dict[Value, float], ...]:
        return tuple(
            dict(zip(values, worths, strict=True))
            for values, worths in zip(self.values, self.worths, strict=True)
        )

    def utility(self, outcome: Sequence[Value]) -> float:
        """An unknown value is worth nothing."""
        return sum(known.get(value, 0.0) for known, value in zip(self._by_value, outcome, strict=True))

    @cached_property
    def best(self) -> Outcome:
        return tuple(
            values[max(range(len(values)), key=worths.__getitem__)]
            for values, worths in zip(self.values, self.worths, strict=True)
        )

    @property
    def spans(self) -> tuple[float, ...]:
        """How much each issue can change."""
        return tuple(max(worths) - min(worths) for worths in self.worths)

    @cached_property
    def n_outcomes(self) -> int:
        return math.prod(len(values) for values in self.values)

    def all(self) -> Array:
        """The utility of every outcome, in the order of `outcome`."""
        total: Array = np.zeros(())
        for worths in self.worths:
            total = np.add.outer(total, np.array(worths))
        return total.ravel()

    def outcome(self, place: int) -> Outcome:
        places = np.unravel_index(place, tuple(len(values) for values in self.values))
        return tuple(values[index] for values, index in zip(self.values, places, strict=True))


def weights_of(offers: Sequence[Outcome]) -> tuple[float, ...]:
    """How much a party seems to care for each issue: how often it stayed with what it had asked for before."""
    stayed = [1] * len(offers[0])
    for before, after in pairwise(offers):
        for index, (was, value) in enumerate(zip(before, after, strict=True)):
            stayed[index] += was == value
    return tuple(count / sum(stayed) for count in stayed)


def trade(own: Wishes, other: Wishes, base: Outcome) -> Outcome | None:
    """What is worth at least as much to oneself as `base` and most to the other; None where that is nothing better."""
    found = _best_of_all(own, other, base) if own.n_outcomes <= MOST_OUTCOMES else _uphill(own, other, base)
    return found if other.utility(found) > other.utility(base) + NEARLY else None


def _best_of_all(own: Wishes, other: Wishes, base: Outcome) -> Outcome:
    """Among equals for the other the one that is best for oneself."""
    mine, theirs = own.all(), other.all()
    allowed = mine >= own.utility(base) - NEARLY
    rank = np.where(allowed, theirs + NEARLY * mine, -np.inf)
    return own.outcome(int(rank.argmax()))


def _uphill(own: Wishes, other: Wishes, base: Outcome) -> Outcome:
    """One or two issues at a time, as long as it helps the other and costs nothing."""
    least, here = own.utility(base) - NEARLY, base
    while True:
        near = [each for each in _neighbours(own, here) if own.utility(each) >= least]
        best = max(near, key=other.utility, default=here)
        if other.utility(best) <= other.utility(here) + NEARLY:
            return here
        here = best


def _neighbours(own: Wishes, outcome: Outcome) -> list[Outcome]:
    """With one issue changed, or with one changed and another at what is best for oneself."""
    found = []
    for index, values in enumerate(own.values):
        for value in values:
            changed = (*outcome[:index], value, *outcome[index + 1 :])
            found.append(changed)
            found += [
                (*changed[:paid], own.best[paid], *changed[paid + 1 :])
                for paid in range(len(outcome))
                if paid != index and changed[paid] != own.best[paid]
            ]
    return found

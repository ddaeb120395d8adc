"""Scenarios made by chance, with the opposition that is asked for. Deterministic by seed, without NegMAS."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from negotiations.engine.arrays import Array
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_tables import IssueTable, PartyTable, spec_of
from negotiations.engine.specs import ScenarioSpec

TOLERANCE = 0.01
"""How far the opposition may be from the one that was asked for."""
COUNTED = 50_000
"""Outcomes that are all looked at; of more the nearest to everybody's best is searched for."""
MOST_STARTS, LEAST_STARTS = 48, 12
LOOKED_AT = 240_000
"""Numbers that a sweep looks at; the more a scenario holds, the fewer starts it gets, so that a page can wait for it."""
SWEEPS = 8
COARSE = 13
BISECTIONS = 14
MOST_PARTIES = 10
MOST_ISSUES = 50
MOST_VALUES = 50
# What grows along the way from one mind to open conflict: values at odds, weights alike, one issue above all.
END = 3.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to make. `values` and `reserved` are ranges that chance chooses from; no reserved value where it is None."""

    name: str = "Generated"
    parties: int = 2
    issues: int = 4
    values: tuple[int, int] = (3, 5)
    opposition: float = 0.4
    reserved: tuple[float, float] | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A generated scenario with its opposition; `is_exact` where every outcome was looked at."""

    spec: ScenarioSpec
    opposition: float
    is_exact: bool


class Unreachable(ScenarioRefused):
    """No scenario of this shape has that opposition."""


def generate(recipe: Recipe) -> Made:
    """A scenario whose opposition is within TOLERANCE of what is asked for. Raises ScenarioRefused."""
    _check(recipe)
    draw = _Draw(recipe)
    way, found = _search(draw, recipe.opposition)
    if abs(found - recipe.opposition) > TOLERANCE:
        raise Unreachable(
            f"The nearest opposition of such a scenario is {found:.2f}. Ask for that, or change the number of "
            "parties, issues and values, the reserved values or the seed."
            if math.isfinite(found)
            else "No outcome gives every party its reserved value. Ask for lower reserved values."
        )
    weights, shares = draw.at(way)
    spec = spec_of(recipe.name, draw.issues, tuple(draw.parties(weights, shares)))
    return Made(spec, found, draw.is_counted)


def _check(recipe: Recipe) -> None:
    low, high = recipe.values
    asked = (
        (2 <= recipe.parties <= MOST_PARTIES, f"2 to {MOST_PARTIES} parties"),
        (1 <= recipe.issues <= MOST_ISSUES, f"1 to {MOST_ISSUES} issues"),
        (2 <= low <= high <= MOST_VALUES, f"2 to {MOST_VALUES} values an issue"),
        (0 <= recipe.opposition <= math.sqrt(recipe.parties - 1), "an opposition from 0 to the root of parties - 1"),
        (recipe.seed >= 0, "a seed that is not negative"),
    )  # fmt: skip
    for is_right, words in asked:
        if not is_right:
            raise ScenarioRefused(f"A scenario is generated with {words}.")
    if recipe.reserved and not 0 <= recipe.reserved[0] <= recipe.reserved[1] <= 1:
        raise ScenarioRefused("Reserved values of a generated scenario lie from 0 to 1.")


class _Draw:
    """All that chance decides, once; the way from one mind to conflict then changes it without a jump."""

    def __init__(self, recipe: Recipe) -> None:
        chance = np.random.default_rng(recipe.seed)
        n, low, high = recipe.parties, *recipe.values
        self.sizes = [int(size) for size in chance.integers(low, high + 1, recipe.issues)]
        self.issues = tuple(_named(index, size) for index, size in enumerate(self.sizes))
        self._alike = [_unit(chance.random(size)) for size in self.sizes]
        self._apart = [_apart(chance, size, n) for size in self.sizes]
        self._common = chance.dirichlet(np.full(recipe.issues, 3.0))
        self._own = chance.dirichlet(np.full(recipe.issues, 3.0), n)
        self._top = np.zeros(recipe.issues)
        self._top[int(np.argmax(self.sizes))] = 1.0
        self.reserved = chance.uniform(*recipe.reserved, n).round(3) if recipe.reserved else None
        starts = LOOKED_AT // (n * sum(self.sizes))
        self._n_starts = min(max(starts, LEAST_STARTS), MOST_STARTS)
        self._starts = [chance.integers(0, size, self._n_starts) for size in self.sizes]
        self.is_counted = math.prod(self.sizes) <= COUNTED
        self._n = n

    def at(self, way: float) -> tuple[Array, list[Array]]:
        """Weights (a row a party) and, for each issue, shares (a row a value, a column a party)."""
        odds, alike, single = (min(max(way - start, 0.0), 1.0) for start in (0.0, 1.0, 2.0))
        shares = [
            _unit((1 - odds) * same[:, None] + odds * apart) ** (1 + 7 * single)
            for same, apart in zip(self._alike, self._apart, strict=True)
        ]
        # Of one mind about what matters at first too, so that the best of all is the best of each.
        weights = (1 - alike) * self._own + alike * self._common
        return (1 - 0.98 * single) * weights + 0.98 * single * self._top, shares

    def opposition(self, way: float) -> float:
        """The least distance of an acceptable outcome to everybody's best; infinite where there is none."""
        weights, shares = self.at(way)
        columns = [share * weights[:, index] for index, share in enumerate(shares)]
        return self._counted(columns) if self.is_counted else self._searched(columns)

    def _counted(self, columns: list[Array]) -> float:
        total = np.zeros((1, self._n))
        for column in columns:
            total = (total[:, None, :] + column[None, :, :]).reshape(-1, self._n)
        return float(self._distances(total).min())

    def _distances(self, utilities: Array) -> Array:
        away = np.sqrt(((1 - utilities) ** 2).sum(axis=-1))
        if self.reserved is None:
            return away
        return np.where((utilities >= self.reserved).all(axis=-1), away, math.inf)

    def _searched(self, columns: list[Array]) -> float:
        """From the best for many weighings of the parties, one issue changed at a time while it comes nearer."""
        chosen = self._first(columns)
        total = sum(column[places] for column, places in zip(columns, chosen, strict=True))
        for _ in range(SWEEPS):
            before = total
            for index, column in enumerate(columns):
                others = (total - column[chosen[index]])[:, None, :] + column[None, :, :]
                chosen[index] = self._hopes(others).argmin(axis=1)
                total = others[np.arange(len(total)), chosen[index]]
            if np.array_equal(before, total):
                break
        return float(self._distances(total).min())

    def _first(self, columns: list[Array]) -> list[Array]:
        weighings = np.random.default_rng(0).dirichlet(np.full(self._n, 2.0), self._n_starts)
        best = [np.argmax(column @ weighings.T, axis=0) for column in columns]
        return [np.concatenate(pair) for pair in zip(best, self._starts, strict=True)]

    def _hopes(self, utilities: Array) -> Array:
        """Distances, and how much is missing to the reserved values, which counts more."""
        away = np.sqrt(((1 - utilities) ** 2).sum(axis=-1))
        if self.reserved is None:
            return np.asarray(away)
        missing = np.maximum(self.reserved - utilities, 0).sum(axis=-1)
        return np.asarray(away + 100 * missing)

    def parties(self, weights: Array, shares: list[Array]) -> Iterator[PartyTable]:
        for index in range(self._n):
            yield PartyTable(
                name=f"Party {index + 1}",
                weights=tuple(weights[index].tolist()),
                worths=tuple(tuple(share[:, index].tolist()) for share in shares),
                reserved=None if self.reserved is None else float(self.reserved[index]),
            )


def _named(index: int, size: int) -> IssueTable:
    return IssueTable(f"Issue {index + 1}", tuple(f"Value {place + 1}" for place in range(size)))


def _unit(columns: Array) -> Array:
    """Each column from 0 to 1."""
    low, high = columns.min(axis=0), columns.max(axis=0)
    return np.asarray((columns - low) / np.where(high > low, high - low, 1.0))


def _apart(chance: Any, size: int, parties: int) -> Array:
    """What one party gets of a value the others do not, so far as there are values enough."""
    return _unit(chance.dirichlet(np.full(parties, 0.7), size))


def _search(draw: _Draw, aim: float) -> tuple[float, float]:
    """Where on the way the opposition is nearest to the aim, and what it is there."""
    coarse = [(END * step / (COARSE - 1)) for step in range(COARSE)]
    tried = [(way, draw.opposition(way)) for way in coarse]
    for (low, before), (high, after) in zip(tried, tried[1:], strict=False):
        if (before - aim) * (after - aim) <= 0 and math.isfinite(before):
            tried += _bisected(draw, aim, low, high, after > aim)
            break
    return min(tried, key=lambda pair: abs(pair[1] - aim))


def _bisected(draw: _Draw, aim: float, low: float, high: float, rises: bool) -> Iterator[tuple[float, float]]:
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        found = draw.opposition(middle)
        yield middle, found
        if abs(found - aim) < TOLERANCE / 20:
            return
        low, high = (low, middle) if (found > aim) == rises else (middle, high)

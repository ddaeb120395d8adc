"""Outcome spaces and utility functions as arrays: what all outcomes are worth, without asking outcome by outcome."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from negmas.inout import Scenario
from negmas.outcomes import outcome_in_range
from negmas.preferences import (
    AffineFun,
    AffineUtilityFunction,
    ConstFun,
    HyperRectangleUtilityFunction,
    IdentityFun,
    LinearAdditiveUtilityFunction,
    LinearFun,
    TableFun,
)

from negotiations.engine.arrays import Array

MOST_VALUES = 1_000_000
"""Values of an issue that are all looked at."""
LEVELS = 1_001
"""Values that stand for a continuous issue, or for one that has more than that."""
ASKED = 10_000
"""Values of an issue that NegMAS is asked about one by one; of longer ranges only those of numbers are understood."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The values of an issue, in order; not `is_whole` where some stand for all."""

    values: Sequence[Any]
    is_whole: bool = True

    @classmethod
    def of(cls, issue: Any) -> Axis:
        if issue.is_continuous() or not math.isfinite(issue.cardinality):
            levels = np.linspace(float(issue.min_value), float(issue.max_value), LEVELS)
            return cls(levels.tolist(), is_whole=False)
        if issue.cardinality <= MOST_VALUES:
            return cls(list(issue.all))
        places = np.unique(np.linspace(0, issue.cardinality - 1, LEVELS).astype(np.int64))
        return cls([issue.value_at(int(place)) for place in places], is_whole=False)

    def __len__(self) -> int:
        return len(self.values)


class Worth(Protocol):
    """What outcomes are worth to one party."""

    def everywhere(self) -> Array:
        """Of all outcomes, the values of the last issue changing fastest, as `itertools.product` goes."""
        ...

    def at(self, places: Array) -> Array:
        """Of some outcomes: a row each, a column an issue, of the numbers of values on their axes."""
        ...


class Additive:
    """A sum over the issues, added up in the order in which NegMAS does: the same number to the last bit."""

    def __init__(self, columns: list[Array], before: float = 0.0, after: float = 0.0) -> None:
        self.columns = columns
        self.before = before
        self.after = after

    @classmethod
    def of(cls, ufun: Any, axes: Sequence[Axis]) -> Additive:
        if isinstance(ufun, LinearAdditiveUtilityFunction):
            parts = zip(ufun.weights, ufun.values, axes, strict=True)
            return cls([w * _worths(fun, axis.values) for w, fun, axis in parts], before=float(ufun._bias))
        pairs = zip(ufun.weights, axes, strict=True)
        return cls([w * np.array(axis.values, float) for w, axis in pairs], after=float(ufun._bias))

    def everywhere(self) -> Array:
        worth = np.array([self.before])
        for column in self.columns:
            worth = np.add.outer(worth, column).ravel()
        return self.after + worth if self.after else worth

    def at(self, places: Array) -> Array:
        worth = np.full(len(places), self.before)
        for index, column in enumerate(self.columns):
            worth += column[places[:, index]]
        return self.after + worth


def _worths(fun: Any, values: Sequence[Any]) -> Array:
    """A value function of every value of an issue, by array where NegMAS's own is that simple."""
    if type(fun) is TableFun:
        return np.array([fun.mapping[value] for value in values], float)
    if type(fun) in (AffineFun, LinearFun, IdentityFun):
        worths = np.array(values, float)
        worths = worths if type(fun) is IdentityFun else fun.slope * worths
        return worths + fun.bias if type(fun) is AffineFun else worths
    if type(fun) is ConstFun:
        return np.full(len(values), float(fun.bias))
    return np.array([fun(value) for value in values], float)


class Boxes:
    """A sum over hyper-rectangles of constant worth: each adds to the outcomes within it."""

    def __init__(
        self, sizes: Sequence[int], bias: float, boxes: list[tuple[float, dict[int, Array]]]
    ) -> None:
        self._sizes = sizes
        self.bias = bias
        self.boxes = boxes

    @classmethod
    def of(cls, ufun: Any, axes: Sequence[Axis]) -> Boxes | None:
        """None where it is of another make than that."""
        boxes = []
        for weight, limits, amount in zip(ufun.weights, ufun.outcome_ranges, ufun.mappings, strict=True):
            limits = limits or {}
            if not set(limits) <= set(range(len(axes))) and ufun.ignore_issues_not_in_input:
                continue
            amount = amount.bias if type(amount) is ConstFun else amount
            if not isinstance(amount, int | float) or not set(limits) <= set(range(len(axes))):
                return None
            inside = {index: _inside(axes[index].values, limit) for index, limit in limits.items()}
            boxes.append((weight * amount, inside))
        return cls([len(axis) for axis in axes], float(ufun.bias), boxes)

    def everywhere(self) -> Array:
        worth = np.full(self._sizes, self.bias)
        for amount, inside in self.boxes:
            whole = (np.arange(size) for size in self._sizes)
            chosen = [
                np.flatnonzero(inside[index]) if index in inside else all_ for index, all_ in enumerate(whole)
            ]
            worth[np.ix_(*chosen)] += amount
        return worth.ravel()

    def at(self, places: Array) -> Array:
        worth = np.full(len(places), self.bias)
        for amount, inside in self.boxes:
            rows = np.arange(len(places))
            for index, mask in inside.items():
                rows = rows[mask[places[rows, index]]]
            worth[rows] += amount
        return worth


def _inside(values: Sequence[Any], limit: Any) -> Array:
    """Which values of an issue lie in a side of a box; NegMAS leaves out the ends of a range."""
    if len(values) > ASKED and isinstance(limit, tuple):
        numbers = np.array(values, float)
        mask = (numbers > limit[0]) & (numbers < limit[1])
        return np.asarray(mask)
    return np.array([outcome_in_range((value,), {0: limit}) for value in values], bool)


class Asked:
    """Any other function: NegMAS is asked for each outcome."""

    def __init__(self, ufun: Callable[[Any], Any], axes: Sequence[Axis]) -> None:
        self._ufun = ufun
        self._axes = axes

    def everywhere(self) -> Array:
        outcomes = itertools.product(*(axis.values for axis in self._axes))
        return np.fromiter((float(self._ufun(outcome)) for outcome in outcomes), float)

    def at(self, places: Array) -> Array:
        outcomes = (
            tuple(axis.values[place] for axis, place in zip(self._axes, row, strict=True))
            for row in places.tolist()
        )
        return np.fromiter((float(self._ufun(outcome)) for outcome in outcomes), float, len(places))


@dataclass(frozen=True, slots=True)
class Space:
    """An outcome space with what its outcomes are worth to each party."""

    axes: tuple[Axis, ...]
    worths: tuple[Worth, ...]
    reserved: Array
    n_outcomes: int | None

    @classmethod
    def of(cls, scenario: Scenario) -> Space:
        axes = tuple(Axis.of(issue) for issue in scenario.outcome_space.issues)
        cardinality = scenario.outcome_space.cardinality
        return cls(
            axes=axes,
            worths=tuple(_worth(ufun, axes) for ufun in scenario.ufuns),
            reserved=np.array([_reserved(ufun) for ufun in scenario.ufuns]),
            n_outcomes=int(cardinality) if math.isfinite(cardinality) else None,
        )

    @property
    def is_whole(self) -> bool:
        return all(axis.is_whole for axis in self.axes)

    @property
    def additive(self) -> list[Additive]:
        """All functions, where all are additive; none else."""
        found = [worth for worth in self.worths if isinstance(worth, Additive)]
        return found if len(found) == len(self.worths) else []

    def everywhere(self) -> Array:
        """Utilities of all outcomes, a column a party."""
        return _columns([worth.everywhere() for worth in self.worths])

    def at(self, places: Array) -> Array:
        return _columns([worth.at(places) for worth in self.worths])

    def places_of(self, numbers: Array) -> Array:
        """Of outcomes by their numbers in `everywhere`."""
        sizes = tuple(len(axis) for axis in self.axes)
        return np.stack(np.unravel_index(numbers, sizes), axis=1)


def _columns(columns: list[Array]) -> Array:
    """As a matrix that keeps each column together, since all that is asked of it goes by columns."""
    matrix = np.empty((len(columns[0]), len(columns)), order="F")
    for index, column in enumerate(columns):
        matrix[:, index] = column
    return matrix


def _worth(ufun: Any, axes: Sequence[Axis]) -> Worth:
    if isinstance(ufun, LinearAdditiveUtilityFunction | AffineUtilityFunction):
        return Additive.of(ufun, axes)
    if isinstance(ufun, HyperRectangleUtilityFunction) and (boxes := Boxes.of(ufun, axes)):
        return boxes
    return Asked(ufun, axes)


def _reserved(ufun: Any) -> float:
    """As NegMAS takes it: minus infinity where there is none."""
    value = ufun.reserved_value
    return -math.inf if value is None or math.isnan(value) else float(value)

"""The least and the most that a sum of hyper-rectangles gives: exact wherever that can be found, else a proven bound.

Up to a million outcomes all are looked at. Beyond, an outcome counts only by the boxes that hold it, and each value of an
issue by the boxes that it leaves alive: 10^10 outcomes come to some thousand sets of boxes. NegMAS has a bound of its own,
which takes the ends of ranges in and takes negative boxes for avoidable: no outcome need reach it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from negotiations.engine.arrays import Array
from negotiations.engine.outcome_arrays import Axis, Boxes

MOST_OUTCOMES = 1_000_000
"""Up to which all are looked at."""
MOST_STEPS = 300_000
"""Sets of boxes that are looked at for one extreme, over all issues: a second or two."""
QUICK_STEPS = 10_000
"""The same for a first search: what it finds lets most of the other sets be dropped."""
LISTED = 1_000
"""Values of an issue of numbers that are all looked at; of a longer range those beside the ends of boxes."""

Alive = int
"""A set of boxes: a bit each."""


@dataclass(frozen=True, slots=True)
class Most:
    """Nothing is worth more than this; some outcome is worth as much where it `is_reached`."""

    worth: float
    is_reached: bool


def extremes(ufun: Any, issues: Sequence[Any]) -> tuple[Most, Most] | None:
    """Of a function of hyper-rectangles: the most by which it falls below 0, and the most above. None where it is of another make."""
    limits = [
        [rectangle.get(index) for rectangle in ufun.outcome_ranges if rectangle]
        for index in range(len(issues))
    ]
    axes = [Axis(telling_values(issue, of)) for issue, of in zip(issues, limits, strict=True)]
    boxes = Boxes.of(ufun, axes)
    if boxes is None:
        return None
    if math.prod(len(axis) for axis in axes) <= MOST_OUTCOMES:
        worths = boxes.everywhere()
        return Most(-float(worths.min()), is_reached=True), Most(float(worths.max()), is_reached=True)
    amounts = [boxes.bias, *(amount for amount, _ in boxes.boxes)]
    alive = [_alive(boxes, index, len(axis)) for index, axis in enumerate(axes)]
    return BoxSum([-amount for amount in amounts], alive).most(), BoxSum(amounts, alive).most()


def _alive(boxes: Boxes, issue: int, size: int) -> list[Alive]:
    """For each value of an issue the boxes that hold it; the first stands for the bias and holds everything."""
    holds: Array = np.ones((size, 1 + len(boxes.boxes)), bool)
    for number, (_, inside) in enumerate(boxes.boxes, start=1):
        if issue in inside:
            holds[:, number] = inside[issue]
    return [int.from_bytes(row.tobytes(), "little") for row in np.packbits(holds, axis=1, bitorder="little")]


class BoxSum:
    """What each box adds, and for each issue the sets of boxes that its values leave alive."""

    def __init__(self, amounts: Sequence[float], issues: Iterable[Iterable[Alive]]) -> None:
        self._amounts = amounts
        self._issues = sorted((list(dict.fromkeys(sets)) for sets in issues), key=len)
        self._decided = self._fixed()
        self._costs = [box for box, amount in enumerate(amounts) if amount < 0]
        self._groups = self._rivals()

    def most(self, steps: int = MOST_STEPS) -> Most:
        """A quick search first, then one of `steps` where it is not enough."""
        reached, missed = self._followed(min(steps, QUICK_STEPS), -math.inf)
        if missed > reached:
            reached, missed = self._followed(steps, reached)
        return Most(max(reached, missed), missed <= reached)

    def _fixed(self) -> list[Alive]:
        """After each issue, the boxes about which no later one decides."""
        fixed = [self._all]
        for sets in reversed(self._issues[1:]):
            spared = self._all
            for alive in sets:
                spared &= alive
            fixed.append(fixed[-1] & spared)
        return fixed[::-1]

    def _rivals(self) -> list[list[int]]:
        """Boxes that add something, in groups of which no outcome is in two; the largest of each first."""
        groups: list[list[int]] = []
        for box in sorted(range(len(self._amounts)), key=lambda box: -self._amounts[box]):
            if self._amounts[box] > 0:
                group = next(
                    (group for group in groups if all(self._apart(box, other) for other in group)), None
                )
                groups.append([box]) if group is None else group.append(box)
        return groups

    def _apart(self, one: int, other: int) -> bool:
        both = 1 << one | 1 << other
        return any(all(alive & both != both for alive in sets) for sets in self._issues)

    @property
    def _all(self) -> Alive:
        return (1 << len(self._amounts)) - 1

    def _followed(self, steps: int, least: float) -> tuple[float, float]:
        """Issue by issue, the most hopeful sets: the most that is reached, and that those passed over could come to."""
        width = max(1, steps // sum(map(len, self._issues)))
        followed, missed = [self._all], -math.inf
        hopes: dict[Alive, float] = {}
        for sets, decided in zip(self._issues, self._decided, strict=True):
            met = {before & alive for before in followed for alive in sets}
            hopes = {alive: hope for alive in met if (hope := self._hope(alive, decided)) > least}
            followed = sorted(hopes, key=lambda alive: (-hopes[alive], alive))
            missed = max([missed, *(hopes[alive] for alive in followed[width : width + 1])])
            followed = followed[:width]
        return max([least, *(hopes[alive] for alive in followed)]), missed

    def _hope(self, alive: Alive, decided: Alive) -> float:
        """What the boxes alive can come to at most; after the last issue, what they are worth."""
        amounts, sure = self._amounts, alive & decided
        lost = sum((amounts[box] for box in self._costs if sure >> box & 1), 0.0)
        best = (next((amounts[box] for box in group if alive >> box & 1), 0.0) for group in self._groups)
        return lost + sum(best)


def telling_values(issue: Any, limits: Iterable[Any]) -> list[Any]:
    """Values of an issue, among which is one for each combination of its sides of boxes that occurs at all."""
    if not issue.is_continuous() and (not isinstance(issue.values, tuple) or issue.cardinality <= LISTED):
        return list(issue.all)
    low, high = issue.min_value, issue.max_value
    ends = sorted({low, high, *(end for limit in limits for end in _numbers(limit) if low < end < high)})
    if issue.is_continuous():
        return [*ends, *((one + other) / 2 for one, other in pairwise(ends))]
    places = ((end - low) / issue.step for end in ends)
    beside = {near for place in places for near in range(math.floor(place) - 1, math.ceil(place) + 2)}
    return [issue.value_at(place) for place in sorted(beside) if 0 <= place < issue.cardinality]


def _numbers(limit: Any) -> Iterator[float]:
    """All that stand in a side of a box, however it is written."""
    if isinstance(limit, list | tuple):
        for part in limit:
            yield from _numbers(part)
    elif isinstance(limit, int | float):
        yield limit

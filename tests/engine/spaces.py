"""Scenarios by chance for the tests of the analysis: additive, affine and of hyper-rectangles, of any size."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from negmas.inout import Scenario
from negmas.outcomes import make_issue, make_os
from negmas.preferences import (
    AffineUtilityFunction,
    HyperRectangleUtilityFunction,
    LinearAdditiveUtilityFunction,
)


def additive(
    sizes: Sequence[int], parties: int, seed: int, *, reserved: float = 0.0, step: float | None = None
) -> Scenario:
    """Weights and values by chance; in steps of `step` there are equal ones, which is where rules differ."""
    chance = np.random.default_rng(seed)
    space = make_os([make_issue([f"v{j}" for j in range(n)], f"issue{i}") for i, n in enumerate(sizes)])
    return Scenario(space, tuple(_additive(space, sizes, chance, reserved, step) for _ in range(parties)))


def _additive(
    space: Any, sizes: Sequence[int], chance: Any, reserved: float, step: float | None
) -> LinearAdditiveUtilityFunction:
    values = []
    for n in sizes:
        worths = chance.random(n) if step is None else chance.integers(0, round(1 / step) + 1, n) * step
        values.append({f"v{j}": float(worth) for j, worth in enumerate(worths)})
    weights = chance.dirichlet(np.ones(len(sizes))) if step is None else np.full(len(sizes), 1 / len(sizes))
    return LinearAdditiveUtilityFunction(
        values=values, weights=[float(w) for w in weights], outcome_space=space, reserved_value=reserved
    )


def affine(sizes: Sequence[int], parties: int, seed: int) -> Scenario:
    """Of numbers, with a bias."""
    chance = np.random.default_rng(seed)
    space = make_os([make_issue(n, f"issue{i}") for i, n in enumerate(sizes)])
    ufuns = [
        AffineUtilityFunction(
            weights=[float(w) for w in chance.normal(size=len(sizes))],
            bias=float(chance.normal()),
            outcome_space=space,
            reserved_value=-1.0,
        )
        for _ in range(parties)
    ]
    return Scenario(space, tuple(ufuns))


def boxes(sizes: Sequence[int], parties: int, seed: int, count: int = 12) -> Scenario:
    """Some boxes over two issues each; their ends are open, as NegMAS takes them."""
    chance = np.random.default_rng(seed)
    space = make_os([make_issue(n, f"issue{i}") for i, n in enumerate(sizes)])

    def box() -> dict[int, tuple[int, int]]:
        sides = chance.choice(len(sizes), 2, replace=False)
        ends = {int(i): sorted(int(end) for end in chance.integers(-1, sizes[i] + 1, 2)) for i in sides}
        return {i: (low, high) for i, (low, high) in ends.items()}

    ufuns = [
        HyperRectangleUtilityFunction(
            outcome_ranges=[box() for _ in range(count)],
            utilities=[float(worth) for worth in chance.random(count)],
            bias=0.05,
            outcome_space=space,
            reserved_value=0.1,
        )
        for _ in range(parties)
    ]
    return Scenario(space, tuple(ufuns))


def asked(scenario: Scenario) -> list[tuple[float, ...]]:
    """What NegMAS says that every outcome is worth, one by one, in the order of itertools.product."""
    outcomes = itertools.product(*(issue.all for issue in scenario.outcome_space.issues))
    return [tuple(float(ufun(outcome)) for ufun in scenario.ufuns) for outcome in outcomes]


def undominated(points: Sequence[tuple[float, ...]]) -> set[tuple[float, ...]]:
    """By the definition: each with each."""
    distinct = set(points)
    return {
        one
        for one in distinct
        if not any(
            other != one and all(a >= b for a, b in zip(other, one, strict=True)) for other in distinct
        )
    }

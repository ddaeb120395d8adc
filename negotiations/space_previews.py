"""The outcome space of a scenario that is not kept yet, drawn from its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from negotiations.engine.pareto import frontier
from negotiations.engine.specs import ScenarioSpec
from negotiations.space_charts import CELLS, Plane, coarse, plane

MOST = 20_000
"""Outcomes that are drawn; of more some by chance."""


class _Drawn:
    """As much of an analysis as a picture needs."""

    def __init__(self, utilities: Any, n_sampled: int) -> None:
        self._utilities, self.n_sampled = utilities, n_sampled
        self.points: Mapping[str, Mapping[str, Any]] = {}
        self.frontier_utilities: Sequence[Sequence[float]] = utilities[frontier(utilities)].tolist()

    def cloud(self, i: int, j: int) -> Sequence[tuple[float, float]]:
        return [(x, y) for x, y in self._utilities[:, [i, j]].tolist()]

    def grid(self, i: int, j: int) -> Any:
        return coarse(self.cloud(i, j), 2 * CELLS)


def preview(spec: ScenarioSpec) -> Plane:
    """The plane of the first two parties; where outcomes are left out, its frontier is that of those drawn."""
    columns = [
        np.array(
            [
                [party.weights[issue.name] * worth for worth in party.values[issue.name].values()]
                for party in spec.preferences[:2]
            ]
        ).T
        for issue in spec.issues
    ]
    sizes = [len(column) for column in columns]
    whole = math.prod(sizes) <= MOST
    chance = np.random.default_rng(0)
    if whole:
        places = np.stack(np.unravel_index(np.arange(math.prod(sizes)), sizes), axis=1)
    else:
        places = np.stack([chance.integers(0, size, MOST) for size in sizes], axis=1)
    utilities = sum(column[places[:, index]] for index, column in enumerate(columns))
    parties = [{"name": party.name, "reserved_value": party.reserved_value} for party in spec.preferences]
    return plane(_Drawn(utilities, 0 if whole else MOST), (0, 1), parties)

"""What is known of an outcome space: its frontier and solution points, and how far an outcome is from them.

Plain numbers and arrays, without NegMAS: web pages read it from what is stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from negotiations.engine import pictures
from negotiations.engine.arrays import Array
from negotiations.engine.specs import Outcome, Value

KEPT_FRONTIER = 20_000
"""Points of a frontier that are stored; of a longer one so many, evenly, and the solutions always."""
DISTANT = ("pareto", "nash", "kalai", "ks", "modified_kalai", "modified_ks", "welfare", "relative_welfare")
OPTIMAL = DISTANT[:6]


class Method(StrEnum):
    """How an analysis came about. Of `FRONTIER` all is exact but the rational fraction and the picture."""

    EXACT = "exact"
    FRONTIER = "frontier exact"
    SAMPLED = "sampled"


def words_of(method: str, n_sampled: int) -> str:
    return f"sampled {n_sampled:,}" if method == Method.SAMPLED else str(method)


def frontier_words(method: str, n_frontier: int) -> str:
    """Of a sample nobody knows how long the frontier really is: it may be longer, or beaten by what was not looked at."""
    outcomes = f"{n_frontier:,} {'outcome' if n_frontier == 1 else 'outcomes'}"
    return f"{outcomes} found by sampling" if method == Method.SAMPLED else outcomes


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysed outcome space. The frontier has the acceptable outcomes only, the highest sum of utilities first.

    `reserved` and `ranges` have an entry a party. `choices` is a row for each point of the frontier, a column for each
    issue, of places in `values`, which has the values that occur there. `solutions` has rows of the frontier for each
    name. `opposition` is None where no outcome is acceptable to all, and then the frontier is empty. `n_frontier` is
    how long it is, or how much of it a sample found; where that is more than `frontier` has, a distance to it may be a
    little too long.
    """

    method: str
    n_outcomes: int | None
    n_sampled: int
    n_frontier: int
    reserved: tuple[float | None, ...]
    ranges: tuple[tuple[float, float], ...]
    opposition: float | None
    rational_fraction: float
    values: tuple[tuple[Value, ...], ...]
    solutions: Mapping[str, Array]
    frontier: Array
    choices: Array
    cloud: Array
    grids: Array

    @property
    def words(self) -> str:
        """For people: exact, frontier exact, or sampled 200,000."""
        return words_of(self.method, self.n_sampled)

    def outcome(self, row: int) -> Outcome:
        """The outcome of a point of the frontier."""
        return tuple(
            values[place] for values, place in zip(self.values, self.choices[row].tolist(), strict=True)
        )

    @property
    def points(self) -> dict[str, dict[str, Any]]:
        """The solutions by name, the first of several equal ones; `n` is how many there are. Empty without a frontier."""
        return {name: self._point(rows) for name, rows in self.solutions.items() if len(rows)}

    def _point(self, rows: Array) -> dict[str, Any]:
        row = int(rows[0])
        return {
            "utilities": self.frontier[row].tolist(),
            "outcome": list(self.outcome(row)),
            "n": len(rows),
        }

    # --- Pictures ---------------------------------------------------------------------------------------------

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """What each party's axis reaches over: (0, 1), and further where its utilities do."""
        return tuple(
            (low, high) for low, high in pictures.spans_of(np.array(self.ranges, float).reshape(-1, 2))
        )

    def grid(self, i: int, j: int) -> Array:
        """256 x 256 booleans: which cells hold an outcome. `grid[row, column]`: row 0 is the lowest of party `j`."""
        if i > j:
            return self.grid(j, i).T
        if len(self.grids):
            number = list(pictures.pairs(len(self.ranges))).index((i, j))
            bits: Array = np.unpackbits(self.grids[number]).astype(bool)
            return bits.reshape(pictures.CELLS, pictures.CELLS)
        return self._marked(i, j, pictures.CELLS)

    def _marked(self, i: int, j: int, count: int) -> Array:
        pair = [i, j]
        cells = pictures.cells_of(self.cloud[:, pair], np.array(self.spans)[pair], count)
        return pictures.marked(cells[:, 0], cells[:, 1], count)

    def plane(self, i: int, j: int) -> list[tuple[float, float]]:
        """At most 5,000 outcomes in the plane of two parties, all where there are no more; each point once."""
        found = np.unique(np.round(self.cloud[:, [i, j]].astype(float), 6), axis=0)
        return [(x, y) for x, y in found.tolist()]

    @property
    def sketch(self) -> dict[str, Any]:
        """The first two parties' plane for a card: 32 x 32 bits in hexadecimal, lowest row first, and some of the frontier."""
        cells = self.grid(0, 1).reshape(pictures.SKETCHED, 8, pictures.SKETCHED, 8).any(axis=(1, 3))
        plane = np.unique(np.round(self.frontier[:, :2], 3), axis=0)
        some = np.unique(
            np.linspace(0, len(plane) - 1, min(len(plane), pictures.SKETCHED_POINTS)).astype(int)
        )
        return {"cells": np.packbits(cells).tobytes().hex(), "frontier": plane[some].tolist()}

    # --- Where an outcome stands --------------------------------------------------------------------------------

    def distances(self, utilities: Sequence[float]) -> dict[str, float | None]:
        """How far these utilities are from the frontier and from each solution (the nearest of several); None without.

        As negmas.preferences.ops.calc_outcome_distances; its `max_welfare` is no distance but the sum, so `welfare` and
        `relative_welfare` are ours.
        """
        here = np.array(utilities, float)
        away = np.sqrt(((self.frontier - here) ** 2).sum(axis=1))
        rows = {"pareto": np.arange(len(away)), **self.solutions}
        return {name: float(away[rows[name]].min()) if len(rows.get(name, ())) else None for name in DISTANT}

    def optimality(self, utilities: Sequence[float]) -> dict[str, float | None]:
        """The same as shares of what is possible: 1 at the point, 0 as far from it as the ranges allow; None without.

        As negmas.preferences.ops.calc_outcome_optimality with its estimate_max_dist; `welfare` is the share of the
        highest sum.
        """
        most = math.sqrt(sum((high - low) ** 2 for low, high in self.ranges))
        distances = self.distances(utilities)
        shares = {name: _share(distances[name], most) for name in OPTIMAL}
        best = float(self.frontier.sum(axis=1).max()) if len(self.frontier) else 0.0
        return {**shares, "welfare": max(0.0, sum(utilities) / best) if abs(best) >= 1e-12 else None}


def _share(distance: float | None, most: float) -> float | None:
    return None if distance is None or most < 1e-12 else max(0.0, 1 - distance / most)

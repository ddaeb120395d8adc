"""What lanes computed of a benchmark's scores, as its page says it: leaderboard, tests, causes of failure, history.

The shape of the data is that of `benchmarks.standings`; nothing is computed from matches here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import F

from benchmarks.models import Benchmark, Leaderboard
from benchmarks.score_charts import ScoreChart, score_chart

SHOWN = (
    "warning", "rows", "errors", "history", "tests", "grid__competitors", "grid__opponents", "grid__all",
)  # fmt: skip
FOLDED = ("wins", "per_scenario")
MOST_TICKS = 4
STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 1e9)


@dataclass(frozen=True)
class BoardRow:
    """A line of the leaderboard; shares are of the axis that all intervals have in common, in per cent."""

    competitor: int
    name: str
    told: Mapping[str, Any]
    axis: tuple[float, float]

    @property
    def rank(self) -> str:
        low, high = self.told["rank_low"], self.told["rank_high"]
        return str(low) if low == high else f"{low}–{high}"

    @property
    def is_tied(self) -> bool:
        return bool(self.told["rank_low"] != self.told["rank_high"])

    @property
    def moved(self) -> int:
        """Places gained of late; below zero: lost."""
        was = self.told.get("was")
        return int(was - self.told["rank"]) if was and self.told["score"] is not None else 0

    @property
    def lost(self) -> int:
        return -self.moved

    @property
    def plus_minus(self) -> float | None:
        low, high = self.told["low"], self.told["high"]
        return None if low is None or high is None else (high - low) / 2

    def _share(self, value: float | None) -> float | None:
        low, high = self.axis
        return None if value is None else round(100 * min(max((value - low) / (high - low), 0.0), 1.0), 1)

    @property
    def x(self) -> float | None:
        return self._share(self.told["score"])

    @property
    def x_low(self) -> float | None:
        return self._share(self.told["low"])

    @property
    def x_high(self) -> float | None:
        return self._share(self.told["high"])


class Board:
    """`order` are the numbers of competitors as the page has shown them: a live leaderboard does not jump."""

    def __init__(self, benchmark: Benchmark, names: Sequence[str], scenarios: Sequence[str]) -> None:
        self.benchmark, self.names, self.scenarios = benchmark, names, scenarios
        self.order: list[int] = []

    @cached_property
    def told(self) -> dict[str, Any]:
        """The parts that are always shown."""
        return self._read(SHOWN)

    @cached_property
    def folded(self) -> dict[str, Any]:
        return self._read(FOLDED)

    def _read(self, names: Sequence[str]) -> dict[str, Any]:
        """These parts, read out of the document by the database."""
        paths = {f"told_{name}": F(f"data__{name}") for name in names}
        rows = Leaderboard.objects.filter(benchmark=self.benchmark).annotate(**paths).values(*paths)
        return {name.removeprefix("told_"): value for name, value in (rows.first() or {}).items()}

    def cells(self, scenario: int | None) -> list[Any] | None:
        """The grid of all scenarios, or of one, without those of the others."""
        if scenario is None:
            return self.told.get("grid__all")
        place = f"grid__scenarios__{scenario}"
        return self._read((place,)).get(place)

    @property
    def is_there(self) -> bool:
        return bool(self.told.get("rows"))

    # --- Leaderboard --------------------------------------------------------------------------------------------------

    @cached_property
    def ranked(self) -> list[int]:
        """By rank, as it is now."""
        return [row["competitor"] for row in self.told.get("rows") or []]

    @property
    def shown_order(self) -> list[int]:
        known = set(self.ranked)
        kept = [number for number in self.order if number in known]
        return kept + [number for number in self.ranked if number not in kept]

    @property
    def is_out_of_order(self) -> bool:
        return self.shown_order != self.ranked

    @cached_property
    def axis(self) -> tuple[float, float]:
        """Tenths around all intervals, the same for all rows."""
        ends = [
            row[name]
            for row in self.told.get("rows") or []
            for name in ("low", "high", "score")
            if row[name] is not None
        ]
        if not ends:
            return 0.0, 1.0
        low, high = int(min(ends) * 10 + 1e-9) / 10, -int(-max(ends) * 10 + 1e-9) / 10
        low, high = min(low, min(ends)), max(high, max(ends))
        return (low, high) if high - low >= 0.1 else (low - 0.05, low + 0.15)

    @cached_property
    def ticks(self) -> list[tuple[float, str]]:
        """Round numbers, three or four of them."""
        low, high = self.axis
        apart = next(step for step in STEPS if (high - low) / step <= MOST_TICKS)
        first = -int(-low / apart + 1e-9)
        values = [number * apart for number in range(first, first + MOST_TICKS + 2)]
        inside = [value for value in values if 0.06 <= (value - low) / (high - low) <= 0.94]
        return [
            (
                round(100 * (value - low) / (high - low), 1),
                f"{value:.{2 if apart < 0.1 else 1}f}".replace("-", "−"),
            )
            for value in inside
        ]

    @property
    def rows(self) -> list[BoardRow]:
        told = {row["competitor"]: row for row in self.told.get("rows") or []}
        return [BoardRow(number, self.names[number], told[number], self.axis) for number in self.shown_order]

    @property
    def leader(self) -> str:
        return self.names[self.ranked[0]] if self.ranked else ""

    # --- Who beats whom -----------------------------------------------------------------------------------------------

    @property
    def tests(self) -> list[dict[str, Any]]:
        """Paired tests with names, those that tell apart first."""
        found = [
            test | {"first_name": self.names[test["first"]], "second_name": self.names[test["second"]]}
            for test in self.told.get("tests") or []
        ]
        return sorted(found, key=lambda test: (test["p_holm"] is None, test["p_holm"] or 0.0))

    @property
    def told_apart(self) -> tuple[int, int]:
        """Pairs that the tests tell apart, and all."""
        tests = self.told.get("tests") or []
        return sum(bool(test["is_significant"]) for test in tests), len(tests)

    @property
    def wins(self) -> list[tuple[int, str, list[tuple[int, float | None]]]]:
        """Number and name of each; of each other the share of scenarios in which the row's is the better; None on the diagonal."""
        told, order = self.folded.get("wins") or {}, self.ranked
        return [
            (
                one,
                self.names[one],
                [
                    (other, None if other == one else told.get(str(one), {}).get(str(other)))
                    for other in order
                ],
            )
            for one in order
        ]

    @property
    def ranked_names(self) -> list[str]:
        return [self.names[number] for number in self.ranked]

    # --- Failures and history -----------------------------------------------------------------------------------------

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Causes of failed matches, the most frequent first."""
        return [
            error | {"name": "" if error["competitor"] is None else self.names[error["competitor"]]}
            for error in self.told.get("errors") or []
        ]

    @cached_property
    def chart(self) -> ScoreChart | None:
        shown = {number: self.names[number] for number in self.shown_order[:12]}
        return score_chart(self.told.get("history") or [], shown, self.benchmark.n_matches)

    @property
    def leads(self) -> list[tuple[int, int]]:
        """After how many matches who came to lead."""
        found: list[tuple[int, int]] = []
        for point in self.told.get("history") or []:
            scores = {int(key): score for key, score in point["scores"].items() if score is not None}
            best = max(scores, key=lambda key: (scores[key], -key), default=None)
            if best is not None and (not found or found[-1][1] != best):
                found.append((point["n"], best))
        return found

"""Who meets whom, and who does how well where: the grids of a benchmark, each cell with the way to its matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

from benchmarks.models import Match
from benchmarks.views.benchmark_board import Board

MOST_BY_SCENARIO = 200


@dataclass(frozen=True)
class GridCell:
    """A competitor against an opponent, or in a scenario; `wait` where none is over, `none` where they do not meet."""

    competitor: int
    other: int
    title: str
    mean: float | None = None
    done: int = 0
    planned: int = 0
    failed: int = 0
    query: str = ""
    is_now: bool = False

    @property
    def css(self) -> str:
        if not self.planned:
            return "none"
        heat = "wait" if self.mean is None else f"q{min(9, max(0, int(self.mean * 10)))}"
        return heat + " err" * bool(self.failed) + " now" * self.is_now

    @property
    def is_partial(self) -> bool:
        return 0 < self.done < self.planned


@dataclass(frozen=True)
class GridRow:
    number: int
    name: str
    cells: tuple[GridCell, ...]
    mean: float | None


Columns = list[tuple[int, str]]


class Grid:
    """Of what is stored of a benchmark's scores; `playing` is asked for the matches that are played this moment."""

    def __init__(self, board: Board, playing: Callable[[], Iterable[Match]]) -> None:
        self.board, self.names, self.scenarios = board, board.names, board.scenarios
        self._playing = playing

    # --- Competitors against opponents --------------------------------------------------------------------------------

    def of(self, scenario: int | None) -> tuple[Columns, list[GridRow]]:
        """Columns and rows of one scenario, or of all."""
        found = self.board.cells(scenario)
        if not found:
            return [], []
        first, second = self.board.told["grid__competitors"], self.board.told["grid__opponents"]
        opponents, width = _in_order(second, self.board.shown_order), len(second)
        lines, places = _places(first), _places(second)
        rows = []
        for number in _in_order(first, self.board.shown_order):
            line = found[lines[number] * width : (lines[number] + 1) * width]
            cells = tuple(self._cell(number, other, line[places[other]], scenario) for other in opponents)
            rows.append(GridRow(number, self.names[number], cells, _mean(cells)))
        return [(number, self.names[number]) for number in opponents], rows

    def _cell(self, number: int, other: int, told: Sequence[Any] | None, scenario: int | None) -> GridCell:
        who = f"{self.names[number]} against {self.names[other]}"
        if told is None:
            return GridCell(number, other, f"{who}: they do not meet")
        query = f"&amp;opponent={other}" + (
            "" if scenario is None else f"&amp;scenario={scenario}&amp;grid={scenario}"
        )
        done, planned, mean, failed, agreed = told
        value = "none is over" if mean is None else f"{mean:.3f}"
        title = f"{who}: {value}; {done:,} of {planned:,} matches over, {agreed:,} agreed, {failed:,} failed"
        is_now = (scenario, number, other) in self._met_now
        told_now = "; one is being played" if is_now else ""
        return GridCell(number, other, title + told_now, mean, done, planned, failed, query, is_now)

    @cached_property
    def _met_now(self) -> set[tuple[int | None, int, int]]:
        """Scenario (None: any) and who meets whom in what is being played."""
        return {
            (place, *pair)
            for match in self._playing()
            for pair in permutations(match.numbers, 2)
            for place in (None, match.scenario)
        }

    # --- Scenarios against competitors --------------------------------------------------------------------------------

    @property
    def by_scenario(self) -> tuple[Columns, list[GridRow]]:
        """Columns and rows."""
        told, order = self.board.folded.get("per_scenario") or {}, self.board.shown_order
        rows = []
        for key in sorted(told, key=int)[:MOST_BY_SCENARIO]:
            cells = tuple(self._of_scenario(int(key), number, told[key].get(str(number))) for number in order)
            rows.append(GridRow(int(key), self.scenarios[int(key)], cells, _mean(cells)))
        return [(number, self.names[number]) for number in order], rows

    def _of_scenario(self, scenario: int, number: int, told: Sequence[Any] | None) -> GridCell:
        mean, matches = told or (None, 0)
        value = "none is over" if mean is None else f"{mean:.3f} over {matches:,} matches"
        title = f"{self.names[number]} in {self.scenarios[scenario]}: {value}"
        query = f"&amp;scenario={scenario}"
        return GridCell(number, scenario, title, mean, 1, 1, query=query)


def _in_order(numbers: Sequence[int], order: Sequence[int]) -> list[int]:
    """Those of the leaderboard first, in its order."""
    places = _places(order)
    return sorted(numbers, key=lambda number: (places.get(number, len(order)), number))


def _places(numbers: Sequence[int]) -> dict[int, int]:
    return {number: place for place, number in enumerate(numbers)}


def _mean(cells: Sequence[GridCell]) -> float | None:
    known = [cell.mean for cell in cells if cell.mean is not None]
    return sum(known) / len(known) if known else None

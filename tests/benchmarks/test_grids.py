"""Tables of competitors against opponents, scenarios and seats (P-13)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from benchmarks.scoring import Cell, SeatRows, grid, grids, per_scenario, per_seat
from tests.benchmarks.played import failed, over, random_tournament, rows


def told(cells: tuple[Cell, ...]) -> dict[tuple[int, int], tuple[Any, ...]]:
    json.dumps([asdict(cell) for cell in cells], allow_nan=False)
    rounded = (None if cell.mean is None else round(cell.mean, 9) for cell in cells)
    return {
        (cell.competitor, cell.other): (mean, cell.matches, cell.agreed, cell.failed)
        for cell, mean in zip(cells, rounded, strict=True)
    }


def test_the_grid_shows_each_against_each() -> None:
    played = rows(
        over(0, seats=(0, 1), utilities=(0.2, 0.8)),
        over(1, seats=(1, 0), utilities=(0.4, 0.6)),
        over(2, seats=(0, 0), utilities=(0.1, 0.5)),
        over(3, seats=(0, 1), utilities=None, scenario=1),
    )
    assert told(grid(played, "utility")) == {
        (0, 0): (0.3, 1, 1, 0),
        (0, 1): (round(0.8 / 3, 9), 3, 2, 0),
        (1, 0): (0.4, 3, 2, 0),
    }
    assert told(grid(played, "utility", scenario=1)) == {(0, 1): (0.0, 1, 0, 0), (1, 0): (0.0, 1, 0, 0)}


def test_in_the_grid_a_failure_is_that_of_who_failed() -> None:
    played = rows(over(0), failed(1, seat=1, repetition=1))
    assert told(grid(played, "utility")) == {(0, 1): (0.6, 1, 1, 0), (1, 0): (0.3, 2, 1, 1)}


def test_of_three_parties_both_others_are_opponents() -> None:
    played = rows(over(0, seats=(0, 1, 2), utilities=(0.9, 0.5, 0.1)), over(1, seats=(0, 1), scenario=1))
    assert told(grid(played, "utility", scenario=0)) == {
        (mine, other): (mean, 1, 1, 0)
        for mine, mean in enumerate((0.9, 0.5, 0.1))
        for other in range(3)
        if other != mine
    }


def test_what_is_not_known_is_an_empty_cell_with_its_matches() -> None:
    assert told(grid(rows(over()), "nash_optimality")) == {(0, 1): (None, 1, 1, 0), (1, 0): (None, 1, 1, 0)}


def test_per_scenario_and_per_seat() -> None:
    played = rows(
        over(0, seats=(0, 1), utilities=(0.2, 0.8)),
        over(1, seats=(1, 0), utilities=(0.4, 0.6)),
        over(2, seats=(0, 1), utilities=(0.5, 0.5), scenario=4),
    )
    assert told(per_scenario(played, "utility")) == {
        (0, 0): (0.4, 2, 2, 0), (0, 4): (0.5, 1, 1, 0), (1, 0): (0.6, 2, 2, 0), (1, 4): (0.5, 1, 1, 0),
    }  # fmt: skip
    assert told(per_seat(played, "utility")) == {
        (0, 0): (0.35, 2, 2, 0), (0, 1): (0.6, 1, 1, 0), (1, 0): (0.4, 1, 1, 0), (1, 1): (0.65, 2, 2, 0),
    }  # fmt: skip


def test_the_grids_of_all_scenarios_are_those_of_each() -> None:
    played = SeatRows.of(random_tournament())
    assert grids(played, "utility") == {s: grid(played, "utility", scenario=s) for s in range(12)}


def test_without_matches_there_are_no_cells() -> None:
    assert grid(rows(), "utility") == per_scenario(rows(), "utility") == per_seat(rows(), "utility") == ()
    assert grids(rows(), "utility") == {}

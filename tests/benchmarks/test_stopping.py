"""The early stop: when it looks, what it claims, how often it is wrong (X-05)."""

from __future__ import annotations

import json
import math
import random
from dataclasses import asdict

import numpy as np
import pytest

from benchmarks.scoring import SeatRows
from benchmarks.scoring.simulated_stops import is_right, stops
from benchmarks.scoring.simulation import FIELDS
from benchmarks.scoring.stopping import StopRule, Verdict, settled
from tests.benchmarks.played import failed, tournament

COMPETITORS = (0, 1, 2)
PLANNED = dict.fromkeys(range(60), 3)


def scores(scenarios: int, gap: float) -> list[list[float]]:
    rng = np.random.default_rng(6)
    return [[float(rng.normal(0.5 - gap * c, 0.1)) for c in COMPETITORS] for _ in range(scenarios)]


def judged(done: int, gap: float, rule: StopRule | None = None) -> Verdict:
    rows = SeatRows.of(tournament(scores(60, gap)[:done]))
    return settled(rows, PLANNED, "utility", rule or StopRule(), COMPETITORS)


def test_it_looks_at_even_parts_but_not_too_early_nor_at_the_end() -> None:
    assert StopRule().when(100) == (40, 60, 80)
    assert StopRule().when(60) == (36, 48)
    assert StopRule().when(30) == ()
    assert StopRule(looks=10, least=10).when(25) == (10, 13, 15, 18, 20, 23)


def test_a_clear_ranking_is_settled_at_the_first_look_and_stays_so() -> None:
    before = judged(35, 0.2)
    assert (before.is_settled, before.scenarios, before.next_look, before.saved_matches) == (False, 0, 36, 0)
    verdict = judged(36, 0.2)
    assert (verdict.is_settled, verdict.ranking, verdict.open_pairs) == (True, (0, 1, 2), ())
    assert (verdict.scenarios, verdict.saved_matches, verdict.planned_matches) == (36, 72, 180)
    assert verdict.saved_share == pytest.approx(0.4)
    assert judged(60, 0.2) == verdict
    json.dumps(asdict(verdict), allow_nan=False)


def test_equals_are_not_settled_and_named() -> None:
    verdict = judged(48, 0.0)
    assert not verdict.is_settled
    assert (verdict.scenarios, verdict.next_look, verdict.saved_matches) == (48, None, 0)
    assert set(verdict.open_pairs) == {(0, 1), (0, 2), (1, 2)}


def test_the_first_place_alone_is_settled_sooner() -> None:
    lines = [
        [first, second, second + 0.001 * (-1) ** s] for s, (first, second, _) in enumerate(scores(60, 0.2))
    ]
    rows = SeatRows.of(tournament(lines))
    assert not settled(rows, PLANNED, "utility", StopRule(), COMPETITORS).is_settled
    verdict = settled(rows, PLANNED, "utility", StopRule(first=1), COMPETITORS)
    assert (verdict.is_settled, verdict.ranking[0]) == (True, 0)


def test_scenarios_are_looked_at_in_the_order_of_the_plan_and_only_whole() -> None:
    """However lanes race: what is over before its turn waits, and a failed match is over too."""
    matches = tournament(scores(60, 0.2))
    random.Random(1).shuffle(matches)
    order = dict.fromkeys(reversed(range(60)), 3)
    late = [match for match in matches if match.scenario > 23]
    assert settled(SeatRows.of(late), order, "utility", StopRule(), COMPETITORS).is_settled
    missing = next(match for match in late if match.scenario == 30)
    others = [match for match in late if match != missing]
    assert settled(SeatRows.of(others), order, "utility", StopRule(), COMPETITORS).scenarios == 0
    hung = failed(missing.index, seat=0, scenario=30, seats=missing.seats)
    assert settled(SeatRows.of([*others, hung]), order, "utility", StopRule(), COMPETITORS).is_settled


def test_who_is_alone_or_has_no_match_settles_nothing() -> None:
    rows = SeatRows.of(tournament(scores(60, 0.2)))
    assert not settled(rows, PLANNED, "utility", StopRule(), [0]).is_settled
    assert not settled(rows, PLANNED, "utility", StopRule(), [0, 7]).is_settled
    assert settled(SeatRows.of([]), {}, "utility").saved_share == 0


@pytest.mark.slow
def test_it_is_wrong_no_more_often_than_it_may() -> None:
    """Among equals every stop is an error: 5 % of 300, and four standard errors."""
    lines = list(stops(np.random.default_rng(9), 300, 50))
    assert {line.field for line in lines} == set(FIELDS)
    most = 0.05 + 4 * math.sqrt(0.05 * 0.95 / 300)
    assert [line for line in lines if line.wrong > most] == []
    assert all(line.wrong == line.stopped for line in lines if line.field.endswith("equals"))
    assert max(line.saved for line in lines) > 0.3


def test_a_ranking_is_right_if_each_settled_place_is_above_all_that_follow() -> None:
    field = FIELDS["equals among others"]
    assert is_right((0, 1, 2, 3), field, 1)
    assert not is_right((1, 0, 2, 3), field, 1)
    assert not is_right((0, 1, 2, 3), field, None)
    assert is_right((0, 1, 2, 3), FIELDS["apart"], None)

"""Metrics by hand, failed matches, repetitions, what is not known (B-27, P-12)."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.scoring import METRICS, STATISTICS, SeatRows, blocks_of, leaderboard, summary, values_of
from tests.benchmarks.played import failed, over, random_tournament, rows
from tests.test_layers import left_in_memory


def measured(metric: str, *matches: Any) -> list[float]:
    return [round(value, 9) for value in values_of(rows(*matches), metric).tolist()]


def test_an_agreement_by_hand() -> None:
    match = over(utilities=(0.6, 0.3), reserved=(0.2, 0.1), best=(1.0, 0.9), steps=24, n_steps=99)
    expected = {
        "utility": [0.6, 0.3],
        "advantage": [0.5, 0.25],
        "partner_welfare": [0.3, 0.6],
        "welfare": [0.45, 0.45],
        "agreement_rate": [1.0, 1.0],
        "speed": [0.75, 0.75],
        "exploited": [0.0, 0.0],
    }
    assert {metric: measured(metric, match) for metric in expected} == expected


def test_without_an_agreement_all_get_their_reserved_value() -> None:
    match = over(utilities=None, reserved=(0.2, 0.1))
    assert measured("utility", match) == [0.2, 0.1]
    assert (
        measured("advantage", match)
        == measured("speed", match)
        == measured("agreement_rate", match)
        == [0, 0]
    )
    assert measured("welfare", match) == [0.15, 0.15]


def test_who_agrees_to_less_than_its_reserved_value_is_exploited_if_somebody_gains() -> None:
    assert measured("exploited", over(utilities=(0.1, 0.9), reserved=(0.5, 0.2))) == [1, 0]
    assert measured("exploited", over(utilities=(0.1, 0.1), reserved=(0.5, 0.2))) == [0, 0]
    assert measured("advantage", over(utilities=(0.1, 0.9), reserved=(0.5, 0.2)))[0] == -0.8


def test_nothing_to_be_gained_is_no_advantage() -> None:
    assert measured("advantage", over(utilities=(1.0, 1.0), reserved=(1.0, 0.0))) == [0, 1]


def test_three_parties_have_the_mean_of_both_others_as_partners() -> None:
    match = over(seats=(0, 1, 2), utilities=(0.9, 0.5, 0.1))
    assert measured("partner_welfare", match) == [0.3, 0.5, 0.7]
    assert measured("welfare", match) == [0.5] * 3


def test_speed_follows_the_time_that_is_given_and_is_unknown_without_any() -> None:
    assert measured("speed", over(n_steps=None, relative_time=0.25)) == [0.75, 0.75]
    assert measured("speed", over(steps=500, n_steps=99)) == [0, 0]
    assert np.isnan(values_of(rows(over(n_steps=None)), "speed")).all()


def test_a_failed_match_counts_for_who_failed_and_not_for_the_partner() -> None:
    played = rows(over(0, utilities=(0.6, 0.8)), failed(1, seat=0, reserved=(0.2, 0.3), repetition=1))
    table = leaderboard(played, "utility")
    first, second = sorted(table.standings, key=lambda line: line.competitor)
    assert [first.score, second.score] == pytest.approx([0.4, 0.8])
    assert (first.matches, first.failed, first.left_out) == (2, 1, 0)
    assert (second.matches, second.failed, second.left_out) == (1, 0, 1)
    assert measured("advantage", failed(reserved=(0.2, 0.3))) == [0, 0]


def test_a_failed_match_of_nobody_counts_for_nobody() -> None:
    table = leaderboard(rows(failed(seat=None)), competitors=(0, 1))
    assert [(line.score, line.matches, line.left_out) for line in table.standings] == [(None, 0, 1)] * 2


def test_in_self_play_only_the_seat_that_failed_counts() -> None:
    (line,) = leaderboard(rows(failed(seats=(0, 0), seat=1))).standings
    assert (line.score, line.matches, line.failed, line.left_out) == (0.0, 1, 1, 0)


def test_what_is_not_known_is_left_out() -> None:
    known, unknown = over(0, nash_optimality=0.4), over(1, rotation=1, nash_optimality=math.nan)
    table = leaderboard(rows(known, unknown, over(2, scenario=1)), "nash_optimality")
    assert [(line.score, line.scenarios) for line in table.standings] == [(0.4, 1), (0.4, 1)]
    assert leaderboard(rows(over(utilities=(None, 0.3), agreed=True)), "utility").standings[1].score is None


def test_a_match_that_was_played_again_takes_the_place_of_the_failed_one() -> None:
    assert leaderboard(rows(failed(0), over(0)), "utility").standings[0].score == 0.6
    assert leaderboard(rows(failed(0)).plus([over(0)]), "utility").standings[0].failed == 0


def test_the_order_of_matches_does_not_matter_nor_in_how_many_parts_they_come() -> None:
    played = random_tournament()
    shuffled = random.Random(3).sample(played, len(played))
    expected = leaderboard(SeatRows.of(played)).as_json()
    assert leaderboard(SeatRows.of(shuffled)).as_json() == expected
    assert leaderboard(SeatRows.of(shuffled[:70]).plus(shuffled[70:])).as_json() == expected


@pytest.mark.parametrize("statistic", STATISTICS)
def test_an_identical_repetition_of_a_deterministic_pair_changes_nothing(statistic: str) -> None:
    played = [replace(match, deterministic=True) for match in random_tournament() if match.repetition == 0]
    again = [replace(match, index=match.index + 10_000, repetition=1) for match in played]
    once, twice = (leaderboard(SeatRows.of(each), statistic=statistic) for each in (played, played + again))
    assert replace(once, matches=0) == replace(twice, matches=0)
    assert twice.matches == 2 * once.matches


def test_other_results_of_a_deterministic_pair_do_count() -> None:
    first, other = (
        over(0, deterministic=True),
        over(1, deterministic=True, repetition=1, utilities=(0.2, 0.9)),
    )
    assert leaderboard(rows(first, other), "utility", competitors=[0]).standings[0].score == pytest.approx(
        0.4
    )


def test_repetitions_are_averaged_before_line_ups_and_line_ups_before_scenarios() -> None:
    played = [
        over(0, seats=(0, 1), utilities=(0.0, 0.0)),
        over(1, seats=(0, 1), utilities=(0.4, 0.0), repetition=1),
        over(2, seats=(0, 2), utilities=(0.6, 0.0)),
        over(3, seats=(0, 2), utilities=(0.9, 0.0), scenario=1),
    ]
    blocks = blocks_of(SeatRows.of(played), "utility", [0])
    assert blocks.means[:, 0].tolist() == pytest.approx([0.4, 0.9])
    assert blocks.scores.tolist() == pytest.approx([0.65])


def test_every_metric_and_statistic_can_be_said_in_json_of_no_match_at_all() -> None:
    assert {value for line in summary(rows(), 0).values() for value in line.values()} == {None, 0.0}
    for metric in METRICS:
        for statistic in STATISTICS:
            assert leaderboard(rows(), metric, statistic, competitors=[3]).standings[0].rank == 1


def test_welfare_that_is_given_is_taken() -> None:
    assert measured("welfare", over(welfare=0.7)) == [0.7, 0.7]


def test_a_match_that_failed_before_it_began_says_nothing_and_still_counts() -> None:
    hung = failed(0, seat=1, reserved=(), best=())
    assert measured("utility", replace(hung, utilities=()), over(1)) == [0, 0, 0.6, 0.6]
    assert measured("advantage", replace(hung, utilities=()), over(1)) == [0, 0, 0.6, 0.6]
    half = replace(hung, utilities=(), reserved=(0.3, 0.2))
    assert (measured("utility", half), measured("advantage", half)) == ([0.3, 0.2], [0, 0])


def test_rows_of_some_scenarios_are_those_of_their_matches() -> None:
    played = random_tournament()
    some = [match for match in played if match.scenario in (2, 5)]
    assert leaderboard(SeatRows.of(played).only([5, 2])).as_json() == leaderboard(rows(*some)).as_json()


def test_scoring_loads_neither_django_nor_negmas_nor_scipy() -> None:
    """Lanes, commands and web processes may all load it."""
    loaded = left_in_memory("import benchmarks.scoring")
    assert "numpy" in loaded
    assert not loaded & {"django", "negmas", "scipy", "pandas"}


@pytest.mark.slow
def test_a_lane_can_make_a_leaderboard_of_five_thousand_matches_every_other_second() -> None:
    played = random_tournament(scenarios=70, competitors=6)
    assert len(played) == 5_040
    leaderboard(SeatRows.of(played))
    assert min(_seconds(lambda: leaderboard(SeatRows.of(played))) for _ in range(3)) < 0.05


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor: the machine may have other things to do."""
    start = time.process_time()
    work()
    return time.process_time() - start

"""Pairs, ranks and wins: tests by hand, Holm's correction, ranges of ranks (X-10)."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from benchmarks.scoring import SeatRows, blocks_of, comparisons, holm, leaderboard, warning, win_matrix
from benchmarks.scoring.paired import Paired
from tests.benchmarks.played import over, random_tournament, tournament

COMPETITORS = (0, 1, 2)
MEANS = [[0.9, 0.5, 0.5], [0.8, 0.4, 0.3], [0.9, 0.5, 0.6], [0.7, 0.3, 0.3], [0.8, 0.5, 0.4], [0.9, 0.4, 0.5]]


def paired(*differences: float) -> Paired:
    found = Paired.of(np.array(differences))
    assert found is not None
    return found


def test_holm_by_hand() -> None:
    """Holm 1979: p-values from the least on, times how many are left, none below the one before."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, None, 0.6]) == [1.0, None, 1.0]
    assert holm([]) == []


def test_the_paired_t_test_by_hand() -> None:
    """t = 2 with 3 degrees of freedom, of differences that are not skewed."""
    even = paired(1.0, 1.0, 3.0, 3.0)
    assert even.mean / even.spread * 2 == pytest.approx(math.sqrt(12))
    assert even.p == even.t_test == pytest.approx(0.0405, abs=5e-5)
    low, high = paired(0.1, 0.2, 0.3, 0.4).interval(0.95)
    half = 3.182446305284263 * 0.12909944487358055 / 2
    assert (low, high) == pytest.approx((0.25 - half, 0.25 + half))


def test_skewed_differences_are_tested_with_more_caution() -> None:
    """What one scenario of ten says is not taken for the others' word; symmetric ones are not touched."""
    skewed = paired(*[-0.05, -0.06, -0.05, -0.04, -0.05, -0.06, -0.04, -0.05, 0.0, 0.08])
    assert skewed.p > 2 * skewed.t_test
    symmetric = paired(*[0.1, 0.2, 0.3, 0.4, 0.5])
    assert symmetric.p == pytest.approx(symmetric.t_test)


def test_the_interval_leaves_0_out_just_where_the_test_rejects() -> None:
    rng = np.random.default_rng(3)
    found = [paired(*(rng.exponential(1.0, 12) - shift)) for shift in np.linspace(0, 2, 200)]
    rejected = [each.p < 0.05 for each in found]
    assert rejected == [low > 0 or high < 0 for low, high in (each.interval(0.95) for each in found)]
    assert 20 < sum(rejected) < 180


def test_the_same_difference_everywhere_is_a_matter_of_signs() -> None:
    assert paired(0.1, 0.1, 0.1, 0.1, 0.1).p == 2 / 2**5
    assert paired(0.0, 0.0, 0.0).p == 1.0
    assert Paired.of(np.array([0.4])) is None


def test_pairs_are_compared_in_the_scenarios_that_both_have_played() -> None:
    matches = [match for match in tournament(MEANS) if not (match.scenario == 5 and match.seats[0] == 2)]
    first, second, third = comparisons(blocks_of(SeatRows.of(matches), "utility", COMPETITORS))
    assert (first.first, first.second, first.scenarios) == (0, 1, 6)
    assert (first.higher, first.lower, first.equal) == (6, 0, 0)
    assert first.difference == pytest.approx(0.4)
    assert (second.scenarios, third.scenarios) == (5, 5)
    assert (third.higher, third.lower, third.equal) == (2, 1, 2)


def test_ranks_are_as_far_apart_as_the_tests_tell() -> None:
    table = leaderboard(SeatRows.of(tournament(MEANS)), "utility", competitors=COMPETITORS)
    places = {line.competitor: (line.rank, line.rank_low, line.rank_high) for line in table.standings}
    assert places == {0: (1, 1, 1), 1: (2, 2, 3), 2: (2, 2, 3)}
    assert [line.score for line in table.standings] == pytest.approx([0.8333333, 0.4333333, 0.4333333])
    assert all(
        line.low is not None
        and line.high is not None
        and line.score is not None
        and line.low < line.score < line.high
        for line in table.standings
    )


def test_one_scenario_decides_nothing() -> None:
    table = leaderboard(SeatRows.of(tournament(MEANS[:1])), "utility", competitors=COMPETITORS)
    assert [(line.rank, line.rank_low, line.rank_high) for line in table.standings] == [
        (1, 1, 3), (2, 1, 3), (2, 1, 3),
    ]  # fmt: skip
    assert {line.low for line in table.standings} == {None}
    assert {pair.p_holm for pair in table.comparisons} == {None}


def test_of_distances_less_is_better() -> None:
    matches = [
        over(k, seats=(c, 9), scenario=s, pareto_distance=0.1 * c + 0.01 * s)
        for k, (s, c) in enumerate(np.ndindex(10, 3))
    ]
    rows = SeatRows.of(matches)
    table = leaderboard(rows, "pareto_distance", competitors=COMPETITORS)
    assert [(line.competitor, line.rank, line.rank_high) for line in table.standings] == [
        (0, 1, 1),
        (1, 2, 2),
        (2, 3, 3),
    ]
    wins = win_matrix(blocks_of(rows, "pareto_distance", COMPETITORS))
    assert [[cell and cell.share for cell in line] for line in wins] == [
        [None, 1, 1],
        [0, None, 1],
        [0, 0, None],
    ]


def test_the_win_matrix_by_hand() -> None:
    wins = win_matrix(blocks_of(SeatRows.of(tournament(MEANS)), "utility", COMPETITORS))
    shares = [[cell and cell.share for cell in line] for line in wins]
    assert shares == [[None, 1, 1], [0, None, pytest.approx(2 / 6)], [0, pytest.approx(2 / 6), None]]
    assert wins[1][0] is not None
    assert wins[1][0].difference == pytest.approx(-0.4)


def test_competitors_without_a_match_come_last_and_opponents_are_not_ranked() -> None:
    table = leaderboard(SeatRows.of(tournament(MEANS)), "utility", competitors=(0, 1, 7))
    assert [line.competitor for line in table.standings] == [0, 1, 7]
    assert (table.standings[2].score, table.standings[2].rank, table.standings[2].rank_low) == (None, 3, 1)
    assert table.standings[0].rank_high == 2  # the new one may still turn out better


@pytest.mark.parametrize("statistic", ["median", "25%", "std"])
def test_other_statistics_have_intervals_and_tests_of_their_own(statistic: str) -> None:
    table = leaderboard(SeatRows.of(random_tournament(scenarios=25)), "utility", statistic)
    for line in table.standings:
        assert line.low is not None and line.high is not None and line.score is not None
        assert line.low <= line.score <= line.high
        assert line.high - line.low > 0.01
    assert all(pair.p is not None and pair.p > 0.001 for pair in table.comparisons)
    better = tournament([[0.9, 0.2 + 0.01 * s, 0.2] for s in range(25)], matches=3)
    if statistic != "std":
        first = leaderboard(SeatRows.of(better), "utility", statistic, competitors=COMPETITORS).standings[0]
        assert (first.competitor, first.rank_low, first.rank_high) == (0, 1, 1)


@pytest.mark.parametrize("statistic", ["min", "max", "count"])
def test_extremes_and_counts_have_none(statistic: str) -> None:
    table = leaderboard(SeatRows.of(random_tournament()), "utility", statistic)
    assert {(line.low, line.high) for line in table.standings} == {(None, None)}
    assert {pair.p for pair in table.comparisons} == {None}
    assert {line.rank_high for line in table.standings} == {4}


def test_a_leaderboard_is_json() -> None:
    table = leaderboard(SeatRows.of(random_tournament()))
    back = json.loads(json.dumps(table.as_json(), allow_nan=False))
    assert back["standings"][0]["rank"] == 1
    assert len(back["comparisons"]) == 6
    assert back["warning"] == ""


def test_below_ten_scenarios_there_is_a_warning() -> None:
    assert warning(10) == ""
    assert warning(9).startswith("Only 9 scenarios: intervals and tests rest on")
    assert warning(1).startswith("Only one scenario:")
    assert leaderboard(SeatRows.of(tournament(MEANS))).warning == warning(6)
    assert warning(4, 6).startswith("Only 4 of 6 scenarios so far:")
    assert "Add scenarios" in warning(4, 6)
    assert "Add scenarios" not in warning(4, 12)  # those that are to come are enough

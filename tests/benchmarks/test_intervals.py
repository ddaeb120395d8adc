"""Intervals of a mean: what they hold, how often, and what they say where there is nothing to resample (X-10)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.scoring.coverage import OURS, coverage
from benchmarks.scoring.intervals import RESAMPLES, bootstrap_t, interval, intervals, resampled, student_t
from benchmarks.scoring.metrics import limits
from benchmarks.scoring.simulation import FIELD, RARE, draw
from tests.benchmarks.played import over, rows

UNIT = (0.0, 1.0)
TOURNAMENTS = 400


def test_a_resample_draws_as_many_blocks_as_there_are() -> None:
    drawn = resampled(7)
    assert drawn.shape == (RESAMPLES, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert abs(drawn.mean(axis=0) - 1).max() < 0.06


def test_the_interval_is_halfway_between_both_and_always_the_same() -> None:
    blocks = np.random.default_rng(1).random(15)[:, None]
    ends = intervals(blocks, UNIT)
    np.testing.assert_allclose(ends, (bootstrap_t(blocks, UNIT, 0.95) + student_t(blocks, UNIT, 0.95)) / 2)
    assert ends.tolist() == intervals(blocks, UNIT).tolist()


def test_student_t_by_hand() -> None:
    blocks = np.array([0.2, 0.4, 0.6])[:, None]
    half = 4.302652729749464 * 0.2 / math.sqrt(3)
    assert student_t(blocks, (-1.0, 2.0), 0.95)[:, 0].tolist() == pytest.approx([0.4 - half, 0.4 + half])


def test_no_interval_of_fewer_than_two_scenarios() -> None:
    assert interval(np.array([0.3]), UNIT) is None
    assert interval(np.array([]), UNIT) is None


def test_scenarios_that_are_all_alike_leave_room_for_others() -> None:
    """Of 20 agreements in 20 scenarios nobody concludes that there is always one."""
    low, high = interval(np.ones(20), UNIT) or (0.0, 0.0)
    assert [low, high] == pytest.approx([0.025 ** (1 / 20), 1.0])
    low, high = interval(np.full(5, 0.5), UNIT) or (0.0, 0.0)
    assert [low, high] == pytest.approx([0.5 * 0.025**0.2, 1 - 0.5 * 0.025**0.2])


def test_ends_stay_where_a_mean_can_be() -> None:
    low, high = interval(np.array([0.0, 0.0, 0.0, 0.0, 1.0]), UNIT) or (-1.0, 2.0)
    assert (low, 0.5 < high <= 1.0) == (0.0, True)
    assert limits(rows(over(utilities=(0.1, 0.9), reserved=(0.5, 0.2))), "advantage") == (-0.8, 1.0)
    assert limits(rows(over()), "pareto_distance") == (0.0, math.sqrt(2))


def test_more_confidence_is_wider() -> None:
    blocks = np.random.default_rng(2).random(12)
    ends = [interval(blocks, UNIT, level) or (0.0, 0.0) for level in (0.8, 0.95, 0.99)]
    assert [low for low, _ in ends] == sorted((low for low, _ in ends), reverse=True)
    assert [high for _, high in ends] == sorted(high for _, high in ends)


@pytest.mark.slow
@pytest.mark.parametrize("scenarios", [20, 100])
def test_intervals_hold_the_true_mean_as_often_as_they_say(scenarios: int) -> None:
    """93 to 97 %, and what so few tournaments may be off by chance: four standard errors."""
    chance = 4 * math.sqrt(0.05 * 0.95 / TOURNAMENTS)
    for line in coverage(np.random.default_rng(11), TOURNAMENTS, scenarios):
        assert 0.93 - chance < line.shares[OURS] < 0.97 + chance, line


@pytest.mark.slow
def test_the_plain_percentile_interval_of_five_scenarios_would_not() -> None:
    shares = [line.shares["percentile"] for line in coverage(np.random.default_rng(11), TOURNAMENTS, 5)]
    assert max(shares) < 0.9


def test_simulated_tournaments_have_the_means_that_are_said_to_be_known() -> None:
    drawn = draw(np.random.default_rng(4), FIELD, 200, 200)
    for number, competitor in enumerate(FIELD):
        means = drawn[:, :, number].mean(axis=1)
        assert abs(means.mean() - competitor.mean) < 4 * means.std() / math.sqrt(200)
    assert RARE.mean == pytest.approx(0.07795173688659224)
    strong, rare = drawn[:, :, 0].ravel(), drawn[:, :, 3].ravel()
    assert np.corrcoef(strong, rare)[0, 1] > 0.2
    assert (rare == 0).mean() > 0.5

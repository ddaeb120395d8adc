"""Scores are NegMAS's: of a tournament it played, and of outcomes that tournaments rarely come to."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from negmas import make_issue, make_os
from negmas.inout import Scenario
from negmas.preferences import LinearAdditiveUtilityFunction
from negmas.preferences.ops import calc_negotiator_metrics, calc_session_metrics
from negmas.sao import BoulwareTBNegotiator, ConcederTBNegotiator, LinearTBNegotiator
from negmas.tournaments.analysis.significance import apply_corrections, pairwise_tests
from negmas.tournaments.neg.simple.cartesian import cartesian_tournament
from scipy import stats

from benchmarks.scoring import Scored, SeatRows, blocks_of, comparisons, leaderboard, summary, values_of
from benchmarks.scoring.student import quantile, two_sided

pytestmark = pytest.mark.slow

COMPETITORS = (BoulwareTBNegotiator, ConcederTBNegotiator, LinearTBNegotiator)
NAMES = [each.__name__ for each in COMPETITORS]
#: Ours -> the column of NegMAS's scores.
COLUMNS = {
    "advantage": "advantage",
    "utility": "utility",
    "partner_welfare": "partner_welfare",
    "welfare": "welfare",
    "agreement_rate": "session_agreement_reached",
    "nash_optimality": "nash_optimality",
    "kalai_optimality": "kalai_optimality",
    "ks_optimality": "ks_optimality",
    "max_welfare_optimality": "max_welfare_optimality",
    "pareto_optimality": "pareto_optimality",
    "speed": "session_agreement_speed",
    "exploited": "neg_exploited",
}


def scenario(number: int, reserved: tuple[float, float]) -> Scenario:
    issues = [make_issue(list("abcd"), "x"), make_issue(list("pqr"), "y")]
    space = make_os(issues, name=f"s{number}")
    wishes = (
        ({"a": 1.0, "b": 0.6, "c": 0.3, "d": 0.0}, {"p": 1.0, "q": 0.5, "r": 0.0}),
        ({"a": 0.0, "b": 0.2 * number, "c": 0.5, "d": 1.0}, {"p": 0.1, "q": 0.7, "r": 1.0}),
    )
    ufuns = [
        LinearAdditiveUtilityFunction(
            values=list(values), weights=[0.6, 0.4], outcome_space=space, reserved_value=least, name=f"u{k}"
        )
        for k, (values, least) in enumerate(zip(wishes, reserved, strict=True))
    ]
    return Scenario(outcome_space=space, ufuns=tuple(ufuns))


@pytest.fixture(scope="module")
def results() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NegMAS's own
        return cartesian_tournament(
            competitors=list(COMPETITORS),
            scenarios=[scenario(1, (0.1, 0.2)), scenario(2, (0.6, 0.75)), scenario(3, (0.0, 0.3))],
            n_steps=20,
            n_repetitions=2,
            njobs=-1,
            path=None,
            verbosity=0,
        )


@pytest.fixture(scope="module")
def played(results: Any) -> list[Scored]:
    return list(matches(results.details))


def matches(details: Any) -> Iterator[Scored]:
    scenarios = {name: number for number, name in enumerate(sorted(set(details["scenario"])))}
    for index, record in enumerate(details.to_dict("records")):
        yield Scored(
            index=index,
            scenario=scenarios[record["scenario"]],  # NegMAS gives each rotation a name of its own
            rotation=0,
            repetition=int(record["rep"]),
            seats=tuple(NAMES.index(name) for name in record["partners"]),
            utilities=tuple(record["utilities"]) if record["agreement"] else (None, None),
            reserved=tuple(record["reserved_values"]),
            best=tuple(record["max_utils"]),
            agreed=record["agreement"] is not None,
            failed_seat=None,
            is_failed=False,
            steps=record["step"],
            n_steps=int(record["n_steps"]),
            cpu_seconds=0.0,
            **{name: record[name] for name in COLUMNS if name.endswith("_optimality")},
        )


def test_every_metric_of_every_seat_is_the_one_in_negmas_scores(results: Any, played: list[Scored]) -> None:
    theirs = results.scores.set_index(["mechanism_name", "negotiator_id"])
    seats = [
        (record["mechanism_name"], one)
        for record in results.details.to_dict("records")
        for one in record["negotiator_ids"]
    ]
    rows = SeatRows.of(played)
    assert len(rows) == len(theirs) == 3 * 2 * 9 * 2 * 2
    assert {match.agreed for match in played} == {True, False}
    for ours, column in COLUMNS.items():
        expected = np.array([theirs.loc[seat, column] for seat in seats], dtype=float)
        np.testing.assert_allclose(values_of(rows, ours), expected, atol=1e-9, err_msg=ours)


def test_scores_are_those_of_negmas(results: Any, played: list[Scored]) -> None:
    table = leaderboard(SeatRows.of(played))
    theirs = dict(zip(results.final_scores["strategy"], results.final_scores["score"], strict=True))
    assert [NAMES[line.competitor] for line in table.standings] == list(results.final_scores["strategy"])
    for line in table.standings:
        assert line.score == pytest.approx(theirs[NAMES[line.competitor]], abs=1e-9)


def test_identical_repetitions_count_once_and_leave_the_mean_where_it_was(played: list[Scored]) -> None:
    once = leaderboard(SeatRows.of(replace(match, deterministic=True) for match in played))
    twice = leaderboard(SeatRows.of(played))
    for less, more in zip(once.standings, twice.standings, strict=True):
        assert less.matches * 2 == more.matches
        assert less.score == pytest.approx(more.score, abs=1e-12)
        assert (less.low, less.high) == pytest.approx((more.low, more.high), abs=1e-12)


def test_statistics_are_those_of_describe(results: Any, played: list[Scored]) -> None:
    rows = SeatRows.of(played)
    for number, name in enumerate(NAMES):
        ours = summary(rows, number)
        for metric, column in COLUMNS.items():
            theirs = results.scores.loc[results.scores["strategy"] == name, column].astype(float).describe()
            for statistic, value in theirs.items():
                assert ours[metric][statistic] == pytest.approx(value, abs=1e-9, nan_ok=True), metric


def test_plain_paired_tests_and_holm_are_those_of_negmas(results: Any, played: list[Scored]) -> None:
    theirs = apply_corrections(pairwise_tests(results.scores, strategies=NAMES, paired=True))
    ours = comparisons(blocks_of(SeatRows.of(played), "advantage"))
    for pair, line in zip(ours, theirs.to_dict("records"), strict=True):
        assert (NAMES[pair.first], NAMES[pair.second]) == (line["strategy_a"], line["strategy_b"])
        assert pair.scenarios == line["n_a"]
        assert pair.t_test == pytest.approx(line["p_value"], abs=1e-9)


@pytest.mark.parametrize("agreed", [True, False])
def test_rare_outcomes_are_measured_as_negmas_measures_them(agreed: bool) -> None:
    """Agreements below the reserved value, nothing to be gained, three parties."""
    rng = np.random.default_rng(5)
    for index in range(300):
        n = int(rng.integers(2, 4))
        reserved = tuple(rng.choice([0.0, 0.2, 0.5, 1.0], n).tolist())
        utilities = tuple(rng.choice([0.0, 0.1, 0.2, 0.5, 0.8, 1.0], n).tolist())
        steps = int(rng.integers(0, 21))
        match = Scored(
            index,
            0,
            0,
            0,
            tuple(range(n)),
            utilities,
            reserved,
            (1.0,) * n,
            agreed,
            None,
            False,
            steps,
            20,
            0.0,
        )
        rows = SeatRows.of([match])
        given = utilities if agreed else None
        time = min(1.0, (steps + 1) / 21)
        whole = calc_session_metrics(given, reserved, utility_ranges=[(0.0, 1.0)] * n, relative_time=time)
        assert values_of(rows, "welfare")[0] == pytest.approx(whole.welfare)
        assert values_of(rows, "speed")[0] == pytest.approx(whole.agreement_speed)
        for seat in range(n):
            theirs = calc_negotiator_metrics([], given, reserved, index=seat, utility_ranges=[(0.0, 1.0)] * n)
            for metric in ("utility", "advantage", "exploited"):
                assert values_of(rows, metric)[seat] == pytest.approx(getattr(theirs, metric)), metric


def test_a_party_without_a_reserved_value_gains_its_utility() -> None:
    """As NegMAS, where there is an agreement; without one NegMAS's utility is minus infinity, and ours the least, 0."""
    agreed = Scored(
        0, 0, 0, 0, (0, 1), (0.7, 0.4), (-math.inf, None), (1.0, 1.0), True, None, False, 1, 9, 0.0
    )
    neither = replace(agreed, index=1, agreed=False, utilities=(None, None))
    rows = SeatRows.of([agreed, neither])
    assert values_of(rows, "advantage").tolist() == [0.7, 0.4, 0.0, 0.0]
    assert values_of(rows, "utility").tolist() == [0.7, 0.4, 0.0, 0.0]
    assert values_of(rows, "exploited").tolist() == [0.0, 0.0, 0.0, 0.0]


def test_students_t_is_that_of_scipy() -> None:
    for df in (1, 2, 3, 4, 7, 19, 50, 99, 400):
        assert quantile(0.95, df) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-9)
        for t in (0.0, 0.3, 1.0, -2.5, 7.0):
            assert two_sided(t, df) == pytest.approx(2 * stats.t.sf(abs(t), df), abs=1e-12)

"""What pages show of the scores: made from the matches that ended since the last look, the same as made anew."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User

from benchmarks.models import Benchmark, Leaderboard, Match
from benchmarks.models.line_ups import Entrant
from benchmarks.standings import MOST_POINTS, Standings
from tests.factory import NegotiatorFactory, ScenarioFactory, finish_matches, make_benchmark, make_result


@pytest.fixture
def benchmark(owner: User) -> Benchmark:
    return make_benchmark(owner, n_scenarios=3)


def standings(benchmark: Benchmark) -> Standings:
    made = Standings(benchmark)
    made.read()
    return made


def data(benchmark: Benchmark, **before: Any) -> dict[str, Any]:
    return standings(benchmark).data(before)


def worth(benchmark: Benchmark, index: int) -> Any:
    """Competitor 0 always gets more."""
    match = benchmark.matches.get(index=index)
    utilities = tuple(0.9 if number == 0 else 0.3 for number in match.numbers)
    return make_result(index, utilities=utilities)


def test_what_is_read_bit_by_bit_is_what_is_read_at_once(benchmark: Benchmark) -> None:
    growing = standings(benchmark)
    for start in range(0, 24, 5):
        finish_matches(benchmark, *(worth(benchmark, index) for index in range(start, min(start + 5, 24))))
        growing.read()
    assert growing.data({}) == data(benchmark)
    assert growing.seq == 24


def test_a_look_reads_what_ended_since(benchmark: Benchmark, django_assert_num_queries: Any) -> None:
    finish_matches(benchmark)
    looking = standings(benchmark)
    looking.data({})
    with django_assert_num_queries(2):  # the benchmark's own row, and no match
        looking.read()
    with django_assert_num_queries(0):
        looking.data({})


def test_rows_cells_and_tables_tell_who_is_better(benchmark: Benchmark) -> None:
    finish_matches(benchmark, *(worth(benchmark, index) for index in range(24)))
    told = data(benchmark)
    assert [(row["competitor"], row["rank"]) for row in told["rows"]] == [(0, 1), (1, 2)]
    assert told["wins"] == {"0": {"1": 1.0}, "1": {"0": 0.0}}
    assert told["warning"].startswith("Only 3 scenarios")
    grid = told["grid"]
    assert (grid["competitors"], grid["opponents"], len(grid["scenarios"])) == ([0, 1], [0, 1], 3)
    done_planned = [cell[:2] for cell in grid["all"]]
    assert done_planned == [[6, 6], [12, 12], [12, 12], [6, 6]]
    assert [cell[:2] for cell in grid["scenarios"][1]] == [[2, 2], [4, 4], [4, 4], [2, 2]]
    assert set(told["per_seat"]) == {"0", "1"}


def test_while_it_is_played_the_warning_counts_the_scenarios_that_are_to_come(benchmark: Benchmark) -> None:
    finish_matches(benchmark, make_result(0))
    assert data(benchmark)["warning"].startswith("Only 1 of 3 scenarios so far:")


def test_each_database_reads_the_grid_of_one_scenario_alone(benchmark: Benchmark) -> None:
    finish_matches(benchmark)
    made = standings(benchmark)
    told = made.data({})
    made.keep(told)
    place = "data__grid__scenarios__{}"
    for number in range(3):
        read = Leaderboard.objects.values_list(place.format(number), flat=True).get()
        assert read == told["grid"]["scenarios"][number]
    assert Leaderboard.objects.values_list(place.format(3), flat=True).get() is None


def test_what_was_kept_under_numbers_of_scenarios_becomes_a_list(benchmark: Benchmark) -> None:
    migration = import_module("benchmarks.migrations.0004_list_scenarios_of_grids")
    board = Leaderboard.objects.create(
        benchmark=benchmark, data={"grid": {"all": [], "scenarios": {"10": ["d"], "0": ["a"]}}}
    )
    for _ in range(2):  # a second time changes nothing
        migration.list_scenarios(apps, None)
        board.refresh_from_db()
        assert board.data["grid"]["scenarios"] == [["a"], *[None] * 9, ["d"]]


def test_failures_are_told_by_cause_whichever_seat_it_was(benchmark: Benchmark) -> None:
    hung = [
        make_result(
            index,
            end_reason="action_limit",
            failed_party=seat,
            error=f"B (seat {seat + 1}) took longer than 1 s to answer.",
            agreement=None,
        )
        for index, seat in ((1, 1), (2, 0))
    ]
    finish_matches(benchmark, *hung, make_result(0, end_reason="error", error="boom\nmore", agreement=None))
    told = data(benchmark)
    assert told["errors"] == [
        {
            "reason": "action_limit",
            "competitor": 1,
            "error": "B took longer than 1 s to answer.",
            "n": 2,
            "match": 2,
        },
        {"reason": "error", "competitor": None, "error": "boom", "n": 1, "match": 0},
    ]
    assert told["grid"]["all"][1][3] == 2


def test_a_match_that_is_played_again_counts_once(benchmark: Benchmark) -> None:
    finish_matches(benchmark, make_result(0, end_reason="error", error="boom", agreement=None))
    growing = standings(benchmark)
    benchmark.matches.reopen_failed()
    finish_matches(benchmark, make_result(0))
    growing.read()
    told = growing.data({})
    assert (told["n_over"], told["errors"]) == (1, [])


def test_history_goes_on_and_is_thinned(benchmark: Benchmark) -> None:
    finish_matches(benchmark, make_result(0))
    points = [{"n": -n, "scores": {"0": 0.1, "1": 0.2}} for n in range(MOST_POINTS, 0, -1)]
    history = data(benchmark, history=points)["history"]
    assert len(history) == MOST_POINTS // 2 + 1
    assert (history[-2], history[-1]["n"]) == (points[-1], 1)


def test_a_rank_is_held_against_the_one_of_a_while_ago(benchmark: Benchmark) -> None:
    finish_matches(benchmark, *(worth(benchmark, index) for index in range(24)))
    told = data(benchmark, history=[{"n": 12, "scores": {"0": 0.2, "1": 0.5}}])
    assert [(row["rank"], row["was"]) for row in told["rows"]] == [(1, 2), (2, 1)]
    assert [row["was"] for row in data(benchmark)["rows"]] == [None, None]


def test_opponents_are_met_and_not_ranked(owner: User) -> None:
    conceder = NegotiatorFactory(
        type="negmas.gb.negotiators.timebased.ConcederTBNegotiator", short_name="Conceder"
    )
    entrants = [Entrant(NegotiatorFactory()), Entrant(conceder, is_opponent=True)]
    made = Benchmark.objects.start(owner=owner, name="Cup", entrants=entrants, scenarios=[ScenarioFactory()])
    Match.objects.plan(made.pk, made.to_plan().matches())
    finish_matches(made)
    told = data(made)
    assert [row["competitor"] for row in told["rows"]] == [0]
    assert (told["grid"]["competitors"], told["grid"]["opponents"]) == ([0], [1])
    assert told["grid"]["all"][0][:2] == [2, 2]


def test_what_counts_more_matches_is_not_overwritten(benchmark: Benchmark) -> None:
    finish_matches(benchmark, make_result(0))
    early = standings(benchmark)
    finish_matches(benchmark, make_result(1))
    late = standings(benchmark)
    late.keep(late.data({}))
    early.keep(early.data({}))
    assert Leaderboard.objects.get(benchmark=benchmark).seq == 2

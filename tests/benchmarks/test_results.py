"""Results are written once each, by the lane that holds the match, and numbered in order."""

from __future__ import annotations

import uuid
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User

from benchmarks.models import Benchmark, MatchStatus, MatchTranscript
from benchmarks.models.results import record
from negotiations.engine.transcripts import written
from negotiations.exceptions import LostLease, Unsuitable
from negotiations.models import Job, Status
from tests.factory import ScenarioFactory, finish_matches, make_benchmark, make_result, make_transcript


@pytest.fixture
def benchmark(owner: User) -> Benchmark:
    return make_benchmark(owner)


def test_a_lane_takes_the_first_that_nobody_holds(benchmark: Benchmark) -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    Job.objects.filter(pk=benchmark.job_id).update(status=Status.PROCESSING, token=mine)
    first = benchmark.matches.claim(mine, 3)
    assert [match.index for match in first] == [0, 1, 2]
    assert [match.index for match in benchmark.matches.claim(other, 2)] == [3, 4]
    Job.objects.filter(pk=benchmark.job_id).update(status=Status.QUEUED, token=None)
    assert [match.index for match in benchmark.matches.claim(uuid.uuid4(), 9)] == list(range(8))


def test_results_are_numbered_counted_and_kept(benchmark: Benchmark) -> None:
    failed = make_result(2, end_reason="error", error="It raised.", failed_party=1, agreement=None)
    late = make_result(1, end_reason="steps", agreement=None, utilities=(0.1, 0.2))
    finish_matches(benchmark, make_result(0), late, failed)
    rows = list(benchmark.matches.after(0))
    assert [(row.index, row.finished_seq, row.status) for row in rows] == [
        (0, 1, MatchStatus.COMPLETED),
        (1, 2, MatchStatus.COMPLETED),
        (2, 3, MatchStatus.FAILED),
    ]
    counted = (benchmark.n_completed, benchmark.n_failed, benchmark.n_agreed, benchmark.n_timed_out)
    assert counted == (2, 1, 1, 1)
    assert benchmark.n_steps == 6
    assert rows[0].advantages == [pytest.approx(0.525 / 0.9), pytest.approx(0.175 / 0.8)]
    assert (rows[2].failed_seat, rows[2].error, rows[2].token) == (1, "It raised.", None)


def test_a_lane_that_lost_a_match_writes_nothing(benchmark: Benchmark) -> None:
    mine = uuid.uuid4()
    benchmark.matches.filter(index=0).update(token=mine)
    with pytest.raises(LostLease):
        record(benchmark, [make_result(0), make_result(1)], mine)
    assert not benchmark.matches.over().exists()
    finish_matches(benchmark, make_result(0))
    with pytest.raises(LostLease):
        record(benchmark, [make_result(0)], mine)
    assert benchmark.last_seq == 1


def test_the_actions_are_kept_apart(benchmark: Benchmark) -> None:
    finish_matches(benchmark, make_result(0, transcript=written([])), make_result(1))
    assert MatchTranscript.objects.count() == 0  # a match without actions has none
    finish_matches(benchmark, *(make_result(index, transcript=make_transcript()) for index in (2, 3)))
    assert benchmark.n_bytes == sum(len(each.actions) for each in MatchTranscript.objects.all()) > 0


def test_going_on_plays_what_failed_and_what_is_left(benchmark: Benchmark, owner: User) -> None:
    finish_matches(benchmark, make_result(0), make_result(1, end_reason="exited", failed_party=0, steps=9))
    broken = make_result(2, end_reason="error", failed_party=0, transcript=make_transcript())
    finish_matches(benchmark, broken)
    with pytest.raises(Unsuitable, match="in progress"):
        benchmark.again(owner)
    benchmark.job.cancel(owner)
    again = benchmark.again(owner)
    assert again.pk == benchmark.pk
    assert again.job.retry_of_id == benchmark.job_id
    assert (again.n_completed, again.n_failed) == (1, 0)
    assert (again.n_steps, again.n_bytes) == (2, 0)
    assert [match.index for match in again.matches.pending()] == list(range(1, 8))


def test_what_was_played_before_it_was_counted_is_counted_by_the_migration(benchmark: Benchmark) -> None:
    finish_matches(benchmark, make_result(0, transcript=make_transcript()), make_result(1, steps=9))
    counted = benchmark.n_steps, benchmark.n_bytes
    Benchmark.objects.update(n_steps=0, n_bytes=0)
    import_module("benchmarks.migrations.0005_steps_and_bytes").count(apps, None)
    benchmark.refresh_from_db()
    assert (benchmark.n_steps, benchmark.n_bytes) == counted


def test_nothing_is_left_of_a_benchmark_without_failures(benchmark: Benchmark, owner: User) -> None:
    finish_matches(benchmark)
    Job.objects.filter(pk=benchmark.job_id).update(status=Status.COMPLETED)
    benchmark.refresh_from_db()
    with pytest.raises(Unsuitable, match="Nothing of Autumn cup is left"):
        benchmark.again(owner)


def test_scenarios_come_as_given_or_drawn_by_lot_where_it_may_stop_early(db: None) -> None:
    """X-05: the error rate of the rule rests on the lot."""
    scenarios = [ScenarioFactory() for _ in range(12)]
    assert Benchmark(seed=7).in_order(scenarios) == scenarios
    drawn = Benchmark(seed=7, early_stop=True).in_order(scenarios)
    assert drawn != scenarios
    assert set(drawn) == set(scenarios)
    assert Benchmark(seed=8, early_stop=True).in_order(scenarios) != drawn


def test_the_lot_is_the_same_however_scenarios_are_listed(db: None) -> None:
    """P-14: else a copy that stops early would have played others."""
    scenarios = [ScenarioFactory() for _ in range(12)]
    drawn = Benchmark(seed=7, early_stop=True).in_order(scenarios)
    assert Benchmark(seed=7, early_stop=True).in_order(drawn) == drawn

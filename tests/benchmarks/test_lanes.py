"""Lanes at work, in the test's own process: what they plan, play, score, skip and refuse."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from benchmarks import coordination, lanes
from benchmarks.coordination import FirstLane
from benchmarks.lanes import FIRST_BATCH, TURN_IS_OVER, Pace, Scores
from benchmarks.models import Benchmark, Leaderboard, Match, MatchStatus
from negotiations.models import Job, Kind, Queue, Status, Worker
from negotiations.processes import worker_name
from negotiations.tasks import _run
from tests.factory import JobFactory, SessionFactory, make_benchmark


def begin(owner: User, *names: str, n_scenarios: int = 1, **options: Any) -> Benchmark:
    """Nothing of it is planned yet."""
    benchmark = make_benchmark(owner, names or ("Boulware", "Conceder"), n_scenarios, **options)
    benchmark.matches.all().delete()
    Benchmark.objects.filter(pk=benchmark.pk).update(n_planned=0)
    return benchmark


def run(benchmark: Benchmark) -> Benchmark:
    job = Job.objects.claim(benchmark.job_id, worker_name())
    assert job
    _run(job)
    over: Benchmark = Benchmark.objects.select_related("job").get(pk=benchmark.pk)
    return over


def test_it_plans_plays_and_scores(owner: User) -> None:
    over = run(begin(owner, n_scenarios=2))
    assert (over.job.status, over.n_planned, over.n_completed) == (Status.COMPLETED, 16, 16)
    assert (over.job.current_step, over.job.total_steps, over.job.percentage) == (16, 16, 100)
    assert over.versions["negmas"]
    names = over.job.log.values_list("text", flat=True)
    assert [name for name in names if ": step " in name] == [
        "Planning: step 1 of 3.", "Playing: step 2 of 3.", "Scoring: step 3 of 3.",
    ]  # fmt: skip
    board = Leaderboard.objects.get(benchmark=over)
    assert (board.seq, board.data["n_over"]) == (16, 16)


def test_planning_goes_on_where_it_was_killed(owner: User) -> None:
    benchmark = begin(owner)
    Match.objects.plan(benchmark.pk, list(benchmark.to_plan().matches())[:3])
    assert run(benchmark).n_planned == 8


def test_other_versions_play_no_further(owner: User) -> None:
    over = run(begin(owner))
    Benchmark.objects.filter(pk=over.pk).update(versions=over.versions | {"negmas": "0.1"})
    over.matches.filter(index=0).update(status=MatchStatus.PENDING, finished_seq=None)
    Job.objects.filter(pk=over.job_id).update(status=Status.QUEUED)
    again = run(over)
    assert again.job.status == Status.FAILED
    assert "negmas 0.1 is now " in again.job.error
    assert again.matches.over().count() == 7


def test_what_is_settled_is_played_no_further(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scores, "EVERY", 0)
    monkeypatch.setattr(Scores, "SHARE", 0)
    monkeypatch.setattr(lanes, "MOST_AT_ONCE", 20)  # else all is played before the first look
    over = run(begin(owner, n_scenarios=60, early_stop=True))
    assert over.settled
    n = len(over.settled["scenarios"])
    assert n in (12, 24, 36, 48)  # the looks, of 60
    assert over.n_over + over.n_skipped == over.n_matches == 480
    assert over.matches.filter(status=MatchStatus.SKIPPED).count() == over.n_skipped > 0
    data = Leaderboard.objects.get(benchmark=over).data
    assert [row["scenarios"] for row in data["rows"]] == [n, n]


def test_what_was_planned_from_something_else_is_not_played(owner: User) -> None:
    benchmark = begin(owner)
    Benchmark.objects.filter(pk=benchmark.pk).update(seed=8)
    over = run(benchmark)
    assert (over.job.status, over.n_planned) == (Status.FAILED, 0)
    assert over.job.error == "What it was planned from has changed. Duplicate it to plan it anew."


def test_the_first_lane_waits_for_what_others_hold(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark, token = begin(owner), uuid.uuid4()
    Match.objects.plan(benchmark.pk, benchmark.to_plan().matches())
    other = JobFactory(
        owner=owner, kind=Kind.LANE, parent=benchmark.job, status=Status.PROCESSING, token=token
    )
    held = [match.index for match in benchmark.matches.claim(token, 3)]
    waits = []

    def rest(lane: FirstLane) -> None:
        waits.append(benchmark.matches.over().count())
        lane.flush()
        if len(waits) == 3:
            Job.objects.filter(pk=other.pk).update(status=Status.QUEUED, token=None)

    monkeypatch.setattr(FirstLane, "rest", rest)
    over = run(benchmark)
    assert (waits, over.job.status, over.n_completed) == ([5, 5, 5], Status.COMPLETED, 8)
    assert {match.index for match in over.matches.after(5)} == set(held)
    assert over.job.log.filter(text__startswith="Playing: step").count() == 1


def test_a_lane_gives_way_after_its_slice_where_others_wait(owner: User, settings: Settings) -> None:
    settings.BENCHMARK_SLICE_SECONDS = 0
    benchmark = begin(owner, n_scenarios=4)
    waiting = SessionFactory(job__queue=Queue.BATCH).job
    first = run(benchmark)
    assert (first.job.status, first.job.attempt, first.job.worker) == (Status.QUEUED, 0, "")
    assert first.job.message == TURN_IS_OVER
    assert 0 < first.n_over < first.n_matches
    waiting.cancel(None)
    assert run(benchmark).job.status == Status.COMPLETED


def test_a_lane_gives_way_while_it_plans_and_goes_on_with_the_next_row(
    owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who waits does so for the whole of a large plan."""
    settings.BENCHMARK_SLICE_SECONDS = 0
    monkeypatch.setattr(coordination, "CHUNK", 10)
    benchmark = begin(owner, n_scenarios=4)
    waiting = SessionFactory(job__queue=Queue.BATCH).job
    planned = [(over.n_planned, over.n_over, over.job.message) for over in (run(benchmark), run(benchmark))]
    assert planned == [(10, 0, TURN_IS_OVER), (20, 0, TURN_IS_OVER)]
    waiting.cancel(None)
    over = run(benchmark)
    assert (over.job.status, over.n_over) == (Status.COMPLETED, 32)
    assert list(over.matches.values_list("index", flat=True)) == list(range(32))


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_lane_gives_way_at_once_to_live_work_that_could_have_its_worker(
    owner: User, monkeypatch: pytest.MonkeyPatch, is_shared: bool
) -> None:
    """Not one of a command: nobody else has a use for its process."""
    monkeypatch.setattr(lanes, "LEAST_SECONDS", 0)
    monkeypatch.setattr(lanes, "FIRST_BATCH", 2)
    now = timezone.now()
    if is_shared:
        Worker.objects.create(
            name=worker_name(), host="here", cluster="parley", pid=1, started_at=now, seen_at=now
        )
    waiting = JobFactory(rung_at=now - timedelta(seconds=5))
    over = run(begin(owner, n_scenarios=4))
    assert (over.job.status == Status.QUEUED, over.n_over < over.n_matches) == (is_shared, is_shared)
    waiting.refresh_from_db()
    assert (waiting.rung_at > now) == is_shared


def test_as_many_are_claimed_as_fill_a_slice_and_fewer_near_the_end(settings: Settings) -> None:
    settings.BENCHMARK_SLICE_SECONDS = 10
    alone, among_three = Pace(1), Pace(3)
    assert (alone.most(1000), alone.most(3), among_three.most(12)) == (FIRST_BATCH, 3, 2)
    for pace in (alone, among_three):
        pace.learn(8, 0.8)
    assert (alone.most(1000), alone.most(40)) == (100, 40)
    assert (among_three.most(1000), among_three.most(120), among_three.most(20)) == (100, 20, 10)
    slow = Pace(2)
    slow.learn(1, 60)
    assert slow.most(1000) == 1

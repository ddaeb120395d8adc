"""Lanes at work, in the test's own process: what they plan, play, score, skip and refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from benchmarks.lanes import Scores
from benchmarks.models import Benchmark, Leaderboard, Match, MatchStatus
from negotiations.models import Job, Status
from negotiations.processes import worker_name
from negotiations.tasks import _run
from tests.factory import make_benchmark


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
    over = run(begin(owner, n_scenarios=60, early_stop=True))
    assert over.settled
    n = len(over.settled["scenarios"])
    assert n in (12, 24, 36, 48)  # the looks, of 60
    assert over.n_over + over.n_skipped == over.n_matches == 480
    assert over.matches.filter(status=MatchStatus.SKIPPED).count() == over.n_skipped > 0
    data = Leaderboard.objects.get(benchmark=over).data
    assert [row["scenarios"] for row in data["rows"]] == [n, n]

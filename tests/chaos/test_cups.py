"""The judge of benchmarks finds what is wrong with them."""

from __future__ import annotations

from collections import Counter

import pytest
from django.contrib.auth.models import User

from benchmarks.models import Benchmark, Leaderboard, MatchStatus, MatchTranscript
from negotiations.models import Job
from negotiations.tasks import run_job
from tests.chaos.cups import other_benchmarks
from tests.factory import make_benchmark

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def benchmark(owner: User) -> Benchmark:
    made = make_benchmark(owner)
    run_job(str(made.job_id))
    assert Job.objects.get(pk=made.job_id).is_over
    over: Benchmark = Benchmark.objects.get(pk=made.pk)
    return over


def found() -> str:
    (finding,) = other_benchmarks(Counter())
    return finding


def test_a_benchmark_that_nobody_disturbed_is_found_right(benchmark: Benchmark) -> None:
    figures: Counter[str] = Counter()
    assert list(other_benchmarks(figures)) == []
    assert (figures["benchmarks"], figures["matches compared"]) == (1, 8)


def test_another_result_is_found(benchmark: Benchmark) -> None:
    benchmark.matches.filter(index=3).update(utilities=[0.5, 0.5])
    assert found().startswith("Autumn cup: match 3 ended as ")


def test_another_action_is_found(benchmark: Benchmark) -> None:
    MatchTranscript.objects.filter(match__index=3).update(actions=b"other")
    assert found() == "Autumn cup: match 3 has other actions than undisturbed"


def test_another_plan_is_found(benchmark: Benchmark) -> None:
    benchmark.matches.filter(index=7).update(repetition=2, index=9)
    assert "Autumn cup: its matches are not those of its plan" in list(other_benchmarks(Counter()))


def test_a_match_that_is_not_over_is_found(benchmark: Benchmark) -> None:
    benchmark.matches.filter(finished_seq=8).update(status=MatchStatus.PENDING, finished_seq=None)
    told = list(other_benchmarks(Counter()))
    assert "Autumn cup is completed with 8 matches of which 1 are not over" in told
    assert "Autumn cup: its matches ended with the numbers [1, 2, 3, 4, 5, 6, 7]" in told


def test_a_counter_that_is_wrong_is_found(benchmark: Benchmark) -> None:
    Benchmark.objects.update(n_completed=9)
    assert found().startswith("Autumn cup counts (8, 9, 0, ")


def test_a_leaderboard_that_is_behind_is_found(benchmark: Benchmark) -> None:
    Leaderboard.objects.update(seq=7)
    assert found() == "Autumn cup: its leaderboard counts 7 matches of 8"

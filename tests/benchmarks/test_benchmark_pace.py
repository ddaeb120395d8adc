"""How fast a benchmark is said to go, and how long it is said to take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from benchmarks.models import Benchmark
from benchmarks.views.benchmark_pace import Pace, pace_of
from tests.factory import finish_matches, make_benchmark, make_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def benchmark(owner: User) -> Benchmark:
    return make_benchmark(owner)


def played(benchmark: Benchmark, seconds_apart: float, *cpu_seconds: float) -> Benchmark:
    """So many matches, the last of them just now."""
    finish_matches(
        benchmark, *(make_result(index, cpu_seconds=cost) for index, cost in enumerate(cpu_seconds))
    )
    now = timezone.now()
    for match in benchmark.matches.over():
        match.finished_at = now - timedelta(seconds=seconds_apart * (len(cpu_seconds) - match.finished_seq))
        match.save(update_fields=["finished_at"])
    return Benchmark.objects.get(pk=benchmark.pk)


def test_it_is_told_by_the_last_matches(benchmark: Benchmark) -> None:
    pace = pace_of(played(benchmark, 0.5, 0.1, 0.1, 0.1, 0.1))
    assert pace is not None
    assert pace.rate == pytest.approx(2.0)
    assert pace.per_minute == pytest.approx(120)


def test_what_is_left_costs_as_much_as_all_so_far(
    benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario of many outcomes takes a hundred times as long as others: a guess by the last matches alone leaps."""
    monkeypatch.setattr("benchmarks.views.benchmark_pace.RECENT", 2)
    cheap_lately = played(benchmark, 0.5, 0.7, 0.1, 0.1, 0.1)
    pace = pace_of(cheap_lately)
    assert pace is not None
    assert pace.seconds_for(cheap_lately, 4) == pytest.approx(4 * 0.5 * 2.5)


def test_where_nothing_is_known_of_the_cost_the_pace_goes_on(benchmark: Benchmark) -> None:
    assert Pace(2.0, 0.0).seconds_for(benchmark, 4) == 2.0


def test_an_old_pace_says_nothing(benchmark: Benchmark) -> None:
    assert pace_of(benchmark) is None
    over = played(benchmark, 0.5, 0.1, 0.1)
    benchmark.matches.over().update(finished_at=timezone.now() - timedelta(minutes=2))
    assert pace_of(over) is None

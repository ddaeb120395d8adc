"""What benchmarks weigh in what a person may store (STORAGE_MB)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from benchmarks.models import Benchmark, BenchmarkDeletion
from negotiations.exceptions import TooMuch
from negotiations.models.limits import MATCH_BYTES, stored_bytes
from negotiations.tasks import run_job
from tests.benchmarks.benchmark_pages import ended
from tests.factory import finish_matches, make_benchmark, make_result, make_transcript

pytestmark = pytest.mark.django_db


def test_matches_count_by_number_and_their_actions_by_length(owner: User, stranger: User) -> None:
    benchmark = make_benchmark(owner)
    assert stored_bytes(owner) == 8 * MATCH_BYTES
    finish_matches(benchmark, *(make_result(index, transcript=make_transcript()) for index in range(3)))
    assert stored_bytes(owner) == 8 * MATCH_BYTES + benchmark.n_bytes
    assert benchmark.n_bytes > 0
    assert stored_bytes(stranger) == 0


def test_who_stores_too_much_starts_no_benchmark_until_one_is_deleted(
    owner: User, settings: Settings
) -> None:
    settings.STORAGE_MB = 1
    benchmark = make_benchmark(owner)
    Benchmark.objects.filter(pk=benchmark.pk).update(n_bytes=2**20)
    with pytest.raises(TooMuch, match="markets and benchmarks would take 1 MB"):
        make_benchmark(owner)
    ended(benchmark)
    run_job(str(BenchmarkDeletion.objects.start(owner=owner, benchmark=benchmark).pk))
    assert make_benchmark(owner).n_matches == 8

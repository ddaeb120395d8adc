"""The admin shows benchmarks, lanes and matches, and changes none of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from benchmarks.models import Benchmark, BenchmarkDeletion, Lane
from tests.benchmarks.benchmark_pages import ended
from tests.factory import finish_matches, make_benchmark

LISTS = ("benchmark", "lane", "match", "benchmarkdeletion")


def deletion_of(benchmark: Benchmark) -> BenchmarkDeletion:
    ended(benchmark)
    return BenchmarkDeletion.objects.start(owner=benchmark.job.owner, benchmark=benchmark)


@pytest.mark.parametrize("name", LISTS)
def test_each_list_asks_no_query_a_row(
    as_superuser: Client, owner: User, name: str, django_assert_max_num_queries: Any
) -> None:
    made = [make_benchmark(owner) for _ in range(6)]
    for benchmark in made:
        Lane.objects.open(benchmark, 2)
        deletion_of(benchmark)
    search = f"?q={made[0].pk}" if name == "match" else ""
    with django_assert_max_num_queries(12):
        page = as_superuser.get(f"/admin/benchmarks/{name}/{search}").content.decode()
    told = {"benchmark": "6 benchmarks", "lane": "6 lanes", "match": "8 matches"}
    assert told.get(name, "6 benchmark deletions") in page


def test_matches_are_shown_of_the_benchmark_that_is_named(as_superuser: Client, owner: User) -> None:
    finish_matches(make_benchmark(owner))
    assert "0 matches" in as_superuser.get("/admin/benchmarks/match/").content.decode()
    assert "0 matches" in as_superuser.get("/admin/benchmarks/match/?q=nothing").content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_nothing_is_changed_here_nor_seen_by_others(
    as_superuser: Client, as_owner: Client, owner: User, name: str
) -> None:
    benchmark = make_benchmark(owner)
    lane = Lane.objects.open(benchmark, 2)
    keys = {"benchmark": benchmark.pk, "lane": lane.pk, "match": benchmark.matches.get(index=0).pk}
    keys["benchmarkdeletion"] = deletion_of(benchmark).pk
    assert as_superuser.get(f"/admin/benchmarks/{name}/{keys[name]}/change/").status_code == 200
    for page in ("add/", f"{keys[name]}/delete/"):
        assert as_superuser.get(f"/admin/benchmarks/{name}/{page}").status_code == 403
    assert as_owner.get(f"/admin/benchmarks/{name}/").status_code == 302

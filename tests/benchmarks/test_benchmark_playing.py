"""What is being played: said in one line above the matches, and framed in the grid (P-13)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from benchmarks.models import Benchmark, Lane
from negotiations.models import Job, Status
from tests.benchmarks.benchmark_pages import address, call, ended, poll, read, running, scored
from tests.factory import finish_matches, make_benchmark, make_result

pytestmark = pytest.mark.django_db


@pytest.fixture
def benchmark(owner: User) -> Benchmark:
    """Two of its matches are over, and the first lane holds the next three."""
    benchmark = running(owner, done=2)
    call(benchmark, 0, "Anna")
    call(benchmark, 1, "Bert")
    hold(benchmark, benchmark.job_id, 2, 3, 4)
    return benchmark


def hold(benchmark: Benchmark, job: Any, *indexes: int) -> None:
    token = Job.objects.values_list("token", flat=True).get(pk=job)
    benchmark.matches.filter(index__in=indexes).update(token=token)


def line(html: str) -> str:
    found = re.search(r'<p class="playing".*?</p>', html, re.S)
    return found[0] if found else ""


def test_the_first_that_a_lane_holds_is_named_with_who_meets(as_owner: Client, benchmark: Benchmark) -> None:
    told = line(read(as_owner, benchmark))
    match = benchmark.matches.get(index=2)
    names = " – ".join(("Anna", "Bert")[number] for number in match.numbers)
    assert f'href="{address(benchmark, "matches/2/")}"' in told
    assert f'#2 <span class="muted">{names}</span>' in told
    assert "#3" not in told


def test_each_lane_at_work_has_one(benchmark: Benchmark, owner: User) -> None:
    lane = Lane.objects.open(benchmark, 2)
    assert Job.objects.claim(lane.pk, "worker")
    hold(benchmark, lane.pk, 5, 6)
    jobs = Job.objects.all()
    assert [match.index for match in benchmark.matches.first_held_by(jobs)] == [2, 5]
    Job.objects.filter(pk=lane.pk).update(status=Status.QUEUED, token=None)
    assert [match.index for match in benchmark.matches.first_held_by(jobs)] == [2], "it lost what it held"
    running(owner)
    assert [match.index for match in benchmark.matches.first_held_by(jobs)] == [2], (
        "others hold other matches"
    )


def test_its_cell_is_framed(as_owner: Client, benchmark: Benchmark) -> None:
    page = read(as_owner, benchmark)
    framed = re.findall(r'<td class="[^"]* now">.*?title="([^"]*)"', page)
    assert framed
    assert all("one is being played" in title for title in framed)
    assert "Framed: one is being played." in page


def test_a_poll_brings_the_next_one_with_what_ended_and_asks_for_nothing_else(
    as_owner: Client, benchmark: Benchmark
) -> None:
    page = read(as_owner, benchmark)
    assert poll(as_owner, benchmark, page) == ""
    token = Job.objects.values_list("token", flat=True).get(pk=benchmark.job_id)
    finish_matches(benchmark, make_result(2))
    benchmark.matches.filter(index__in=(3, 4)).update(token=token)
    assert "#3" in line(poll(as_owner, benchmark, page))


def test_without_any_it_says_so_and_after_the_end_nothing(as_owner: Client, owner: User) -> None:
    benchmark = running(owner, done=2)
    assert "Nothing is played this moment." in line(read(as_owner, benchmark))
    finish_matches(benchmark)
    ended(benchmark)
    page = read(as_owner, scored(benchmark))
    assert line(page).endswith("></p>")
    assert "Framed" not in page


def test_one_that_waits_or_is_paused_plays_nothing_and_says_why(as_owner: Client, owner: User) -> None:
    benchmark = make_benchmark(owner)
    page = read(as_owner, benchmark)
    assert "It waits for a worker." in line(page)
    Job.objects.filter(pk=benchmark.job_id).update(hold=True)
    assert "Paused: it goes on with the next match" in line(poll(as_owner, benchmark, page))


def test_a_lane_that_waits_as_its_benchmark_ends_is_told_why(benchmark: Benchmark) -> None:
    lane = Lane.objects.open(benchmark, 2)
    benchmark.close(Status.COMPLETED)
    job = Job.objects.get(pk=lane.pk)
    assert (job.status, job.error) == (
        Status.CANCELLED,
        "Its benchmark is over: what it would have played is played, or is not wanted any more.",
    )

"""Benchmarks with scores, as the tests of their pages want them, and what a page sends back with its polls."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from benchmarks.models import Benchmark, Competitor
from benchmarks.standings import Standings
from negotiations.models import Job, Status
from tests.factory import finish_matches, make_benchmark, make_result


def scored(benchmark: Benchmark) -> Benchmark:
    """With the standings that its lanes would have made."""
    standings = Standings(benchmark)
    standings.read()
    stored = getattr(benchmark, "leaderboard", None)
    standings.keep(standings.data(stored.data if stored else {}))
    return Benchmark.objects.get(pk=benchmark.pk)


def running(owner: User, done: int = 0, **options: Any) -> Benchmark:
    """One whose lane works, with this many matches over and scored."""
    benchmark = make_benchmark(owner, **options)
    at_work(benchmark)
    if done:
        finish_matches(benchmark, *(make_result(index) for index in range(done)))
        benchmark = scored(benchmark)
    return Benchmark.objects.get(pk=benchmark.pk)


def at_work(benchmark: Benchmark) -> None:
    now = timezone.now()
    Job.objects.filter(pk=benchmark.job_id).update(
        status=Status.PROCESSING, token=uuid.uuid4(), started_at=now, attempt=1
    )


def ended(benchmark: Benchmark, status: Status = Status.COMPLETED) -> None:
    Job.objects.filter(pk=benchmark.job_id).update(status=status, token=None, finished_at=timezone.now())


def call(benchmark: Benchmark, number: int, name: str) -> None:
    Competitor.objects.filter(benchmark=benchmark, index=number).update(name=name)


def address(benchmark: Benchmark, rest: str = "") -> str:
    return f"/benchmarks/{benchmark.pk}/{rest}"


def read(client: Client, benchmark: Benchmark, **query: Any) -> str:
    return client.get(address(benchmark), query).content.decode()


def poll(client: Client, benchmark: Benchmark, shown: str, **query: Any) -> str:
    """What a page with this markup gets with its next poll; empty where nothing is new."""
    response = client.get(address(benchmark, "live/"), sent_by(shown) | query)
    assert response.status_code in (200, 204), response.status_code
    return response.content.decode()


def sent_by(html: str) -> dict[str, str]:
    """The cursor and the versions, as `rows.js` sends them."""
    sent = {
        f"v-{id}": version for id, version in re.findall(r'id="([\w-]+)"[^>]*?data-version="(\w+)"', html)
    }
    cursor = re.search(r'id="benchmark-cursor"[^>]*data-seq-base="(\d+)"', html)
    every = re.search(r"every (\d+)s", html)
    sent |= {"after": cursor[1]} if cursor else {}
    return sent | ({"every": every[1]} if every else {})


def matches_in(html: str) -> list[int]:
    """The numbers of the matches that are listed, from the top."""
    return [int(number) for number in re.findall(r'data-match="(\d+)"', html)]


def parts_in(html: str) -> set[str]:
    """The ids of what a poll replaces."""
    return set(re.findall(r'id="([\w-]+)"[^>]*?data-version', html))

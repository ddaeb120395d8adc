"""The workers: staff see which process on which host, others how many there are and what state they are in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.negotiations.job_rows import make_job, make_worker

pytestmark = pytest.mark.django_db


def read(client: Client) -> str:
    return client.get("/workers/").content.decode()


def figures(html: str) -> dict[str, int]:
    return {word: int(count) for word, count in re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", html)}


def test_states_and_queues_are_counted(as_owner: Client, owner: User) -> None:
    make_worker("a:1.1:1", make_job("queued", job__owner=owner))
    make_worker("a:1.1:2")
    make_worker("a:1.1:3", seen_at=timezone.now() - timedelta(seconds=61))
    make_job("queued")
    make_job("queued", job__queue="batch")
    assert figures(read(as_owner)) == {
        "Busy": 1,
        "Idle": 1,
        "Stale": 1,
        "Waiting, live queue": 1,
        "Waiting, batch queue": 1,
    }


def test_hosts_and_processes_are_for_staff(as_owner: Client, as_superuser: Client) -> None:
    make_worker("secret-host:1.1:4711", host="secret-host", pid=4711)
    page = read(as_owner)
    assert "secret-host" not in page
    assert "4711" not in page
    assert "Worker 1" in page
    assert "secret-host" in read(as_superuser)
    assert "4711" in read(as_superuser)


def test_a_job_is_linked_for_those_who_may_see_it(as_owner: Client, as_stranger: Client, owner: User) -> None:
    """J-11"""
    job = make_job("queued", job__owner=owner)
    make_worker("a:1.1:1", job)
    assert f'href="/jobs/{job.pk}/"' in read(as_owner)
    page = read(as_stranger)
    assert str(job.pk) not in page
    assert "A session of somebody else" in page


def test_where_no_worker_runs_the_page_says_what_to_do(as_owner: Client, as_superuser: Client) -> None:
    assert "Ask an administrator to start the workers." in read(as_owner)
    assert "manage.py serve" in read(as_superuser)


def test_a_state_that_changed_comes_with_the_next_poll(as_owner: Client) -> None:
    make_worker("a:1.1:1")
    page = read(as_owner)
    shown = {
        f"v-{id}": version for id, version in re.findall(r'id="([\w-]+)"[^>]*data-version="(\w+)"', page)
    }
    quiet = as_owner.get("/workers/live/", {"every": "5", **shown})
    assert (quiet.status_code, quiet.content) == (204, b"")
    make_worker("a:1.1:2")
    assert "Worker 2" in as_owner.get("/workers/live/", {"every": "5", **shown}).content.decode()


def test_forty_workers_cost_as_many_queries_as_one(
    as_superuser: Client, django_assert_num_queries: Any
) -> None:
    for pid in range(40):
        make_worker(f"a:1.1:{pid}", make_job("queued") if pid % 8 == 0 else None)
    with django_assert_num_queries(4):  # session, user, workers, queues
        page = read(as_superuser)
    assert figures(page)["Busy"] == 5


def test_signed_out_nobody_sees_them(db: None) -> None:
    assert Client().get("/workers/").status_code == 302
    assert Client().get("/workers/live/").status_code == 401

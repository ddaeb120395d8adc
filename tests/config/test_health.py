"""`/health`: one word for load balancers, the rest for staff, and an answer whatever is away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.db.utils import load_backend
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker
from redis.exceptions import ConnectionError as RedisAway

from negotiations.health import REAPED_WITHIN, Health
from negotiations.models import Job, Status, Worker
from tests.conftest import client_of
from tests.factory import JobFactory

MOST_QUERIES = 4


@pytest.fixture
def worker(db: None) -> Worker:
    now = timezone.now()
    found: Worker = Worker.objects.create(
        name="here:1.1:2", host="here", cluster="parley", pid=2, started_at=now, seen_at=now
    )
    return found


@pytest.fixture
def away(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database cannot be reached: a file in no folder, or a port where nobody listens."""
    before = connections["default"]
    nowhere = {"NAME": "/nowhere/at/all.sqlite3"} if before.vendor == "sqlite" else {"PORT": "1"}
    wrapper = load_backend(before.settings_dict["ENGINE"]).DatabaseWrapper
    connections["default"] = wrapper({**before.settings_dict, **nowhere}, "default")
    with django_db_blocker.unblock(), contextlib.ExitStack() as stack:
        stack.callback(connections.__setitem__, "default", before)
        stack.callback(connections["default"].close)
        yield


def test_with_a_worker_all_is_well(client: Client, worker: Worker) -> None:
    response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"


def test_without_workers_it_is_degraded(client: Client, db: None) -> None:
    response = client.get("/health")
    assert (response.status_code, response.json()) == (503, {"status": "degraded"})


def test_a_worker_not_seen_for_a_minute_does_not_count(client: Client, worker: Worker) -> None:
    Worker.objects.update(seen_at=timezone.now() - timedelta(seconds=61))
    assert client.get("/health").status_code == 503


def test_each_queue_needs_workers_of_its_own(client: Client, worker: Worker, settings: Any) -> None:
    settings.CLUSTERS = {"live": "parley", "batch": "night"}
    assert client.get("/health").status_code == 503
    now = timezone.now()
    Worker.objects.create(name="n", host="there", cluster="night", pid=3, started_at=now, seen_at=now)
    assert client.get("/health").status_code == 200


def test_a_lease_that_nobody_reaped_is_degraded(client: Client, worker: Worker) -> None:
    long_ago = timezone.now() - REAPED_WITHIN - timedelta(seconds=1)
    JobFactory(status=Status.PROCESSING, token="0" * 32, lease_until=long_ago)
    assert client.get("/health").status_code == 503
    Job.objects.update(lease_until=timezone.now())
    assert client.get("/health").status_code == 200


def test_only_staff_learn_more(as_owner: Client, as_superuser: Client, worker: Worker) -> None:
    waiting = JobFactory()
    JobFactory(hold=True)
    Job.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(seconds=90))
    assert as_owner.get("/health").json() == {"status": "ok"}
    told = as_superuser.get("/health").json()
    assert told.pop("oldest_queued_seconds") == pytest.approx(90, abs=5)
    assert told == {
        "status": "ok",
        "database": True,
        "broker": True,
        "reaper": True,
        "workers": {"parley": 1},
        "queued": 1,
    }


def test_the_anonymous_cost_two_queries_and_no_session(
    client: Client, worker: Worker, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # On PostgreSQL the limit of the queries' time is one more, with the savepoint of this test around it.
    more = 0 if connections["default"].vendor == "sqlite" else 3
    with django_assert_num_queries(2 + more) as captured:
        client.get("/health")
    assert not [query for query in captured.captured_queries if "django_session" in query["sql"]]


def test_staff_cost_two_more(
    as_superuser: Client, worker: Worker, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    more = 0 if connections["default"].vendor == "sqlite" else 3
    with django_assert_num_queries(MOST_QUERIES + more):
        as_superuser.get("/health")


def test_with_the_database_away_it_still_answers(client: Client, away: None, caplog: Any) -> None:
    response = client.get("/health")
    assert (response.status_code, response.json()) == (503, {"status": "degraded"})
    assert caplog.records
    assert not any(record.exc_info for record in caplog.records)


def test_with_the_database_away_a_session_is_not_asked_for(client: Client, away: None) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "k" * 32
    assert client.get("/health").json() == {"status": "degraded"}


def test_with_the_broker_away_staff_read_so(
    superuser: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def ping(self) -> bool:
            raise RedisAway("Connection refused")

    monkeypatch.setattr("negotiations.health.get_broker", Away)
    response = client_of(superuser).get("/health")
    assert response.status_code == 503
    assert (response.json()["database"], response.json()["broker"]) == (True, False)


def test_it_is_not_redirected_to_https(client: Client, worker: Worker, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/sign-in/").status_code == 301
    assert client.get("/health").status_code == 200


def test_nothing_can_be_posted_to_it(client: Client) -> None:
    assert client.post("/health").status_code == 405


def test_unknown_is_told_as_unknown() -> None:
    assert Health().to_dict(details=True)["oldest_queued_seconds"] is None

"""Jobs and notifications through the API; what is at the plain addresses too is tested there."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from negotiations.models import Job
from tests.api.programs import change, program_of
from tests.factory import NotificationFactory, ScenarioImportFactory, SessionFactory, make_completed_session

URL = "/api/v1/jobs"


@pytest.fixture
def program(owner: User) -> Client:
    return program_of(owner)


def test_a_job_is_as_at_the_plain_address(program: Client, as_owner: Client, owner: User) -> None:
    pk = make_completed_session(job__owner=owner).pk
    for end in ("", "/result"):
        assert program.get(f"{URL}/{pk}{end}").json() == as_owner.get(f"/api/jobs/{pk}{end}").json()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 3),
        ({"status": "completed"}, 1),
        ({"kind": "scenario import"}, 1),
        ({"queue": "batch"}, 0),
        ({"q": "zip"}, 1),
    ],
)
def test_lists_are_narrowed(program: Client, owner: User, query: dict[str, str], count: int) -> None:
    SessionFactory(job__owner=owner)
    make_completed_session(job__owner=owner)
    ScenarioImportFactory(job__owner=owner, filename="anac.zip")
    told = program.get(URL, query).json()
    assert len(told["items"]) == count
    assert all(
        set(row) >= {"id", "kind", "name", "status", "progress", "error_message"} for row in told["items"]
    )


def test_a_list_costs_the_same_however_long_it_is(
    program: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    program.get("/api/v1/me")
    for _ in range(5):
        SessionFactory(job__owner=owner)
        ScenarioImportFactory(job__owner=owner)
    with django_assert_max_num_queries(2):
        assert len(program.get(URL).json()["items"]) == 10


def test_what_it_said_comes_after_a_cursor(program: Client, owner: User) -> None:
    job = Job.objects.get(pk=SessionFactory(job__owner=owner).pk)
    for number in range(3):
        job.log.say(job, f"Line {number}", "error" if number == 2 else "info", "a traceback")
    told = program.get(f"{URL}/{job.pk}/log", {"after": 1}).json()
    assert [line["text"] for line in told["lines"]] == ["Line 1", "Line 2"]
    assert told["has_more"] is False
    assert {line["detail"] for line in told["lines"]} == {""}
    grave = program.get(f"{URL}/{job.pk}/log", {"level": "error"}).json()
    assert [line["text"] for line in grave["lines"]] == ["Line 2"]


def test_tracebacks_are_for_staff(superuser: User, owner: User) -> None:
    job = Job.objects.get(pk=SessionFactory(job__owner=owner).pk)
    job.log.say(job, "Broken", "error", "a traceback")
    (line,) = program_of(superuser).get(f"{URL}/{job.pk}/log").json()["lines"]
    assert line["detail"] == "a traceback"


@pytest.mark.parametrize("pk", ["none", "1", "0" * 32, "F4590904-B1B4-4025-A171-8AE3DBBA2FDD", "%00"])
def test_what_is_no_id_is_a_404(program: Client, pk: str) -> None:
    """J-25"""
    assert program.get(f"{URL}/{pk}").status_code == 404


def test_notifications_are_as_at_the_plain_address(program: Client, as_owner: Client, owner: User) -> None:
    """F-01"""
    told = [NotificationFactory(user=owner) for _ in range(3)]
    queries: list[dict[str, Any]] = [{}, {"after_id": 1, "limit": 1}, {"after_id": str(told[1].pk)}]
    for query in queries:
        ours = program.get("/api/v1/notifications", query).json()
        assert ours == as_owner.get("/api/notifications", query).json()


def test_they_are_read_and_dismissed_once_and_for_all(program: Client, owner: User) -> None:
    pk = NotificationFactory(user=owner).pk
    for verb, moment in (("seen", "seen_at"), ("dismiss", "dismissed_at")):
        first = change(program, f"/api/v1/notifications/{pk}/{verb}").json()
        assert first[moment]
        assert change(program, f"/api/v1/notifications/{pk}/{verb}").json()[moment] == first[moment]

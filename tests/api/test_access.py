"""Every operation of the document, asked by each kind of visitor. One that nobody has classified here fails (J-11)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from api.document import operations
from api.models import Scope
from config.api import v1
from tests.api.programs import program_of
from tests.factory import (
    NegotiatorFactory,
    NotificationFactory,
    ScenarioFactory,
    SessionFactory,
    make_benchmark,
    make_completed_session,
)

VISITORS = ("owner", "colleague", "stranger", "superuser", "anonymous")
LIST = (200, 200, 200, 200, 401)
THING = (200, 200, 404, 200, 401)
CHANGE = (200, 403, 404, 200, 401)
NOT_NOW = (409, 403, 404, 409, 401)
OWN = (200, 404, 404, 404, 401)
# Without a body.
EMPTY = (400, 400, 400, 400, 401)

ACCESS: dict[str, tuple[int, int, int, int, int]] = {
    "me": LIST,
    "health": (503, 503, 503, 503, 503),  # no worker is alive here
    "list_sessions": LIST,
    "create_session": EMPTY,
    "get_session": THING,
    "list_offers": THING,
    "export_session": THING,
    "export_session_offers": THING,
    "pause_session": CHANGE,
    "resume_session": NOT_NOW,
    "cancel_session": CHANGE,
    "retry_session": NOT_NOW,
    "list_scenarios": LIST,
    "get_scenario": THING,
    "get_scenario_document": THING,
    "list_negotiators": LIST,
    "list_configured_negotiators": LIST,
    "get_negotiator": LIST,
    "list_benchmarks": LIST,
    "create_benchmark": EMPTY,
    "get_benchmark": THING,
    "list_matches": THING,
    "pause_benchmark": CHANGE,
    "resume_benchmark": NOT_NOW,
    "cancel_benchmark": CHANGE,
    "list_jobs": LIST,
    "get_job": THING,
    "get_job_result": (409, 409, 404, 409, 401),
    "get_job_log": THING,
    "pause_job": CHANGE,
    "resume_job": NOT_NOW,
    "cancel_job": CHANGE,
    "retry_job": NOT_NOW,
    "list_notifications": LIST,
    # Nobody reads another's, superusers neither.
    "see_notification": OWN,
    "dismiss_notification": OWN,
}
# Markets have rules of their own: tests/api/test_markets.py.
ELSEWHERE = {"markets", "rooms"}


@dataclass(frozen=True)
class Operation:
    path: str
    method: str

    @property
    def noun(self) -> str:
        return self.path.split("/")[3]

    def ask(self, client: Client, key: object) -> Any:
        return client.generic(self.method, self.path.replace("{pk}", str(key)))


OPERATIONS = {
    told["operationId"]: Operation(path, verb.upper())
    for path, verb, told in operations(v1.get_openapi_schema(path_prefix="/api/v1/"))
    if not ELSEWHERE & set(told["tags"])
}


@pytest.fixture
def keys(owner: User, group: Group) -> dict[str, object]:
    """One of each, the owner's, shared with the group."""
    session = SessionFactory(job__owner=owner, job__group=group)
    return {
        "sessions": session.pk,
        "jobs": session.pk,
        "scenarios": ScenarioFactory(owner=owner, group=group).pk,
        "negotiators": NegotiatorFactory().pk,
        "benchmarks": make_benchmark(owner, group=group).pk,
        "notifications": NotificationFactory(user=owner).pk,
    }


@pytest.fixture
def programs(owner: User, colleague: User, stranger: User, superuser: User) -> dict[str, Client]:
    people = {"owner": owner, "colleague": colleague, "stranger": stranger, "superuser": superuser}
    return {name: program_of(user) for name, user in people.items()} | {"anonymous": Client()}


def test_every_operation_is_classified() -> None:
    assert set(OPERATIONS) == set(ACCESS)


@pytest.mark.parametrize("name", ACCESS)
def test_each_visitor_gets_what_is_theirs(
    programs: dict[str, Client], keys: dict[str, object], name: str
) -> None:
    """Those who change nothing ask first."""
    operation = OPERATIONS[name]
    for visitor in ("anonymous", "stranger", "colleague"):
        response = operation.ask(programs[visitor], keys.get(operation.noun))
        assert (visitor, response.status_code) == (visitor, ACCESS[name][VISITORS.index(visitor)])
    response = operation.ask(programs["owner"], keys.get(operation.noun))
    assert response.status_code == ACCESS[name][0]


@pytest.mark.parametrize("name", ACCESS)
def test_a_superuser_gets_what_is_everybodys(
    programs: dict[str, Client], keys: dict[str, object], name: str
) -> None:
    operation = OPERATIONS[name]
    assert operation.ask(programs["superuser"], keys.get(operation.noun)).status_code == ACCESS[name][3]


@pytest.mark.parametrize("name", [name for name, told in OPERATIONS.items() if "{pk}" in told.path])
def test_what_is_somebody_elses_is_as_unknown_as_what_does_not_exist(
    programs: dict[str, Client], keys: dict[str, object], name: str
) -> None:
    operation = OPERATIONS[name]
    is_number = isinstance(keys[operation.noun], int)
    none = operation.ask(programs["stranger"], 999_999 if is_number else uuid.uuid4())
    assert none.status_code == 404
    if operation.noun == "negotiators":  # everybody's
        return
    foreign = operation.ask(programs["stranger"], keys[operation.noun])
    assert {**none.json(), "timestamp": ""} == {**foreign.json(), "timestamp": ""}


@pytest.mark.parametrize("name", [name for name, told in OPERATIONS.items() if told.method == "POST"])
def test_a_token_that_may_read_changes_nothing(owner: User, keys: dict[str, object], name: str) -> None:
    operation = OPERATIONS[name]
    response = operation.ask(program_of(owner, Scope.READ), keys.get(operation.noun))
    assert (response.status_code, response.json()["error"]) == (403, "SCOPE")


@pytest.mark.parametrize("name", [name for name, told in OPERATIONS.items() if told.method == "POST"])
def test_a_session_needs_the_csrf_token_of_its_page(owner: User, keys: dict[str, object], name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    operation = OPERATIONS[name]
    response = operation.ask(client, keys.get(operation.noun))
    assert (response.status_code, response.json()["error"]) == (403, "CSRF_FAILED")


def test_with_the_csrf_token_a_page_may_change_what_is_its_readers(
    owner: User, keys: dict[str, object]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    client.get("/tokens/")
    headers: dict[str, Any] = {"X-CSRFToken": client.cookies["csrftoken"].value}
    response = client.generic("POST", f"/api/v1/sessions/{keys['sessions']}/pause", headers=headers)
    assert response.json()["paused"] is True


@pytest.mark.parametrize("noun", ["sessions", "scenarios", "benchmarks", "jobs", "notifications"])
def test_lists_have_nothing_of_strangers(
    programs: dict[str, Client], keys: dict[str, object], noun: str
) -> None:
    def listed(who: str) -> list[str]:
        told = programs[who].get(f"/api/v1/{noun}").json()
        return [str(row["id"]) for row in told.get("items", told.get("notifications"))]

    assert str(keys[noun]) in listed("owner")
    assert (str(keys[noun]) in listed("colleague")) == (noun != "notifications")
    assert str(keys[noun]) not in listed("stranger")


def test_a_result_is_read_by_whom_it_is_shared_with(owner: User, colleague: User, group: Group) -> None:
    session = make_completed_session(job__owner=owner, job__group=group)
    told = program_of(colleague).get(f"/api/v1/jobs/{session.pk}/result").json()
    assert told["result"]["agreement"] == ["high", "yes"]

"""Sessions through the API: listed a page at a time, followed offer by offer, started by the rules of the page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from negotiations.models import Job, Negotiator, Scenario, Session, Status
from tests.api.programs import change, program_of
from tests.factory import (
    ConfiguredFactory,
    NegotiatorFactory,
    ScenarioFactory,
    SessionFactory,
    make_completed_session,
)

URL = "/api/v1/sessions"


@pytest.fixture
def program(owner: User) -> Client:
    return program_of(owner)


@pytest.fixture
def wanted(db: None) -> dict[str, Any]:
    """What a program sends to start a session."""
    NegotiatorFactory()
    scenario: Scenario = ScenarioFactory()
    return {
        "scenario": scenario.pk,
        "parties": [{"negotiator": "BoulwareTBNegotiator"}, {"negotiator": "BoulwareTBNegotiator"}],
        "n_steps": 50,
        "seed": 7,
    }


def send(client: Client, body: Any) -> Any:
    return client.post(URL, json.dumps(body), content_type="application/json")


def details(client: Client, body: Any) -> dict[str, list[str]]:
    response = send(client, body)
    assert (response.status_code, response.json()["error"]) == (400, "VALIDATION_ERROR")
    found: dict[str, list[str]] = response.json()["details"]
    return found


# --- Start --------------------------------------------------------------------------------------------------


def test_a_session_starts_with_names_alone(
    program: Client, owner: User, wanted: dict[str, Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as bells:
        response = send(program, wanted)
    assert response.status_code == 201
    session = Session.objects.get(pk=response.json()["id"])
    assert (session.job.owner, session.seed, session.n_steps, session.pace_ms) == (owner, 7, 50, 0)
    assert response.json()["status"] == "pending"
    assert response.json()["negotiator_names"] == ["BoulwareTBNegotiator"] * 2
    assert len(bells) == 1


def test_a_scenario_is_named_too(program: Client, owner: User, wanted: dict[str, Any]) -> None:
    """With its source where two have the name; those of strangers are none."""
    mine, _ = ScenarioFactory(name="Dock", owner=owner), ScenarioFactory(name="Pier")
    for name in ("Dock", "tests/Dock"):
        session = Session.objects.get(pk=send(program, wanted | {"scenario": name}).json()["id"])
        assert session.scenario == mine
    assert "Did you mean tests/Pier?" in details(program, wanted | {"scenario": "Peir"})["scenario"][0]


def test_parties_are_named_by_number_name_or_key(
    program: Client, owner: User, wanted: dict[str, Any]
) -> None:
    own = ConfiguredFactory(owner=owner, name="Stubborn")
    for negotiator in (own.negotiator.pk, "negmas/BoulwareTBNegotiator", "Stubborn", own.key):
        wanted["parties"][1] = {"negotiator": negotiator}
        response = send(program, wanted)
        assert response.status_code == 201, response.json()
    assert response.json()["negotiator_names"] == ["BoulwareTBNegotiator", "Stubborn"]


def test_what_is_left_out_is_as_in_the_form(program: Client, wanted: dict[str, Any]) -> None:
    del wanted["n_steps"], wanted["seed"]
    session = Session.objects.get(pk=send(program, wanted).json()["id"])
    assert (session.n_steps, session.mechanism) == (100, {"offering_is_accepting": True})


def test_everything_that_the_form_has(program: Client, group: Group, wanted: dict[str, Any]) -> None:
    wanted |= {"pace_ms": 20, "offering_is_accepting": False, "group": group.pk, "tags": ["autumn", "cup"]}
    wanted["parties"][0]["n_steps"] = 9
    session = Session.objects.get(pk=send(program, wanted).json()["id"])
    assert (session.pace_ms, session.mechanism["offering_is_accepting"], session.job.group) == (
        20,
        False,
        group,
    )
    assert {tag.name for tag in session.tags.all()} == {"autumn", "cup"}
    assert session.parties.get(index=0).n_steps == 9


def test_parameters_are_checked_one_by_one(program: Client, wanted: dict[str, Any]) -> None:
    spec = {"name": "e", "kind": "float", "default": 4.0, "choices": [], "optional": False}
    Negotiator.objects.update(parameters=[spec])
    wanted["parties"][0]["parameters"] = {"e": 2.5}
    session = Session.objects.get(pk=send(program, wanted).json()["id"])
    assert session.parties.get(index=0).parameters == {"e": 2.5}
    wanted["parties"][0]["parameters"] = {"e": "much"}
    assert list(details(program, wanted)) == ["parties.0.parameters.e"]
    wanted["parties"][0]["parameters"] = {"speed": 1}
    assert details(program, wanted) == {
        "parties.0.parameters": ["There is no speed here. The parameters of BoulwareTBNegotiator: e."]
    }


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("scenario", 999_999, "scenario"),
        ("scenario", 2**63, "scenario"),
        ("scenario", "1", "scenario"),
        ("scenario", 1.5, "scenario"),
        ("n_steps", 0, "n_steps"),
        ("n_steps", True, "n_steps"),
        ("seed", 2**31, "seed"),
        ("group", 999_999, "group"),
        ("turns", 3, "turns"),
        ("tags", ["x" * 99], "tags"),
        ("parties", [], "parties"),
        ("parties", [{"negotiator": "BoulwareTBNegotiator"}] * 3, "parties"),
        ("parties", [{"negotiator": "BoulwareTBNegotiator"}, {}], "parties.1.negotiator"),
        ("parties", [{"negotiator": "BoulwareTBNegotiator"}, {"negotiator": None}], "parties.1.negotiator"),
        ("parties", [{"negotiator": "BoulwareTBNegotiator"}, {"negotiator": "a\0b"}], "parties.1.negotiator"),
        (
            "parties",
            [{"negotiator": "x"}, {"negotiator": "x", "parameters": {"e": {}}}],
            "parties.1.parameters.e",
        ),
        ("tags", ["fine", "half \ud800"], "tags.1"),
        ("str", 3, "str"),
        (
            "parties",
            [{"negotiator": "BoulwareTBNegotiator"}, {"negotiator": "own-99999"}],
            "parties.1.negotiator",
        ),
    ],
)
def test_what_is_wrong_is_told_by_its_place_in_the_body(
    program: Client, wanted: dict[str, Any], field: str, value: Any, place: str
) -> None:
    """M-13, M-14"""
    told = details(program, wanted | {field: value})
    assert list(told) == [place]
    assert all(text.endswith((".", "?")) for texts in told.values() for text in texts)
    assert not Session.objects.exists()


def test_a_misspelt_negotiator_is_told_the_closest(program: Client, wanted: dict[str, Any]) -> None:
    wanted["parties"][0]["negotiator"] = "BoulwareNegotiator"
    (told,) = details(program, wanted)["parties.0.negotiator"]
    assert "Did you mean BoulwareTBNegotiator?" in told


def test_a_foreign_scenario_is_none(program: Client, stranger: User, wanted: dict[str, Any]) -> None:
    wanted["scenario"] = ScenarioFactory(owner=stranger).pk
    assert list(details(program, wanted)) == ["scenario"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        '{"scenario": NaN}',
        '{"tags": ["\\u0000"]}',
        '{"\\ud800": 1}',
        "[" * 9999,
    ],
)
def test_a_body_that_is_no_json_of_ours(program: Client, wanted: dict[str, Any], body: str) -> None:
    response = program.post(URL, body, content_type="application/json")
    assert (response.status_code, response.json()["error"]) == (400, "VALIDATION_ERROR")


def test_a_limit_of_the_person_is_told(program: Client, wanted: dict[str, Any], settings: Any) -> None:
    """J-18"""
    settings.ACTIVE_JOBS = 1
    assert send(program, wanted).status_code == 201
    response = send(program, wanted)
    assert (response.status_code, response.json()["error"]) == (429, "TOO_MUCH")


# --- Lists --------------------------------------------------------------------------------------------------


def test_pages_bring_each_once_the_newest_first(program: Client, owner: User) -> None:
    made = [str(SessionFactory(job__owner=owner).pk) for _ in range(5)]
    seen, cursor = [], ""
    for _ in range(3):
        query: dict[str, Any] = {"limit": 2, "cursor": cursor}
        told = program.get(URL, query).json()
        seen += [row["id"] for row in told["items"]]
        SessionFactory(job__owner=owner)  # what comes meanwhile pushes none out
        cursor = told["next"] or ""
    assert seen == made[::-1]
    assert cursor == ""


def test_pages_bring_each_once_also_of_one_moment(program: Client, owner: User) -> None:
    made = {str(SessionFactory(job__owner=owner).pk) for _ in range(5)}
    Job.objects.update(created_at=timezone.now())
    seen, cursor = [], ""
    for _ in range(5):
        query: dict[str, Any] = {"limit": 1, "cursor": cursor}
        told = program.get(URL, query).json()
        seen += [row["id"] for row in told["items"]]
        cursor = told["next"] or ""
    assert (len(seen), set(seen)) == (5, made)


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 3), ({"status": "completed"}, 1), ({"status": "pending"}, 1), ({"status": "paused"}, 1),
     ({"result": "agreement"}, 1), ({"whose": "shared"}, 0), ({"q": "bike boulware"}, 3), ({"q": "nothing"}, 0),
     ({"tag": "none"}, 0), ({"scenario": 999_999}, 0)],
)  # fmt: skip
def test_lists_are_narrowed(program: Client, owner: User, query: dict[str, Any], count: int) -> None:
    SessionFactory(job__owner=owner)
    Job.objects.filter(pk=SessionFactory(job__owner=owner).pk).update(hold=True)
    make_completed_session(job__owner=owner)
    assert len(program.get(URL, query).json()["items"]) == count


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 101}, {"limit": "ten"}, {"limit": "1_0"}, {"limit": 10**30}, {"cursor": "x"},
     {"cursor": "1-2"}, {"status": "done"}, {"scenario": 2**63}, {"scenario": -1}, {"q": "x" * 201}, {"q": "\0"}],
)  # fmt: skip
def test_what_cannot_be_understood_is_told_by_its_name(program: Client, query: dict[str, Any]) -> None:
    response = program.get(URL, query)
    assert (response.status_code, list(response.json()["details"])) == (400, list(query))


def test_a_list_costs_the_same_however_long_it_is(
    program: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    """The token with its owner, the groups where they count, the sessions, their parties, their tags."""
    program.get("/api/v1/me")
    for _ in range(10):
        make_completed_session(job__owner=owner)
    with django_assert_max_num_queries(4):
        assert len(program.get(URL).json()["items"]) == 10


# --- One ----------------------------------------------------------------------------------------------------


def test_offers_come_after_a_cursor(program: Client, owner: User) -> None:
    url = f"{URL}/{make_completed_session(job__owner=owner).pk}/offers"
    first = program.get(url, {"limit": 2}).json()
    assert ([offer["seq"] for offer in first["offers"]], first["has_more"]) == ([1, 2], True)
    rest = program.get(url, {"after": 2}).json()
    assert ([offer["response"] for offer in rest["offers"]], rest["has_more"]) == (["accept"], False)


def test_it_is_as_at_the_plain_address(program: Client, as_owner: Client, owner: User) -> None:
    pk = make_completed_session(job__owner=owner).pk
    plain = as_owner.get(f"/api/negotiation/{pk}").json()
    told = program.get(f"{URL}/{pk}").json() | program.get(f"{URL}/{pk}/offers").json()
    assert told == plain


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_it_is_exported_as_from_its_page(program: Client, as_owner: Client, owner: User, kind: str) -> None:
    pk = make_completed_session(job__owner=owner).pk
    told = b"".join(program.get(f"{URL}/{pk}/export.{kind}"))
    assert told == b"".join(as_owner.get(f"/sessions/{pk}/export.{kind}"))


def test_what_failed_is_retried_as_a_new_one(program: Client, owner: User, wanted: dict[str, Any]) -> None:
    pk = send(program, wanted).json()["id"]
    assert change(program, f"{URL}/{pk}/cancel").json()["status"] == "cancelled"
    response = change(program, f"{URL}/{pk}/retry")
    assert response.json()["status"] == "queued"
    assert Job.objects.get(pk=response.json()["id"]).retry_of_id == Session.objects.get(pk=pk).pk
    assert Job.objects.filter(status=Status.CANCELLED).count() == 1

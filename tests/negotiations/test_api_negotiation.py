"""A session as JSON (N-06)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Session
from tests.factory import OfferFactory
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db


def no_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def read(client: Client, session: Session | str, status: int = 200, **query: str) -> dict[str, Any]:
    pk = session if isinstance(session, str) else session.pk
    response = client.get(f"/api/negotiation/{pk}", query)
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    answer: dict[str, Any] = json.loads(response.content, parse_constant=no_constant)
    return answer


def test_it_has_what_a_program_needs(as_owner: Client, owner: User) -> None:
    session = make_session("completed", offers=2, job__owner=owner)
    answer = read(as_owner, session)
    assert answer["id"] == str(session.pk)
    assert (answer["status"], answer["n_steps"], answer["current_step"]) == ("completed", 1000, 1)
    assert (answer["agreement"], answer["final_utilities"]) == (["high", "yes"], [0.625, 0.375])
    assert answer["negotiator_names"] == ["BoulwareTBNegotiator"] * 2
    assert answer["outcome_space_data"]["n_outcomes"] == "10"
    assert [issue["name"] for issue in answer["outcome_space_data"]["issues"]] == ["price", "lock"]
    assert answer["offers"][0] == {
        "seq": 1, "step": 0, "relative_time": 0.1, "party": 0, "proposer": "BoulwareTBNegotiator",
        "response": "offer", "offer": ["fair", "yes"], "utilities": [0.75, 0.25], "text": "",
    }  # fmt: skip


def test_a_cursor_brings_what_came_after(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=5, job__owner=owner)
    assert [offer["seq"] for offer in read(as_owner, session, after="3")["offers"]] == [4, 5]


def test_a_long_session_comes_in_parts(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=1200, job__owner=owner)
    first, second = read(as_owner, session), read(as_owner, session, after="1000")
    assert (len(first["offers"]), first["has_more"]) == (1000, True)
    assert (len(second["offers"]), second["has_more"]) == (200, False)


def test_what_is_no_number_is_null(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=0, job__owner=owner)
    OfferFactory(session=session, seq=1, relative_time=float("inf"), utilities=[None, 0.5])
    [offer] = read(as_owner, session)["offers"]
    assert (offer["relative_time"], offer["utilities"]) == (None, [None, 0.5])


@pytest.mark.parametrize("after", ["-1", "abc", "nan", "9" * 40, "\x00"])
def test_a_wrong_cursor_is_named(after: str, as_owner: Client, owner: User) -> None:
    answer = read(as_owner, make_session("running", job__owner=owner), status=400, after=after)
    assert answer["error"] == "VALIDATION_ERROR"
    assert answer["details"] == {"after": ["Give a whole number, 0 or more."]}


def test_who_may_read(as_colleague: Client, as_stranger: Client, owner: User, group: Group) -> None:
    session = make_session("running", job__owner=owner, job__group=group)
    assert read(as_colleague, session)["status"] == "running"
    missing = read(as_stranger, session, status=404)
    assert set(missing) == {"error", "message", "details", "timestamp"}
    assert missing["error"] == "SESSION_NOT_FOUND"
    assert read(Client(), session, status=401)["error"] == "NOT_SIGNED_IN"


@pytest.mark.parametrize("pk", ["00000000-0000-0000-0000-000000000000", "no-uuid"])
def test_what_is_not_there_is_not_found(pk: str, as_owner: Client) -> None:
    assert read(as_owner, pk, status=404)["error"] == "SESSION_NOT_FOUND"


def test_reading_costs_few_queries(
    as_owner: Client, owner: User, django_assert_max_num_queries: object
) -> None:
    session = make_session("running", offers=300, job__owner=owner)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        read(as_owner, session)

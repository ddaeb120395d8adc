"""Scenarios and negotiators through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.api.programs import program_of
from tests.factory import DOCUMENT, ConfiguredFactory, NegotiatorFactory, ScenarioFactory


@pytest.fixture
def program(owner: User) -> Client:
    return program_of(owner)


def names(client: Client, noun: str, **query: Any) -> list[str]:
    response = client.get(f"/api/v1/{noun}", query)
    assert response.status_code == 200, response.json()
    return [row["name"] for row in response.json()["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [({}, ["Bike", "Cup", "Trip"]), ({"q": "bik"}, ["Bike"]), ({"whose": "mine"}, ["Cup"]), ({"tag": "travel"}, ["Trip"]),
     ({"whose": "library"}, ["Bike", "Trip"]), ({"parties": "3"}, ["Trip"]), ({"outcomes_from": "10^2"}, ["Trip"]),
     ({"outcomes_to": "99"}, ["Bike", "Cup"]), ({"source": "nowhere"}, [])],
)  # fmt: skip
def test_scenarios_are_narrowed(
    program: Client, owner: User, query: dict[str, str], found: list[str]
) -> None:
    ScenarioFactory(name="Bike")
    ScenarioFactory(name="Cup", owner=owner)
    ScenarioFactory(name="Trip", n_parties=3, tags=["travel"], n_outcomes="1000", log10_outcomes=3.0)
    assert names(program, "scenarios", **query) == found


def test_pages_of_scenarios_stand_by_their_numbers(program: Client) -> None:
    made = [ScenarioFactory().pk for _ in range(3)]
    first = program.get("/api/v1/scenarios", {"limit": 2}).json()
    rest = program.get("/api/v1/scenarios", {"limit": 2, "cursor": first["next"]}).json()
    assert [row["id"] for row in first["items"] + rest["items"]] == made
    assert rest["next"] is None


def test_a_scenario_has_its_issues_utilities_and_document(program: Client, owner: User) -> None:
    pk = ScenarioFactory(owner=owner).pk
    told = program.get(f"/api/v1/scenarios/{pk}").json()
    assert [issue["name"] for issue in told["issues"]] == ["price", "lock"]
    assert [each["name"] for each in told["preferences"]] == ["buyer", "seller"]
    assert (told["owner"], told["n_outcomes"], told["analysis"]) == ("owner", "10", "waiting")
    response = program.get(f"/api/v1/scenarios/{pk}/document")
    assert (response["Content-Type"], response.content.decode()) == ("text/plain; charset=utf-8", DOCUMENT)


def test_the_catalogue_has_what_can_be_seated(program: Client) -> None:
    NegotiatorFactory()
    NegotiatorFactory(type="gone", short_name="Gone", is_present=False)
    assert names(program, "negotiators") == ["BoulwareTBNegotiator"]
    assert names(program, "negotiators", q="boul", family="time-based") == ["BoulwareTBNegotiator"]
    assert names(program, "negotiators", family="other") == []


def test_a_negotiator_has_its_parameters(program: Client) -> None:
    told = program.get(f"/api/v1/negotiators/{NegotiatorFactory(parameters=[{'name': 'e'}]).pk}").json()
    assert (told["name"], told["parameters"]) == ("BoulwareTBNegotiator", [{"name": "e"}])


def test_configured_ones_are_ones_own_and_what_is_shared(
    program: Client, owner: User, stranger: User
) -> None:
    mine = ConfiguredFactory(owner=owner, name="Mine", parameters={"e": 2.0})
    ConfiguredFactory(owner=stranger, name="Theirs")
    (told,) = program.get("/api/v1/negotiators/own").json()["items"]
    assert (told["key"], told["user"], told["parameters"]) == (mine.key, "owner", {"e": 2.0})


@pytest.mark.parametrize("noun", ["scenarios", "negotiators", "negotiators/own"])
def test_lists_cost_the_same_however_long_they_are(
    program: Client, owner: User, noun: str, django_assert_max_num_queries: Any
) -> None:
    program.get("/api/v1/me")
    for number in range(10):
        ScenarioFactory(owner=owner)
        ConfiguredFactory(
            owner=owner, negotiator=NegotiatorFactory(type=f"t{number}", short_name=f"N{number}")
        )
    with django_assert_max_num_queries(3):
        assert len(program.get(f"/api/v1/{noun}").json()["items"]) == 10


@pytest.mark.parametrize(
    "path", ["scenarios/99999999999999999999", "scenarios/0", "negotiators/9" + "9" * 5000]
)
def test_a_number_that_no_row_has_is_a_404(program: Client, path: str) -> None:
    assert program.get(f"/api/v1/{path}").status_code == 404

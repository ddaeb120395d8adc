from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Scenario
from tests.factory import PREFERENCES, ScenarioFactory, make_completed_session


@pytest.fixture
def scenario(owner: User, group: Group) -> Scenario:
    row: Scenario = ScenarioFactory(name="Used bike", owner=owner, group=group)
    return row


def test_it_shows_issues_weights_values_and_reserved_values(as_owner: Client, scenario: Scenario) -> None:
    """P-01."""
    page = as_owner.get(f"/scenarios/{scenario.pk}/").content.decode()
    for text in (
        "Used bike",
        "price",
        "lock",
        "steep",
        "buyer",
        "seller",
        "0.75",
        "0.10",
        "0.20",
        "10 outcomes",
    ):
        assert text in page
    assert f"/sessions/new/?scenario={scenario.pk}" in page


def test_owner_colleague_and_superuser_see_it_and_a_stranger_does_not(
    as_owner: Client,
    as_colleague: Client,
    as_superuser: Client,
    as_stranger: Client,
    client: Client,
    scenario: Scenario,
) -> None:
    url = f"/scenarios/{scenario.pk}/"
    assert [c.get(url).status_code for c in (as_owner, as_colleague, as_superuser)] == [200] * 3
    assert as_stranger.get(url).status_code == 404
    assert client.get(url).status_code == 302


def test_an_unknown_scenario_is_not_found(as_owner: Client) -> None:
    assert as_owner.get("/scenarios/999999/").status_code == 404


def test_last_sessions_are_those_that_the_visitor_may_see(
    as_owner: Client, as_colleague: Client, owner: User, scenario: Scenario
) -> None:
    session = make_completed_session(job__owner=owner, scenario=scenario)
    assert str(session.pk) in as_owner.get(f"/scenarios/{scenario.pk}/").content.decode()
    page = as_colleague.get(f"/scenarios/{scenario.pk}/").content.decode()
    assert str(session.pk) not in page
    assert "No sessions yet" in page


def test_warnings_are_shown(as_owner: Client, owner: User) -> None:
    scenario = ScenarioFactory(owner=owner, warnings=["Discounting is left off."])
    assert "Discounting is left off." in as_owner.get(f"/scenarios/{scenario.pk}/").content.decode()


def test_a_function_that_is_not_additive_has_values_without_bars(as_owner: Client, owner: User) -> None:
    preferences = [
        party | {"kind": "mapping", "weights": {}, "values": {}, "reserved_value": None}
        for party in PREFERENCES
    ]
    scenario = ScenarioFactory(owner=owner, preferences=preferences)
    page = as_owner.get(f"/scenarios/{scenario.pk}/").content.decode()
    assert "depends on the other issues" in page
    assert "steep" in page
    assert 'class="bar' not in page


def test_a_continuous_issue_shows_its_range(as_owner: Client, owner: User) -> None:
    issues = [
        {"name": "price", "kind": "continuous", "values": None, "n_values": None, "low": 1.5, "high": 9.0}
    ]
    preferences = [party | {"weights": {"price": 1.0}, "values": {}} for party in PREFERENCES]
    scenario = ScenarioFactory(
        owner=owner, issues=issues, preferences=preferences, n_outcomes="infinite", log10_outcomes=300
    )
    page = as_owner.get(f"/scenarios/{scenario.pk}/").content.decode()
    assert "1.5 to 9" in page
    assert "infinitely many outcomes" in page


def test_an_issue_with_very_many_values_shows_the_first_and_counts_the_rest(
    as_owner: Client, owner: User
) -> None:
    values = [str(number) for number in range(1000)]
    issues = [{"name": "price", "kind": "integer", "values": values, "n_values": 1000, "low": 0, "high": 999}]
    preferences = [
        party | {"weights": {"price": 1.0}, "values": {"price": dict.fromkeys(values, 0.5)}}
        for party in PREFERENCES
    ]
    scenario = ScenarioFactory(owner=owner, issues=issues, preferences=preferences)
    page = as_owner.get(f"/scenarios/{scenario.pk}/").content.decode()
    assert "960 more values not shown" in page
    assert len(page) < 100_000


def test_sessions_cost_no_query_each(
    as_owner: Client, owner: User, scenario: Scenario, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        make_completed_session(job__owner=owner, scenario=scenario)
    with django_assert_max_num_queries(9):
        as_owner.get(f"/scenarios/{scenario.pk}/")


def test_names_of_strangers_are_escaped(as_owner: Client, owner: User) -> None:
    evil = '"><script>alert(1)</script>'
    issues = [{"name": evil, "kind": evil, "values": [evil], "n_values": 1, "low": None, "high": None}]
    preferences = [
        {
            "name": evil,
            "kind": evil,
            "reserved_value": 0.0,
            "weights": {evil: 1.0},
            "values": {evil: {evil: 1.0}},
        }
    ] * 2
    scenario = ScenarioFactory(
        name=evil, owner=owner, issues=issues, preferences=preferences, warnings=[evil]
    )
    assert "<script>alert" not in as_owner.get(f"/scenarios/{scenario.pk}/").content.decode()

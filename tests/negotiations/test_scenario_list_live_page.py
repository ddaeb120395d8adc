"""Cards and rows that wait for their analysis are brought anew by the library's poll once it is there (P-01)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from negotiations.engine.analysing import analyse_document
from negotiations.models import Job, Scenario, ScenarioAnalysis, Status
from tests.negotiations.scenario_rows import generated

pytestmark = pytest.mark.django_db

URL = "/scenarios/live/"


def ask(client: Client, *scenarios: Scenario, every: int = 3, kind: str = "card") -> Any:
    shown = {f"v-scenario-{kind}-{scenario.pk}": "waiting" for scenario in scenarios}
    return client.get(URL, shown | {"every": str(every)})


def analyse(scenario: Scenario) -> None:
    """As a worker would."""
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))


@pytest.mark.parametrize(("query", "kind"), [("", "card"), ("?view=list", "row")])
def test_a_page_on_which_one_waits_asks_for_it(as_owner: Client, query: str, kind: str) -> None:
    scenario = generated(analysed=False)
    page = as_owner.get(f"/scenarios/{query}").content.decode()
    assert f'hx-get="{URL}" hx-trigger="every 3s, live:now"' in page
    assert f'id="scenario-{kind}-{scenario.pk}"' in page
    assert 'data-version="waiting"' in page
    assert "being analysed" in page.lower()


@pytest.mark.parametrize("query", ["", "?view=list"])
def test_a_page_on_which_nothing_waits_asks_for_news_only(as_owner: Client, query: str) -> None:
    generated()
    assert URL not in as_owner.get(f"/scenarios/{query}").content.decode()


def test_while_it_waits_there_is_nothing_new(as_owner: Client) -> None:
    assert ask(as_owner, generated(analysed=False)).status_code == 204


def test_the_card_comes_when_its_analysis_is_there_and_the_page_rests(as_owner: Client) -> None:
    scenario = generated(analysed=False)
    analyse(scenario)
    answer = ask(as_owner, scenario).content.decode()
    assert f'id="scenario-card-{scenario.pk}"' in answer and 'hx-swap-oob="true"' in answer
    assert "Opposition" in answer and "data-version" not in answer.partition("</a>")[0]
    assert 'id="live" hx-get="/live/"' in answer


def test_a_row_comes_with_its_opposition(as_owner: Client) -> None:
    scenario = generated(analysed=False, opposition=0.8)
    assert ask(as_owner, scenario, kind="row").status_code == 204
    analyse(scenario)
    answer = ask(as_owner, scenario, kind="row").content.decode()
    row = answer.partition("</tr>")[0]
    assert f'<template><tr role="row" id="scenario-row-{scenario.pk}" hx-swap-oob="true">' in row
    assert '<td role="cell" class="num">0.8' in row and "being analysed" not in row
    assert 'id="live" hx-get="/live/"' in answer


def test_a_card_that_comes_later_says_what_it_says_on_the_page(as_owner: Client) -> None:
    scenario = generated(analysed=False, warnings=["The utility function 'a' was discounted over time."])
    analyse(scenario)
    assert "<span>discounted</span>" in ask(as_owner, scenario).content.decode()


def test_one_that_waits_still_keeps_the_page_asking(as_owner: Client) -> None:
    one, other = generated(name="One", analysed=False), generated(name="Two", issues=2, analysed=False)
    analyse(one)
    answer = ask(as_owner, one, other).content.decode()
    assert "scenario-card" in answer and f"scenario-card-{other.pk}" not in answer
    assert 'id="live"' not in answer


@pytest.mark.parametrize("has_job", [True, False])
def test_what_was_tried_in_vain_says_so_and_waits_no_more(
    as_owner: Client, owner: User, has_job: bool
) -> None:
    scenario = generated(owner, analysed=False)
    if has_job:
        ScenarioAnalysis.objects.start(scenario, owner=owner)
        assert ask(as_owner, scenario).status_code == 204
        Job.objects.update(status=Status.FAILED)
    else:
        ScenarioAnalysis.objects.give_up(scenario)
    assert "Could not be analysed" in ask(as_owner, scenario).content.decode()
    assert URL not in as_owner.get("/scenarios/").content.decode()


def test_what_is_anothers_is_not_brought(
    owner: User, group: Group, as_colleague: Client, as_stranger: Client, client: Client
) -> None:
    """J-11"""
    scenario = generated(owner, group=group, analysed=False)
    analyse(scenario)
    assert scenario.name in ask(as_colleague, scenario).content.decode()
    assert scenario.name not in ask(as_stranger, scenario).content.decode()
    assert ask(client, scenario).status_code == 401


@pytest.mark.parametrize("name", ["x", "", "-1", "9" * 40, "١", "1\x00", "1;drop"])
def test_nonsense_brings_nothing(as_owner: Client, name: str) -> None:
    answer = as_owner.get(URL, {f"v-scenario-card-{name}": "waiting", "every": "5"})
    assert b"scenario-card" not in answer.content
    assert answer.status_code < 300


def test_a_poll_costs_the_same_for_many_cards(
    as_owner: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    many = [generated(seed=index, analysed=False) for index in range(12)]
    assert len({each.pk for each in many}) == 12
    with django_assert_max_num_queries(5):
        ask(as_owner, *many)

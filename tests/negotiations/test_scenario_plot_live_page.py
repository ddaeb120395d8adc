"""The plot of the library says how many are being analysed, and offers to be drawn anew once some are (P-05)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from negotiations.models import Scenario, ScenarioAnalysis
from tests.negotiations.scenario_rows import generated
from tests.negotiations.test_scenario_list_live_page import analyse

pytestmark = pytest.mark.django_db

PLOT, URL = "/scenarios/plot/", "/scenarios/plot/live/"


def ask(client: Client, shown: int, waiting: int | str, **filters: str) -> Any:
    told = {"v-scenario-plot-waiting": str(shown), "waiting": str(waiting), "every": "3"}
    return client.get(URL, filters | told)


@pytest.fixture
def waiting(owner: User) -> list[Scenario]:
    """Two that wait, beside one that is plotted and one that was tried in vain."""
    generated(name="Known")
    ScenarioAnalysis.objects.give_up(generated(name="Vain", seed=1, analysed=False))
    return [generated(owner, name=name, seed=seed, analysed=False) for name, seed in (("One", 2), ("Two", 3))]


def test_the_page_says_how_many_wait_and_asks_for_them(as_owner: Client, waiting: list[Scenario]) -> None:
    page = as_owner.get(f"{PLOT}?q=o").content.decode()
    assert "2 more are being analysed." in page
    assert f'hx-get="{URL}?q=o&amp;waiting=2" hx-trigger="every 3s, live:now"' in page
    assert "1 more could not be analysed" in as_owner.get(PLOT).content.decode()


def test_a_page_on_which_nothing_waits_asks_for_news_only(as_owner: Client) -> None:
    generated()
    page = as_owner.get(PLOT).content.decode()
    assert URL not in page and "being analysed" not in page


@pytest.mark.usefixtures("waiting")
def test_while_they_wait_there_is_nothing_new(
    as_owner: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        assert ask(as_owner, 2, 2).status_code == 204


def test_what_was_analysed_since_is_said_with_a_link_to_the_same_plot(
    as_owner: Client, waiting: list[Scenario]
) -> None:
    analyse(waiting[0])
    answer = ask(as_owner, 2, 2, parties="2").content.decode()
    assert "1 more is being analysed. 1 has been analysed since" in " ".join(answer.split())
    assert f'<a href="{PLOT}?parties=2">plot anew</a>' in answer
    assert 'id="live"' not in answer


def test_when_none_waits_any_more_the_page_rests(as_owner: Client, waiting: list[Scenario]) -> None:
    for scenario in waiting:
        analyse(scenario)
    answer = ask(as_owner, 2, 2).content.decode()
    assert "2 have been analysed since" in answer and "being analysed" not in answer
    assert 'id="live" hx-get="/live/"' in answer


@pytest.mark.usefixtures("waiting")
def test_only_those_that_the_filters_leave_are_counted(as_owner: Client) -> None:
    assert ask(as_owner, 1, 1, q="One").status_code == 204
    assert "2 more are being" in ask(as_owner, 1, 1).content.decode()


@pytest.mark.usefixtures("waiting")
def test_what_is_anothers_is_not_counted(as_stranger: Client, client: Client, group: Group) -> None:
    """J-11"""
    assert "being analysed" not in ask(as_stranger, 2, 2).content.decode()
    assert ask(client, 2, 2).status_code == 401


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("said", ["x", "-1", "9" * 40, "\u0661", ""])
def test_nonsense_says_nothing_of_what_came_since(as_owner: Client, said: str) -> None:
    answer = ask(as_owner, 0, said).content.decode()
    assert "2 more are being analysed" in answer and "since" not in answer

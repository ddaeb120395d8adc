from __future__ import annotations

import math
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.factory import ScenarioFactory

URL = "/scenarios/"


def names(client: Client, **query: str) -> list[str]:
    return [scenario.name for scenario in client.get(URL, query).context["page"]]


@pytest.fixture
def library(db: None) -> None:
    ScenarioFactory(name="Flat share", source="home", n_outcomes="24", log10_outcomes=1.38)
    ScenarioFactory(name="Wind farm", source="land", n_outcomes="9000", log10_outcomes=3.95, n_parties=3)
    ScenarioFactory(name="Solar roof", source="land", n_outcomes=str(10**10), log10_outcomes=10)


def test_the_library_belongs_to_everybody_who_is_signed_in(
    library: None, as_stranger: Client, client: Client
) -> None:
    assert names(as_stranger) == ["Flat share", "Solar roof", "Wind farm"]
    assert client.get(URL).status_code == 302


def test_an_uploaded_scenario_is_seen_by_owner_and_colleague_only(
    as_owner: Client,
    as_colleague: Client,
    as_stranger: Client,
    as_superuser: Client,
    owner: User,
    group: Group,
) -> None:
    ScenarioFactory(name="Ours", owner=owner, group=group)
    ScenarioFactory(name="Mine", owner=owner)
    assert names(as_owner) == ["Mine", "Ours"]
    assert names(as_colleague) == ["Ours"]
    assert names(as_stranger) == []
    assert names(as_superuser) == ["Mine", "Ours"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "farm"}, ["Wind farm"]),
        ({"q": "STEEP"}, ["Flat share", "Solar roof", "Wind farm"]),
        ({"source": "land"}, ["Solar roof", "Wind farm"]),
        ({"parties": "3"}, ["Wind farm"]),
        ({"parties": "2", "source": "land"}, ["Solar roof"]),
        ({"outcomes": "small"}, ["Flat share"]),
        ({"outcomes": "medium"}, ["Wind farm"]),
        ({"outcomes": "huge"}, ["Solar roof"]),
        ({"outcomes_from": "24"}, ["Flat share", "Solar roof", "Wind farm"]),
        ({"outcomes_from": "25"}, ["Solar roof", "Wind farm"]),
        ({"outcomes_to": "9,000"}, ["Flat share", "Wind farm"]),
        ({"outcomes_to": "8 999"}, ["Flat share"]),
        ({"outcomes_from": "25", "outcomes_to": "1e4"}, ["Wind farm"]),
        ({"outcomes_from": "10^10", "outcomes_to": "10^10"}, ["Solar roof"]),
        ({"outcomes_from": "10000000001"}, []),
        ({"outcomes_from": "100", "outcomes_to": "20"}, []),
        ({"sort": "large"}, ["Solar roof", "Wind farm", "Flat share"]),
        ({"sort": "small"}, ["Flat share", "Wind farm", "Solar roof"]),
        ({"sort": "new"}, ["Solar roof", "Wind farm", "Flat share"]),
        ({"sort": "nonsense", "parties": "-1", "outcomes": "x"}, ["Flat share", "Solar roof", "Wind farm"]),
    ],
)
def test_filters_and_order_are_in_the_url(
    library: None, as_owner: Client, query: dict[str, str], found: list[str]
) -> None:
    """P-01."""
    assert names(as_owner, **query) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("many", "Write a whole number: 10,000 or 10^6."),
        ("-5", "Write a whole number: 10,000 or 10^6."),
        ("²", "Write a whole number: 10,000 or 10^6."),
        ("9" * 101, "Write a whole number: 10,000 or 10^6."),
        ("999^999", "No scenario has 10^100 outcomes. Write a smaller number."),
        ("1e100", "No scenario has 10^100 outcomes. Write a smaller number."),
    ],
)
def test_a_number_of_outcomes_that_is_none_is_said_and_left_out(
    library: None, as_owner: Client, text: str, told: str
) -> None:
    assert len(names(as_owner, outcomes_from=text)) == 3
    page = as_owner.get(URL, {"outcomes_from": text}).content.decode()
    assert told in page and f'value="{text}"' in page


def test_exact_numbers_hold_where_floats_do_not(as_owner: Client) -> None:
    """10^40 and one more have one logarithm; `infinite` is longer than some numbers and shorter than others."""
    for name, count in (("Even", 10**40), ("Odd", 10**40 + 1), ("Small", 99)):
        ScenarioFactory(name=name, n_outcomes=str(count), log10_outcomes=math.log10(count))
    ScenarioFactory(name="Land", n_outcomes="infinite", log10_outcomes=math.inf)
    assert names(as_owner, outcomes_from=str(10**40 + 1)) == ["Land", "Odd"]
    assert names(as_owner, outcomes_to="10^40") == ["Even", "Small"]
    assert names(as_owner, outcomes_from="99999999", outcomes_to="123456789") == []
    assert names(as_owner, outcomes_from="99") == ["Even", "Land", "Odd", "Small"]


def test_a_filter_of_nonsense_bytes_finds_nothing_and_breaks_nothing(library: None, as_owner: Client) -> None:
    response = as_owner.get(URL, {"q": "\0", "source": "\0"})
    assert response.status_code == 200


def test_nothing_found_offers_to_clear_the_filters(library: None, as_owner: Client) -> None:
    page = as_owner.get(URL, {"q": "submarine"}).content.decode()
    assert "No scenario matches" in page
    assert "Clear filters" in page


def test_an_empty_library_says_what_to_do(as_owner: Client) -> None:
    assert "No scenarios yet" in as_owner.get(URL).content.decode()


def test_pages_keep_the_filters(as_owner: Client) -> None:
    for _ in range(30):
        ScenarioFactory(source="many")
    page = as_owner.get(URL, {"source": "many"}).content.decode()
    assert "1 to 25 of 30" in page
    assert "?source=many&amp;page=2" in page
    assert "26 to 30 of 30" in as_owner.get(URL, {"source": "many", "page": "2"}).content.decode()
    assert as_owner.get(URL, {"page": "nonsense"}).status_code == 200


def test_a_long_list_asks_no_query_a_row(as_owner: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(25):
        ScenarioFactory()
    with django_assert_max_num_queries(7):
        as_owner.get(URL)


def test_a_huge_number_of_outcomes_is_written_as_a_power(library: None, as_owner: Client) -> None:
    assert "10<sup>10</sup>" in as_owner.get(URL).content.decode()


def test_names_of_strangers_are_escaped(as_owner: Client, owner: User) -> None:
    ScenarioFactory(name="<script>alert(1)</script>", owner=owner, tags=["<b>x</b>"])
    page = as_owner.get(URL).content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_infinitely_many_outcomes_are_more_than_a_million(as_owner: Client) -> None:
    ScenarioFactory(name="Price of land", n_outcomes="infinite", log10_outcomes=math.inf)
    assert names(as_owner, outcomes="huge") == ["Price of land"]
    assert names(as_owner, outcomes="large") == []
    assert "infinitely many" in as_owner.get(URL).content.decode()

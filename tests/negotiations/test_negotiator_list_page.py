from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factory import NegotiatorFactory

URL = "/negotiators/"


@pytest.fixture
def catalogue(db: None) -> None:
    NegotiatorFactory(type="negmas.Boulware", short_name="Boulware", description="concedes late")
    NegotiatorFactory(type="negmas.MiCRO", short_name="MiCRO", family="adaptive", max_outcomes=None)
    NegotiatorFactory(type="agents.Atlas", short_name="Atlas", source="agents", family="", max_parties=2)
    NegotiatorFactory(type="agents.Gone", short_name="Gone", source="agents", is_present=False)
    NegotiatorFactory(type="negmas.Part", short_name="Part", runs_alone=False)


def names(client: Client, **query: str) -> list[str]:
    return [row.short_name for row in client.get(URL, query).context["page"]]


def test_everybody_who_is_signed_in_sees_what_is_installed(
    catalogue: None, as_owner: Client, as_stranger: Client, client: Client
) -> None:
    """P-06."""
    assert names(as_owner) == names(as_stranger) == ["Atlas", "Boulware", "MiCRO", "Part"]
    assert client.get(URL).status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "micro"}, ["MiCRO"]),
        ({"q": "concedes"}, ["Boulware"]),
        ({"family": "adaptive"}, ["MiCRO"]),
        ({"source": "agents"}, ["Atlas"]),
        ({"source": "agents", "family": "adaptive"}, []),
    ],
)
def test_search_family_and_source_are_in_the_url(
    catalogue: None, as_owner: Client, query: dict[str, str], found: list[str]
) -> None:
    assert names(as_owner, **query) == found


def test_only_what_runs_by_itself_can_be_used_in_a_session(catalogue: None, as_owner: Client) -> None:
    page = as_owner.get(URL, {"q": "Part"}).content.decode()
    assert "Use in a session" not in page
    assert "cannot run by itself" in page
    assert "Use in a session" in as_owner.get(URL, {"q": "Atlas"}).content.decode()


def test_nothing_found_and_nothing_there_are_two_messages(as_owner: Client) -> None:
    assert "The catalogue is empty" in as_owner.get(URL).content.decode()
    assert "No negotiator matches" in as_owner.get(URL, {"q": "x"}).content.decode()


def test_a_long_list_asks_no_query_a_row(as_owner: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(45):
        NegotiatorFactory(type=f"negmas.N{number}", short_name=f"N{number}")
    with django_assert_max_num_queries(7):
        page = as_owner.get(URL).content.decode()
    assert "1 to 40 of 45" in page

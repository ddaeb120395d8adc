"""The library as pictures, its filters by what is known, and its plot (P-01, P-05)."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.factory import ScenarioFactory
from tests.negotiations.scenario_rows import generated

URL = "/scenarios/"
PLOT = "/scenarios/plot/"


def page(client: Client, url: str = URL, **query: str) -> str:
    return client.get(url, query).content.decode()


def names(client: Client, **query: str) -> list[str]:
    return [scenario.name for scenario in client.get(URL, query).context["page"]]


def picture_of(text: str) -> str:
    found = re.search(r'src="(/scenarios/\d+/picture\.svg[^"]*)"', text)
    assert found
    return found[1]


@pytest.mark.parametrize(("parties", "squares"), [(2, 1), (3, 3), (9, 8)])
def test_a_card_has_the_picture_of_its_outcome_space(as_owner: Client, parties: int, squares: int) -> None:
    generated(parties=parties, issues=4, opposition=0.5)
    answer = as_owner.get(picture_of(page(as_owner)))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert "immutable" in answer["Cache-Control"] and "private" in answer["Cache-Control"]
    boxes = [path for path in ElementTree.fromstring(answer.content) if path.get("opacity") == ".6"]
    assert len(boxes) == squares
    assert len(answer.content) < 60_000


def test_the_address_of_a_picture_changes_with_the_analysis(as_owner: Client) -> None:
    scenario = generated()
    before = picture_of(page(as_owner))
    analysis = scenario.analysis
    assert analysis and analysis.computed_at
    analysis.computed_at = analysis.computed_at.replace(year=2020)
    analysis.save()
    assert picture_of(page(as_owner)) != before


def test_a_picture_is_for_those_who_see_the_scenario(
    as_owner: Client, as_colleague: Client, as_stranger: Client, client: Client, owner: User, group: Group
) -> None:
    url = f"/scenarios/{generated(owner, group=group).pk}/picture.svg"
    codes = [each.get(url).status_code for each in (as_owner, as_colleague, as_stranger, client)]
    assert codes == [200, 200, 404, 302]


def test_what_is_not_analysed_yet_has_a_grey_picture_and_says_so(as_owner: Client, owner: User) -> None:
    scenario = generated(owner, analysed=False)
    text = page(as_owner)
    assert "Being analysed" in text and 'aria-busy="true"' in text
    assert "picture.svg" not in text
    assert as_owner.get(f"/scenarios/{scenario.pk}/picture.svg").status_code == 404


def test_discount_and_sampling_are_said_in_the_corner(as_owner: Client) -> None:
    generated(
        warnings=["The utility function 'a' (party 1) was discounted over time. The discount was removed."]
    )
    assert '<div class="tags"><span>discounted</span>' in page(as_owner)
    scenario = generated(seed=1)
    assert ">sampled</span>" not in page(as_owner)
    scenario.analyses.update(method="sampled", n_sampled=200_000)
    assert 'title="The picture shows 200,000 outcomes, drawn by chance">sampled</span>' in page(as_owner)
    assert f'alt="Outcome space of {scenario.name}, 200,000 outcomes by chance"' in page(as_owner)
    scenario.analyses.update(method="frontier exact")
    assert "drawn by chance; its frontier is exact" in page(as_owner)


@pytest.fixture
def library(owner: User, group: Group, stranger: User) -> None:
    generated(name="Calm", opposition=0.1, tags=["quick"], issues=1, values=(4, 4))
    generated(
        owner, name="Fierce", opposition=0.8, tags=["course é"], warnings=["it was discounted over time"]
    )
    generated(owner, name="New", analysed=False, seed=3)
    generated(stranger, name="Shared", group=group, opposition=0.45, parties=3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"opposition": "low"}, ["Calm"]),
        ({"opposition": "high"}, ["Fierce"]),
        ({"least": "0.4", "most": "0.5"}, ["Shared"]),
        ({"least": "nan", "most": "inf"}, ["Calm", "Fierce", "New", "Shared"]),
        ({"sort": "calm"}, ["Calm", "Shared", "Fierce", "New"]),
        ({"sort": "fierce"}, ["Fierce", "Shared", "Calm", "New"]),
        ({"whose": "mine"}, ["Fierce", "New"]),
        ({"whose": "shared"}, ["Shared"]),
        ({"whose": "library"}, ["Calm"]),
        ({"tag": "quick"}, ["Calm"]),
        ({"tag": "course é"}, ["Fierce"]),
        ({"tag": "quic"}, []),
        ({"q": "course É".lower()}, ["Fierce"]),
        ({"issues": "1"}, ["Calm"]),
        ({"issues": "2"}, ["Fierce", "New", "Shared"]),
        ({"discounted": "yes"}, ["Fierce"]),
        ({"discounted": "no", "parties": "2"}, ["Calm", "New"]),
        ({"whose": "theirs", "issues": "x", "opposition": "9"}, ["Calm", "Fierce", "New", "Shared"]),
    ],
)
def test_the_library_is_filtered_and_sorted_by_what_is_known(
    library: None, as_owner: Client, query: dict[str, str], found: list[str]
) -> None:
    assert names(as_owner, **query) == found


def test_there_is_a_list_too_and_it_keeps_the_filters(library: None, as_owner: Client) -> None:
    text = page(as_owner, view="list", whose="mine")
    assert "<table" in text and "picture.svg" not in text
    assert '<input type="hidden" name="view" value="list">' in text
    assert "/scenarios/plot/?whose=mine" in text


def test_a_page_of_cards_asks_no_query_a_card_and_reads_no_arrays(
    as_owner: Client, django_assert_max_num_queries: Any
) -> None:
    for seed in range(25):
        generated(seed=seed, issues=2)
    with django_assert_max_num_queries(7) as asked:
        text = page(as_owner)
    assert text.count("picture.svg") == 25
    assert not any('"arrays"' in each["sql"] for each in asked.captured_queries)
    assert len(text) < 100_000


def test_the_plot_links_each_scenario_with_its_figures(library: None, as_owner: Client) -> None:
    text = page(as_owner, PLOT)
    assert len(re.findall(r"<a href=\"/scenarios/\d+/\" aria-label=", text)) == 3
    assert re.search(r"<title>Calm: 4 outcomes, opposition 0\.\d\d</title>", text)
    assert "1 more is being analysed" in text
    assert "The same as a table" in text


def test_the_plot_obeys_the_filters_and_shows_what_the_visitor_may_see(
    library: None, as_owner: Client, as_superuser: Client, client: Client
) -> None:
    assert "Fierce" not in page(as_owner, PLOT, opposition="low")
    assert "Nothing to plot" in page(as_owner, PLOT, q="submarine")
    assert "Shared: " in page(as_superuser, PLOT)
    assert client.get(PLOT).status_code == 302


def test_what_is_hostile_is_escaped_in_cards_plot_and_list(as_owner: Client, owner: User) -> None:
    evil = "<script>alert(1)</script>"
    generated(owner, name=evil, tags=[evil], source=evil)
    for text in (page(as_owner), page(as_owner, view="list"), page(as_owner, PLOT)):
        assert "alert(1)" in text and "<script>alert" not in text


def test_infinitely_many_outcomes_stand_at_the_edge_of_the_plot(as_owner: Client) -> None:
    scenario = generated()
    type(scenario).objects.filter(pk=scenario.pk).update(n_outcomes="infinite", log10_outcomes=float("inf"))
    assert "infinitely many outcomes, opposition" in page(as_owner, PLOT)


def test_a_scenario_of_the_tests_without_analysis_is_no_error(as_owner: Client) -> None:
    ScenarioFactory()
    assert "Nothing to plot" in page(as_owner, PLOT)

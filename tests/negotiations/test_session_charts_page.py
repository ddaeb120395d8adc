"""What charts and the replay read: offers and outcome space as JSON, a picture, rows up to a step, tables."""

from __future__ import annotations

import json
import re
import struct
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from negotiations.models import Session
from negotiations.views import session_charts
from tests.negotiations.chart_sessions import PARTIES, chart_session, more_offers
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db


def read(client: Client, session: Session, path: str = "", **query: Any) -> str:
    response = client.get(f"{session.get_absolute_url()}{path}", query)
    assert response.status_code == 200
    return response.content.decode()


def not_json(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def load(client: Client, session: Session, path: str, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read(client, session, path, **query), parse_constant=not_json)
    return found


def rows_of(html: str, prefix: str) -> list[str]:
    """The rows of a list, without what tells its two lists apart."""
    rows = re.findall(rf'<li class="offer [^>]*id="{prefix}-.*?</li>', html, re.DOTALL)
    return [row.replace(f'id="{prefix}-', 'id="') for row in rows]


@pytest.mark.parametrize("parties", PARTIES)
def test_the_page_draws_outcomes_frontier_solutions_offers_and_deal(
    parties: int, as_owner: Client, owner: User
) -> None:
    """P-09"""
    page = read(as_owner, chart_session(parties, owner))
    assert 'id="cloud"' in page
    assert 'class="front"' in page
    assert 'class="sol"' in page
    assert page.count("data-old=") == 2 * parties
    assert 'data-agreement transform="translate(' in page
    assert "Outcome space: exact" in page


@pytest.mark.parametrize("parties", PARTIES)
def test_any_two_parties_make_the_plane(parties: int, as_owner: Client, owner: User) -> None:
    session = chart_session(parties, owner)
    last = parties - 1
    page = read(as_owner, session, x=last, y=0)
    assert f'data-x="{last}" data-y="0"' in page
    assert load(as_owner, session, "space.json", x=last, y=0)["pair"] == [last, 0]


@pytest.mark.parametrize(
    "query", [{"x": 99}, {"x": "one", "y": -1}, {"x": 1, "y": 1}, {"step": "soon"}, {"step": -3}]
)
def test_a_mistyped_address_still_shows_the_session(
    query: dict[str, Any], as_owner: Client, owner: User
) -> None:
    session = chart_session(3, owner)
    assert 'id="session-plane"' in read(as_owner, session, **query)
    assert len(set(load(as_owner, session, "space.json", **query)["pair"])) == 2


def test_without_analysis_the_chart_says_so_and_has_the_offers(as_owner: Client, owner: User) -> None:
    session = chart_session(2, owner, analysed=False)
    page = read(as_owner, session)
    assert "Outcomes not analysed yet" in page
    assert 'id="cloud"' not in page
    assert page.count("data-old=") == 4
    space = load(as_owner, session, "space.json")
    assert (space["words"], space["cloud"], space["frontier"], space["points"]) == ("", [], [], [])


@pytest.mark.parametrize("parties", PARTIES)
def test_the_chart_has_every_offer_as_its_row_has_it(parties: int, as_owner: Client, owner: User) -> None:
    session = chart_session(parties, owner)
    found = load(as_owner, session, "chart.json")
    assert not found["more"]
    for (seq, step, party, response, worths, coded), offer in zip(
        found["offers"], session.offers.all(), strict=True
    ):
        assert (seq, step, party, response) == (offer.seq, offer.step + 1, offer.party, offer.response)
        assert worths == offer.utilities
        assert [found["values"][issue][code] for issue, code in enumerate(coded)] == offer.outcome


def test_an_answer_is_bounded_and_the_next_goes_on(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_charts, "A_PAGE", 25)
    session = chart_session(2, owner, offers=60)
    seen: list[int] = []
    more = True
    while more:
        part = load(as_owner, session, "chart.json", after=seen[-1] if seen else 0)
        assert len(part["offers"]) <= 25
        seen += [offer[0] for offer in part["offers"]]
        more = part["more"]
    assert seen == list(range(1, 62))


def test_of_a_very_long_session_whole_steps_are_sampled(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_charts, "MOST", 40)
    found = load(as_owner, chart_session(2, owner, offers=120), "chart.json")
    assert found["sampled"]
    assert len(found["offers"]) <= 42
    assert found["offers"][-1][0] == 121


def test_what_is_no_number_is_refused(as_owner: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner)
    assert as_owner.get(f"{session.get_absolute_url()}chart.json", {"after": "x"}).status_code == 400


def test_an_unknown_utility_is_null(as_owner: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner)
    session.offers.filter(seq=1).update(utilities=[None, 0.5])
    assert load(as_owner, session, "chart.json")["offers"][0][4] == [None, 0.5]


def test_many_outcomes_are_one_picture(as_owner: Client, owner: User) -> None:
    session = chart_session(2, owner)
    type(session.scenario).objects.update(n_outcomes="5001")
    page = read(as_owner, session)
    assert f"{session.get_absolute_url()}cloud.png?x=0&amp;y=1" in page
    assert 'id="cloud"' not in page
    response = as_owner.get(f"{session.get_absolute_url()}cloud.png")
    assert response["Content-Type"] == "image/png"
    assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", response.content[16:24]) == (256, 256)
    assert "private" in response["Cache-Control"]


# --- Replay -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parties", PARTIES)
def test_replayed_rows_are_the_live_rows_and_the_export(parties: int, as_owner: Client, owner: User) -> None:
    """X-01: what was live is what is replayed is what is exported."""
    session = chart_session(parties, owner, offers=90)
    live = rows_of(read(as_owner, session, "live/", after=0), "offer")
    page = rows_of(read(as_owner, session), "offer")
    replayed = rows_of(read(as_owner, session, "replay/", step=10_000), "replay")
    assert len(live) == 91
    assert live == page == replayed
    exported = as_owner.get(f"/api/negotiation/{session.pk}").json()["offers"]
    told = [
        (int(seq), int(step))
        for seq, step in re.findall(r'data-seq="(\d+)" data-step="(\d+)"', "".join(replayed))
    ]
    assert told == [(offer["seq"], offer["step"] + 1) for offer in exported]
    charted = load(as_owner, session, "chart.json")["offers"]
    assert [offer[4] for offer in charted] == [offer["utilities"] for offer in exported]


def test_the_address_of_a_step_shows_the_offers_up_to_it(as_owner: Client, owner: User) -> None:
    page = read(as_owner, chart_session(2, owner), step=17)
    rows = rows_of(page, "replay")
    assert [int(seq) for seq in re.findall(r'data-seq="(\d+)"', "".join(rows))] == list(range(1, 35))
    assert re.search(r'<output id="session-step"[^>]*>Step 17</output>', page)
    assert 'data-agreement visibility="hidden"' in page
    assert re.search(r'type="range" name="step" min="0" max="1000" value="17"', page)


def test_without_a_step_a_running_session_is_followed(as_owner: Client, owner: User) -> None:
    session = chart_session(2, owner, status="running")
    assert ">Following, step 30</output>" in read(as_owner, session)
    assert ">Step 17</output>" in read(as_owner, session, step=17)


def test_a_step_beyond_the_last_is_the_last(as_owner: Client, owner: User) -> None:
    assert ">Step 30</output>" in read(as_owner, chart_session(2, owner, status="running"), step=10**9)


def test_rows_around_a_step_are_bounded(as_owner: Client, owner: User) -> None:
    session = chart_session(2, owner, offers=0, status="running")
    more_offers(session, 2, 1200)
    rows = "".join(rows_of(read(as_owner, session, "replay/", step=300), "replay"))
    seqs = [int(seq) for seq in re.findall(r'data-seq="(\d+)"', rows)]
    assert seqs == list(range(401, 801))


def test_the_end_of_a_finished_session_is_said(as_owner: Client, owner: User) -> None:
    assert ">Step 31, the end</output>" in read(as_owner, chart_session(2, owner))


# --- Result and tables ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parties", PARTIES)
def test_a_deal_is_measured_against_each_solution(parties: int, as_owner: Client, owner: User) -> None:
    """P-10, N-07"""
    session = chart_session(parties, owner)
    page = read(as_owner, session)
    analysis = session.scenario.analysis
    assert analysis is not None
    far, near = analysis.distances(session.utilities or []), analysis.optimality(session.utilities or [])
    for key, name in (("pareto", "Pareto frontier"), ("nash", "Nash point"), ("kalai", "Kalai point")):
        share = near[key]
        told = f"{far[key]:.2f}" + ("" if share is None else f" · {100 * share:.0f} %")
        assert f"<dt>{name}</dt><dd>{told}</dd>" in page


@pytest.mark.parametrize("parties", PARTIES)
def test_each_chart_has_its_table(parties: int, as_owner: Client, owner: User) -> None:
    """P-15"""
    session = chart_session(parties, owner, offers=30)
    page = read(as_owner, session, "tables/", one=1, other=0)
    for part in ("space", "time", "values", "pairs"):
        assert f'id="{part}"' in page
        assert f"tables/#{part}" in read(as_owner, session)
    assert "Nash" in page
    made = [offer.outcome[0] for offer in session.offers.filter(response="offer")]
    for value in set(made):
        assert re.search(
            rf"<td>{value}</td>(<td class=\"num\">\d+</td>)+<td class=\"num\">{made.count(value)}</td>", page
        )


def test_a_session_without_offers_has_tables_too(as_owner: Client, owner: User) -> None:
    assert "No offer yet." in read(as_owner, make_session("pending", job__owner=owner), "tables/")


def test_a_page_of_any_length_asks_the_same_number_of_queries(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    session = chart_session(2, owner, offers=3000)
    with django_assert_max_num_queries(15):
        read(as_owner, session, step=17)
    with django_assert_max_num_queries(6):
        read(as_owner, session, "chart.json")

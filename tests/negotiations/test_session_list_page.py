"""The session list: cards of what runs, a table of what is over, all kept up by one request."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

from negotiations.models import Session, Status
from tests.factory import PartyFactory, ScenarioFactory
from tests.negotiations.session_rows import add_accept, add_offers, make_session, set_status

pytestmark = pytest.mark.django_db
CARD = re.compile(r'<div class="run-body" id="session-([\w-]+)"')


def read(client: Client, **query: str) -> str:
    return client.get("/sessions/", query).content.decode()


def poll(client: Client, shown_page: str, **query: str) -> HttpResponse:
    shown = {
        f"v-{id}": version
        for id, version in re.findall(r'id="([\w-]+)"[^>]*data-version="(\w+)"', shown_page)
    }
    response = client.get("/sessions/live/", shown | {"every": "1"} | query)
    assert isinstance(response, HttpResponse)
    return response


def test_what_runs_has_a_card_and_what_is_over_a_row(as_owner: Client, owner: User) -> None:
    running = make_session("running", job__owner=owner)
    over = make_session("completed", job__owner=owner)
    page = read(as_owner)
    assert CARD.findall(page) == [str(running.pk)]
    assert f'id="row-{over.pk}"' in page
    assert "1 running." in page


def test_ten_running_sessions_come_in_one_answer(as_owner: Client, owner: User) -> None:
    """N-14"""
    sessions = [make_session("running", job__owner=owner) for _ in range(10)]
    page = read(as_owner)
    for session in sessions:
        add_offers(session, 2)
    assert len(CARD.findall(poll(as_owner, page).content.decode())) == 10


def test_a_card_that_did_not_change_is_left_out(as_owner: Client, owner: User) -> None:
    """N-14"""
    sessions = [make_session("running", job__owner=owner) for _ in range(3)]
    page = read(as_owner)
    add_offers(sessions[1], 2)
    assert CARD.findall(poll(as_owner, page).content.decode()) == [str(sessions[1].pk)]


def test_nothing_new_is_an_empty_answer_for_two_queries(
    as_owner: Client, owner: User, django_assert_max_num_queries: object
) -> None:
    for _ in range(5):
        make_session("running", job__owner=owner)
    make_session("completed", job__owner=owner)
    page = read(as_owner)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert poll(as_owner, page).status_code == 204


def test_on_completion_the_row_appears_and_the_event_fires(as_owner: Client, owner: User) -> None:
    """N-10"""
    session = make_session("running", job__owner=owner)
    page = read(as_owner)
    add_accept(session)
    set_status(session, Status.COMPLETED)
    response = poll(as_owner, page)
    answer = response.content.decode()
    assert response["HX-Trigger"] == '{"refreshSessions": {}}'
    assert f'id="row-{session.pk}"' in answer
    assert CARD.findall(answer) == []
    assert "Nothing is in progress." in answer


def test_a_session_that_ended_between_two_polls_appears_too(as_owner: Client, owner: User) -> None:
    make_session("running", job__owner=owner)
    page = read(as_owner)
    short = make_session("completed", job__owner=owner)
    assert f'id="row-{short.pk}"' in poll(as_owner, page).content.decode()


def test_the_live_table_keeps_the_filters(as_owner: Client, owner: User) -> None:
    make_session("failed", job__owner=owner)
    page = read(as_owner, result="failed")
    assert 'hx-get="/sessions/live/?result=failed"' in page
    done = make_session("completed", job__owner=owner)
    assert f'id="row-{done.pk}"' not in poll(as_owner, page, result="failed").content.decode()


def test_the_filters_narrow_the_table(as_owner: Client, owner: User) -> None:
    """P-11"""
    pier = make_session("completed", job__owner=owner, scenario=ScenarioFactory(name="Pier"))
    boat = make_session("failed", job__owner=owner, scenario=ScenarioFactory(name="Boat"))
    boat.parties.filter(index=1).update(name="MiCRO")
    rows = {
        "pier": read(as_owner, q="pier"),
        "party": read(as_owner, q="boat micro"),
        "failed": read(as_owner, result="failed"),
        "agreement": read(as_owner, result="agreement"),
    }
    found = {name: re.findall(r'id="row-([\w-]+)"', page) for name, page in rows.items()}
    assert found == {
        "pier": [str(pier.pk)], "party": [str(boat.pk)], "failed": [str(boat.pk)], "agreement": [str(pier.pk)],
    }  # fmt: skip
    assert "Failed <small>0</small>" in rows["pier"]
    assert "Failed <small>1</small>" in rows["failed"]
    assert "No session matches" in read(as_owner, q="nothing like this")


@pytest.mark.parametrize(
    "query", [{"page": "999"}, {"page": "abc"}, {"result": "odd"}, {"q": "\x00"}, {"page": "-1"}]
)
def test_odd_addresses_show_the_list(query: dict[str, str], as_owner: Client, owner: User) -> None:
    make_session("completed", job__owner=owner)
    assert as_owner.get("/sessions/", query).status_code == 200


def test_an_empty_list_says_what_to_do(as_owner: Client) -> None:
    page = read(as_owner)
    assert "No sessions yet" in page
    assert 'href="/sessions/new/"' in page


@pytest.mark.parametrize("count", [2, 15])
def test_the_number_of_queries_does_not_grow(
    count: int, as_owner: Client, owner: User, django_assert_max_num_queries: object
) -> None:
    for _ in range(count):
        make_session("running", job__owner=owner)
        make_session("completed", job__owner=owner)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = read(as_owner)
    assert len(CARD.findall(page)) == count


def test_a_card_of_three_parties_shows_all_three(as_owner: Client, owner: User) -> None:
    session: Session = make_session("running", offers=0, job__owner=owner)
    PartyFactory(session=session, index=2, name="Third")
    add_offers(session, 6, parties=3)
    page = read(as_owner)
    assert "Third" in page
    assert 'class="pc" d="M' in page


def test_who_sees_what(
    as_owner: Client, as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    own = make_session("running", job__owner=owner)
    shared = make_session("running", job__owner=owner, job__group=group)
    assert set(CARD.findall(read(as_owner))) == {str(own.pk), str(shared.pk)}
    assert CARD.findall(read(as_colleague)) == [str(shared.pk)]
    assert CARD.findall(read(as_stranger)) == []
    assert f"/sessions/{shared.pk}/cancel/" not in read(as_colleague)
    assert Client().get("/sessions/").status_code == 302
    assert Client().get("/sessions/live/").status_code == 401

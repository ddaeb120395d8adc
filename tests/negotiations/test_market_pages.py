"""The list of markets, the page of one, its receipt and its files: what each shows, and to whom."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

from negotiations.models import Job, Market, Room, RoomStatus
from negotiations.models.room_news import tell_of_turn
from tests.conftest import client_of
from tests.factory import make_market
from tests.negotiations.market_rooms import STATES, await_person, opened, room_in, started, talk

pytestmark = pytest.mark.django_db


def read(client: Client, url: str, **query: str) -> str:
    response = client.get(url, query)
    assert response.status_code == 200
    return response.content.decode()


def versions(html: str) -> dict[str, str]:
    """What a page with this markup sends with its next poll."""
    return {f"v-{id}": version for id, version in re.findall(r'id="([\w-]+)"[^>]*data-version="(\w+)"', html)}


def poll(client: Client, url: str, **shown: str) -> HttpResponse:
    response = client.get(url, shown)
    assert isinstance(response, HttpResponse)
    return response


# --- The list -----------------------------------------------------------------------------------------------------


def test_the_list_says_of_each_market_what_was_bought(as_owner: Client, owner: User) -> None:
    room_in("completed", owner)
    row = re.sub(r"<[^>]+>|\s+", " ", read(as_owner, "/markets/"))
    assert "1 of 1 bought" in row
    assert "195.90" in row
    assert "Completed" in row


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"Alpha", "Beta", "Gamma"}),
        ({"q": "beta"}, {"Beta"}),
        ({"q": "gam seller"}, {"Gamma"}),
        ({"status": "active"}, {"Beta"}),
        ({"whose": "mine"}, {"Alpha", "Beta"}),
        ({"whose": "shared"}, {"Gamma"}),
        ({"status": "nonsense", "page": "x"}, {"Alpha", "Beta", "Gamma"}),
        ({"q": "nothing"}, set()),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    as_owner: Client, owner: User, colleague: User, group: Group, query: dict[str, str], names: set[str]
) -> None:
    make_market(owner, n_items=1, name="Alpha")
    make_market(owner, n_items=1, name="Beta").start(owner)
    make_market(colleague, n_items=3, group=group, name="Gamma")
    html = read(as_owner, "/markets/", **query)
    assert {name for name in ("Alpha", "Beta", "Gamma") if f">{name}</a>" in html} == names
    assert ("No market matches" in html) == (not names)


def test_an_empty_list_says_how_to_begin(as_owner: Client) -> None:
    assert "No markets yet" in read(as_owner, "/markets/")


def test_a_list_of_many_asks_no_query_a_row_and_has_pages(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(27):
        make_market(owner, n_items=1, n_sellers=1)
    with django_assert_max_num_queries(9):
        html = read(as_owner, "/markets/")
    assert html.count('role="row" id="market-') == 25
    assert 'rel="next"' in html
    assert read(as_owner, "/markets/", page="2").count('role="row" id="market-') == 2


def test_a_poll_of_the_list_without_news_is_two_queries_and_empty(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    room_in("active", owner)
    shown = versions(read(as_owner, "/markets/"))
    with django_assert_max_num_queries(4):
        response = poll(as_owner, "/markets/live/", every="3", **shown)
    assert (response.status_code, response.content) == (204, b"")


def test_a_poll_of_the_list_brings_the_row_that_changed(as_owner: Client, owner: User) -> None:
    run, other = talk(started(owner)), make_market(owner, n_items=1)
    shown = versions(read(as_owner, "/markets/"))
    run.room.decide(owner, "no_deal")
    html = poll(as_owner, "/markets/live/", every="3", **shown).content.decode()
    assert f'id="market-{run.room.market_id}"' in html
    assert f'id="market-{other.pk}"' not in html


def test_seats_of_a_person_are_listed_their_turn_first(owner: User, colleague: User, group: Group) -> None:
    started(owner, group, {0: colleague}, name="Waits not")
    await_person(started(owner, group, {1: colleague}, name="Waits"), 1)
    opened(owner, group, name="Without people")
    html = read(client_of(colleague), "/markets/")
    seats = html[html.index("Your seats in markets") : html.index('id="market-table"')]
    assert seats.index("at Waits,") < seats.index("at Waits not,")
    assert seats.count("Your turn") == 1
    assert ">Without people</a>" in html
    # A market in which they sit is not theirs to look at.
    assert ">Waits</a>" not in html


def test_seats_of_a_person_live_with_the_list(owner: User, colleague: User, group: Group) -> None:
    run, client = started(owner, group, {1: colleague}), client_of(colleague)
    shown = versions(read(client, "/markets/"))
    assert poll(client, "/markets/live/", every="5", **shown).status_code == 204
    tell_of_turn(await_person(run, 1), [1])
    html = poll(client, "/markets/live/", every="5", **shown).content.decode()
    assert "Your turn" in html
    assert 'id="market-table"' not in html


# --- The page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "Ready"),
        ("active", "In progress"),
        ("completed", "Completed"),
        ("aborted", "No deal"),
        ("no_sellers_available", "Unfulfillable"),
    ],
)
def test_the_card_of_an_item_says_how_it_stands(
    as_owner: Client, owner: User, state: str, words: str
) -> None:
    """M-16, M-32: the exact status is its title."""
    room = room_in(state, owner)
    card = re.findall(
        rf'<article class="card room-card" id="room-{room.pk}".*?</article>',
        read(as_owner, room.market.get_absolute_url()),
        re.S,
    )[0]
    assert re.search(rf'title="{state}"><svg.*?</svg>{words}</span>', card, re.S)
    assert ("Start" in card) == (state in ("pending", "aborted"))


def test_why_a_seller_is_not_at_a_table_is_told(as_owner: Client, owner: User) -> None:
    """M-17"""
    room = room_in("no_sellers_available", owner)
    html = read(as_owner, room.market.get_absolute_url())
    assert 'title="price_mismatch">Seller 1 does not meet the price range: Too dear.' in html


def test_the_budget_is_told_with_what_is_left(as_owner: Client, owner: User) -> None:
    room = room_in("completed", owner)
    html = read(as_owner, room.market.get_absolute_url())
    assert "195.90 of the budget of 777.53 spent, 581.63 left" in html


def test_all_rooms_are_started_at_once_and_each_alone(as_owner: Client, owner: User) -> None:
    market = make_market(owner, n_items=3)
    room = market.rooms.get(index=1)
    assert as_owner.post(f"{room.get_absolute_url()}start/").status_code == 302
    assert as_owner.post(f"{market.get_absolute_url()}start/").status_code == 302
    assert {room.status for room in market.rooms.all()} == {"active"}
    refused = as_owner.post(f"{market.get_absolute_url()}start/")
    assert refused.status_code == 409
    assert "No room of this market waits for its start." in refused.content.decode()
    assert Job.objects.filter(kind="room run").count() == 3


def test_a_start_from_the_page_lets_it_poll(as_owner: Client, owner: User) -> None:
    market = make_market(owner, n_items=1)
    response = as_owner.post(f"{market.get_absolute_url()}start/", headers={"HX-Request": "true"})
    assert response.status_code == 204


def test_who_looks_on_has_no_buttons_that_change(owner: User, colleague: User, group: Group) -> None:
    market = opened(owner, group)
    html = read(client_of(colleague), market.get_absolute_url())
    assert "Start all" not in html
    assert "Delete" not in html
    assert "Run again" in html
    response = client_of(colleague).post(f"{market.get_absolute_url()}start/")
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


def test_a_poll_of_the_page_without_news_is_two_queries_and_empty(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    market = make_market(owner, n_items=5)
    market.start(owner)
    shown = versions(read(as_owner, market.get_absolute_url()))
    with django_assert_max_num_queries(4):
        response = poll(as_owner, f"{market.get_absolute_url()}live/", every="3", **shown)
    assert (response.status_code, response.content) == (204, b"")


def test_a_poll_of_the_page_brings_the_card_that_changed(as_owner: Client, owner: User) -> None:
    market = make_market(owner, n_items=2, n_sellers=3)
    market.start(owner)
    first, second = market.rooms.order_by("index")
    shown = versions(read(as_owner, market.get_absolute_url()))
    talk(first.newest_run)
    html = poll(as_owner, f"{market.get_absolute_url()}live/", every="3", **shown).content.decode()
    assert f'id="room-{first.pk}"' in html
    assert f'id="room-{second.pk}"' not in html
    assert "Round 1 of 10" in html


def test_who_is_waited_for_comes_to_their_seat_from_the_card(
    as_owner: Client, owner: User, colleague: User, group: Group, as_superuser: Client
) -> None:
    run = await_person(started(owner, group, {0: colleague, 1: owner}), 0, 1)
    link = f'href="{run.room.get_absolute_url()}seat/1/">Your turn</a>'
    url = run.room.market.get_absolute_url()
    assert link in read(as_owner, url)
    assert "Your turn" not in read(as_superuser, url)
    run.set(awaits=[0])
    assert link not in read(as_owner, url)


def test_the_end_of_a_market_ends_its_pages_own_polling(as_owner: Client, owner: User) -> None:
    room = room_in("active", owner)
    url = room.market.get_absolute_url()
    assert f'hx-get="{url}live/" hx-trigger="every 3s' in read(as_owner, url)
    room.decide(owner, "no_deal")
    assert 'hx-get="/live/"' in poll(as_owner, f"{url}live/", every="3").content.decode()
    assert 'hx-get="/live/"' in read(as_owner, url)


def test_a_market_is_run_again_and_deleted(as_owner: Client, owner: User) -> None:
    """M-03, M-29"""
    room = room_in("completed", owner)
    url = room.market.get_absolute_url()
    response = as_owner.post(f"{url}again/")
    again = Market.objects.exclude(pk=room.market_id).get()
    assert response["Location"] == again.get_absolute_url()
    assert (again.based_on_id, again.status, again.spent) == (room.market_id, "draft", 0)
    assert "Delete market" in read(as_owner, f"{url}delete/")
    told = as_owner.post(f"{url}delete/", follow=True).content.decode()
    assert "was deleted. 1 log of its rooms are kept" in told
    assert not Market.objects.filter(pk=room.market_id).exists()
    assert as_owner.get(url).status_code == 404


@pytest.mark.parametrize("path", ["", "live/", "receipt/", "delete/", "export.json", "export.csv"])
def test_strangers_find_nothing(as_stranger: Client, owner: User, path: str) -> None:
    room = room_in("completed", owner)
    assert as_stranger.get(f"{room.market.get_absolute_url()}{path}").status_code == 404


# --- The receipt --------------------------------------------------------------------------------------------------


def test_the_receipt_says_what_was_bought_and_what_was_not(as_owner: Client, owner: User) -> None:
    """M-25, M-33"""
    bought, unserved = room_in("completed", owner), room_in("no_sellers_available", owner)
    text = re.sub(r"<[^>]+>|\s+", " ", read(as_owner, f"{bought.market.get_absolute_url()}receipt/"))
    text = re.sub(r" +", " ", text)
    assert "Spent 195.90 of 777.53" in text
    assert "Item 1 Seller 1 19.59 10 195.90 0.88 2 14" in text
    text = re.sub(r"<[^>]+>|\s+", " ", read(as_owner, f"{unserved.market.get_absolute_url()}receipt/"))
    assert "Not all rooms are over yet" in text
    assert "No seller can serve it" in text


def test_a_receipt_comes_as_json(as_owner: Client, owner: User) -> None:
    room = room_in("completed", owner)
    response = as_owner.get(f"{room.market.get_absolute_url()}export.json")
    assert re.search(r'filename="new-office-[\w-]+\.json"', response["Content-Disposition"])
    told = json.loads(response.content)
    assert (told["total_spent"], told["completed_purchases"], told["total_messages"]) == (195.9, 1, 14)
    assert told["purchases"][0]["seller"] == "Seller 1"


def test_a_receipt_comes_as_csv_in_which_no_text_is_a_formula(as_owner: Client, owner: User) -> None:
    """M-33"""
    room = room_in("completed", owner)
    Room.objects.filter(pk=room.pk).update(item="=1+1")
    content = as_owner.get(f"{room.market.get_absolute_url()}export.csv").content.decode()
    header, row = csv.reader(io.StringIO(content))
    assert dict(zip(header, row, strict=True)) | {"duration": ""} == {
        "item": "'=1+1", "outcome": "bought", "seller": "Seller 1", "price": "19.59", "quantity": "10", "total": "195.9",
        "savings": "0.88", "rounds": "2", "messages": "14", "duration": "", "reason": "",
        "tokens": "", "model_seconds": "", "model_money": "",
    }  # fmt: skip


def test_the_log_of_a_room_comes_as_json(as_owner: Client, as_stranger: Client, owner: User) -> None:
    """M-11"""
    room = room_in("completed", owner)
    told = json.loads(as_owner.get(f"{room.get_absolute_url()}log.json").content)
    assert (told["metadata"]["item"], len(told["conversation_history"])) == ("Item 1", 14)
    assert as_stranger.get(f"{room.get_absolute_url()}log.json").status_code == 404
    assert as_owner.get(f"{room.get_absolute_url()}log.json?run=7").status_code == 404


def test_every_state_of_a_room_is_in_these_tests() -> None:
    assert set(STATES) == set(RoomStatus.values)


# --- The overview -------------------------------------------------------------------------------------------------


def test_the_overview_names_seats_and_markets_that_run(owner: User, colleague: User, group: Group) -> None:
    await_person(started(owner, group, {1: colleague}, name="With a seat"), 1)
    make_market(owner, group=group, name="To look at").start(owner)
    make_market(owner, group=group, name="Not started")
    html = read(client_of(colleague), "/")
    assert "Your turn" in html
    assert "at With a seat, as" in html
    assert ">To look at <" in html
    assert "Not started <" not in html
    assert ">With a seat <" not in html


def test_an_overview_without_markets_says_nothing_of_them(as_stranger: Client, owner: User) -> None:
    make_market(owner).start(owner)
    html = read(as_stranger, "/")
    assert "Your seats in markets" not in html
    assert "Markets in progress" not in html

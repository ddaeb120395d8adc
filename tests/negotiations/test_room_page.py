"""The page of a room: what each state shows, to whom, as which seat; what is written, decided and stopped there."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

from negotiations.engine.room_specs import BUYER
from negotiations.models import Room, RoomDecision, RoomMessage, RoomRun, Seller
from tests.conftest import client_of
from tests.factory import make_message
from tests.negotiations.market_rooms import (
    BUDGET,
    HIGH,
    LOW,
    SECRETS,
    STATES,
    TO_ONE,
    WORDS,
    await_person,
    opened,
    room_in,
    started,
    talk,
    undrawn,
)
from tests.negotiations.test_market_pages import read, versions

pytestmark = pytest.mark.django_db

HX = {"HX-Request": "true"}


@pytest.fixture
def run(owner: User, group: Group) -> RoomRun:
    """Two rounds were played."""
    return talk(started(owner, group), 2)


def poll(client: Client, room: Room, query: str = "", **shown: str) -> HttpResponse:
    asked = dict(parse_qsl(query.lstrip("?")))
    response = client.get(f"{room.get_absolute_url()}live/", {"every": "1", **asked, **shown})
    assert isinstance(response, HttpResponse)
    return response


def rows(html: str) -> list[str]:
    return re.findall(r'<li class="msg.*?</li>', html, re.DOTALL)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


# --- States -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_the_whole_layout(as_owner: Client, owner: User, state: str) -> None:
    page = read(as_owner, room_in(state, owner).get_absolute_url())
    for part in (
        "room-title",
        "room-figures",
        "room-actions",
        "room-messages",
        "room-offers",
        "room-economy",
    ):
        assert f'id="{part}"' in page
    assert f'data-status="{state}"' in page


def test_what_language_models_took_is_told_to_staff_alone(as_owner: Client, run: RoomRun) -> None:
    """B-25"""
    address = run.room.get_absolute_url()
    assert "Language models" not in read(as_owner, address)
    RoomRun.objects.filter(pk=run.pk).update(tokens=4321, input_tokens=4000, model_seconds=12.34)
    assert "Language models 4,321 tokens, 12.3 s" in plain(read(as_owner, address))
    RoomRun.objects.filter(pk=run.pk).update(input_price=5, output_price=10, currency="EUR")
    assert "Language models 4,321 tokens, 12.3 s, 0.023 EUR" in plain(read(as_owner, address))
    for seat in ("0", "buyer"):
        seen = plain(read(as_owner, f"{address}?as={seat}"))
        assert "4,321" not in seen
        assert "EUR" not in seen


def test_what_was_said_stands_in_rounds_with_whom_it_went_to(as_owner: Client, run: RoomRun) -> None:
    """M-09, M-10"""
    page = read(as_owner, run.room.get_absolute_url())
    said = [plain(row) for row in rows(page)]
    assert len(said) == 14
    assert said[0].startswith(" Round 1 Office team to all")
    assert said[7].startswith(" Round 2")
    assert "Office team to Seller 2" in said[2]
    assert "9.11 × 10 = 91.10 counter, not binding" in said[1]
    assert "19.60 × 10 = 196.00" in said[4]
    assert "2 /10" in plain(page)


def test_a_seller_has_one_colour_and_shape_in_all_rooms_of_its_market(as_owner: Client, owner: User) -> None:
    run = started(owner)
    run.room.places.filter(seat=0).delete()
    run.room.places.filter(seat=1).update(seat=0)
    make_message(run, 1, BUYER, "Well?")
    make_message(run, 1, 0, "Hello.")
    page = read(as_owner, run.room.get_absolute_url())
    assert 'class="tb">Seller 2</b>' in rows(page)[1]
    assert 'class="msg-edge pb"' in rows(page)[1]


def test_offers_stand_cheapest_first_with_what_they_are_to_the_buyer(as_owner: Client, run: RoomRun) -> None:
    """M-32"""
    make_message(run, 3, BUYER, "More?")
    make_message(run, 3, 1, "Dear.", price=24.0, quantity=10)
    make_message(run, 3, 2, "Less.", price=13.0, quantity=4)
    page = read(as_owner, run.room.get_absolute_url())
    panel = page[page.index('id="room-offers"') :]
    lines = [plain(line) for line in re.findall(r"<tr><td>.*?</tr>", panel[: panel.index("</table>")], re.S)]
    assert [line.split() for line in lines] == [
        ["Seller", "3", "13.00", "4", "52.00", "Too", "few"],
        ["Seller", "1", "19.59", "10", "195.90", "Best"],
        ["Seller", "2", "24.00", "10", "240.00", "Over", "budget"],
    ]


def test_stand_ins_failures_people_and_secrets_that_slipped_out_are_marked_for_staff(
    as_owner: Client, run: RoomRun, owner: User
) -> None:
    """M-28, X-02"""
    run.room.write(owner, "Who gives more?")
    make_message(run, 3, 0, "I stay where I am.", is_fallback=True, error="The model took too long.")
    make_message(run, 3, 1, f"My cost is {SECRETS[1]['cost']}, honestly.")
    said = [plain(row) for row in rows(read(as_owner, run.room.get_absolute_url()))]
    assert "written by owner" in said[-3]
    assert "stand-in text" in said[-2]
    assert "The model took too long." in said[-2]
    assert "tells its cost" in said[-1]
    as_seller = [plain(row) for row in rows(read(as_owner, f"{run.room.get_absolute_url()}?as=1"))]
    assert "tells its cost" not in as_seller[-1]
    assert "written by" not in " ".join(as_seller)


def test_the_end_says_what_was_bought_from_whom_and_why(as_owner: Client, owner: User) -> None:
    page = plain(read(as_owner, room_in("completed", owner).get_absolute_url()))
    assert "195.90 10 at 19.59 from Seller 1" in page
    assert "decided by owner" in page
    assert "The room was stopped." in plain(read(as_owner, room_in("aborted", owner).get_absolute_url()))


def test_tries_of_a_room_are_all_kept(as_owner: Client, owner: User) -> None:
    """M-29"""
    room = room_in("aborted", owner)
    again = room.start(owner)
    make_message(again, 1, BUYER, "Once more, then.")
    now = read(as_owner, room.get_absolute_url())
    before = read(as_owner, f"{room.get_absolute_url()}?run=1")
    assert (len(rows(now)), len(rows(before))) == (1, 14)
    assert "?run=1" in now
    assert 'hx-get="/live/"' in before
    assert as_owner.get(f"{room.get_absolute_url()}?run=9").status_code == 404


# --- As a seat sees it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seat", [0, 1, 2])
def test_as_a_seller_nothing_of_the_others_is_seen(as_owner: Client, run: RoomRun, seat: int) -> None:
    """M-09, X-02"""
    page = undrawn(read(as_owner, f"{run.room.get_absolute_url()}?as={seat}"))
    live = undrawn(poll(as_owner, run.room, f"?as={seat}").content.decode())
    for html in (page, live):
        assert WORDS[seat] in html
        assert TO_ONE[seat] in html
        for other in {0, 1, 2} - {seat}:
            hidden = [WORDS[other], TO_ONE[other], *SECRETS[other].values()]
            assert [text for text in hidden if text in html] == []
        assert [text for text in (LOW, HIGH, BUDGET) if text in html] == []
    assert SECRETS[seat]["least"] in page


def test_as_the_buyer_all_is_heard_and_no_figure_of_a_seller_is_seen(as_owner: Client, run: RoomRun) -> None:
    page = undrawn(read(as_owner, f"{run.room.get_absolute_url()}?as=buyer"))
    assert len(rows(page)) == 14
    assert HIGH in page
    assert BUDGET in page
    for figures in SECRETS.values():
        assert [text for text in figures.values() if text in page] == []


@pytest.mark.parametrize("word", ["7", "x", "-1", "staff", "00000"])
def test_a_seat_that_is_not_there_is_not_found(as_owner: Client, run: RoomRun, word: str) -> None:
    assert as_owner.get(f"{run.room.get_absolute_url()}?as={word}").status_code == 404
    assert poll(as_owner, run.room, f"?as={word}").status_code == 404


# --- Polls --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?as=1", "?as=buyer"])
@pytest.mark.parametrize("rounds", [1, 9])
def test_a_poll_without_news_is_two_queries_and_empty_however_much_was_said(
    as_owner: Client, owner: User, query: str, rounds: int, django_assert_max_num_queries: Any
) -> None:
    run = talk(started(owner), rounds)
    page = read(as_owner, f"{run.room.get_absolute_url()}{query}")
    every = re.findall(r'hx-trigger="every (\d+)s', page)[0]
    shown = versions(page) | {"after": str(len(rows(page))), "try": "1", "every": every}
    with django_assert_max_num_queries(4):
        response = poll(as_owner, run.room, query, **shown)
    assert (response.status_code, response.content) == (204, b"")


def test_a_pending_room_polls_for_two_queries_and_learns_of_its_start(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    room = opened(owner).rooms.get()
    page = read(as_owner, room.get_absolute_url())
    assert "try=0" in page
    shown = versions(page) | {"every": "5", "try": "0"}
    with django_assert_max_num_queries(4):
        assert poll(as_owner, room, "", **shown).status_code == 204
    room.start(owner)
    assert poll(as_owner, room, "", **shown)["HX-Refresh"] == "true"


@pytest.mark.parametrize("query", ["", "?as=1"])
def test_the_page_and_what_came_after_are_the_page_of_the_end(
    as_owner: Client, owner: User, query: str
) -> None:
    run = talk(started(owner), 1)
    url = f"{run.room.get_absolute_url()}{query}"
    before = read(as_owner, url)
    shown = versions(before) | {"after": str(len(rows(before))), "try": "1"}
    make_message(run, 2, BUYER, "And now?")
    make_message(run, 2, 0, "Only a little.", price=18.0, quantity=10)
    make_message(run, 2, 1, "A bit more.", price=17.5, quantity=10)
    delta = poll(as_owner, run.room, query, **shown).content.decode()
    assert rows(before) + rows(delta) == rows(read(as_owner, url))
    assert len(rows(delta)) == (3 if not query else 2)
    assert 'hx-swap-oob="beforeend:#room-messages"' in delta


def test_what_is_typed_is_not_taken_away_by_a_poll(as_owner: Client, run: RoomRun) -> None:
    shown = versions(read(as_owner, run.room.get_absolute_url()))
    make_message(run, 3, BUYER, "And now?")
    html = poll(as_owner, run.room, "", **shown).content.decode()
    assert "room-messages" in html
    assert 'id="room-writer"' not in html


def test_the_end_of_a_room_ends_its_pages_own_polling(as_owner: Client, run: RoomRun, owner: User) -> None:
    shown = versions(read(as_owner, run.room.get_absolute_url()))
    run.room.decide(owner, "no_deal")
    html = poll(as_owner, run.room, "", **shown).content.decode()
    assert 'hx-get="/live/"' in html
    assert "No deal" in html
    assert 'hx-get="/live/"' in read(as_owner, run.room.get_absolute_url())


def test_whom_it_waits_for_is_told(owner: User, group: Group, colleague: User) -> None:
    run = await_person(talk(started(owner, group, {1: colleague}, turn_seconds=3600)), 1)
    page = read(client_of(owner), run.room.get_absolute_url())
    assert "Waiting for Seller 2" in plain(page)
    assert "every 3s" in page
    assert "Sit down as" not in page


def test_who_speaks_next_is_told_as_a_round_is_played(as_owner: Client, owner: User) -> None:
    """A language model may take long."""
    run = started(owner)
    url = run.room.get_absolute_url()
    assert "Next to speak: Office team" in plain(read(as_owner, url))
    make_message(run, 1, BUYER, "Your offers?")
    make_message(run, 1, 1, "19.", price=19.0, quantity=10)
    page = read(as_owner, url)
    assert "Next to speak: Seller 1 Seller 3" in plain(page)
    shown = versions(page) | {"after": "2", "try": "1"}
    make_message(run, 1, 0, "18.", price=18.0, quantity=10)
    assert "Next to speak: Seller 3" in plain(poll(as_owner, run.room, "", **shown).content.decode())
    assert "Next to speak" not in read(as_owner, f"{url}?as=1")


def test_a_paused_room_says_how_it_goes_on(as_owner: Client, owner: User, run: RoomRun) -> None:
    shown = versions(read(as_owner, run.room.get_absolute_url())) | {"after": "14", "try": "1"}
    assert run.job.pause(owner)
    html = poll(as_owner, run.room, "", **shown).content.decode()
    assert f'Paused. It goes on when <a href="/jobs/{run.pk}/">its job</a> is resumed.' in html


# --- Written ------------------------------------------------------------------------------------------------------


def test_staff_write_as_the_buyer(as_owner: Client, run: RoomRun, owner: User) -> None:
    """M-06, M-19"""
    url = f"{run.room.get_absolute_url()}message/"
    assert as_owner.post(url, {"text": "@Seller 2, go lower."}).status_code == 302
    message = RoomMessage.objects.get(run=run, round=3)
    assert (message.seat, message.to, message.by) == (BUYER, [1], owner)
    html = as_owner.post(url, {"text": "@Nobody and @seller1: hello"}, headers=HX).content.decode()
    assert "Nobody here is called @Nobody." in html
    assert 'id="room-writer"' in html
    assert "hello</textarea>" not in html


@pytest.mark.parametrize(
    ("text", "why"), [("", "Write something first."), ("x" * 1001, "At most 1,000 characters")]
)
def test_what_cannot_be_sent_stays_in_the_form(as_owner: Client, run: RoomRun, text: str, why: str) -> None:
    url = f"{run.room.get_absolute_url()}message/"
    for headers, status in ((None, 400), (HX, 200)):
        response = as_owner.post(url, {"text": text}, headers=headers)
        html = response.content.decode()
        assert response.status_code == status
        assert why in html
        assert text in html
    assert run.messages.count() == 14


def test_after_the_last_round_nobody_would_answer(as_owner: Client, owner: User) -> None:
    run = talk(started(owner, max_rounds=2), 2)
    response = as_owner.post(f"{run.room.get_absolute_url()}message/", {"text": "Hello?"})
    assert response.status_code == 409
    assert "Round 2 is the last" in response.content.decode()


# --- Decided and stopped ------------------------------------------------------------------------------------------


def test_the_form_of_a_decision_begins_with_the_best_offer(as_owner: Client, run: RoomRun) -> None:
    """M-32"""
    url = f"{run.room.get_absolute_url()}decide/"
    for headers, is_page in ((None, True), (HX, False)):
        html = as_owner.get(url, headers=headers).content.decode()
        assert ("<html" in html) == is_page
        assert 'value="deal" checked' in html
        assert '<option value="0" selected>Seller 1</option>' in html
        assert 'name="price" id="id_price" value="19.59"' in html
        assert 'name="quantity" id="id_quantity" value="10"' in html


def test_a_deal_is_forced(as_owner: Client, run: RoomRun, owner: User) -> None:
    """M-07"""
    deal = {"verdict": "deal", "seller": "1", "price": "15.5", "quantity": "10"}
    assert as_owner.post(f"{run.room.get_absolute_url()}decide/", deal).status_code == 302
    decision = RoomDecision.objects.get(room=run.room)
    assert (str(decision.seller), decision.price, decision.forced_by) == ("Seller 2", Decimal("15.50"), owner)
    again = as_owner.post(f"{run.room.get_absolute_url()}decide/", deal)
    assert again.status_code == 409
    assert "is decided. Nothing was changed." in again.content.decode()


def test_a_room_that_was_stopped_says_so_once_and_by_whom(as_owner: Client, run: RoomRun) -> None:
    as_owner.post(f"{run.room.get_absolute_url()}stop/")
    page = read(as_owner, run.room.get_absolute_url())
    ended = plain(page[page.index('id="room-decision"') : page.index('id="room-offers"')])
    assert "stopped by owner" in ended
    assert ended.lower().count("stopped") == 2
    assert "cancelled" not in ended


def test_a_deal_before_a_word_was_said_is_compared_too(as_owner: Client, owner: User) -> None:
    room = started(owner).room
    assert "Told as soon as there is an offer" in economy(read(as_owner, room.get_absolute_url()))
    room.decide(owner, "deal", 0, Decimal("15.00"), 10)
    assert "with what was decided" in economy(read(as_owner, room.get_absolute_url()))


def test_no_deal_is_forced(as_owner: Client, run: RoomRun) -> None:
    data = {"verdict": "no_deal", "seller": "", "price": "", "quantity": ""}
    assert as_owner.post(f"{run.room.get_absolute_url()}decide/", data).status_code == 302
    assert RoomDecision.objects.get(room=run.room).verdict == "no_deal"


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("verdict", "", "Choose one."),
        ("seller", "", "Choose a seller."),
        ("seller", "9", "Choose a seller of this room."),
        ("price", "", "Give a price such as 12.50."),
        ("price", "30", "The price is to be from 8.43 to 20.47."),
        ("price", "12.345", "Give a price such as 12.50."),
        ("quantity", "", "Give a quantity."),
        ("quantity", "11", "The quantity is to be from 1 to 10."),
    ],
)
def test_what_cannot_be_decided_is_said_beside_the_field(
    as_owner: Client, run: RoomRun, field: str, text: str, why: str
) -> None:
    """M-07"""
    deal = {"verdict": "deal", "seller": "1", "price": "15.5", "quantity": "10", field: text}
    response = as_owner.post(f"{run.room.get_absolute_url()}decide/", deal)
    assert response.status_code == 400
    assert why in response.content.decode()
    assert not RoomDecision.objects.exists()


def test_a_room_is_stopped(as_owner: Client, run: RoomRun) -> None:
    url = f"{run.room.get_absolute_url()}stop/"
    assert as_owner.post(url, headers=HX).status_code == 204
    run.room.refresh_from_db()
    assert run.room.status == "aborted"
    assert as_owner.post(url).status_code == 409


# --- Who may ------------------------------------------------------------------------------------------------------

PATHS = ["", "live/", "decide/", "log.json", "seat/0/", "seat/buyer/", "seat/0/live/"]
POSTS = ["start/", "stop/", "message/", "decide/", "seat/0/answer/", "seat/buyer/write/", "seat/buyer/buy/"]


@pytest.mark.parametrize("path", PATHS)
def test_strangers_find_nothing(as_stranger: Client, run: RoomRun, path: str) -> None:
    assert as_stranger.get(f"{run.room.get_absolute_url()}{path}").status_code == 404
    assert Client().get(f"{run.room.get_absolute_url()}{path}").status_code in (302, 401)


@pytest.mark.parametrize("path", POSTS)
def test_strangers_change_nothing(as_stranger: Client, run: RoomRun, path: str) -> None:
    assert as_stranger.post(f"{run.room.get_absolute_url()}{path}", {"text": "x"}).status_code == 404
    assert Client().post(f"{run.room.get_absolute_url()}{path}", {"text": "x"}).status_code == 302
    assert run.messages.count() == 14


def test_who_looks_on_sees_all_and_changes_nothing(as_colleague: Client, run: RoomRun) -> None:
    page = read(as_colleague, run.room.get_absolute_url())
    assert len(rows(page)) == 14
    for button in ("Force decision", "Stop</button>", "<textarea"):
        assert button not in page
    for path in ("stop/", "message/", "decide/"):
        response = as_colleague.post(f"{run.room.get_absolute_url()}{path}", {"text": "x"})
        assert response.status_code == 403
        assert "You may look on." in response.content.decode()


def test_a_room_is_found_in_its_own_market_only(as_owner: Client, owner: User, run: RoomRun) -> None:
    other = opened(owner)
    assert as_owner.get(f"{other.get_absolute_url()}rooms/{run.room_id}/").status_code == 404


def test_what_people_write_is_text(as_owner: Client, run: RoomRun, owner: User) -> None:
    run.room.write(owner, "<script>alert(1)</script>")
    page = read(as_owner, run.room.get_absolute_url())
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


# --- Who gains ----------------------------------------------------------------------------------------------------


def economy(html: str) -> str:
    return plain(html[html.index('id="room-economy"') : html.index('id="h-table"')])


def test_while_it_runs_the_split_is_told_as_if_the_best_offer_were_taken(
    as_owner: Client, run: RoomRun
) -> None:
    """X-04: bought at 19.59 of at most 20.47; the least prices are 10.07, 11.23 and 12.37."""
    text = economy(read(as_owner, run.room.get_absolute_url()))
    assert "if the best offer were taken now" in text
    assert "Office team 8.80 8 %" in text
    assert "Seller 1 95.20" in text
    assert "Efficiency 100 % Competitive price 11.23 Paid above it 83.60" in text
    assert "How it went" not in text


def test_at_the_end_what_happened_is_told_in_computed_words(as_owner: Client, owner: User) -> None:
    """M-37"""
    text = economy(read(as_owner, room_in("completed", owner).get_absolute_url()))
    assert "with what was decided" in text
    assert "The deal was made after 2 of 10 rounds." in text
    assert "The buyer paid 83.60 more than at the competitive price." in text
    assert "Round 1: Seller 1 makes the first offer that may be taken, 19.60" in text


def test_without_a_deal_what_was_missed_is_told(as_owner: Client, run: RoomRun, owner: User) -> None:
    run.room.decide(owner, "no_deal")
    text = economy(read(as_owner, run.room.get_absolute_url()))
    assert "Nothing was bought. 104.00 were there to gain; the buyer could have had 104.00 of it." in text
    assert "A deal was feasible and was not made." in text


@pytest.mark.parametrize("query", ["?as=buyer", "?as=0"])
def test_no_seat_is_told_who_gains(as_owner: Client, run: RoomRun, query: str) -> None:
    page = read(as_owner, f"{run.room.get_absolute_url()}{query}")
    live = poll(as_owner, run.room, query).content.decode()
    assert "Who gains" not in page + live


def test_names_are_completed_one_a_line_whatever_stands_in_them(as_owner: Client, run: RoomRun) -> None:
    Seller.objects.filter(name="Seller 1").update(name='A|B "x"')
    page = read(as_owner, run.room.get_absolute_url())
    assert 'data-mentions="A|B &quot;x&quot;\nSeller 2\nSeller 3"' in page

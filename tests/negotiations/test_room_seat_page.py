"""A person's seat in a room: what it shows, what is answered there, and that nothing else of the market is reached."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import get_resolver, reverse

from negotiations.engine.room_specs import BUYER
from negotiations.engine.visibility import seen_by
from negotiations.models import Job, Market, Room, RoomDecision, RoomMessage, RoomRun
from notifications.models import Notification
from tests.config.test_urls_walk import patterns
from tests.conftest import client_of
from tests.factory import make_message
from tests.negotiations.job_rows import add_lines
from tests.negotiations.market_rooms import (
    BUDGET,
    HIGH,
    LOW,
    SECRETS,
    TO_ONE,
    WORDS,
    await_person,
    fresh,
    opened,
    started,
    talk,
    undrawn,
)
from tests.negotiations.test_market_pages import read, versions
from tests.negotiations.test_room_page import plain, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(owner: User, group: Group, colleague: User) -> RoomRun:
    """The colleague sits as the second seller; in round 2 the buyer has spoken, and they are waited for."""
    run = talk(started(owner, group, {1: colleague}), 1)
    make_message(run, 2, BUYER, "And in round 2?")
    return await_person(fresh(run), 1)


@pytest.fixture
def bought_by_person(owner: User, group: Group, colleague: User) -> RoomRun:
    """The colleague is the buyer, and it is theirs to go on."""
    return await_person(talk(started(owner, group, {BUYER: colleague}, min_rounds=1), 1), BUYER)


def seat_url(run: RoomRun, word: str = "1") -> str:
    return f"{run.room.get_absolute_url()}seat/{word}/"


def answer(client: Client, run: RoomRun, **fields: str) -> Any:
    told = {"round": "2", "price": "18.5", "quantity": "10", "text": "My best."} | fields
    return client.post(f"{seat_url(run)}answer/", told)


# --- What it shows ------------------------------------------------------------------------------------------------


def test_a_sellers_seat_shows_its_own_figures_the_turn_and_a_form(as_colleague: Client, run: RoomRun) -> None:
    """M-09: issue's point 3."""
    page = read(as_colleague, seat_url(run))
    text = plain(page)
    assert "<h2>Your turn</h2>" in page
    assert "Your turn: Item 1" in page
    assert "Your answer in round 2" in text
    assert "11.23 to 25.29" in text
    assert "15 left, 10 needed" in text
    # The offer that stands is where the next one begins.
    assert 'name="price" id="price" value="20.60"' in page
    assert 'data-cost="5.19"' in page
    assert len(rows(page)) == 4


def test_the_time_left_of_a_turn_is_told(owner: User, group: Group, colleague: User) -> None:
    run = await_person(talk(started(owner, group, {1: colleague}, turn_seconds=5400), 1), 1)
    page = read(client_of(colleague), seat_url(run))
    until = re.findall(r'data-until="([^"]+)"', page)[0]
    since = fresh(run).job.awaits_since
    assert since and until.startswith((since + timedelta(minutes=90)).isoformat()[:16])


def test_between_turns_a_seat_waits(as_colleague: Client, run: RoomRun) -> None:
    run.set(awaits=[])
    page = read(as_colleague, seat_url(run))
    assert "Not your turn" in page
    assert "answer/" not in page


def test_before_the_start_and_after_the_end_a_seat_says_so(
    owner: User, group: Group, colleague: User, as_colleague: Client
) -> None:
    market = opened(owner, group, {1: colleague})
    room = market.rooms.get()
    url = f"{room.get_absolute_url()}seat/1/"
    assert "Not started yet" in read(as_colleague, url)
    run = talk(room.start(owner), 1)
    run.room.decide(owner, "deal", 0, Decimal("19.60"), 10)
    page = plain(read(as_colleague, url))
    assert "This room is over" in page
    assert "Another seller got the deal." in page
    assert "19.60" not in page


def test_a_seller_learns_of_its_own_deal(as_colleague: Client, run: RoomRun, owner: User) -> None:
    run.room.decide(owner, "deal", 1, Decimal("20.40"), 10)
    assert "204.00 10 at 20.40 from Seller 2" in plain(read(as_colleague, seat_url(run)))


@pytest.mark.parametrize("rounds", [1, 8])
def test_a_poll_without_news_is_two_queries_and_empty_however_much_was_said(
    owner: User, group: Group, colleague: User, rounds: int, django_assert_max_num_queries: Any
) -> None:
    run, client = await_person(talk(started(owner, group, {1: colleague}), rounds), 1), client_of(colleague)
    page = read(client, seat_url(run))
    shown = versions(page) | {"after": str(len(rows(page))), "every": "3", "try": "1"}
    with django_assert_max_num_queries(4):
        response = client.get(f"{seat_url(run)}live/", shown)
    assert (response.status_code, response.content) == (204, b"")


def test_a_poll_does_not_tell_a_seller_that_others_speak(run: RoomRun, as_colleague: Client) -> None:
    page = read(as_colleague, seat_url(run))
    shown = versions(page) | {"after": str(len(rows(page))), "every": "3", "try": "1"}
    make_message(run, 2, 0, "Something else.", price=18.0, quantity=10)
    make_message(run, 2, BUYER, "Between us.", to=(0, 2))
    assert as_colleague.get(f"{seat_url(run)}live/", shown).status_code == 204
    make_message(run, 2, BUYER, "And you, Saffron?", to=(1, 2))
    assert "And you, Saffron?" in as_colleague.get(f"{seat_url(run)}live/", shown).content.decode()


@pytest.mark.parametrize("mine", [[], [1]])
def test_a_poll_does_not_tell_a_seller_that_others_are_awaited(
    run: RoomRun, as_colleague: Client, mine: list[int]
) -> None:
    """Neither by a part that comes anew nor by how soon it is to ask again."""
    run.set(awaits=mine)
    page = read(as_colleague, seat_url(run))
    shown = versions(page) | {"after": str(len(rows(page))), "every": "3", "try": "1"}
    for others in ([0], [BUYER, 0, 2], []):
        run.set(awaits=sorted([*mine, *others]))
        assert as_colleague.get(f"{seat_url(run)}live/", shown).status_code == 204
        assert versions(read(as_colleague, seat_url(run))) == versions(page)


def test_what_a_seat_heard_is_counted_as_it_may_see_it(owner: User) -> None:
    run = talk(started(owner), 2)
    for to in ((0, 1), (2,), (0, 2)):
        make_message(run, 2, BUYER, "To two.", to=to)
    for seat in (BUYER, 0, 1, 2):
        heard = set(run.messages.all().heard_by(seat))
        assert heard == set(seen_by(seat, run.messages.all()))


def test_a_poll_brings_the_turn_and_leaves_what_is_typed(as_colleague: Client, run: RoomRun) -> None:
    page = read(as_colleague, seat_url(run))
    shown = versions(page) | {"after": "4", "every": "3", "try": "1"}
    make_message(run, 2, 0, "Something else.", price=18.0, quantity=10)
    assert 'id="seat-form"' not in as_colleague.get(f"{seat_url(run)}live/", shown).content.decode()
    run.set(awaits=[])
    html = as_colleague.get(f"{seat_url(run)}live/", shown).content.decode()
    assert 'id="seat-form"' in html
    assert "Not your turn" in html


# --- What is answered ---------------------------------------------------------------------------------------------


def test_an_answer_is_said_and_binds(as_colleague: Client, run: RoomRun, colleague: User) -> None:
    response = answer(as_colleague, run)
    assert (response.status_code, response["Location"]) == (302, seat_url(run))
    message = RoomMessage.objects.get(run=run, round=2, seat=1)
    assert (message.text, message.price, message.quantity, message.by) == (
        "My best.",
        Decimal("18.50"),
        10,
        colleague,
    )
    assert fresh(run).awaits == []


def test_words_alone_are_an_answer_and_so_is_an_offer_alone(as_colleague: Client, run: RoomRun) -> None:
    answer(as_colleague, run, price="", quantity="", text="I have to think.")
    assert RoomMessage.objects.get(run=run, round=2, seat=1).price is None
    make_message(run, 3, BUYER, "And?")
    answer(as_colleague, run, round="3", text="")
    assert RoomMessage.objects.get(run=run, round=3, seat=1).price == Decimal("18.50")


@pytest.mark.parametrize("fields", [{}, {"round": "1"}, {"round": "3"}])
def test_a_second_a_late_and_an_early_answer_change_nothing_and_say_so(
    as_colleague: Client, run: RoomRun, fields: dict[str, str]
) -> None:
    """Two clicks, two tabs, a page that was left open."""
    if not fields:
        answer(as_colleague, run)
    before = list(run.messages.values_list("pk", flat=True))
    response = answer(as_colleague, run, text="Once more.", **fields)
    assert response.status_code == 409
    assert "Nothing was changed" in response.content.decode()
    assert "Nothing was said." in response.content.decode()
    assert list(run.messages.values_list("pk", flat=True)) == before


def test_after_the_end_an_answer_changes_nothing(as_colleague: Client, run: RoomRun, owner: User) -> None:
    run.room.decide(owner, "no_deal")
    response = answer(as_colleague, run)
    assert response.status_code == 409
    assert "is decided. Nothing was changed." in response.content.decode()


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("price", "11.22", "Your price is to be from 11.23 to 25.29."),
        ("price", "dear", "Give a price such as 12.50."),
        ("quantity", "16", "You have 15 left: offer at least 1 and no more."),
        ("quantity", "", "You have 15 left: offer at least 1 and no more."),
        ("quantity", "2.5", "Give a whole number from 1 to 1,000,000, or leave it empty."),
        ("text", "x" * 1001, "At most 1,000 characters; this has more."),
    ],
)
def test_what_does_not_hold_is_said_beside_the_field_and_stays(
    as_colleague: Client, run: RoomRun, field: str, text: str, why: str
) -> None:
    response = answer(as_colleague, run, **{field: text})
    html = response.content.decode()
    assert response.status_code == 400
    assert f'id="{field}-error">{why}' in html
    assert text in html
    assert not RoomMessage.objects.filter(run=run, round=2, seat=1).exists()


def test_nothing_at_all_is_no_answer(as_colleague: Client, run: RoomRun) -> None:
    response = answer(as_colleague, run, price="", quantity="", text=" ")
    assert response.status_code == 400
    assert "Make an offer, or write something." in response.content.decode()


@pytest.mark.parametrize("who", ["owner", "stranger", "superuser"])
def test_nobody_else_sits_down_there(request: pytest.FixtureRequest, run: RoomRun, who: str) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get(seat_url(run)).status_code == 404
    assert client.get(f"{seat_url(run)}live/").status_code == 404
    assert answer(client, run).status_code == 404
    assert not RoomMessage.objects.filter(run=run, round=2, seat=1).exists()


@pytest.mark.parametrize("word", ["0", "2", "buyer", "7", "x"])
def test_a_person_has_their_own_seat_only(as_colleague: Client, run: RoomRun, word: str) -> None:
    assert as_colleague.get(seat_url(run, word)).status_code == 404
    assert as_colleague.post(f"{seat_url(run, word)}answer/", {"round": "2", "text": "x"}).status_code == 404


# --- The buyer's seat ---------------------------------------------------------------------------------------------


def test_a_person_who_buys_sees_all_offers_and_no_sellers_figures(
    as_colleague: Client, bought_by_person: RoomRun
) -> None:
    page = undrawn(read(as_colleague, seat_url(bought_by_person, "buyer")))
    assert page.count("Take it") == 1
    assert HIGH in page
    for figures in SECRETS.values():
        assert [text for text in figures.values() if text in page] == []
    assert "Who gains" not in page


def test_a_person_who_buys_is_told_from_which_round_on_they_may(
    owner: User, group: Group, colleague: User, as_colleague: Client
) -> None:
    """M-18"""
    run = await_person(talk(started(owner, group, {BUYER: colleague}), 1), BUYER)
    page = plain(read(as_colleague, seat_url(run, "buyer")))
    assert "An offer may be taken from round 2 on." in page
    assert "Take it" not in page
    make_message(run, 2, BUYER, "And now?")
    assert "Take it" in read(as_colleague, seat_url(run, "buyer"))


def test_a_person_who_buys_writes_and_takes_an_offer(as_colleague: Client, bought_by_person: RoomRun) -> None:
    url = seat_url(bought_by_person, "buyer")
    told = as_colleague.post(
        f"{url}write/", {"text": "@Seller 1 @Nobody: lower?"}, follow=True
    ).content.decode()
    assert "Nobody here is called @Nobody." in told
    assert RoomMessage.objects.get(run=bought_by_person, round=2).to == [0]
    deal = {"verdict": "deal", "seller": "0", "price": "19.60", "quantity": "10"}
    assert as_colleague.post(f"{url}buy/", deal).status_code == 302
    assert RoomDecision.objects.get().price == Decimal("19.60")
    assert as_colleague.post(f"{url}buy/", deal).status_code == 409


@pytest.mark.parametrize(
    "deal",
    [
        {"verdict": "deal", "seller": "0", "price": "12.00", "quantity": "10"},
        {"verdict": "deal", "seller": "9", "price": "12.00", "quantity": "10"},
        {"verdict": "maybe"},
    ],
)
def test_what_no_seller_offered_is_not_bought(
    as_colleague: Client, bought_by_person: RoomRun, deal: dict[str, str]
) -> None:
    response = as_colleague.post(f"{seat_url(bought_by_person, 'buyer')}buy/", deal)
    assert response.status_code in (400, 409)
    assert not RoomDecision.objects.exists()


def test_a_person_who_buys_ends_without_a_deal(as_colleague: Client, bought_by_person: RoomRun) -> None:
    url = seat_url(bought_by_person, "buyer")
    assert as_colleague.post(f"{url}buy/", {"verdict": "no_deal"}).status_code == 302
    assert RoomDecision.objects.get().verdict == "no_deal"
    assert "It was decided to buy nothing." in plain(read(as_colleague, url))


# --- The walk: every answer that a seller's seat can get -----------------------------------------------------------

HIDDEN = [
    *[text for seat in (0, 2) for text in SECRETS[seat].values()],
    *[text for seat in (0, 2) for text in (WORDS[seat], TO_ONE[seat])],
    LOW, HIGH, BUDGET, "Nutmeg", "Cardamom", "profit, ", "balance, ",
]  # fmt: skip
LISTS = ["/", "/home/sessions/", "/markets/", "/markets/live/", "/jobs/", "/jobs/live/", "/activity/", "/live/",
         "/api/notifications?after_id=0", "/api/v1/notifications", "/api/v1/jobs", "/workers/"]  # fmt: skip


QUERIES = ["", "?as=0&run=1&log=0", "?as=buyer&after=0&every=1"]


def keys_in(route: str, run: RoomRun) -> list[list[object]]:
    """What may stand in a path for somebody who knows all keys of the market."""
    market, room = run.room.market_id, run.room_id
    if "<str:seat>" in route:
        return [[market, room, word] for word in ("0", "1", "2", "buyer")]
    if "market_pk" in route or "room_id" in route:
        return [[market, room]]
    is_key = re.search(r"<(uuid|str|uuidstr):pk>", route)
    return [[key] for key in (market, room, run.pk)] if is_key else []


def urls_about(run: RoomRun) -> list[str]:
    """Every address of Parley that names a thing by a key of this market's: pages, their live answers, files, the API."""
    found = [*LISTS, f"/markets/new/?like={run.room.market_id}"]
    for name, route in patterns(get_resolver().url_patterns):
        if name.startswith(("negotiations:", "v1:")) and route.count("<") <= 3:
            queries = [""] if name.startswith("v1:") else QUERIES
            paths = [reverse(name, args=key) for key in keys_in(route, run)]
            found += [f"{path}{query}" for path in paths for query in queries]
    return found


@pytest.mark.slow
def test_no_answer_to_a_sellers_seat_tells_a_secret_of_another(
    as_colleague: Client, run: RoomRun, owner: User, colleague: User
) -> None:
    """M-09: pages, fragments, exports, logs, notifications, lists, refusals; whatever keys they know."""
    add_lines(Job.objects.get(pk=run.pk), 2, "info")
    own = 0
    for url in urls_about(run):
        for method in ("get",) if "?" in url else ("get", "post"):
            response = getattr(as_colleague, method)(
                url, headers={"HX-Request": "true"} if method == "post" else None
            )
            content = b"".join(response.streaming_content) if response.streaming else response.content
            text = undrawn(content.decode()) + str(dict(response.headers))
            assert (url, [hidden for hidden in HIDDEN if hidden in text]) == (url, [])
            own += WORDS[1] in text
    assert own > 3, "The walk has to reach the seat's own page."
    run.room.decide(owner, "deal", 0, Decimal("19.60"), 10)
    for url in (seat_url(run), f"{seat_url(run)}live/", *LISTS):
        text = undrawn(as_colleague.get(url).content.decode())
        assert (url, [hidden for hidden in [*HIDDEN, "19.60", "196.00"] if hidden in text]) == (url, [])


def test_what_a_seat_is_told_tells_no_secret_of_another(run: RoomRun, owner: User, colleague: User) -> None:
    run.room.decide(owner, "deal", 0, Decimal("19.60"), 10)
    told = json.dumps(
        [[each.title, each.text, each.context] for each in Notification.objects.filter(user=colleague)]
    )
    assert [hidden for hidden in [*HIDDEN, "19.60"] if hidden in told] == []


def test_of_the_rest_of_the_market_a_seat_finds_nothing(as_colleague: Client, run: RoomRun) -> None:
    """Pages, live answers, logs, exports, jobs: 404, and the lists do not name it."""
    paths = ["", "live/", "receipt/", "export.json", "export.csv", "delete/"]
    wanted = [f"{run.room.market.get_absolute_url()}{path}" for path in paths]
    wanted += [
        f"{run.room.get_absolute_url()}{path}" for path in ("", "live/", "log.json", "decide/", "?as=1")
    ]
    job = reverse("negotiations:job-detail", args=[run.pk])
    wanted += [
        job,
        f"{job}live/",
        f"{job}log/",
        f"{job}log.txt",
        f"/api/jobs/{run.pk}",
        f"/api/jobs/{run.pk}/result",
    ]
    assert {url: as_colleague.get(url).status_code for url in wanted} == dict.fromkeys(wanted, 404)
    changes = [f"{run.room.market.get_absolute_url()}{path}" for path in ("start/", "again/", "delete/")]
    changes += [f"{run.room.get_absolute_url()}{path}" for path in ("start/", "stop/", "message/", "decide/")]
    assert {url: as_colleague.post(url, {"text": "x"}).status_code for url in changes} == dict.fromkeys(
        changes, 404
    )
    assert Market.objects.count() == 1
    assert str(run.pk) not in read(as_colleague, "/jobs/")


def test_an_owner_who_sits_at_the_table_sees_the_whole_market(owner: User, group: Group) -> None:
    run = await_person(talk(started(owner, group, {1: owner}), 1), 1)
    client = client_of(owner)
    assert "Sit down as Seller 2" in read(client, run.room.get_absolute_url())
    page = undrawn(read(client, seat_url(run)))
    assert [hidden for hidden in HIDDEN if hidden in page] == []
    assert Room.objects.visible_to(owner).count() == 1

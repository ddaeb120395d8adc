"""What a program learns that asks for somebody who sits at the table, and what it may do there (M-09)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Market, Room, RoomRun
from tests.api.market_bodies import API, post
from tests.api.programs import program_of
from tests.api.test_errors import refused
from tests.factory import UserFactory, make_draft, make_market, make_message

SECRETS = ("7.77", "11.11", "44.44", "profit", "19.5", "7878", "for two alone", "blunt", "Boris alone")


@pytest.fixture
def buyer(group: Group) -> User:
    user: User = UserFactory(username="buyer")
    user.groups.add(group)
    return user


@pytest.fixture
def market(owner: User, group: Group, anna: User, buyer: User) -> Market:
    """Anna sells at seat 0 of the first room; the second seller has the secrets; the third room is not hers."""
    draft = make_draft(3, 3, buyer_kind="person", buyer_person=buyer, budget=Decimal("7878.78"), min_rounds=1)
    first, second, third = draft.sellers
    first = replace(first, kind="person", person=anna, stock=first.stock[:2], priority="balance")
    hidden = replace(second.stock[0], cost=Decimal("7.77"), least=Decimal("11.11"), selling=Decimal("44.44"))
    second = replace(second, priority="profit", style="blunt", stock=(hidden, *second.stock[1:]))
    needs = (replace(draft.needs[0], high=Decimal("19.53")), *draft.needs[1:])
    fields = {name: getattr(draft, name) for name in ("buyer_kind", "buyer_person", "budget", "min_rounds")}
    return make_market(owner, group=group, needs=needs, sellers=(first, second, third), **fields)


@pytest.fixture
def run(market: Market, owner: User) -> RoomRun:
    run: RoomRun = market.rooms.get(index=0).start(owner)
    make_message(run, 1, -1, "To all: your price?")
    make_message(run, 1, 1, "19 each, says Boris alone", price=19.0, quantity=10)
    make_message(run, 1, 2, "18 each", price=18.0, quantity=10)
    run.refresh_from_db()
    run.set(awaits=[0])
    return run


def get(user: User, path: str) -> Any:
    return program_of(user).get(f"{API}{path}")


def answers_to_a_seller(user: User, market: Market, room: Room) -> list[Any]:
    """Every address of a market that a seller's program can read."""
    base = f"/negotiation/{room.pk}"
    paths = [f"/simulation/{market.pk}", f"{base}/state", f"{base}/events", f"/logs/{market.pk}/{room.pk}"]
    return [get(user, path) for path in paths]


def test_a_seller_reads_what_its_seat_may_know_and_no_more(market: Market, run: RoomRun, anna: User) -> None:
    make_message(run, 1, 0, "17.17 each, from me", price=17.17, quantity=10)
    make_message(run, 2, -1, "@Seller 2: a word for two alone", to=(1,))
    for response in answers_to_a_seller(anna, market, run.room):
        assert response.status_code == 200
        for secret in SECRETS:
            assert secret not in response.content.decode()
    state = get(anna, f"/negotiation/{run.room_id}/state").json()
    assert [each["message"] for each in state["conversation_history"]] == [
        "To all: your price?", "17.17 each, from me",
    ]  # fmt: skip
    assert set(state["current_offers"]) == {"Seller 1"}
    assert state["buyer_constraints"] == {"quantity_needed": 10}


def test_a_seller_reads_its_own_figures_and_its_own_rooms(market: Market, anna: User) -> None:
    told = get(anna, f"/simulation/{market.pk}").json()
    assert [each["name"] for each in told["sellers"]] == ["Seller 1"]
    assert told["sellers"][0]["stock"][0]["least"] == 10
    assert [each["item_name"] for each in told["negotiation_rooms"]] == ["Item 1", "Item 2"]
    assert [each["seat"] for each in told["negotiation_rooms"]] == ["0", "0"]
    assert "budget" not in told["buyer"]
    assert told["seed"] is None


def test_a_sellers_log_has_its_own_figures_alone(market: Market, run: RoomRun, anna: User) -> None:
    told = get(anna, f"/logs/{market.pk}/{run.room_id}").json()
    assert [seller.get("cost") for seller in told["sellers"]] == [5, None, None]


def test_a_room_in_which_a_seller_does_not_sit_is_unknown_to_it(market: Market, anna: User) -> None:
    other = market.rooms.get(index=2)
    refused(get(anna, f"/negotiation/{other.pk}/state"), 404, "ROOM_NOT_FOUND")
    refused(get(anna, f"/logs/{market.pk}/{other.pk}"), 404, "LOG_NOT_FOUND")


def test_the_summary_is_not_a_sellers_to_read(market: Market, anna: User, buyer: User) -> None:
    refused(get(anna, f"/simulation/{market.pk}/summary"), 403, "NOT_ALLOWED")
    assert get(buyer, f"/simulation/{market.pk}/summary").status_code == 200


def test_a_buyer_reads_all_that_is_said_and_no_sellers_figures(
    market: Market, run: RoomRun, buyer: User
) -> None:
    texts = [response.content.decode() for response in answers_to_a_seller(buyer, market, run.room)]
    for text in texts:
        for secret in ("7.77", "11.11", "44.44", "profit", "blunt"):
            assert secret not in text
    state = get(buyer, f"/negotiation/{run.room_id}/state").json()
    assert len(state["conversation_history"]) == 3
    assert state["buyer_constraints"]["max_price"] == 19.53
    assert get(buyer, f"/simulation/{market.pk}").json()["buyer"]["budget"] == 7878.78


def test_nobody_sees_a_room_from_anothers_seat(market: Market, run: RoomRun, anna: User, buyer: User) -> None:
    path = f"/negotiation/{run.room_id}/state"
    for who, seat in ((anna, "1"), (anna, "buyer"), (buyer, "0")):
        refused(get(who, f"{path}?as={seat}"), 403, "NOT_ALLOWED")
    assert get(anna, f"{path}?as=0").json() == get(anna, path).json()


def test_who_sees_all_may_look_from_any_seat(market: Market, run: RoomRun, owner: User, anna: User) -> None:
    path = f"/negotiation/{run.room_id}/state"
    assert get(owner, f"{path}?as=0").json() == get(anna, path).json()
    assert len(get(owner, f"{path}?as=buyer").json()["conversation_history"]) == 3
    for seat in ("7", "99"):
        refused(get(owner, f"{path}?as={seat}"), 404, "SEAT_NOT_FOUND")
    for nonsense in ("seller", "-1", "0x1", "%00"):
        refused(get(owner, f"{path}?as={nonsense}"), 400, "VALIDATION_ERROR")


def test_the_group_does_not_see_all_of_it_through_somebody_who_sits_there(
    market: Market, colleague: User, anna: User
) -> None:
    assert len(get(colleague, f"/simulation/{market.pk}").json()["sellers"]) == 3
    assert len(get(anna, f"/simulation/{market.pk}").json()["sellers"]) == 1


# --- What they do --------------------------------------------------------------------------------------------


@pytest.fixture
def as_anna(anna: User) -> Client:
    return program_of(anna)


def answer(program: Client, run: RoomRun, **fields: Any) -> Any:
    body = {"round": 1, "message": "15 each.", "price": 15, "quantity": 10} | fields
    return post(program, f"/negotiation/{run.room_id}/answer", body)


def test_a_seller_answers_with_an_offer_that_binds(run: RoomRun, as_anna: Client, anna: User) -> None:
    response = answer(as_anna, run)
    told = response.json()
    assert response.status_code == 202
    assert (told["round"], told["price"], told["quantity"]) == (1, 15, 10)
    message = run.messages.get(seat=0)
    assert (message.text, message.by) == ("15 each.", anna)


def test_the_number_of_an_answer_tells_nothing_of_what_others_write(
    run: RoomRun, as_anna: Client, anna: User, owner: User
) -> None:
    """M-06, M-09: it is that of the conversation as the seat reads it."""
    make_message(make_market(owner, 1, 1).rooms.get().start(owner), 1, -1, "Elsewhere.")
    told = answer(as_anna, run).json()
    state = get(anna, f"/negotiation/{run.room_id}/state").json()
    assert told["message_id"] == state["conversation_history"][-1]["seq"] == 2
    assert told["timestamp"] == state["conversation_history"][-1]["timestamp"]


def test_the_number_of_what_a_buyer_writes_is_that_of_its_conversation(run: RoomRun, buyer: User) -> None:
    told = post(program_of(buyer), f"/negotiation/{run.room_id}/message", {"message": "17 each?"}).json()
    state = get(buyer, f"/negotiation/{run.room_id}/state").json()
    assert told["message_id"] == state["conversation_history"][-1]["seq"] == 4


@pytest.mark.parametrize("mine", [[], [0]])
def test_a_seller_does_not_learn_whether_others_are_awaited(
    market: Market, run: RoomRun, anna: User, mine: list[int]
) -> None:
    """M-09."""
    told = []
    for others in ([], [1], [-1, 1, 2]):
        run.set(awaits=sorted([*mine, *others]))
        told.append([response.json() for response in answers_to_a_seller(anna, market, run.room)])
    assert told[0] == told[1] == told[2]


def test_an_offer_without_words_says_itself(run: RoomRun, as_anna: Client) -> None:
    answer(as_anna, run, message="")
    assert run.messages.get(seat=0).text == "I offer 10 at 15.00 each."


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"price": 9.99}, "price"),
        ({"price": 25.01}, "price"),
        ({"price": 10.001}, "price"),
        ({"price": None}, "price"),
        ({"quantity": 16}, "quantity"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"message": "x" * 1001}, "message"),
        ({"message": " ", "price": None, "quantity": None}, "message"),
        ({"round": 0}, "round"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_with_its_field(
    run: RoomRun, as_anna: Client, fields: dict[str, Any], field: str
) -> None:
    assert field in refused(answer(as_anna, run, **fields), 400, "VALIDATION_ERROR")["details"]
    assert run.messages.count() == 3


def test_an_answer_counts_once_and_in_its_round(run: RoomRun, as_anna: Client) -> None:
    refused(answer(as_anna, run, round=2), 409, "NOT_YOUR_TURN")
    assert answer(as_anna, run).status_code == 202
    refused(answer(as_anna, run), 409, "NOT_YOUR_TURN")
    assert run.messages.count() == 4


def test_nobody_answers_for_another(run: RoomRun, as_anna: Client, owner: User, buyer: User) -> None:
    refused(answer(as_anna, run, seat=1), 403, "NOT_ALLOWED")
    for who in (owner, buyer):
        refused(answer(program_of(who), run), 403, "NOT_ALLOWED")


def test_a_buyer_writes_and_takes_an_offer_that_stands(market: Market, run: RoomRun, buyer: User) -> None:
    program, room = program_of(buyer), f"/negotiation/{run.room_id}"
    place = run.room.places.get(seat=2)
    body = {"decision": "deal", "seller_id": place.seller_id, "price": 17, "quantity": 10}
    told = refused(post(program, f"{room}/decide", body), 400, "VALIDATION_ERROR")
    assert "18.00" in told["details"]["price"][0]
    assert post(program, f"{room}/message", {"message": "17 each?"}).status_code == 202
    assert post(program, f"{room}/decide", body | {"price": 18}).json()["total"] == 180


@pytest.mark.parametrize("verb", ["start", "stop", "message", "decide"])
def test_a_seller_neither_starts_nor_stops_nor_buys(run: RoomRun, as_anna: Client, verb: str) -> None:
    body = {"message": {"message": "Hello."}, "decide": {"decision": "no_deal"}}.get(verb)
    refused(post(as_anna, f"/negotiation/{run.room_id}/{verb}", body), 403, "NOT_ALLOWED")
    assert not run.room.decisions.exists()


def test_those_who_sit_there_do_not_run_it_again(market: Market, as_anna: Client, buyer: User) -> None:
    """It would show them all figures, as their own market (M-09, M-29)."""
    for program in (as_anna, program_of(buyer)):
        refused(post(program, f"/simulation/{market.pk}/again"), 403, "NOT_ALLOWED")
    assert Market.objects.get() == market


def test_those_who_sit_there_do_not_delete_it(market: Market, as_anna: Client, buyer: User) -> None:
    for program in (as_anna, program_of(buyer)):
        refused(program.delete(f"{API}/simulation/{market.pk}"), 403, "NOT_ALLOWED")
    assert Market.objects.filter(pk=market.pk).exists()


def test_a_decided_room_tells_a_seller_who_did_not_sell_only_that_it_is_over(
    market: Market, run: RoomRun, owner: User, anna: User
) -> None:
    run.room.decide(owner, "deal", 2, Decimal("18.31"), 10)
    for response in answers_to_a_seller(anna, market, run.room):
        assert "18.31" not in response.content.decode()
    state = get(anna, f"/negotiation/{run.room_id}/state").json()
    assert state["decision"]["decision"] == "deal"
    assert "seller" not in state["decision"]

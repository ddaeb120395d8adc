"""`/negotiation/` and `/logs/`: a room started, followed, written in and decided by a program (M-05 to M-11, M-13, M-26)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.models import Scope
from negotiations.models import Job, Market, Room, RoomRun, RoomStatus, rooms
from tests.api.market_bodies import API, post
from tests.api.programs import program_of
from tests.api.test_errors import refused
from tests.engine.model_server import MODEL, ModelServer, answers, fails, is_slow, lists, model_server
from tests.factory import make_draft, make_market, make_message


@pytest.fixture
def program(owner: User) -> Client:
    return program_of(owner)


@pytest.fixture
def room(owner: User, group: Group) -> Room:
    found: Room = make_market(owner, n_items=2, n_sellers=3, group=group).rooms.get(index=0)
    return found


@pytest.fixture
def run(room: Room, owner: User) -> RoomRun:
    """Started, and one round in: an offer to all, another to one."""
    run: RoomRun = room.start(owner)
    make_message(run, 1, -1, "Who has ten?")
    make_message(run, 1, 0, "19 each", price=19.0, quantity=10)
    make_message(run, 1, 1, "18 each", price=18.0, quantity=10)
    make_message(
        run, 1, 2, "Let me think.", tokens=7, seconds=0.5, is_fallback=True, error="LLM_TIMEOUT: slow"
    )
    run.refresh_from_db()
    return run


def path_of(room: Room, verb: str) -> str:
    return f"/negotiation/{room.pk}/{verb}"


def get(program: Client, path: str) -> Any:
    return program.get(f"{API}{path}")


# --- Starting (M-05) -----------------------------------------------------------------------------------------


def test_a_room_is_started_and_says_where_to_follow_it(program: Client, room: Room) -> None:
    told = post(program, path_of(room, "start")).json()
    run = RoomRun.objects.get()
    assert (told["status"], told["run_id"], told["room_id"]) == ("active", str(run.pk), str(room.pk))
    assert datetime.fromisoformat(told["started_at"])
    assert program.get(told["poll_url"]).json()["run_id"] == str(run.pk)


def test_a_room_that_is_active_is_not_started_again(program: Client, room: Room) -> None:
    assert post(program, path_of(room, "start")).status_code == 200
    refused(post(program, path_of(room, "start")), 409, "NEGOTIATION_ALREADY_ACTIVE")
    assert Job.objects.count() == 1


def test_a_room_that_is_decided_is_not_started_again(program: Client, room: Room, owner: User) -> None:
    room.start(owner)
    room.decide(owner, "no_deal")
    refused(post(program, path_of(room, "start")), 409, "NEGOTIATION_ALREADY_DECIDED")


def test_a_room_without_sellers_cannot_be_started(program: Client, room: Room) -> None:
    room.places.update(seat=None, skip_reason="no_inventory")
    Room.objects.filter(pk=room.pk).update(status=RoomStatus.NO_SELLERS)
    refused(post(program, path_of(room, "start")), 422, "INSUFFICIENT_INVENTORY")


def test_no_more_is_started_than_a_person_may_have_running(
    program: Client, room: Room, settings: Any
) -> None:
    settings.ACTIVE_JOBS = 1
    other = room.market.rooms.get(index=1)
    assert post(program, path_of(room, "start")).status_code == 200
    refused(post(program, path_of(other, "start")), 429, "TOO_MUCH")


def test_a_room_of_a_market_that_is_deleted_meanwhile_is_not_started(
    program: Client, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the lock."""
    monkeypatch.setattr(rooms, "hold_to_limits", lambda owner: Market.objects.all().delete())
    refused(post(program, path_of(room, "start")), 404, "ROOM_NOT_FOUND")


MOVES = {
    "start": None,
    "stop": None,
    "message": {"message": "Hello."},
    "decide": {"decision": "no_deal"},
    "answer": {"round": 1, "message": "Hello."},
}


@pytest.mark.parametrize("verb", MOVES)
def test_who_may_move_in_a_room(
    room: Room, client: Client, owner: User, colleague: User, stranger: User, verb: str
) -> None:
    path, body = path_of(room, verb), MOVES[verb]
    refused(post(client, path, body), 401, "NOT_SIGNED_IN")
    refused(post(program_of(stranger), path, body), 404, "ROOM_NOT_FOUND")
    refused(post(program_of(colleague), path, body), 403, "NOT_ALLOWED")
    refused(post(program_of(owner, Scope.READ), path, body), 403, "SCOPE")
    assert RoomRun.objects.count() == 0


@pytest.mark.parametrize("verb", MOVES)
def test_an_unknown_room(program: Client, verb: str) -> None:
    refused(post(program, f"/negotiation/{uuid.uuid4()}/{verb}", MOVES[verb]), 404, "ROOM_NOT_FOUND")


# --- Writing (M-06, M-19) ------------------------------------------------------------------------------------


def test_what_is_written_stands_in_the_next_round(program: Client, room: Room, run: RoomRun) -> None:
    response = post(program, path_of(room, "message"), {"message": "@seller 2, 15 each for 10? @Nemo too"})
    told = response.json()
    assert response.status_code == 202
    assert (told["round"], told["processing"]) == (2, True)
    assert told["mentioned_sellers"] == ["Seller 2"]
    assert told["unknown_mentions"] == ["Nemo"]
    message = run.messages.get(seq=told["message_id"])
    assert told["timestamp"] == message.at.isoformat()
    assert (message.to, message.price, message.by) == ([1], Decimal(15), room.market.owner)


@pytest.mark.parametrize(("text", "told"), [("", "message"), ("  \n ", "message"), ("x" * 1001, "message")])
def test_a_message_has_1_to_1000_characters(
    program: Client, room: Room, run: RoomRun, text: str, told: str
) -> None:
    response = post(program, path_of(room, "message"), {"message": text})
    assert told in refused(response, 400, "VALIDATION_ERROR")["details"]
    assert run.messages.count() == 4


def test_nothing_is_written_into_a_room_that_was_not_started(program: Client, room: Room) -> None:
    refused(post(program, path_of(room, "message"), {"message": "Hello."}), 409, "NEGOTIATION_NOT_ACTIVE")


def test_nothing_is_written_after_the_last_round(program: Client, room: Room, owner: User) -> None:
    run = room.start(owner)
    make_message(run, 10, -1, "Last words?")
    refused(post(program, path_of(room, "message"), {"message": "Hello?"}), 409, "NOT_YOUR_TURN")


# --- Deciding (M-07, M-22) -----------------------------------------------------------------------------------


def deal(room: Room, seat: int = 1, **fields: Any) -> dict[str, Any]:
    place = room.places.get(seat=seat)
    return {"decision": "deal", "seller_id": place.seller_id, "price": 17.5, "quantity": 10} | fields


def test_a_deal_ends_the_room_and_takes_from_the_stock(program: Client, room: Room, run: RoomRun) -> None:
    told = post(program, path_of(room, "decide"), deal(room)).json()
    assert (told["status"], told["decision"], told["seller"]) == ("completed", "deal", "Seller 2")
    assert (told["price"], told["quantity"], told["total"]) == (17.5, 10, 175)
    stock = room.places.get(seat=1).stock
    assert stock
    assert stock.remaining == 5
    state = get(program, path_of(room, "state")).json()
    assert (state["status"], state["decision"]["seller"]) == ("completed", "Seller 2")


def test_no_deal_ends_the_room_too(program: Client, room: Room, run: RoomRun) -> None:
    told = post(program, path_of(room, "decide"), {"decision": "no_deal"}).json()
    assert (told["decision"], told["seller_id"], told["price"], told["total"]) == (
        "no_deal",
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"decision": "maybe"}, "decision"),
        ({"seller_id": None}, "seller_id"),
        ({"seller_id": 999_999}, "seller_id"),
        ({"price": None}, "price"),
        ({"price": 7.99}, "price"),
        ({"price": 20.01}, "price"),
        ({"price": 10.001}, "price"),
        ({"price": "10"}, "price"),
        ({"quantity": None}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"quantity": 11}, "quantity"),
        ({"quantity": 1.5}, "quantity"),
    ],
)
def test_what_is_wrong_with_a_deal_is_told_with_its_field(
    program: Client, room: Room, run: RoomRun, fields: dict[str, Any], field: str
) -> None:
    response = post(program, path_of(room, "decide"), deal(room, **fields))
    assert field in refused(response, 400, "VALIDATION_ERROR")["details"]
    assert not room.decisions.exists()


def test_a_seller_of_another_market_takes_no_part(
    program: Client, room: Room, run: RoomRun, owner: User
) -> None:
    elsewhere = make_market(owner, 1, 1).sellers.get()
    response = post(program, path_of(room, "decide"), deal(room, seller_id=elsewhere.pk))
    assert "seller_id" in refused(response, 400, "VALIDATION_ERROR")["details"]


def test_a_deal_over_the_budget_is_refused(program: Client, owner: User) -> None:
    room = make_market(owner, 1, 1, budget=Decimal(100)).rooms.get()
    room.start(owner)
    response = post(program, path_of(room, "decide"), deal(room, seat=0))
    assert "price" in refused(response, 400, "VALIDATION_ERROR")["details"]


def test_a_deal_on_what_another_room_bought_is_refused(program: Client, room: Room, run: RoomRun) -> None:
    stock = room.places.get(seat=1).stock
    assert stock
    stock.take(6)
    response = post(program, path_of(room, "decide"), deal(room))
    assert "quantity" in refused(response, 422, "INSUFFICIENT_INVENTORY")["details"]
    assert not room.decisions.exists()


def test_a_room_is_decided_once(program: Client, room: Room, run: RoomRun) -> None:
    assert post(program, path_of(room, "decide"), deal(room)).status_code == 200
    refused(post(program, path_of(room, "decide"), deal(room, seat=0)), 409, "NEGOTIATION_ALREADY_DECIDED")
    refused(post(program, path_of(room, "message"), {"message": "?"}), 409, "NEGOTIATION_ALREADY_DECIDED")
    assert room.decisions.count() == 1


def test_a_room_that_was_not_started_cannot_be_decided_or_stopped(program: Client, room: Room) -> None:
    refused(post(program, path_of(room, "decide"), {"decision": "no_deal"}), 409, "NEGOTIATION_NOT_ACTIVE")
    refused(post(program, path_of(room, "stop")), 409, "NEGOTIATION_NOT_ACTIVE")


def test_a_room_that_waits_is_stopped_at_once(program: Client, room: Room, run: RoomRun) -> None:
    assert post(program, path_of(room, "stop")).json() == {"room_id": str(room.pk), "stopping": True}
    room.refresh_from_db()
    assert room.status == RoomStatus.ABORTED
    refused(post(program, path_of(room, "stop")), 409, "NEGOTIATION_ALREADY_DECIDED")


# --- Its state (M-08) and its events (M-10) ------------------------------------------------------------------


def test_the_state_of_a_room(program: Client, room: Room, run: RoomRun) -> None:
    told = get(program, path_of(room, "state")).json()
    assert (told["room_id"], told["item_name"], told["status"]) == (str(room.pk), "Item 1", "active")
    assert (told["current_round"], told["max_rounds"]) == (1, 10)
    assert [each["sender"] for each in told["conversation_history"]] == [
        "Office team", "Seller 1", "Seller 2", "Seller 3",
    ]  # fmt: skip
    assert told["current_offers"]["Seller 2"] == {"price": 18, "quantity": 10, "round": 1}
    assert told["buyer_constraints"] == {
        "quantity_needed": 10, "min_price": 8, "max_price": 20, "budget_left": None,
    }  # fmt: skip
    assert told["decision"] is None
    failed = told["conversation_history"][3]
    assert (failed["is_fallback"], failed["error"]) == (True, "LLM_TIMEOUT: slow")


def test_a_room_that_was_not_started_has_a_state(program: Client, room: Room) -> None:
    told = get(program, path_of(room, "state")).json()
    assert (told["status"], told["run_id"], told["conversation_history"]) == ("pending", None, [])


def events(program: Client, room: Room, after: int = 0) -> dict[str, Any]:
    response = get(program, f"{path_of(room, 'events')}?after={after}")
    assert response.status_code == 200
    told: dict[str, Any] = response.json()
    return told


def test_the_events_of_a_room_come_in_order_and_end_once(
    program: Client, room: Room, run: RoomRun, owner: User
) -> None:
    first = events(program, room)
    assert [event["type"] for event in first["events"]] == [
        "connected", "round_start", "buyer_message", "seller_response", "offer", "seller_response", "offer",
        "seller_response", "error",
    ]  # fmt: skip
    assert not first["is_over"]
    room.decide(owner, "no_deal")
    rest = events(program, room, first["cursor"])
    assert [event["type"] for event in rest["events"]] == ["decision", "negotiation_complete"]
    assert rest["is_over"]
    ids = [event["id"] for event in first["events"] + rest["events"]]
    assert ids == sorted(set(ids))
    last = events(program, room, rest["cursor"])
    assert [event["type"] for event in last["events"]] == ["heartbeat"]
    assert last["cursor"] == rest["cursor"]


def test_whoever_asks_for_events_after_one_gets_the_following_ones(
    program: Client, room: Room, run: RoomRun
) -> None:
    whole = events(program, room)["events"]
    for number, event in enumerate(whole[:-1]):
        if event["id"]:
            assert events(program, room, event["id"])["events"] == whole[number + 1 :]


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "1_0", str(2**31)])
def test_a_cursor_that_is_none(program: Client, room: Room, after: str) -> None:
    response = get(program, f"{path_of(room, 'events')}?after={after}")
    assert "after" in refused(response, 400, "VALIDATION_ERROR")["details"]


@pytest.mark.parametrize("verb", ["state", "events"])
def test_who_may_look_at_a_room(
    client: Client, room: Room, owner: User, colleague: User, stranger: User, superuser: User, verb: str
) -> None:
    path = path_of(room, verb)
    refused(get(client, path), 401, "NOT_SIGNED_IN")
    refused(get(program_of(stranger), path), 404, "ROOM_NOT_FOUND")
    refused(get(program_of(owner), f"/negotiation/{uuid.uuid4()}/{verb}"), 404, "ROOM_NOT_FOUND")
    for who in (owner, colleague, superuser):
        assert get(program_of(who, Scope.READ), path).status_code == 200


def n_queries(program: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert get(program, path).status_code == 200
    return len(found)


@pytest.mark.parametrize("verb", ["state", "events"])
def test_a_long_conversation_costs_no_more_queries_than_a_short_one(
    program: Client, room: Room, run: RoomRun, verb: str
) -> None:
    get(program, path_of(room, verb))
    before = n_queries(program, path_of(room, verb))
    for round in range(2, 8):
        make_message(run, round, -1, "And now?")
        for seat in range(3):
            make_message(run, round, seat, "18 each", price=18.0, quantity=10)
    assert n_queries(program, path_of(room, verb)) == before


# --- Its log (M-11) ------------------------------------------------------------------------------------------


def test_the_log_of_a_room_has_all_of_it(program: Client, room: Room, run: RoomRun) -> None:
    told = get(program, f"/logs/{room.market_id}/{room.pk}").json()
    assert set(told) == {
        "metadata", "buyer", "sellers", "conversation_history", "offers_over_time", "decision", "duration",
        "rounds",
        "language_models",
    }  # fmt: skip
    assert [seller["cost"] for seller in told["sellers"]] == [5, 5, 5]
    assert [offer["price"] for offer in told["offers_over_time"]] == [19, 18]
    assert told["conversation_history"][3]["tokens"] == 7


def test_a_log_that_is_not_there(program: Client, room: Room, stranger: User, owner: User) -> None:
    path = f"/logs/{room.market_id}/{room.pk}"
    refused(get(program, path), 404, "LOG_NOT_FOUND")  # it was never started
    room.start(owner)
    assert get(program, path).status_code == 200
    refused(get(program_of(stranger), path), 404, "LOG_NOT_FOUND")
    for strange in (f"/logs/{uuid.uuid4()}/{room.pk}", f"/logs/{room.market_id}/{uuid.uuid4()}"):
        refused(get(program, strange), 404, "LOG_NOT_FOUND")


# --- Language models (M-26, M-34) ----------------------------------------------------------------------------


@pytest.fixture
def server(settings: Any) -> Iterator[ModelServer]:
    cache.clear()
    with model_server() as server:
        settings.LLM_ENABLED, settings.LLM_URL, settings.LLM_MODEL = True, server.url, MODEL
        server.will(lists(MODEL))
        yield server
    cache.clear()


@pytest.fixture
def with_model(server: ModelServer, owner: User) -> Room:
    """A room in which a language model sells."""
    draft = make_draft(1, 2)
    sellers = tuple(
        type(each)(each.name, each.stock, kind=kind)
        for each, kind in zip(draft.sellers, ("model", "negotiator"), strict=True)
    )
    found: Room = make_market(owner, 1, 2, sellers=sellers).rooms.get()
    return found


def test_a_room_with_a_language_model_that_is_well_is_started(program: Client, with_model: Room) -> None:
    assert post(program, path_of(with_model, "start")).status_code == 200


@pytest.mark.parametrize(
    ("behaviour", "status", "code"),
    [
        (fails(401, "wrong key"), 502, "LLM_REFUSED"),
        (answers(200, b"<p>Welcome</p>"), 502, "LLM_BAD_RESPONSE"),
        (answers(500), 503, "LLM_UNAVAILABLE"),
        (is_slow(5), 503, "LLM_TIMEOUT"),
    ],
)
def test_why_a_language_model_cannot_sit_down_is_told_before_anything_starts(
    program: Client, with_model: Room, server: ModelServer, behaviour: Any, status: int, code: str
) -> None:
    server.will(behaviour)
    told = refused(post(program, path_of(with_model, "start")), status, code)
    assert "127.0.0.1" not in told["message"]
    assert RoomRun.objects.count() == 0


def test_switched_off_meanwhile_it_cannot_sit_down(program: Client, with_model: Room, settings: Any) -> None:
    settings.LLM_ENABLED = False
    refused(post(program, path_of(with_model, "start")), 400, "LLM_DISABLED")


def test_the_status_of_the_language_model(
    client: Client, program: Client, superuser: User, server: ModelServer, settings: Any
) -> None:
    refused(get(client, "/llm/status"), 401, "NOT_SIGNED_IN")
    assert get(program, "/llm/status").json() == {
        "status": "ready", "model": MODEL, "code": "", "message": "",
    }  # fmt: skip
    cache.clear()
    server.will(answers(500))
    assert get(program, "/llm/status").json()["message"] == ""
    told = get(program_of(superuser), "/llm/status").json()
    assert (told["status"], told["code"]) == ("unavailable", "LLM_UNAVAILABLE")
    assert "127.0.0.1" in told["message"]
    settings.LLM_ENABLED = False
    assert get(program, "/llm/status").json()["status"] == "off"

"""What each seat is told of a room: its state, events and log."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from negotiations.engine.room_specs import BUYER
from negotiations.models import Room, RoomRun
from tests.factory import make_market, make_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(owner: User) -> Room:
    """Two rounds: the first for all, the second for the second seller, whose failure is for staff."""
    found: Room = make_market(owner, n_items=1, n_sellers=2, budget=Decimal(333)).rooms.get()
    run = found.start(owner)
    make_message(run, 1, BUYER, "Who sells?", price=9.0, quantity=10)
    make_message(run, 1, 0, "First words.", price=14.0, quantity=10)
    make_message(run, 1, 1, "Second words.", price=15.0, quantity=10)
    make_message(run, 2, BUYER, "Secret words.", to=(1,))
    make_message(run, 2, 1, "Well.", is_fallback=True, error="It fell over.")
    return Room.objects.get(pk=found.pk)


def texts(told: dict[str, Any]) -> list[str]:
    return [message["message"] for message in told["conversation_history"]]


def test_staff_and_the_buyer_see_all_that_is_said(room: Room) -> None:
    everything = ["Who sells?", "First words.", "Second words.", "Secret words.", "Well."]
    assert texts(room.state(None)) == texts(room.state(BUYER)) == everything


def test_a_seller_sees_what_is_said_to_it_and_its_own_words(room: Room) -> None:
    assert texts(room.state(0)) == ["Who sells?", "First words."]
    assert texts(room.state(1)) == ["Who sells?", "Second words.", "Secret words.", "Well."]


def test_the_newest_offer_of_each_counts(room: Room) -> None:
    assert room.state(None)["current_offers"] == {
        "Seller 1": {"price": 14.0, "quantity": 10, "round": 1},
        "Seller 2": {"price": 15.0, "quantity": 10, "round": 1},
    }
    assert list(room.state(0)["current_offers"]) == ["Seller 1"]


def test_what_may_be_paid_is_the_buyers_secret(room: Room) -> None:
    assert room.state(BUYER)["buyer_constraints"] == {
        "quantity_needed": 10,
        "min_price": 8.0,
        "max_price": 20.0,
        "budget_left": 333.0,
    }
    assert room.state(0)["buyer_constraints"] == {"quantity_needed": 10}


def test_a_seller_cannot_count_what_is_said_to_others(room: Room, owner: User) -> None:
    """Its messages and events are numbered as it sees them, without a gap."""
    assert [message["seq"] for message in room.state(0)["conversation_history"]] == [1, 2]
    log = room.log(1)
    assert log is not None
    assert [message["seq"] for message in log["conversation_history"]] == [1, 2, 3, 4]
    before = room.events(0)
    run = RoomRun.objects.get()
    make_message(run, 3, BUYER, "For the second alone.", to=(1,))
    assert room.events(0, before["cursor"])["cursor"] == before["cursor"]
    ids = {seat: [event["id"] for event in room.events(seat)["events"]] for seat in (None, 0)}
    assert ids[0] == ids[None][: len(ids[0])]


@pytest.mark.parametrize("seat", [None, BUYER, 0])
def test_a_cursor_that_never_was_brings_nothing(room: Room, owner: User, seat: int | None) -> None:
    room.decide(owner, "no_deal")
    told = Room.objects.get(pk=room.pk).events(seat, 2**31 - 1)
    assert [event["type"] for event in told["events"]] == ["heartbeat"]


def test_a_seller_does_not_learn_whose_answer_is_missing(room: Room) -> None:
    RoomRun.objects.update(awaits=[0, 1])
    assert room.state(0)["waiting_for"] == ["Seller 1"]
    assert room.state(BUYER)["waiting_for"] == room.state(None)["waiting_for"] == ["Seller 1", "Seller 2"]


def test_what_failed_is_for_staff(room: Room) -> None:
    assert room.state(None)["conversation_history"][-1]["error"] == "It fell over."
    for seat in (BUYER, 1):
        assert "error" not in room.state(seat)["conversation_history"][-1]


def test_events_come_in_order_and_each_once(room: Room) -> None:
    told = room.events(None)
    kinds = [event["type"] for event in told["events"]]
    assert kinds == [
        "connected", "round_start", "buyer_message", "seller_response", "offer", "seller_response", "offer",
        "round_start", "buyer_message", "seller_response", "error",
    ]  # fmt: skip
    ids = [event["id"] for event in told["events"]]
    assert ids == sorted(set(ids))
    assert room.events(None, told["cursor"])["events"] == [{"id": told["cursor"], "type": "heartbeat"}]


@pytest.mark.parametrize("seat", [None, BUYER, 0, 1])
def test_events_are_the_same_in_whatever_portions(room: Room, owner: User, seat: int | None) -> None:
    room.decide(owner, "deal", 0, Decimal(14), 10)
    room.refresh_from_db()
    everything = room.events(seat)["events"]
    for cut in everything[1:]:
        rest = room.events(seat, cut["id"])["events"]
        assert [event for event in rest if event["type"] != "heartbeat"] == [
            event for event in everything if event["id"] > cut["id"]
        ]


def test_the_end_is_told_once_and_last(room: Room, owner: User) -> None:
    room.decide(owner, "deal", 0, Decimal(14), 10)
    told = Room.objects.get(pk=room.pk).events(None)
    assert [event["type"] for event in told["events"]][-2:] == ["decision", "negotiation_complete"]
    assert told["is_over"]
    assert told["events"][-1]["status"] == "completed"


def test_a_cursor_of_the_last_run_misses_nothing_of_the_next(room: Room, owner: User) -> None:
    room.stop(owner)
    room = Room.objects.get(pk=room.pk)
    end = room.events(0)
    assert end["events"][-1]["status"] == "aborted"
    make_message(room.start(owner), 1, BUYER, "Once more?")
    rest = Room.objects.get(pk=room.pk).events(0, end["cursor"])
    assert [event["type"] for event in rest["events"]] == ["round_start", "buyer_message"]
    assert rest["run_id"] != end["run_id"]


def test_with_whom_it_was_closed_is_known_to_the_two_alone(room: Room, owner: User) -> None:
    room.decide(owner, "deal", 0, Decimal(14), 10)
    room = Room.objects.get(pk=room.pk)
    for seat in (None, BUYER, 0):
        assert room.state(seat)["decision"]["seller"] == "Seller 1"
        assert room.state(seat)["decision"]["total"] == 140.0
    assert set(room.state(1)["decision"]) == {"decision", "round", "timestamp"}


def test_no_deal_has_no_seller(room: Room, owner: User) -> None:
    room.decide(owner, "no_deal")
    decision = Room.objects.get(pk=room.pk).state(None)["decision"]
    assert (decision["decision"], decision["price"], decision["total"]) == ("no_deal", None, None)
    assert set(Room.objects.get(pk=room.pk).state(0)["decision"]) == {"decision", "round", "timestamp"}


def test_the_log_has_all_of_a_run(room: Room, owner: User) -> None:
    room.decide(owner, "deal", 0, Decimal(14), 10)
    log = Room.objects.get(pk=room.pk).log()
    assert log is not None
    assert set(log) == {
        "metadata", "buyer", "sellers", "conversation_history", "offers_over_time", "decision", "duration", "rounds",
        "language_models",
    }  # fmt: skip
    assert log["sellers"][0]["least"] == 10.0
    assert [offer["price"] for offer in log["offers_over_time"]] == [14.0, 15.0]
    assert (log["rounds"], log["decision"]["seller"]) == (2, "Seller 1")
    json.dumps(log)


def test_a_sellers_log_has_no_secret_of_others(room: Room, owner: User) -> None:
    room.decide(owner, "deal", 0, Decimal(14), 10)
    log = json.dumps(Room.objects.get(pk=room.pk).log(1))
    for secret in ("First words.", "14.0", '"least": 10.0', "20.0", "333", "It fell over."):
        assert secret not in log
    assert '"least": 11.0' in log


def test_a_room_that_was_not_started_has_a_state_and_no_log(owner: User) -> None:
    room = make_market(owner, n_items=1).rooms.get()
    state = room.state(None)
    assert (state["status"], state["current_round"], state["conversation_history"]) == ("pending", 0, [])
    assert room.log() is None
    assert [event["type"] for event in room.events(None)["events"]] == ["connected"]


def test_the_state_costs_a_few_queries_whatever_was_said(
    room: Room, django_assert_max_num_queries: Any
) -> None:
    run = RoomRun.objects.get()
    for round in range(3, 9):
        make_message(run, round, BUYER, "More?")
        make_message(run, round, 0, "No.", price=14.0, quantity=10)
    with django_assert_max_num_queries(8):
        room.state(None)


def test_a_room_that_ends_while_it_is_read_is_told_as_over(room: Room, owner: User) -> None:
    """It was read before its run: the status follows what is newer (M-08, M-10)."""
    Room.objects.get(pk=room.pk).decide(owner, "no_deal")
    assert room.status == "active"
    assert room.state(None)["status"] == "completed"
    assert room.events(None)["events"][-1]["status"] == "completed"
    log = room.log()
    assert log
    assert log["metadata"]["status"] == "completed"


def test_a_room_that_is_stopped_is_told_as_aborted(room: Room, owner: User) -> None:
    room.stop(owner)
    assert room.state(None)["status"] == "aborted"
    assert room.events(None)["events"][-1]["status"] == "aborted"

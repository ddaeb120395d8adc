"""Where it is told what language models took and cost (B-25): pages, receipt, files and API, and to no seat."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations import market_rules
from negotiations.engine.room_specs import BUYER
from negotiations.model_money import outlook
from negotiations.models import Market, Room, RoomLog
from tests.api.programs import program_of
from tests.conftest import client_of
from tests.factory import make_draft, make_market, make_message
from tests.negotiations.market_rooms import fresh, started
from tests.negotiations.test_market_new_page import sample
from tests.negotiations.test_market_pages import read, versions

pytestmark = pytest.mark.django_db

TOLD = {
    "tokens": 1_000_000,
    "input_tokens": 800_000,
    "seconds": 2.5,
    "money": [{"currency": "USD", "amount": 0.24}],
    "unpriced_tokens": 0,
}


@pytest.fixture(autouse=True)
def _prices(settings: Any) -> None:
    settings.LLM_INPUT_PRICE, settings.LLM_OUTPUT_PRICE = Decimal("0.15"), Decimal("0.60")


@pytest.fixture
def room(owner: User, colleague: User, group: Group) -> Room:
    """A language model speaks at seat 1, a colleague sits at seat 0, the owner buys."""
    run = started(owner, group, {0: colleague, BUYER: owner})
    make_message(run, 1, BUYER, "What is your best offer?")
    make_message(run, 1, 0, "20 each.", price=20.0, quantity=10)
    took = {"tokens": 1_000_000, "input_tokens": 800_000, "seconds": 2.5}
    make_message(run, 1, 1, "19 each.", price=19.0, quantity=10, **took)
    found: Room = fresh(run).room
    return found


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", html, flags=re.DOTALL)))


def asked(user: User, path: str) -> Any:
    return program_of(user).get(f"/api/v1{path}").json()


def test_what_a_run_cost_stays_when_prices_change(room: Room, settings: Any) -> None:
    settings.LLM_INPUT_PRICE, settings.LLM_CURRENCY = Decimal(99), "EUR"
    run = room.newest_run
    make_message(run, 2, BUYER, "And now?")
    make_message(run, 2, 1, "18 each.", tokens=1_000_000, input_tokens=1_000_000)
    assert room.newest_run.model_use.money == (("USD", Decimal("0.39")),)


def test_a_later_try_has_the_prices_of_its_start_and_the_market_the_sum_of_all(
    room: Room, owner: User, settings: Any
) -> None:
    run = room.newest_run
    run.job.cancel(owner)
    settings.LLM_INPUT_PRICE, settings.LLM_CURRENCY = Decimal(1), "EUR"
    again = Room.objects.get(pk=room.pk).start(owner)
    make_message(again, 1, BUYER, "What is your best offer?")
    make_message(again, 1, 1, "18 each.", tokens=500_000, input_tokens=500_000)
    summary = room.market.summary()
    assert summary["language_models"]["money"] == [
        {"currency": "EUR", "amount": 0.5},
        {"currency": "USD", "amount": 0.24},
    ]
    assert room.state(None)["language_models"]["money"] == [{"currency": "EUR", "amount": 0.5}]


def test_the_page_of_a_market_tells_what_they_took_so_far(room: Room, owner: User, as_owner: Client) -> None:
    url = room.market.get_absolute_url()
    html = read(as_owner, url)
    assert "Language models took 1,000,000 tokens, 2.5 s, 0.24 USD." in words(html)
    live = {"every": "3", **versions(html)}
    assert as_owner.get(f"{url}live/", live).status_code == 204
    make_message(room.newest_run, 2, BUYER, "And now?")
    make_message(room.newest_run, 2, 1, "18 each.", tokens=1_000_000, input_tokens=1_000_000)
    told = words(as_owner.get(f"{url}live/", live).content.decode())
    assert "Language models took 2,000,000 tokens, 2.5 s, 0.39 USD." in told


def test_a_market_without_language_models_says_nothing_of_them(as_owner: Client, owner: User) -> None:
    market = make_market(owner, n_items=1)
    for address in (market.get_absolute_url(), f"{market.get_absolute_url()}receipt/"):
        assert "anguage model" not in read(as_owner, address)


def test_the_receipt_and_its_files_tell_it(room: Room, owner: User, as_owner: Client) -> None:
    room.decide(owner, "deal", 1, Decimal(19), 10)
    url = room.market.get_absolute_url()
    assert "Language models took 1,000,000 tokens, 2.5 s, 0.24 USD." in words(
        read(as_owner, f"{url}receipt/")
    )
    told = json.loads(as_owner.get(f"{url}export.json").content)
    assert told["language_models"] == told["purchases"][0]["language_models"] == TOLD
    header, row = csv.reader(io.StringIO(as_owner.get(f"{url}export.csv").content.decode()))
    found = dict(zip(header, row, strict=True))
    assert (found["tokens"], found["model_seconds"], found["model_money"]) == (
        "1000000",
        "2.5",
        "0.240000 USD",
    )


def test_what_was_not_bought_cost_something_too(room: Room, owner: User) -> None:
    room.decide(owner, "no_deal")
    (failed,) = room.market.summary()["failed_items"]
    assert failed["language_models"] == TOLD


def test_the_log_tells_it_and_keeps_it_when_the_market_goes(room: Room, owner: User) -> None:
    log = room.log()
    assert log is not None
    assert log["language_models"] == TOLD
    room.market.remove(owner)
    document = RoomLog.objects.get().document
    assert document["language_models"] == TOLD
    assert document["conversation_history"][-1]["input_tokens"] == 800_000


def test_a_program_reads_it_for_a_room_and_for_a_market(room: Room, owner: User) -> None:
    assert asked(owner, f"/negotiation/{room.pk}/state")["language_models"] == TOLD
    assert asked(owner, f"/logs/{room.market_id}/{room.pk}")["language_models"] == TOLD
    assert asked(owner, f"/simulation/{room.market_id}/summary")["language_models"] == TOLD


def test_no_seat_learns_of_it(room: Room, owner: User, colleague: User) -> None:
    """M-09: that a language model was asked tells who the others are."""
    for seat in (BUYER, 0, 1):
        log = room.log(seat)
        assert log is not None
        assert room.state(seat)["language_models"] is log["language_models"] is None
        assert 'tokens": 1' not in json.dumps([log, room.state(seat), room.events(seat)], default=str)
    path = f"/negotiation/{room.pk}/state"
    assert asked(colleague, path)["language_models"] is None
    assert asked(owner, f"{path}?as=buyer")["language_models"] is None
    seat_page = client_of(colleague).get(f"{room.get_absolute_url()}seat/0/").content.decode()
    assert "USD" not in seat_page
    assert "1,000,000 tokens" not in words(seat_page)


def test_a_person_who_buys_reads_a_summary_without_it(owner: User, colleague: User, group: Group) -> None:
    run = started(owner, group, {BUYER: colleague})
    make_message(run, 1, BUYER, "What is your best offer?")
    make_message(run, 1, 1, "19 each.", price=19.0, quantity=10, tokens=77)
    run.room.decide(owner, "deal", 1, Decimal(19), 10)
    told = asked(colleague, f"/simulation/{run.room.market_id}/summary")
    assert told["completed_purchases"] == 1
    assert told["language_models"] is told["purchases"][0]["language_models"] is None


# --- Before the start ---------------------------------------------------------------------------------------------


@pytest.fixture
def _on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market_rules, "has_models", lambda: True)


@pytest.mark.usefixtures("_on")
def test_the_form_tells_what_language_models_will_take_at_most(as_owner: Client) -> None:
    data = sample(**{"sellers-0-seat": "model"})
    checked = words(as_owner.post("/markets/new/check/", data).content.decode())
    as_owner.post("/markets/new/", data)
    market = Market.objects.get()
    n_rooms = market.rooms.filter(places__seller__index=0, places__seat__isnull=False).count()
    assert n_rooms > 0
    assert f"Language models: {outlook(n_rooms * market.max_rounds)}" in checked
    assert " USD, where each comes at the first try." in checked
    page = read(as_owner, market.get_absolute_url())
    assert outlook(n_rooms * market.max_rounds) in words(page)


@pytest.mark.usefixtures("_on")
def test_what_is_told_before_counts_the_rooms_that_wait_alone(as_owner: Client, owner: User) -> None:
    sellers = tuple(replace(each, kind="model") for each in make_draft(2, 2).sellers)
    market = make_market(owner, 2, 2, sellers=sellers, buyer_kind="model", max_rounds=5)
    page = words(read(as_owner, market.get_absolute_url()))
    assert outlook(2 * (2 * 5 + 6)) in page
    Room.objects.filter(market=market, index=0).update(status="aborted")
    assert outlook(2 * 5 + 6) in words(read(as_owner, market.get_absolute_url()))
    Room.objects.filter(market=market).update(status="aborted")
    assert "rooms that wait" not in words(read(as_owner, market.get_absolute_url()))


def test_without_language_models_the_form_says_nothing_of_them(as_owner: Client) -> None:
    checked = as_owner.post("/markets/new/check/", sample()).content.decode()
    assert "Language model" not in checked

"""Whatever a person who sells asks of the API, no other seat's secrets are in the answer: a walk over the whole document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction

from config.api import v1
from negotiations.models import Market, Room, RoomRun
from tests.api.programs import program_of
from tests.factory import make_draft, make_market, make_message

# Of the second seller: cost, least and selling price, stock, persona; of the buyer: lowest, highest price, budget.
FIGURES = ("7.77", "11.11", "44.44", "4321", "9.19", "19.53", "7878.78")
WORDS = ("blunt", "for two alone", "Boris alone", "Carla alone", "LLM_TIMEOUT", "18.31", "18.83", "31337")


@pytest.fixture
def market(owner: User, group: Group, anna: User) -> Market:
    """Anna sells at the first seat, to a market that her group may look at."""
    draft = make_draft(2, 3, budget=Decimal("7878.78"), seed=31337)
    first, second, third = draft.sellers
    hidden = replace(
        second.stock[0], cost=Decimal("7.77"), least=Decimal("11.11"), selling=Decimal("44.44"), quantity=4321
    )
    sellers = (
        replace(first, kind="person", person=anna, stock=first.stock[:1]),
        replace(second, style="blunt", stock=(hidden, *second.stock[1:])),
        third,
    )
    needs = (replace(draft.needs[0], low=Decimal("9.19"), high=Decimal("19.53")), draft.needs[1])
    return make_market(owner, group=group, needs=needs, sellers=sellers, budget=draft.budget, seed=draft.seed)


@pytest.fixture
def run(market: Market, owner: User) -> RoomRun:
    run: RoomRun = market.rooms.get(index=0).start(owner)
    make_message(run, 1, -1, "To all: your price?")
    make_message(run, 1, 0, "17.17 each, says Anna", price=17.17, quantity=10)
    make_message(run, 1, 1, "18.83 each, says Boris alone", price=18.83, quantity=10)
    make_message(run, 1, 2, "Carla alone", is_fallback=True, error="LLM_TIMEOUT: slow")
    make_message(run, 2, -1, "@Seller 2: a word for two alone", to=(1,))
    return run


def reading() -> Iterator[str]:
    for path, verbs in v1.get_openapi_schema()["paths"].items():
        if "get" in verbs:
            yield path


def filled(path: str, market: Market, run: RoomRun) -> Iterator[str]:
    """With everything that is a key of this market."""
    keys: list[Any] = [market.pk, run.pk, *market.rooms.values_list("pk", flat=True)]
    keys += [*market.sellers.values_list("pk", flat=True)]
    for key in keys if "{" in path else [""]:
        names = {"pk": key, "session_id": market.pk, "room_id": key}
        yield re.sub(r"{(\w+)}", lambda found, names=names: str(names.get(found[1], "")), path)  # type: ignore[misc]


def changing() -> Iterator[tuple[str, str]]:
    for path, verbs in v1.get_openapi_schema()["paths"].items():
        yield from ((path, verb) for verb in verbs if verb != "get")


def answers(user: User, market: Market, run: RoomRun) -> dict[str, Any]:
    program = program_of(user)
    paths = [each for path in reading() for each in filled(path, market, run)]
    paths += [
        f"{path}?as={seat}" for path in paths if "/negotiation/" in path for seat in ("buyer", "0", "1")
    ]
    return {path: program.get(path) for path in paths}


def told_of(response: Any) -> str:
    """All that the answer says, with what it repeats of the address and of times left out."""
    text: str = response.content.decode()
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+|[0-9a-f]{8}-[0-9a-f-]{27}", "", text)


def check(found: dict[str, Any]) -> None:
    for path, response in found.items():
        assert response.status_code in (200, 400, 403, 404, 503), path
        for secret in (*FIGURES, *WORDS):
            assert secret not in told_of(response), path


def test_while_the_room_goes_on(market: Market, run: RoomRun, anna: User) -> None:
    found = answers(anna, market, run)
    check(found)
    mine = [path for path, response in found.items() if response.status_code == 200]
    for part in (
        f"/simulation/{market.pk}",
        f"/negotiation/{run.room_id}/state",
        f"/logs/{market.pk}/{run.room_id}",
    ):
        assert any(path.endswith(part) for path in mine), part


BODIES: tuple[Any, ...] = (
    None,
    {"message": "Hello."},
    {"decision": "no_deal"},
    {"decision": "deal", "seller_id": 1, "price": 10, "quantity": 10},
    {"round": 1, "message": "20 each.", "price": 0.5, "quantity": 9999},
)


def test_what_a_seller_tries_to_change_tells_nothing_and_opens_no_market(
    market: Market, run: RoomRun, anna: User, settings: Any
) -> None:
    """Run it again, decide, delete: nothing of that is theirs."""
    settings.API_PER_MINUTE = 10_000
    program = program_of(anna)
    found = {
        f"{verb} {each} {body}": getattr(program, verb)(each, body, content_type="application/json")
        for path, verb in changing()
        for each in filled(path, market, run)
        for body in BODIES
    }
    check(found)
    assert Market.objects.get() == market
    assert run.messages.count() == 5
    assert not run.room.decisions.exists()


def test_when_another_has_sold(market: Market, run: RoomRun, owner: User, anna: User) -> None:
    run.room.decide(owner, "deal", 2, Decimal("18.31"), 10)
    check(answers(anna, market, run))


def test_when_the_market_is_deleted(market: Market, run: RoomRun, owner: User, anna: User) -> None:
    room = Room.objects.get(pk=run.room_id)
    with transaction.atomic():
        market.remove(owner)
        found = program_of(anna).get(f"/api/v1/logs/{market.pk}/{room.pk}")
        assert found.status_code == 404


def test_who_sees_all_of_it_does_find_the_secrets(market: Market, run: RoomRun, colleague: User) -> None:
    """The walk would notice: for somebody of the group who does not sit there the same addresses tell them."""
    texts = "".join(told_of(response) for response in answers(colleague, market, run).values())
    for secret in FIGURES:
        assert secret in texts, secret
    for secret in ("blunt", "Boris alone", "LLM_TIMEOUT", "31337"):
        assert secret in texts, secret

"""Markets and rooms in every state, as the pages' tests want them; nothing is played, all is written."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from negotiations.engine.room_specs import BUYER
from negotiations.models import Job, Market, Room, RoomRun
from tests.factory import make_draft, make_market, make_message

STATES = ("pending", "active", "completed", "aborted", "no_sellers_available")
# Of the seller at seat 0, 1 and 2 by `make_draft`; each a figure that stands nowhere else on a page.
SECRETS = {
    0: {"cost": "5.01", "least": "10.07", "selling": "25.13"},
    1: {"cost": "5.19", "least": "11.23", "selling": "25.29"},
    2: {"cost": "5.31", "least": "12.37", "selling": "25.41"},
}
LOW, HIGH, BUDGET = "8.43", "20.47", "777.53"
WORDS = {0: "Nutmeg is what I like.", 1: "Saffron is dear to me.", 2: "Cardamom keeps well."}
TO_ONE = {
    0: "Between us, Nutmeg: vanilla.",
    1: "Between us, Saffron: cinnamon.",
    2: "Between us, Cardamom: cumin.",
}


def undrawn(html: str) -> str:
    """Without icons and times: they are full of figures."""
    return re.sub(r"<svg.*?</svg>|\d\d:\d\d:\d\d\.\d+", "", html, flags=re.DOTALL)


def drafted(people: dict[int, User] | None = None, n_sellers: int = 3, **fields: Any) -> Any:
    """A draft of one item whose figures are found again wherever they are shown; `people` sit at these seats."""
    draft = make_draft(n_items=1, n_sellers=n_sellers, **({"budget": Decimal(BUDGET)} | fields))
    sellers = []
    for seat, seller in enumerate(draft.sellers):
        figures: dict[str, Any] = {name: Decimal(text) for name, text in SECRETS[seat].items()}
        person = (people or {}).get(seat)
        seated: dict[str, Any] = {"kind": "person", "person": person} if person else {}
        sellers.append(replace(seller, stock=(replace(seller.stock[0], **figures),), **seated))
    needs = (replace(draft.needs[0], low=Decimal(LOW), high=Decimal(HIGH)),)
    buyer = (people or {}).get(BUYER)
    told: dict[str, Any] = {"buyer_kind": "person", "buyer_person": buyer} if buyer else {}
    return replace(draft, needs=needs, sellers=tuple(sellers), **told)


def opened(
    owner: User, group: Group | None = None, people: dict[int, User] | None = None, **fields: Any
) -> Market:
    return Market.objects.open(drafted(people, **fields), owner, group)


def started(
    owner: User, group: Group | None = None, people: dict[int, User] | None = None, **fields: Any
) -> RoomRun:
    run: RoomRun = opened(owner, group, people, **fields).rooms.get().start(owner)
    return run


def talk(run: RoomRun, rounds: int = 1, n_sellers: int = 3) -> RoomRun:
    """The buyer to all and to each, and what each says and offers."""
    for round in range(1, rounds + 1):
        make_message(run, round, BUYER, f"What is your best offer in round {round}?")
        for seat in range(n_sellers):
            make_message(run, round, BUYER, TO_ONE[seat], to=(seat,), price=9.11 + seat, quantity=10)
        for seat in range(n_sellers):
            price = 19.61 + seat - round / 100
            make_message(run, round, seat, WORDS[seat], price=price, quantity=10)
    return fresh(run)


def await_person(run: RoomRun, *seats: int) -> RoomRun:
    run.set(awaits=list(seats))
    Job.objects.filter(pk=run.pk).update(awaits_since=timezone.now())
    return fresh(run)


def fresh(run: RoomRun) -> RoomRun:
    found: RoomRun = RoomRun.objects.select_related("job", "room__market").get(pk=run.pk)
    return found


def room_in(state: str, owner: User, group: Group | None = None) -> Room:
    """A room in `state`, one of STATES, with two rounds of words where that can be."""
    if state == "no_sellers_available":
        market = make_market(owner, n_items=2, n_sellers=1, group=group)
        Room.objects.filter(market=market, index=1).update(status=state)
        market.rooms.get(index=1).places.update(
            seat=None, skip_reason="price_mismatch", skip_detail="Too dear."
        )
        unserved: Room = market.rooms.get(index=1)
        return unserved
    if state == "pending":
        pending: Room = opened(owner, group).rooms.get()
        return pending
    run = talk(started(owner, group), 2)
    if state == "completed":
        run.room.decide(owner, "deal", 0, Decimal("19.59"), 10)
    elif state == "aborted":
        run.job.cancel(owner)
    room: Room = Room.objects.select_related("market").get(pk=run.room_id)
    return room

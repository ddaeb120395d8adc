"""A market as JSON: all of it, or what somebody who sits in it may know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User

from negotiations.engine.room_specs import BUYER
from negotiations.models import Market
from negotiations.room_states import as_number, constraints_of


def opened_dict(market: Market) -> dict[str, Any]:
    """What a market was opened with (M-01). There is one buyer, so it has the market's own number."""
    rooms = _rooms(market)
    served = [room_dict(room, None) for room in rooms if room.status != "no_sellers_available"]
    return {
        "session_id": market.pk,
        "created_at": market.created_at.isoformat(),
        "buyer_id": market.pk,
        "seller_ids": list(market.sellers.order_by("index").values_list("pk", flat=True)),
        "negotiation_rooms": served,
        "total_rooms": len(served),
        "skipped_items": [
            {"item_name": room.item, "room_id": room.pk, "skipped_sellers": _skipped(room)}
            for room in rooms
            if room.status == "no_sellers_available"
        ],
    }


def market_dict(market: Market, user: User | None) -> dict[str, Any]:
    """For who sits there; None for those who see all of it (M-02)."""
    is_buyer = user is None or market.buyer_person_id == user.pk
    buyer: dict[str, Any] = {"buyer_id": market.pk, "name": market.buyer_name}
    if is_buyer:
        buyer |= {"budget": as_number(market.budget), "spent": as_number(market.spent)}
    if user is None:
        buyer |= {"kind": market.buyer_kind, "person": _name(market.buyer_person)}
    told = {
        "session_id": market.pk,
        "name": market.name,
        "status": market.status,
        "created_at": market.created_at.isoformat(),
        "finished_at": market.finished_at.isoformat() if market.finished_at else None,
        "max_rounds": market.max_rounds,
        "min_rounds": market.min_rounds,
        "buyer": buyer,
        "sellers": [seller_dict(seller) for seller in _sellers(market, user)],
        "negotiation_rooms": list(_rooms_dict(market, user)),
    }
    return told if user is not None else told | {"seed": market.seed}


def row_dict(market: Market) -> dict[str, Any]:
    """In a list: what everybody knows who sits in it."""
    return {
        "session_id": market.pk,
        "name": market.name,
        "status": market.status,
        "user": market.owner.get_username(),
        "created_at": market.created_at.isoformat(),
        "finished_at": market.finished_at.isoformat() if market.finished_at else None,
    }


def room_dict(room: Any, seat: int | None) -> dict[str, Any]:
    seated = [place for place in room.places.all() if place.seat is not None]
    told = {
        "room_id": room.pk,
        "item_name": room.item,
        "status": room.status,
        "seat": None if seat is None else "buyer" if seat == BUYER else str(seat),
        "buyer_constraints": constraints_of(room, seat),
        "participating_sellers": [
            {"seller_id": place.seller_id, "name": place.seller.name, "seat": place.seat} for place in seated
        ],
    }
    return told if seat is not None else told | {"skipped_sellers": _skipped(room)}


def seller_dict(seller: Any) -> dict[str, Any]:
    """For itself, and for those who see all."""
    return {
        "seller_id": seller.pk,
        "name": seller.name,
        "priority": seller.priority,
        "style": seller.style,
        "kind": seller.kind,
        "person": _name(seller.person),
        "stock": [
            {
                "item": stock.item,
                "cost": as_number(stock.cost),
                "least": as_number(stock.least),
                "selling": as_number(stock.selling),
                "quantity": stock.quantity,
                "remaining": stock.remaining,
            }
            for stock in seller.stocks.all()
        ],
    }


def _sellers(market: Market, user: User | None) -> Iterable[Any]:
    sellers = market.sellers.select_related("person").prefetch_related("stocks").order_by("index")
    return sellers if user is None else sellers.filter(person=user)


def _rooms(market: Market) -> list[Any]:
    return list(market.rooms.prefetch_related("places__seller").order_by("index"))


def _rooms_dict(market: Market, user: User | None) -> Iterable[dict[str, Any]]:
    """All, or those in which this person sits, from where they sit."""
    for room in _rooms(market):
        seats = [
            place.seat
            for place in room.places.all()
            if user is not None and place.seller.person_id == user.pk and place.seat is not None
        ]
        if user is None:
            yield room_dict(room, None)
        elif market.buyer_person_id == user.pk:
            yield room_dict(room, BUYER)
        elif seats:
            yield room_dict(room, min(seats))


def _skipped(room: Any) -> list[dict[str, Any]]:
    """Who is not in it, and why: with figures of the sellers, so for those who see all."""
    return [
        {"name": place.seller.name, "reason": place.skip_reason, "detail": place.skip_detail}
        for place in room.places.all()
        if place.skip_reason
    ]


def _name(person: Any) -> str | None:
    return person.get_username() if person else None

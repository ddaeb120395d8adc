"""Which markets and rooms a program may ask about, and from which seat (M-09)."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from api.answers import Refusal
from api.pages import found
from negotiations.engine.room_specs import BUYER
from negotiations.models import Market, Room

OWN_SEAT = "You sit in this room, and see it from your own seat only. Leave out `as`."
NO_SUCH_SEAT = "Nobody sits there. It is buyer, or the number of a seat in this room."


class SeatQuery(Schema):
    as_: str = Field(
        "",
        alias="as",
        pattern=r"^(buyer|[0-9]{1,2})?$",
        description="A seat to see it from: buyer, or a seat's number. Those who see all of a market may choose.",
    )

    @property
    def seat(self) -> int | None:
        if not self.as_:
            return None
        return BUYER if self.as_ == "buyer" else int(self.as_)


def asking(request: HttpRequest) -> User:
    return cast(User, request.user)


def market_of(request: HttpRequest, pk: uuid.UUID) -> tuple[Market, bool]:
    """A market, and whether all of it may be seen; else what the person's own seats may."""
    user = asking(request)
    rows = Market.objects.select_related("owner", "group", "buyer_person")
    market = rows.visible_to(user).filter(pk=pk).first()
    if market is not None:
        return market, True
    return found(rows.seated(user), "SESSION_NOT_FOUND", "session", pk=pk), False


def room_of(request: HttpRequest, pk: uuid.UUID, word: str = "ROOM_NOT_FOUND") -> tuple[Any, bool]:
    """A room, and whether all of it may be seen."""
    user = asking(request)
    rows = Room.objects.select_related("market__owner", "market__group")
    room = rows.visible_to(user).filter(pk=pk).first()
    if room is not None:
        return room, True
    return found(rows.seated(user), word, "room", pk=pk), False


def seen_from(
    request: HttpRequest, pk: uuid.UUID, query: SeatQuery, word: str = "ROOM_NOT_FOUND"
) -> tuple[Any, int | None]:
    """A room, and the seat from which it is told: None for all of it."""
    room, is_whole = room_of(request, pk, word)
    if is_whole:
        if query.seat not in (None, BUYER) and not room.places.filter(seat=query.seat).exists():
            raise Refusal(404, "SEAT_NOT_FOUND", NO_SUCH_SEAT)
        return room, query.seat
    held = seats_held(room, asking(request))
    seat = min(held, default=None) if query.seat is None else query.seat
    if seat is None or seat not in held:
        raise Refusal(403, "NOT_ALLOWED", OWN_SEAT)
    return room, seat


def seats_held(room: Any, user: User) -> set[int]:
    """By this person: the buyer's, and sellers'."""
    held = set(room.places.filter(seller__person=user, seat__isnull=False).values_list("seat", flat=True))
    return held | ({BUYER} if room.market.buyer_person_id == user.pk else set())

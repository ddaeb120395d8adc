"""What a seat may know of a room: the one place that says so. Pages, fragments, API, exports, prompts and advice ask it.

A seller sees what the buyer says to it or to all, and its own words. The buyer sees all that is said. Staff sees all
and is the seat None. Figures of a seat - cost, least price, persona; ceiling, budget - are known to that seat alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from negotiations.engine.room_specs import BUYER, RoomSpec, Said, SeatView

M = TypeVar("M")


def may_see(seat: int | None, message: Any) -> bool:
    """Whether a seat may see a message: anything with `seat` and `to`."""
    if seat is None or seat == BUYER or seat == message.seat:
        return True
    return bool(message.seat == BUYER and (not message.to or seat in message.to))


def seen_by(seat: int | None, transcript: Iterable[M]) -> list[M]:
    """The messages that a seat may see, in order."""
    return [each for each in transcript if may_see(seat, each)]


def may_know(seat: int | None, owner: int) -> bool:
    """Whether a seat may know the figures that are `owner`'s own: its prices and limits, stock, persona, failures."""
    return seat is None or seat == owner


def may_await(seat: int | None, awaited: int) -> bool:
    """Whether a seat may learn that another's answer is missing: a seller learns nothing of the others at the table."""
    return seat in (None, BUYER, awaited)


def may_count(seat: int | None) -> bool:
    """Whether a seat may learn what language models took: more than nothing would tell of others who they are."""
    return seat is None


def view_of(
    seat: int, spec: RoomSpec, transcript: Iterable[Said], round: int = 1, can_accept: bool = False
) -> SeatView:
    """All that a seat knows in a round."""
    own = _of_buyer(spec) if seat == BUYER else _of_seller(spec, seat)
    return SeatView(
        seat=seat,
        item=spec.item,
        quantity=spec.buyer.quantity,
        buyer=spec.buyer.name,
        sellers=tuple(seller.name for seller in spec.sellers),
        round=round,
        max_rounds=spec.max_rounds,
        min_rounds=spec.min_rounds,
        messages=tuple(_as_told(each) for each in seen_by(seat, transcript)),
        can_accept=can_accept,
        **own,
    )


def _of_buyer(spec: RoomSpec) -> dict[str, Any]:
    return {"low": spec.buyer.low, "high": spec.buyer.high, "budget": spec.buyer.budget}


def _of_seller(spec: RoomSpec, seat: int) -> dict[str, Any]:
    seller = spec.sellers[seat]
    names = ("cost", "least", "selling", "stock", "priority", "style")
    return {name: getattr(seller, name) for name in names}


_TOLD = ("round", "seat", "text", "price", "quantity", "to")
"""Who wrote for a seat, what failed there, and what that took is not for the others at the table."""


def _as_told(message: Said) -> Said:
    return Said(**{name: getattr(message, name) for name in _TOLD})

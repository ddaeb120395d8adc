"""What is on a room's table: offers that bind, which of them the buyer may take, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from negotiations.engine.room_specs import BUYER, BuyerSpec, RoomSpec, Said, SellerSpec
from negotiations.engine.visibility import may_see


class Fit(StrEnum):
    """How an offer fits what the buyer may take."""

    WITHIN = "within"
    OVER = "over"
    """Above its highest price, or more than the budget that is left."""
    BELOW = "below"
    """Below its lowest price."""
    SHORT = "short"
    """Less than is needed."""


@dataclass(frozen=True, slots=True)
class StandingOffer:
    """A seller's newest offer, which binds it. `since` is the round in which it went to this price and quantity."""

    seat: int
    price: float
    quantity: int
    since: int


def cents(price: float) -> int:
    return round(price * 100)


def clamped(
    seller: SellerSpec, price: float | None, quantity: int | None, need: int
) -> tuple[float, int] | None:
    """What binds of a seller's words: between its least and its selling price, one to its stock.

    None without a price or without stock; who names no quantity offers what is needed, as far as it has it.
    """
    if price is None or seller.stock < 1:
        return None
    wanted = need if quantity is None else quantity
    return round(min(max(price, seller.least), seller.selling), 2), min(max(wanted, 1), seller.stock)


def ceiling(buyer: BuyerSpec) -> float:
    """The highest price of one at which the need fits the budget that is left; may be below `buyer.low`."""
    if buyer.budget is None:
        return buyer.high
    return min(buyer.high, cents(buyer.budget) // buyer.quantity / 100)


def standing_offers(spec: RoomSpec, transcript: Iterable[Said]) -> dict[int, StandingOffer]:
    """By seat. What a seller offered is cut to the stock it has left."""
    found: dict[int, StandingOffer] = {}
    for said in transcript:
        if said.price is None or not 0 <= said.seat < len(spec.sellers) or not spec.sellers[said.seat].stock:
            continue
        quantity = min(said.quantity or spec.buyer.quantity, spec.sellers[said.seat].stock)
        before = found.get(said.seat)
        is_same = before and (before.price, before.quantity) == (said.price, quantity)
        since = before.since if before and is_same else said.round
        found[said.seat] = StandingOffer(said.seat, said.price, quantity, since)
    return found


def fit_of(buyer: BuyerSpec, price: float, quantity: int) -> Fit:
    """Whether the buyer may take an offer of a price for one and a quantity."""
    if quantity < buyer.quantity:
        return Fit.SHORT
    if price > ceiling(buyer):
        return Fit.OVER
    return Fit.BELOW if price < buyer.low else Fit.WITHIN


def takeable_offers(spec: RoomSpec, transcript: Sequence[Said]) -> list[StandingOffer]:
    """The offers that the buyer may take: cheapest first, then the earlier, then who answered more often."""
    offers = standing_offers(spec, transcript)
    fitting = [
        each for each in offers.values() if fit_of(spec.buyer, each.price, each.quantity) == Fit.WITHIN
    ]
    answers = responsiveness(transcript, offers)
    return sorted(fitting, key=lambda each: (each.price, each.since, -answers[each.seat], each.seat))


def responsiveness(transcript: Sequence[Said], seats: Mapping[int, object]) -> dict[int, float]:
    """The share of the rounds in which a seller was addressed that it answered with words of its own."""
    asked: dict[int, set[int]] = {seat: set() for seat in seats}
    there: dict[int, set[int]] = {seat: set() for seat in seats}
    for said in transcript:
        if said.seat == BUYER:
            for seat in seats:
                if may_see(seat, said):
                    asked[seat].add(said.round)
        elif said.seat in there and not said.is_fallback:
            there[said.seat].add(said.round)
    return {seat: len(there[seat] & asked[seat]) / len(asked[seat]) if asked[seat] else 0.0 for seat in seats}

"""A buyer that is a negotiator: what it bids to whom, and when it takes an offer.

It lets its sellers compete: all are bid the same, well below the best offer that it has, and those who ask for more are
told that somebody asks for less. Bids rise with time, and only the last one goes up to what it can pay, if nobody has
made an offer yet that it may take.
"""

from __future__ import annotations

from collections.abc import Sequence

from negotiations.engine.room_offers import (
    StandingOffer,
    ceiling,
    cents,
    standing_offers,
    takeable_offers,
)
from negotiations.engine.room_specs import BUYER, RoomDecision, RoomSpec, Said, Verdict
from negotiations.engine.room_words import Mood, buyer_opening, buyer_words

SERIOUS = 0.25
"""Of the highest price: no bid is lower, however low the price range begins."""
LAST = 0.4
"""Of the way from the lowest price to the best offer: the last bid where there is an offer to fall back on."""
ALONE = 0.8
"""Of the way to the highest price: the last bid but one where there is none."""
BEND = 1.6
"""The exponent of the bids in time: above 1 they rise late."""
PATIENCE = 8.0
"""The exponent of what it would pay in time: the higher, the longer it waits for a better offer."""
LEADERS = 0.02
"""Offers are as good as the best up to this part of it."""


def cannot_buy(spec: RoomSpec) -> str:
    """Why no offer at all could be taken, or an empty text."""
    if ceiling(spec.buyer) < spec.buyer.low:
        return "What is left of the budget does not reach the lowest price."
    if not any(seller.stock >= spec.buyer.quantity for seller in spec.sellers):
        return "No seller has enough left."
    return ""


def words_of_negotiator(spec: RoomSpec, round: int, transcript: Sequence[Said]) -> list[Said]:
    """All that the buyer says as a round opens: one message to all, or one to each group of sellers."""
    seed = _seed(spec, round)
    before = [each for each in transcript if each.round < round]
    price = _bid(spec, round, before)
    groups = _groups(spec, round, before)
    if not standing_offers(spec, before) and round < spec.max_rounds:
        text = buyer_opening(spec, price, seed)
        return [Said(round, BUYER, text, price, spec.buyer.quantity)]
    return [
        Said(round, BUYER, buyer_words(spec, mood, price, to, seed + at), price, spec.buyer.quantity, to)
        for at, (mood, to) in enumerate(groups)
    ]


def _seed(spec: RoomSpec, round: int) -> int:
    return spec.seed * 1009 + round


def _bid(spec: RoomSpec, round: int, before: Sequence[Said]) -> float:
    """Below the best offer, and not below an earlier bid but where that was taken."""
    buyer, most = spec.buyer, max(ceiling(spec.buyer), 0.01)
    low = min(max(buyer.low, SERIOUS * most), most)
    best = next(iter(takeable_offers(spec, before)), None)
    is_last = round >= spec.max_rounds
    if best is None and is_last:
        return most
    passed = (round - 1) / (spec.max_rounds - 1) if spec.max_rounds > 1 else 1.0
    top, end = (most, ALONE) if best is None else (best.price, LAST)
    bid = low + (top - low) * end * passed**BEND
    earlier = max((each.price or 0.0 for each in before if _is_own_bid(each)), default=0.0)
    bid = min(max(bid, earlier), top if best is None else max(buyer.low, top - 0.01))
    return cents(bid) / 100


def _is_own_bid(said: Said) -> bool:
    return said.seat == BUYER and said.price is not None and not said.by_person


def _groups(spec: RoomSpec, round: int, before: Sequence[Said]) -> list[tuple[Mood, tuple[int, ...]]]:
    """Whom it goes on with, and how it speaks to them: who has too little is not asked again."""
    offers = standing_offers(spec, before)
    everybody = range(len(spec.sellers))
    able = [seat for seat in everybody if seat not in offers or offers[seat].quantity >= spec.buyer.quantity]
    able = able or list(everybody)
    if round >= spec.max_rounds and not takeable_offers(spec, before):
        return [(Mood.LAST, tuple(able))]
    if len(able) == 1:
        return [(Mood.ONLY, tuple(able))]
    best = min((offers[seat].price for seat in able if seat in offers), default=None)
    leaders = tuple(seat for seat in able if best is not None and _leads(offers.get(seat), best))
    rest = tuple(seat for seat in able if seat not in leaders)
    return [(mood, to) for mood, to in ((Mood.LEADER, leaders), (Mood.RIVAL, rest)) if to]


def _leads(offer: StandingOffer | None, best: float) -> bool:
    return offer is not None and offer.price <= best * (1 + LEADERS)


def decision_of_negotiator(spec: RoomSpec, round: int, transcript: Sequence[Said]) -> RoomDecision | None:
    """The end of a room after a round, None to go on."""
    offers = takeable_offers(spec, transcript)
    if offers and round >= min(spec.min_rounds, spec.max_rounds) and _is_good(spec, round, offers[0].price):
        return deal(spec, round, offers[0], len(offers))
    return no_deal(spec, round) if round >= spec.max_rounds else None


def _is_good(spec: RoomSpec, round: int, price: float) -> bool:
    """Whether it would pay a price now: the end takes all that fits."""
    if round >= spec.max_rounds:
        return True
    low, most = spec.buyer.low, ceiling(spec.buyer)
    return bool(price <= low + (most - low) * (round / spec.max_rounds) ** PATIENCE)


def deal(spec: RoomSpec, round: int, offer: StandingOffer, n_offers: int) -> RoomDecision:
    others = "the only offer" if n_offers == 1 else f"the best of {n_offers} offers"
    return RoomDecision(
        round,
        Verdict.DEAL,
        offer.seat,
        offer.price,
        spec.buyer.quantity,
        f"It is {others} within the price range, for all that is needed, and within the budget.",
    )


def no_deal(spec: RoomSpec, round: int) -> RoomDecision:
    return RoomDecision(
        round,
        Verdict.NO_DEAL,
        reason=f"After {round} of {spec.max_rounds} rounds no offer was within the price range, for all that is needed, and within the budget.",
    )

"""Sellers that are NegMAS negotiators: how a persona concedes, and what a seat offers in a round.

Nothing is kept between rounds. A seller is made anew and hears again what it heard: the buyer's counters come to it as
the other side's offers, one step of NegMAS's mechanism a round.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from negmas.outcomes import make_issue, make_os
from negmas.preferences import UtilityFunction
from negmas.sao import ResponseType, SAOMechanism, SAONegotiator, SAOResponse
from negmas.sao.negotiators import HybridNegotiator, TimeBasedNegotiator

from negotiations.engine.room_offers import clamped, standing_offers
from negotiations.engine.room_specs import BUYER, Priority, RoomSpec, Said, SellerSpec, Style
from negotiations.engine.room_words import is_last_word
from negotiations.engine.table import seed_everything, seed_of
from negotiations.engine.visibility import may_see

N_PRICES = 65
N_QUANTITIES = 3
"""Between these a seller's own offers lie; counters may lie anywhere."""

Deal = tuple[float, int]


@dataclass(frozen=True, slots=True)
class Concession:
    """How a seller gives way: from `start` to `end` of what lies between its least (0) and its selling price (1).

    What it takes is less than what it asks for: down to `takes` in the end. `exponent` bends the way in time: above 1
    late (Boulware), below 1 early (Conceder). With `mirrors` it answers to the buyer's moves, so strongly, and the
    exponent bends nothing.
    """

    start: float
    end: float
    takes: float
    exponent: float = 1.0
    mirrors: float | None = None


_BY_PRIORITY = {
    Priority.PROFIT: Concession(1.0, 0.36, 0.32, 4.0),
    Priority.BALANCE: Concession(0.95, 0.14, 0.1, 1.0, mirrors=0.5),
    Priority.CUSTOMER: Concession(0.8, 0.05, 0.0, 0.5),
}
_BY_STYLE = {Style.WARM: 0.8, Style.PLAIN: 1.0, Style.BLUNT: 1.25}
_CHANCE = 0.08
"""By so much two sellers of one persona differ."""


def concession_of(seller: SellerSpec, seed: int) -> Concession:
    """The persona's, a little other for each seed: a warm seller gives way earlier and further than a blunt one."""
    base = _BY_PRIORITY.get(Priority(seller.priority), _BY_PRIORITY[Priority.BALANCE])
    bent = _BY_STYLE[Style(seller.style)] * (1 + random.Random(seed).uniform(-_CHANCE, _CHANCE))
    mirrors = None if base.mirrors is None else base.mirrors / bent
    end, takes = min(base.end * bent, 0.9), min(base.takes * bent, 0.8)
    return Concession(base.start, end, takes, base.exponent * bent, mirrors)


class MarginUFun(UtilityFunction):
    """The share that a deal brings of a seller's best: the need at its selling price. Below its least price under 0."""

    def __init__(self, seller: SellerSpec, quantity: int, **given: Any) -> None:
        super().__init__(reserved_value=0.0, **given)
        self._least, self._range, self._quantity = seller.least, seller.selling - seller.least, quantity

    def eval(self, offer: Any) -> float:
        if offer is None:
            return 0.0
        price, quantity = offer
        margin = (price - self._least) / self._range
        if margin < 0:
            return float(margin / (1 - margin))  # above -1 however low, so that a mirror is not blinded
        return float(min(margin, 1.0) * min(quantity / self._quantity, 1.0))


class _Curve:
    """What a seller asks for in time, as NegMAS's time curves say it; the last of `rounds` is the end."""

    def __init__(self, concession: Concession, end: float, rounds: int) -> None:
        self._concession, self._end, self._rounds = concession, end, rounds

    def utility_range(self, t: float) -> tuple[float, float]:
        round = t * (self._rounds + 1) - 1
        passed = min(max(round / (self._rounds - 1), 0.0), 1.0) if self._rounds > 1 else 1.0
        start = self._concession.start
        return start - (start - self._end) * passed**self._concession.exponent, 1.0


class _Binding:
    """With its `back_to_the_wall` it takes in the last round what is no worse than nothing.

    Unless it `closes`, to take a bid is to offer just that.
    """

    closes = False
    back_to_the_wall = False
    nmi: Any
    ufun: Any

    def __call__(self, state: Any, dest: str | None = None) -> SAOResponse:
        answer = super().__call__(state, dest)  # type: ignore[misc]
        there = state.current_offer
        is_over = self.back_to_the_wall and state.step >= self.nmi.n_steps - 1
        is_enough = is_over and there is not None and self.ufun(there) >= 0
        accepts = answer.response == ResponseType.ACCEPT_OFFER or is_enough
        if accepts and not self.closes:
            return SAOResponse(ResponseType.REJECT_OFFER, there)
        return SAOResponse(ResponseType.ACCEPT_OFFER, there) if accepts else answer


class PacedSeller(_Binding, TimeBasedNegotiator):
    """Gives way by time alone."""


class MirroringSeller(_Binding, HybridNegotiator):
    """Gives way by time and as the buyer does."""


def negotiator_of(seller: SellerSpec, rounds: int, seed: int, closes: bool = False) -> Any:
    """The NegMAS negotiator of a persona; one that `closes` accepts as NegMAS means it."""
    concession = concession_of(seller, seed)
    if concession.mirrors is None:
        made: Any = PacedSeller(
            name="seller",
            id="seller",
            offering_curve=_Curve(concession, concession.end, rounds),
            accepting_curve=_Curve(concession, concession.takes, rounds),
        )
    else:
        made = MirroringSeller(
            name="seller",
            id="seller",
            initial_utility=concession.start,
            concession_ratio=(concession.start + concession.end) / 2,
            final_utility=concession.end,
            empathy_score=concession.mirrors,
        )
    made.closes = made.back_to_the_wall = closes
    return made


def outcome_space_of(seller: SellerSpec, need: int) -> Any:
    """Prices from least to selling and quantities up to the need: few, however far they reach."""
    step = (seller.selling - seller.least) / (N_PRICES - 1)
    prices = sorted({round(seller.least + step * place, 2) for place in range(N_PRICES)})
    most = max(1, min(need, seller.stock))
    quantities = sorted({max(1, most * part // N_QUANTITIES) for part in range(1, N_QUANTITIES + 1)})
    return make_os([make_issue(prices, "price"), make_issue(quantities, "quantity")])


class _Asking(SAONegotiator):
    """The buyer's chair at a seller's table: its words come from outside."""

    def propose(self, state: Any, dest: str | None = None) -> None:
        return None

    def respond(self, state: Any, source: str | None = None) -> Any:
        return ResponseType.REJECT_OFFER


def offer_of(spec: RoomSpec, seat: int, round: int, transcript: Sequence[Said]) -> Deal | None:
    """What a seller offers in a round, from what it has heard and said; None without stock.

    It asks for the quantity that the buyer asked for last, at the price that is worth as much to it as what it had in
    mind; never for more than before, and never for less than the buyer bids.
    """
    seller = spec.sellers[seat]
    heard = [each for each in transcript if may_see(seat, each)]
    counters = _counters(heard, round)
    thought = _thought(spec, seat, counters, _is_told_the_last_word(heard, round))
    asked = _quantity_asked(spec, heard)
    offer = clamped(seller, *_restated(seller, thought, asked, spec.buyer.quantity), spec.buyer.quantity)
    if offer is None:
        return None
    return _kept(spec, seat, offer, counters[-1], [each for each in heard if each.round < round])


def _counters(heard: Sequence[Said], round: int) -> list[tuple[float, int] | None]:
    """The buyer's bid as it stood in each round up to this one."""
    found: list[tuple[float, int] | None] = []
    for each in range(1, round + 1):
        said = [one for one in heard if one.seat == BUYER and one.round == each and one.price is not None]
        before = found[-1] if found else None
        found.append((said[-1].price or 0.0, said[-1].quantity or 0) if said else before)
    return found


def _quantity_asked(spec: RoomSpec, heard: Sequence[Said]) -> int:
    named = [each.quantity for each in heard if each.seat == BUYER and each.quantity]
    return named[-1] if named else spec.buyer.quantity


def _is_told_the_last_word(heard: Sequence[Said], round: int) -> bool:
    return any(is_last_word(each.text) for each in heard if each.seat == BUYER and each.round == round)


def _thought(spec: RoomSpec, seat: int, counters: Sequence[tuple[float, int] | None], is_final: bool) -> Deal:
    """What the seat's negotiator offers when all the counters were made to it, one a step."""
    seller, need = spec.sellers[seat], spec.buyer.quantity
    space = outcome_space_of(seller, need)
    table = SAOMechanism(
        outcome_space=space,
        n_steps=max(spec.max_rounds, len(counters)),
        check_offers=False,
        sync_calls=True,
        end_on_no_response=False,
        ignore_negotiator_exceptions=False,
        name="room",
    )
    most = max(1, min(need, seller.stock))
    seed = seed_of(spec.seed, seat)
    negotiator = negotiator_of(seller, spec.max_rounds, seed)
    negotiator.back_to_the_wall = is_final
    seed_everything(seed)
    buyer = _Asking(name="buyer", id="buyer")
    table.add(buyer, ufun=MarginUFun(seller, most, outcome_space=space))
    table.add(negotiator, ufun=MarginUFun(seller, most, outcome_space=space))
    for round, counter in enumerate(counters, 1):
        seed_everything(seed_of(seed, round))
        bid = counter and (counter[0], min(counter[1] or need, most))
        table.step({buyer.id: SAOResponse(ResponseType.REJECT_OFFER, bid)})
    found = table.state.current_offer
    return found if found is not None else (seller.selling, most)


def _restated(seller: SellerSpec, thought: Deal, asked: int, need: int) -> Deal:
    """The same gain with the quantity asked for."""
    quantity = max(1, min(asked, seller.stock))
    margin = (thought[0] - seller.least) * thought[1] / quantity
    return seller.least + min(margin, seller.selling - seller.least), quantity


def _kept(spec: RoomSpec, seat: int, offer: Deal, bid: Deal | None, before: Sequence[Said]) -> Deal:
    """Nobody goes back behind its own offer, or asks for less than it is bid."""
    price, quantity = offer
    seller = spec.sellers[seat]
    earlier = standing_offers(spec, before).get(seat)
    most = earlier.price if earlier and earlier.quantity <= quantity else seller.selling
    price = min(price, most)
    if bid and price <= bid[0] and quantity >= min(bid[1] or quantity, seller.stock):
        price = min(bid[0], most)
    return round(min(max(price, seller.least), seller.selling), 2), quantity

"""Seats that a language model holds: what is made of its answers, and what stands there when it gives none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from negotiations.engine.acceptances import accepted_in, without_going_on
from negotiations.engine.mentions import mentioned
from negotiations.engine.model_settings import ModelCode
from negotiations.engine.offer_texts import clean_words, offer_in
from negotiations.engine.room_buyer import deal, no_deal
from negotiations.engine.room_offers import StandingOffer, clamped, takeable_offers
from negotiations.engine.room_specs import (
    BUYER,
    MOST,
    ModelAnswer,
    ModelFailed,
    ModelSpeaker,
    RoomDecision,
    RoomSpec,
    Said,
    SeatView,
)
from negotiations.engine.room_words import parting, plain_offer, silence, waiting
from negotiations.engine.visibility import view_of
from negotiations.engine.worded_offers import Offered


def no_model(view: SeatView) -> ModelAnswer:
    """Speaks where no language model is switched on."""
    raise ModelFailed(ModelCode.DISABLED.value, "No language model is switched on.")


def model_answers(spec: RoomSpec, seat: int, round: int, said: Sequence[Said], speak: ModelSpeaker) -> Said:
    """A seller's answer; its offer is clamped as anybody's."""
    try:
        answer = speak(view_of(seat, spec, said, round))
    except ModelFailed as failure:
        return failed(round, seat, silence(spec.sellers[seat].name), failure)
    seller, offered = spec.sellers[seat], _offered(answer)
    binding = clamped(seller, offered.price, offered.quantity, spec.buyer.quantity)
    words = clean_words(answer.text) or (plain_offer(*binding) if binding else silence(seller.name))
    price, quantity = binding or (None, None)
    return Said(round, seat, words, price, quantity, **_took(answer))


def model_opens(
    spec: RoomSpec, round: int, said: Sequence[Said], speak: ModelSpeaker, can_accept: bool = False
) -> tuple[Said, str]:
    """What a buyer says as a round opens, and all that it answered: nothing where it failed."""
    try:
        answer = speak(view_of(BUYER, spec, said, round, can_accept))
    except ModelFailed as failure:
        return failed(round, BUYER, waiting(), failure), ""
    offered = _offered(answer)
    price = None if offered.price is None else min(offered.price, float(MOST))
    words = without_going_on(clean_words(answer.text)) or waiting()
    to, _ = mentioned(words, [seller.name for seller in spec.sellers])
    quantity = offered.quantity if price is not None else None
    return Said(round, BUYER, words, price, quantity, to, **_took(answer)), answer.text


def failed(round: int, seat: int, text: str, failure: ModelFailed) -> Said:
    """Neutral words for a seat whose language model gave none, and why, for staff."""
    error = f"{failure.code}: {failure.message}"
    return Said(round, seat, text, is_fallback=True, error=error, **_took(failure))


def _took(answer: ModelAnswer | ModelFailed) -> dict[str, Any]:
    return {
        "tokens": answer.tokens,
        "input_tokens": answer.input_tokens,
        "seconds": answer.seconds,
    }


def _offered(answer: ModelAnswer) -> Offered:
    """What it named apart counts before what stands in its text, where it makes sense."""
    there = offer_in(answer.text)
    price = answer.price if answer.price is not None and 0 <= answer.price <= MOST else there.price
    quantity = answer.quantity if answer.quantity is not None and answer.quantity >= 1 else there.quantity
    return Offered(None if price is None else round(price, 2), quantity and min(quantity, MOST))


def decision_in(spec: RoomSpec, round: int, said: Sequence[Said], text: str) -> RoomDecision | None:
    """The end of a room by what its buyer answered after a round; None to go on."""
    offers = takeable_offers(spec, said)
    names = [seller.name for seller in spec.sellers]
    return _decision(spec, round, accepted_in(text, names, offers, spec.buyer.quantity), len(offers))


def closing_words(spec: RoomSpec, decision: RoomDecision, said: Said) -> Said:
    """The last that a buyer says: `decision_told` reads the same decision in it."""
    told = replace(said, round=decision.round, price=None, quantity=None, to=())
    if decision.seller is None:
        return replace(told, text=parting()) if said.text == waiting() else told
    return replace(told, text=_acceptance(spec, decision.seller), to=(decision.seller,))


def decision_told(spec: RoomSpec, round: int, said: Sequence[Said]) -> RoomDecision | None:
    """The decision in a buyer's closing words, which are the last that was said.

    None where it is to go on after all: somebody else has bought what it accepted, or has spent the budget.
    """
    offers = takeable_offers(spec, said)
    chosen = next((each for each in offers if said[-1].text == _acceptance(spec, each.seat)), None)
    return _decision(spec, round, chosen, len(offers))


def _decision(spec: RoomSpec, round: int, chosen: StandingOffer | None, n_offers: int) -> RoomDecision | None:
    if chosen is not None:
        return deal(spec, round, chosen, n_offers)
    return no_deal(spec, round) if round >= spec.max_rounds else None


def _acceptance(spec: RoomSpec, seat: int) -> str:
    return f"I accept your offer, @{spec.sellers[seat].name}."

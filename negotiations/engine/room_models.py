"""Seats that a language model holds: what is made of its answers, and what stands there when it gives none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from negotiations.engine.mentions import folded, mentioned
from negotiations.engine.model_settings import ModelCode
from negotiations.engine.offer_texts import LONGEST, Offered, clean_words, offer_in, without_thoughts
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
from negotiations.engine.room_words import plain_offer, silence, waiting
from negotiations.engine.visibility import view_of


def no_model(view: SeatView) -> ModelAnswer:
    """Speaks where no language model is switched on."""
    raise ModelFailed(ModelCode.DISABLED.value, "No language model is switched on.")


def model_answers(spec: RoomSpec, seat: int, round: int, said: Sequence[Said], speak: ModelSpeaker) -> Said:
    """A seller's answer; its offer is clamped as anybody's."""
    try:
        answer = speak(view_of(seat, spec, said, round))
    except ModelFailed as failure:
        return failed(round, seat, silence(spec.sellers[seat].name), failure)
    offered = _offered(answer)
    price, quantity = clamped(spec.sellers[seat], offered.price, offered.quantity, spec.buyer.quantity) or (
        None,
        None,
    )
    words = clean_words(answer.text) or (
        silence(spec.sellers[seat].name)
        if price is None or quantity is None
        else plain_offer(price, quantity)
    )
    return Said(round, seat, words, price, quantity, tokens=answer.tokens, seconds=answer.seconds)


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
    words = clean_words(answer.text) or waiting()
    to, _ = mentioned(words, [seller.name for seller in spec.sellers])
    quantity = offered.quantity if price is not None else None
    opening = Said(round, BUYER, words, price, quantity, to, tokens=answer.tokens, seconds=answer.seconds)
    return opening, answer.text


def failed(round: int, seat: int, text: str, failure: ModelFailed) -> Said:
    """Neutral words for a seat whose language model gave none; staff sees why."""
    return Said(
        round,
        seat,
        text,
        is_fallback=True,
        error=f"{failure.code}: {failure.message}",
        tokens=failure.tokens,
        seconds=failure.seconds,
    )


def _offered(answer: ModelAnswer) -> Offered:
    """What it named apart counts before what stands in its text, where it makes sense."""
    there = offer_in(answer.text)
    price = answer.price if answer.price is not None and 0 <= answer.price <= MOST else there.price
    quantity = answer.quantity if answer.quantity is not None and answer.quantity >= 1 else there.quantity
    return Offered(None if price is None else round(price, 2), quantity and min(quantity, MOST))


_ACCEPTS = re.compile(r"\baccept(?:ed|ing)?\b", re.I)
_GOES_ON = re.compile(
    r"\bcontinue\b|\b(?:not|never|cannot|can't|won't|don't|unable to|if you|would|could) (?:\w+ ){0,2}accept",
    re.I,
)
_SELLER = re.compile(r'"seller"\s{0,5}:\s{0,5}"([^"\n]{1,100})"')


def accepted_in(text: str, names: Sequence[str], offers: Sequence[StandingOffer]) -> StandingOffer | None:
    """The offer that a text accepts, of those that may be taken, the best first. Unclear is no."""
    plain = without_thoughts(text[:LONGEST]).replace("\u2019", "'")
    if not offers or not _ACCEPTS.search(plain) or _GOES_ON.search(plain):
        return None
    seats, unknown = mentioned(plain, names)
    named = {folded(found) for found in _SELLER.findall(plain)}
    chosen = {*seats, *(seat for seat, name in enumerate(names) if folded(name) in named)}
    if not chosen and not unknown and not named:
        return offers[0]
    return next((each for each in offers if {each.seat} == chosen), None)


def decision_in(spec: RoomSpec, round: int, said: Sequence[Said], text: str) -> RoomDecision | None:
    """The end of a room by what its buyer answered after a round; None to go on."""
    offers = takeable_offers(spec, said)
    names = [seller.name for seller in spec.sellers]
    chosen = accepted_in(text, names, offers)
    if chosen is not None:
        return deal(spec, round, chosen, len(offers))
    return no_deal(spec, round) if round >= spec.max_rounds else None


def closing_words(spec: RoomSpec, decision: RoomDecision, said: Said) -> Said:
    """The last that a buyer says: whoever reads it finds the same decision in it."""
    told = replace(said, round=decision.round, price=None, quantity=None, to=())
    if decision.seller is None:
        return told
    name = spec.sellers[decision.seller].name
    return replace(told, text=f"I accept your offer, @{name}.", to=(decision.seller,))

"""The offers panel of a room: what binds each seller now, and whether the buyer may take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from negotiations.engine.room_offers import Fit, StandingOffer, fit_of, standing_offers, takeable_offers
from negotiations.engine.room_specs import RoomSpec, Said

WORDS = {
    Fit.WITHIN: ("Within", "", "The buyer may take it"),
    Fit.OVER: ("Over budget", "over", "More than may be paid for one, or than is left of the budget"),
    Fit.BELOW: ("Below", "out", "Below the lowest price that the buyer takes"),
    Fit.SHORT: ("Too few", "out", "Less than is needed"),
}


@dataclass(frozen=True)
class OfferLine:
    seat: int
    name: str
    look: int
    price: float
    quantity: int
    word: str
    tint: str
    why: str

    @property
    def total(self) -> float:
        return self.price * self.quantity

    @property
    def is_best(self) -> bool:
        return self.tint == "best"

    @property
    def may_be_taken(self) -> bool:
        return self.is_best or self.word == WORDS[Fit.WITHIN][0]


def offer_lines(
    spec: RoomSpec, said: Sequence[Said], names: Mapping[int, str], looks: Mapping[int, int]
) -> list[OfferLine]:
    """Cheapest first; of those that may be taken the one that the buyer would take is the best."""
    takeable = takeable_offers(spec, said)
    best = takeable[0].seat if takeable else None
    place = {offer.seat: index for index, offer in enumerate(takeable)}
    offers = sorted(
        standing_offers(spec, said).values(),
        key=lambda offer: (offer.price, place.get(offer.seat, len(names)), offer.seat),
    )
    return [
        _line(spec, offer, (names[offer.seat], looks[offer.seat]), offer.seat == best) for offer in offers
    ]


def _line(spec: RoomSpec, offer: StandingOffer, who: tuple[str, int], is_best: bool) -> OfferLine:
    word, tint, why = WORDS[fit_of(spec.buyer, offer.price, offer.quantity)]
    if is_best:
        word, tint, why = "Best", "best", "The cheapest offer that the buyer may take"
    return OfferLine(offer.seat, *who, offer.price, offer.quantity, word, tint, why)

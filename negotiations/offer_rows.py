"""Offers as a reader sees them: what changed since the party's last one, whom it is good for, what else was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from negotiations.engine.specs import Action, Response
from negotiations.models import Offer


class Seat(Protocol):
    """A party at the table."""

    @property
    def name(self) -> str: ...


Made = Offer | Action
"""From a session's rows, or from the transcript of a match."""

WORDS = {
    Response.REJECT: "Rejected, with no offer of its own",
    Response.END: "Ended the negotiation",
    Response.LEAVE: "Left the negotiation",
    Response.WAIT: "Waited",
    Response.NONE: "Gave no answer",
    Response.ERROR: "Failed",
    Response.TIMEOUT: "Took too long",
}


@dataclass(frozen=True)
class Value:
    text: str
    changed: bool


@dataclass(frozen=True)
class OfferRow:
    """One line of the list. `step` counts from 1, as people do; `words` stand where there are no `values`."""

    seq: int
    step: int
    party: int
    name: str
    response: str
    values: tuple[Value, ...]
    words: str
    utilities: tuple[float | None, ...]
    text: str

    @property
    def same(self) -> bool:
        return bool(self.values) and not any(value.changed for value in self.values)

    @property
    def plotted(self) -> str:
        """The utilities as the charts' script reads them; empty where one is unknown."""
        known = [value for value in self.utilities if value is not None]
        return " ".join(f"{value:.4f}" for value in known) if len(known) == len(self.utilities) else ""

    @property
    def told(self) -> str:
        """The values as the charts' script reads them; empty where they are those of the offer before."""
        return "" if self.same else "\t".join(value.text for value in self.values)


def offer_rows(
    offers: Iterable[Made], parties: Sequence[Seat], previous: Mapping[int, Made]
) -> list[OfferRow]:
    """Lines for `offers`, in order; `previous` is each party's last offer before them."""
    names = [party.name for party in parties]
    last: dict[int, Made] = dict(previous)
    rows = []
    for offer in offers:
        rows.append(_row(offer, names, last))
        if offer.response == Response.OFFER:
            last[offer.party] = offer
    return rows


def _row(offer: Made, names: Sequence[str], last: dict[int, Made]) -> OfferRow:
    return OfferRow(
        seq=offer.seq,
        step=offer.step + 1,
        party=offer.party,
        name=names[offer.party] if offer.party < len(names) else f"Party {offer.party + 1}",
        response=offer.response,
        values=_values(offer, last.get(offer.party)),
        words=_words(offer, names, last),
        utilities=tuple(offer.utilities),
        text=offer.text,
    )


def _values(offer: Made, before: Made | None) -> tuple[Value, ...]:
    """All of a party's first offer counts as changed."""
    if offer.response != Response.OFFER or offer.outcome is None:
        return ()
    old = (before.outcome if before else None) or offer.outcome
    pairs = zip(offer.outcome, old, strict=True)
    return tuple(Value(value_text(value), value != was or before is None) for value, was in pairs)


def _words(offer: Made, names: Sequence[str], last: dict[int, Made]) -> str:
    if offer.response == Response.OFFER:
        return ""
    if offer.response == Response.ACCEPT:
        others = [made for made in last.values() if made.party != offer.party]
        whose = max(others, key=lambda made: made.seq, default=None)
        return f"Accepted the offer of {names[whose.party]}" if whose else "Accepted"
    return WORDS[Response(offer.response)]


def value_text(value: str | int | float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

"""Where a session is forked: a row, what was there before it, and what lies around it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from negotiations.engine.specs import Response
from negotiations.models import Offer, Party, Session
from negotiations.offer_rows import OfferRow, offer_rows

AROUND = 4
"""Rows shown before and after the one chosen."""


class ForkPoint:
    """A row of a session, as far as a fork has to know it."""

    def __init__(self, session: Session, row: Offer) -> None:
        self.session, self.row = session, row

    @classmethod
    def of(cls, session: Session, seq: Any = None, step: Any = None) -> ForkPoint | None:
        """The row with this number, else the first of this step, else the last; None where there is none."""
        rows = session.offers.order_by("seq")
        found = None
        if (number := _whole(seq)) is not None:
            found = rows.filter(seq=number).first()
        elif (number := _whole(step)) is not None:
            found = rows.filter(step=number - 1).first()
        found = found or rows.last()
        return cls(session, found) if found else None

    @cached_property
    def parties(self) -> list[Party]:
        return list(self.session.parties.select_related("negotiator", "person"))

    @property
    def acting(self) -> Party:
        return self.parties[self.row.party]

    @cached_property
    def before(self) -> dict[int, Offer]:
        """Each party's newest offer before the row."""
        return Offer.objects.last_proposals(self.session, before=self.row.seq)

    @cached_property
    def on_table(self) -> Offer | None:
        """The offer that can be accepted here: the newest of another party, unless somebody has swept it away."""
        found: Offer | None = self.session.offers.filter(seq__lt=self.row.seq).on_table(self.row.party)
        return found

    @property
    def standings(self) -> list[tuple[Party, Offer | None]]:
        """What each party had asked for."""
        return [(party, self.before.get(party.index)) for party in self.parties]

    @property
    def suggested(self) -> Sequence[Any]:
        """An outcome to change: what the party offered here, had offered before, or was offered."""
        if self.row.response == Response.OFFER and self.row.outcome:
            return list(self.row.outcome)
        own = self.before.get(self.row.party) or self.on_table
        return list(own.outcome) if own and own.outcome else []

    @cached_property
    def rows(self) -> list[OfferRow]:
        """The row among its neighbours."""
        first = max(1, self.row.seq - AROUND)
        near = list(self.session.offers.after(first - 1)[: 2 * AROUND + 1])
        return offer_rows(near, self.parties, Offer.objects.last_proposals(self.session, before=first))

    @cached_property
    def shown(self) -> OfferRow:
        return next(row for row in self.rows if row.seq == self.row.seq)

    @property
    def step(self) -> int:
        """As people count it."""
        return self.row.step + 1


def _whole(text: Any) -> int | None:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

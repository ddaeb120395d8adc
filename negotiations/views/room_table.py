"""Who sits at the table of a room, and how it stands between them: what its page is made of, before a word is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property

from negotiations.engine import visibility
from negotiations.engine.room_specs import BUYER
from negotiations.forms.market_filters import seat_word
from negotiations.model_money import ModelUse
from negotiations.models import Room, RoomDecision, RoomRun, RoomSeller
from negotiations.models.owned import Visitor
from negotiations.views.market_parts import SKIP_WORDS

ENDS = {
    "rounds": "All rounds were used and no offer was accepted.",
    "time": "The time of the room was over.",
    "stopped": "The room was stopped.",
    "failed": "The room failed.",
    "no_deal": "It was decided to buy nothing.",
}


class RoomTable:
    """`room` is of `with_open_run()`; `seat` None sees all."""

    def __init__(self, room: Room, run: RoomRun | None, user: Visitor, seat: int | None) -> None:
        self.room, self.run, self.user, self.seat = room, run, user, seat
        self.market = room.market
        self.may_change = self.market.may_be_changed_by(user)

    # --- The table ----------------------------------------------------------------------------------------------

    @cached_property
    def places(self) -> list[RoomSeller]:
        found = RoomSeller.objects.filter(room=self.room).select_related("seller__person", "stock")
        return list(found.order_by("seat", "seller__index"))

    @property
    def seats(self) -> list[RoomSeller]:
        return [place for place in self.places if place.seat is not None]

    @property
    def known(self) -> list[RoomSeller]:
        """The sellers whose own figures this seat may know."""
        return [place for place in self.seats if visibility.may_know(self.seat, place.seat or 0)]

    @property
    def knows_buyer(self) -> bool:
        return visibility.may_know(self.seat, BUYER)

    @cached_property
    def names(self) -> dict[int, str]:
        return {BUYER: self.market.buyer_name} | {
            place.seat: place.seller.name for place in self.seats if place.seat is not None
        }

    @cached_property
    def looks(self) -> dict[int, int]:
        """By seat, the place in the market that gives a seller its colour and shape in all of its rooms."""
        sellers = {place.seat: place.seller.index for place in self.seats if place.seat is not None}
        return {BUYER: BUYER} | sellers

    @property
    def look(self) -> int:
        return self.looks[BUYER if self.seat is None else self.seat]

    @property
    def seat_name(self) -> str:
        return "" if self.seat is None else self.names[self.seat]

    @property
    def seat_word(self) -> str:
        return "" if self.seat is None else seat_word(self.seat)

    @property
    def mentions(self) -> str:
        """Whom the buyer may mention, a line each, in the order of their seats."""
        return "\n".join(name for seat, name in sorted(self.names.items()) if seat != BUYER)

    @property
    def skipped(self) -> list[tuple[RoomSeller, str]]:
        """Who is not in the room, and why."""
        return [(place, SKIP_WORDS[place.skip_reason]) for place in self.places if place.seat is None]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What a reader may look as."""
        sellers = [(seat_word(seat), name) for seat, name in self.names.items() if seat != BUYER]
        return [
            ("", "Everything"),
            (seat_word(BUYER), f"{self.market.buyer_name}, buyer"),
            *sellers,
        ]

    # --- Turns --------------------------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        return self.room.status == "active"

    @property
    def awaits(self) -> Sequence[int]:
        """The seats that it waits for; of the others at the table a seller learns nothing, not even from a version."""
        awaited = self.run.awaits if self.run and self.is_active else ()
        return [seat for seat in awaited if visibility.may_await(self.seat, seat)]

    @property
    def awaited(self) -> list[tuple[int, str]]:
        """Whom it waits for, by their looks."""
        return [(self.looks[seat], self.names[seat]) for seat in self.awaits]

    @property
    def answer_until(self) -> datetime | None:
        """When the turn of whom it waits for is over: with the turn's time, or with the room's."""
        if not self.awaits or self.run is None:
            return None
        since, seconds = self.run.job.awaits_since, self.market.turn_seconds
        turn = since + timedelta(seconds=seconds) if since and seconds else None
        return min((each for each in (turn, self.run.deadline) if each), default=None)

    @property
    def may_write(self) -> bool:
        """As the buyer, into a round that is still to come."""
        return (self.may_change or self.seat == BUYER) and self.round < self.max_rounds

    @property
    def is_my_turn(self) -> bool:
        return self.seat in self.awaits

    @property
    def model_use(self) -> ModelUse | None:
        """What language models took, for whom it may be told."""
        return self.run.model_use if self.run and visibility.may_count(self.seat) else None

    @property
    def round(self) -> int:
        return self.run.round if self.run else 0

    @property
    def max_rounds(self) -> int:
        return self.market.max_rounds

    @cached_property
    def decision(self) -> RoomDecision | None:
        if self.run is None or self.is_active:
            return None
        found = RoomDecision.objects.filter(run=self.run).select_related("seller", "forced_by")
        return found.first()

    @property
    def shows_decision(self) -> bool:
        """With whom, for how much: a seller learns it of its own deal only."""
        return self.seat in (None, BUYER) or self.seat == self.decided_seat

    @property
    def decided_seat(self) -> int | None:
        """The seat of the seller of the deal."""
        sold_by = self.decision.seller_id if self.decision else None
        return next((place.seat for place in self.seats if place.seller_id == sold_by), None)

    @property
    def why(self) -> str:
        return ENDS.get(self.run.end_reason, "") if self.run else ""

"""What the page of a room shows to a seat, part by part; the page, its live answers and a person's seat ask for it here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from negotiations.engine import visibility
from negotiations.engine.room_specs import BUYER, RoomSpec, Said
from negotiations.forms.market_filters import seat_word
from negotiations.models import Room, RoomDecision, RoomMessage, RoomRun, RoomSeller
from negotiations.models.owned import Visitor
from negotiations.views.market_parts import SKIP_WORDS
from negotiations.views.room_offers import OfferLine, offer_lines
from notifications.live import PROCESSING, QUIET, RUNNING, version_of

DISCLOSED = {
    "cost": "its cost",
    "least": "its least price",
    "high": "its highest price",
    "budget": "its budget",
}
ENDS = {
    "rounds": "All rounds were used and no offer was accepted.",
    "time": "The time of the room was over.",
    "stopped": "The room was stopped.",
    "failed": "The room failed.",
    "no_deal": "It was decided to buy nothing.",
}


@dataclass(frozen=True)
class MessageRow:
    """One message as a seat may read it; `number` is its place among those that it may read."""

    number: int
    message: RoomMessage
    name: str
    look: int
    to: tuple[str, ...]
    begins_round: bool
    for_staff: bool

    @property
    def total(self) -> Decimal | None:
        price, quantity = self.message.price, self.message.quantity
        return None if price is None or quantity is None else price * quantity

    @property
    def told(self) -> list[str]:
        """The secrets that it gives away, for staff (X-02)."""
        return [DISCLOSED.get(name, name) for name in self.message.disclosed] if self.for_staff else []


class RoomPage:
    """`room` is of `with_open_run()`; `seat` None sees all. Rows begin after number `after`."""

    def __init__(
        self, room: Room, run: RoomRun | None, user: Visitor, seat: int | None = None, after: int = 0
    ) -> None:
        self.room, self.run, self.user, self.seat, self.after = room, run, user, seat, after
        self.market = room.market
        self.may_change = self.market.may_be_changed_by(user)
        self.is_looked_at = seat is not None
        """By somebody who sees all of the room, as the seat does."""
        self.wants_run = False
        """An older try is looked at."""

    # --- Where it lives -----------------------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """Of the try that is shown; 0 before the first."""
        return self.run.number if self.run else 0

    @cached_property
    def numbers(self) -> list[int]:
        """All tries of the room, where there may be more than one."""
        if self.number < 2 and not self.wants_run:
            return []
        found = RoomRun.objects.filter(room=self.room).order_by("number")
        return list(found.values_list("number", flat=True))

    @property
    def is_live(self) -> bool:
        return not self.wants_run and self.room.status in ("pending", "active")

    @property
    def interval(self) -> int:
        if not self.is_active:
            return QUIET
        return PROCESSING if self.awaits else RUNNING

    @property
    def live_url(self) -> str:
        """Where its page polls; once it is over, where all pages do."""
        if not self.is_live:
            return reverse("notifications:live")
        return f"{self._url('room-live')}?{urlencode(self._query)}"

    @property
    def _query(self) -> dict[str, object]:
        seat = {} if self.seat is None else {"as": self.seat_word}
        return {**seat, "try": self.number}

    def _url(self, name: str, *more: object) -> str:
        return reverse(f"negotiations:{name}", args=[self.room.market_id, self.room.pk, *more])

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
    def seller_names(self) -> list[str]:
        """In the order of their seats."""
        return [name for seat, name in sorted(self.names.items()) if seat != BUYER]

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

    # --- What was said ------------------------------------------------------------------------------------------

    @cached_property
    def transcript(self) -> list[RoomMessage]:
        """All of the run, in order: at most a round's words for each of its rounds."""
        return list(self.run.messages.select_related("by").order_by("seq")) if self.run else []

    @cached_property
    def seen(self) -> list[RoomMessage]:
        return visibility.seen_by(self.seat, self.transcript)

    @property
    def rows(self) -> list[MessageRow]:
        rows, round = [], 0
        for number, message in enumerate(self.seen, start=1):
            if number > self.after:
                rows.append(self._row(number, message, message.round != round))
            round = message.round
        return rows

    def _row(self, number: int, message: RoomMessage, begins: bool) -> MessageRow:
        to = tuple(self.names.get(seat, "?") for seat in message.to)
        name, look = self.names[message.seat], self.looks[message.seat]
        return MessageRow(number, message, name, look, to, begins, self.seat is None)

    @property
    def said(self) -> list[Said]:
        return [message.to_said() for message in self.transcript]

    @cached_property
    def spec(self) -> RoomSpec:
        assert self.run  # only asked where something was said
        spec: RoomSpec = self.room.to_spec(self.run.conditions or self.room.conditions())
        return spec

    @cached_property
    def offers(self) -> list[OfferLine]:
        """The binding offer of each seller that this seat may know of, the cheapest first."""
        if self.run is None or self.seat not in (None, BUYER):
            return []
        return offer_lines(self.spec, self.said, self.names, self.looks)

    @property
    def best(self) -> OfferLine | None:
        return next((line for line in self.offers if line.is_best), None)

    @cached_property
    def silent(self) -> list[tuple[int, str]]:
        """The sellers without an offer."""
        there = {line.seat for line in self.offers}
        return [(seat, name) for seat, name in self.names.items() if seat != BUYER and seat not in there]

    # --- Turns --------------------------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        return self.room.status == "active"

    @property
    def awaits(self) -> Sequence[int]:
        return self.run.awaits if self.run and self.is_active else ()

    @property
    def awaited(self) -> list[tuple[int, str]]:
        """Whom it waits for, by their looks; of the others at the table a seller learns nothing."""
        return [
            (self.looks[seat], self.names[seat])
            for seat in self.awaits
            if self.seat in (None, BUYER) or seat == self.seat
        ]

    @property
    def answer_until(self) -> datetime | None:
        """When the turn of whom it waits for is over: with the turn's time, or with the room's."""
        if not self.awaits or self.run is None:
            return None
        since, seconds = self.run.job.awaits_since, self.market.turn_seconds
        turn = since + timedelta(seconds=seconds) if since and seconds else None
        return min((each for each in (turn, self.run.deadline) if each), default=None)

    @property
    def seat_links(self) -> list[tuple[str, str]]:
        """For whoever sits where a person is awaited."""
        mine = {place.seat for place in self.seats if place.seller.person_id == self.user.pk}
        if self.market.buyer_person_id == self.user.pk:
            mine.add(BUYER)
        return [
            (self.names[seat], self._url("room-seat", seat_word(seat)))
            for seat in self.awaits
            if seat in mine
        ]

    @property
    def may_start(self) -> bool:
        return self.room.status in ("pending", "aborted") and not self.wants_run

    @property
    def may_write(self) -> bool:
        """As the buyer, into a round that is still to come."""
        return (self.may_change or self.seat == BUYER) and self.round < self.max_rounds

    @property
    def is_my_turn(self) -> bool:
        return self.seat in self.awaits

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
    def suggestion(self) -> dict[str, object]:
        """What the form of a decision begins with: the best offer, for what is needed."""
        line = self.best or next(iter(self.offers), None)
        if line is None:
            return {"verdict": "no_deal", "quantity": self.room.quantity}
        return {
            "verdict": "deal",
            "seller": line.seat,
            "price": f"{line.price:.2f}",
            "quantity": min(line.quantity, self.room.quantity),
        }

    @property
    def decided_seat(self) -> int | None:
        """The seat of the seller of the deal."""
        sold_by = self.decision.seller_id if self.decision else None
        return next((place.seat for place in self.seats if place.seller_id == sold_by), None)

    @property
    def why(self) -> str:
        return ENDS.get(self.run.end_reason, "") if self.run else ""

    # --- Versions: what each part shows, hashed -------------------------------------------------------------

    @property
    def versions(self) -> dict[str, str]:
        run, room = self.run, self.room
        state = room.status, self.seat, self.run.number if self.run else 0
        at = (run.round, run.n_messages) if run else ()
        waits = self.awaits, self.answer_until
        return {
            "room_title": version_of(state),
            "room_figures": version_of(state, at),
            "room_progress": version_of(state, at[:1]),
            "room_actions": version_of(state),
            "room_turn": version_of(state, waits, at[:1]),
            "room_none": version_of(state, waits, not at or not at[1]),
            "room_offers": version_of(state, at, room.market.spent),
            "room_decision": version_of(state),
            "room_economy": version_of(state, at),
            "room_writer": version_of(state, self.may_write),
            # Of what was said to others a seat learns no number, not even how many.
            "room_cursor": version_of(state, at),
        }


class SeatPage(RoomPage):
    """The same for the person who sits there: with what they may do, and no way to the rest of the market."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.is_looked_at = False

    @property
    def live_url(self) -> str:
        if not self.is_live:
            return reverse("notifications:live")
        return f"{self._url('room-seat-live', self.seat_word)}?{urlencode({'try': self.number})}"

    @property
    def url(self) -> str:
        return self._url("room-seat", self.seat_word)

    @property
    def own(self) -> RoomSeller | None:
        """A seller's own place at the table."""
        return next((place for place in self.seats if place.seat == self.seat), None)

    @property
    def own_offer(self) -> RoomMessage | None:
        """What binds this seller now."""
        mine = [each for each in self.seen if each.seat == self.seat and each.price is not None]
        return mine[-1] if mine else None

    @property
    def first_form(self) -> dict[str, Any]:
        """Before anything was sent: the offer that stands, or the selling price for what is needed."""
        if self.own is None or self.own.stock is None:
            return {}
        last, stock = self.own_offer, self.own.stock
        quantity = min(stock.remaining, self.room.quantity)
        return {
            "price": {"value": last.price if last else stock.selling},
            "quantity": {"value": min(last.quantity or quantity, stock.remaining) if last else quantity},
        }

    @property
    def versions(self) -> dict[str, str]:
        run = self.run
        turn = self.is_my_turn, run.round if run else 0, self.answer_until
        mine = version_of(super().versions["room_title"], turn)
        return super().versions | {"seat_turn": mine, "seat_form": version_of(mine, self.may_write)}

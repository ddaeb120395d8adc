"""What the page of a room shows to a seat, part by part; the page, its live answers and a person's seat ask for it here."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from negotiations.engine import visibility
from negotiations.engine.room_analysis import analysis_of
from negotiations.engine.room_specs import BUYER, RoomSpec, Said
from negotiations.engine.room_specs import RoomDecision as Decided
from negotiations.engine.room_turns import missing, open_round
from negotiations.forms.market_filters import seat_word
from negotiations.models import Room, RoomMessage, RoomRun
from negotiations.models.owned import Visitor
from negotiations.views.room_gains import Gains
from negotiations.views.room_messages import MessageRow
from negotiations.views.room_offers import OfferLine, offer_lines
from negotiations.views.room_table import RoomTable
from notifications.live import PROCESSING, QUIET, RUNNING, version_of


class RoomPage(RoomTable):
    """Rows begin after number `after`; `wants_run` where an older try is looked at."""

    def __init__(
        self,
        room: Room,
        run: RoomRun | None,
        user: Visitor,
        seat: int | None = None,
        after: int = 0,
        wants_run: bool = False,
    ) -> None:
        super().__init__(room, run, user, seat)
        self.after, self.wants_run = after, wants_run
        self.is_looked_at = seat is not None
        """By somebody who sees all of the room, as the seat does."""

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
        # Of a seller the same whoever is awaited: it would read from the pace of its page what it may not know.
        is_seller = self.seat is not None and self.seat != BUYER
        return PROCESSING if self.awaits or is_seller else RUNNING

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

    @property
    def first_form(self) -> dict[str, Any]:
        """What a form begins with before anything was sent."""
        return {}

    @property
    def may_start(self) -> bool:
        return self.room.status in ("pending", "aborted") and not self.wants_run

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

    @property
    def to_answer(self) -> list[tuple[int, str]]:
        """Of the round that is played, by their looks: whose answer is missing, or else the buyer who goes on."""
        size = len(self.seats)
        round = open_round(self.transcript, size)
        seats = missing(round, self.transcript, size) or (BUYER,)
        return [(self.looks[seat], self.names[seat]) for seat in seats if seat in self.names]

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

    @cached_property
    def gains(self) -> Gains | None:
        """Beside what competition would have given: it knows every figure, so it is for who sees all."""
        if self.run is None or self.seat is not None or not (self.transcript or self.decision):
            return None
        decision = self._decided if not self.is_active else None
        return Gains(analysis_of(self.spec, self.said, decision), self.names, self.looks)

    @property
    def _decided(self) -> Decided | None:
        """The decision as the engine has it."""
        one = self.decision
        if one is None:
            return None
        price = None if one.price is None else float(one.price)
        seat = self.decided_seat if one.is_deal else None
        return Decided(one.round, one.verdict, seat, price, one.quantity, one.reason)

    @property
    def best(self) -> OfferLine | None:
        return next((line for line in self.offers if line.is_best), None)

    @cached_property
    def silent(self) -> list[tuple[int, str]]:
        """The sellers without an offer."""
        there = {line.seat for line in self.offers}
        return [(seat, name) for seat, name in self.names.items() if seat != BUYER and seat not in there]

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

    # --- Versions: what each part shows, hashed -------------------------------------------------------------

    @property
    def versions(self) -> dict[str, str]:
        run, room = self.run, self.room
        state = room.status, self.seat, self.run.number if self.run else 0
        # Of what was said to others a seat learns no number, not even how many: that of a seat counts what it heard.
        at = (run.round, getattr(room, "n_heard", run.n_messages)) if run else ()
        waits = self.awaits, self.answer_until
        return {
            "room_title": version_of(state),
            "room_figures": version_of(state, at),
            "room_progress": version_of(state, at[:1]),
            "room_actions": version_of(state),
            "room_turn": version_of(state, waits, at, bool(run and run.job.hold)),
            "room_none": version_of(state, waits, not at or not at[1]),
            "room_offers": version_of(state, at, room.market.spent),
            "room_decision": version_of(state),
            "room_economy": version_of(state, at),
            "room_writer": version_of(state, self.may_write),
            "room_cursor": version_of(state, at),
        }

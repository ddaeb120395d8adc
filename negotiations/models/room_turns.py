"""The turns of people who sit in a room as sellers, or as its buyer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from negotiations.engine.room_specs import BUYER, Said, SeatKind
from negotiations.engine.room_turns import missing
from negotiations.exceptions import Refused
from negotiations.models.room_moves import checked_text
from negotiations.models.room_news import turn_is_over
from negotiations.room_states import names_of

if TYPE_CHECKING:
    from negotiations.models.room_messages import RoomMessage


NO_ANSWER = "No answer in this round."


class TurnsOfPeople:
    """What a RoomRun does with the answers of people."""

    def unanswered(self: Any) -> tuple[int, ...]:
        """The sellers of whom an answer is missing in the open round."""
        words = list(self.messages.filter(round=self.round))
        return missing(self.round, words, self.room.places.filter(seat__isnull=False).count())

    def answer(
        self: Any,
        by: User,
        seat: int,
        text: str,
        price: Decimal | None = None,
        quantity: int | None = None,
        round: int = 0,
    ) -> RoomMessage:
        """What the person at a seller's seat says in the round that they saw open; a price and a quantity bind them."""
        place = self.room.places.select_related("seller", "stock").filter(seat=seat).first()
        if place is None or place.seller.kind != SeatKind.PERSON or place.seller.person_id != by.pk:
            raise Refused("NOT_ALLOWED", "Somebody else sits there.")
        checked_offer(place.stock, price, quantity)
        text = (
            checked_text(text)
            if text.strip() or price is None
            else f"I offer {quantity:,} at {price:.2f} each."
        )
        with transaction.atomic():
            run = apps.get_model("negotiations", "RoomRun").objects.hold_run(self.pk)
            if run is None:
                raise self.room.not_active()
            run.must_be_turn_of(seat, round)
            said = Said(
                run.round, seat, text, None if price is None else float(price), quantity, by_person=True
            )
            message: RoomMessage = run.say(said, by=by)
            run.heard(seat)
        return message

    def must_be_turn_of(self: Any, seat: int, round: int) -> None:
        """Of two clicks, two tabs, and a page that was left open, one counts."""
        if round != self.round:
            told = f"This was an answer in round {round}, and round {self.round} is open. Nothing was said."
            raise Refused("NOT_YOUR_TURN", told, "round")
        if seat not in self.unanswered():
            raise Refused(
                "NOT_YOUR_TURN",
                f"In round {round} you have answered, or were not asked. Nothing was said.",
                "round",
            )

    def heard(self: Any, seat: int) -> None:
        """One fewer is waited for; with the last one it goes on."""
        left = [each for each in self.awaits if each != seat]
        was_awaited = seat in self.awaits
        if self.awaits and not left:
            self.let_go_on("The last answer is there.")
        else:
            self.set(awaits=left)
        if was_awaited:
            turn_is_over(self, [seat])

    @property
    def is_turn_over(self: Any) -> bool:
        """Whether those who are waited for had their time to answer."""
        since, seconds = self.job.awaits_since, self.room.market.turn_seconds
        if since is None or seconds is None or self.job.hold:
            return False
        return bool(timezone.now() > since + timedelta(seconds=seconds))

    def pass_turn(self: Any) -> bool:
        """Nobody answered in time: a seller is passed over, without its buyer a room ends. False where one did after all."""
        with transaction.atomic():
            run = apps.get_model("negotiations", "RoomRun").objects.hold_run(self.pk)
            if run is None or not run.is_turn_over or not run.awaits:
                return False
            if BUYER in run.awaits:
                run.end_of_time(f"No deal: {run.names_at([BUYER])} did not answer in time.")
                return True
            awaited = list(run.awaits)
            run.pass_over(awaited)
            run.let_go_on("Nobody answered in time.")
            turn_is_over(run, awaited)
            return True

    def pass_over(self: Any, seats: Iterable[int]) -> list[Said]:
        """They say nothing in the open round; for who holds the lock of the run's row."""
        said = [Said(self.round, seat, NO_ANSWER, is_fallback=True) for seat in seats]
        for each in said:
            self.say(each)
        return said

    def names_at(self: Any, seats: Iterable[int]) -> str:
        names = names_of(self.room)
        return " and ".join(names.get(seat, "somebody") for seat in seats)

    def people_by_seat(self: Any) -> list[tuple[int, User]]:
        """Who sits there in person, the buyer first."""
        buyer = self.room.market.buyer_person
        seated = [] if buyer is None else [(BUYER, buyer)]
        places = self.room.places.filter(seat__isnull=False, seller__person__isnull=False)
        places = places.select_related("seller__person").order_by("seat")
        return seated + [(place.seat, place.seller.person) for place in places]

    def people(self: Any) -> set[User]:
        return {person for _, person in self.people_by_seat()}

    def person_at(self: Any, seat: int) -> User | None:
        """None where no person sits."""
        if seat == BUYER:
            return self.room.market.buyer_person  # type: ignore[no-any-return]
        place = self.room.places.select_related("seller__person").get(seat=seat)
        return place.seller.person  # type: ignore[no-any-return]


def checked_offer(stock: Any, price: Decimal | None, quantity: int | None) -> None:
    """A person's offer is not clamped: what does not hold is said beside the field."""
    if price is None and quantity is None:
        return
    if price is None or not price.is_finite() or not stock.least <= price <= stock.selling:
        told = f"Your price is to be from {stock.least:.2f} to {stock.selling:.2f}."
        raise Refused("VALIDATION_ERROR", told, "price")
    if price != round(price, 2):
        raise Refused("VALIDATION_ERROR", "Prices have two decimals at most.", "price")
    if quantity is None or not 1 <= quantity <= stock.remaining:
        raise Refused(
            "VALIDATION_ERROR",
            f"You have {stock.remaining:,} left: offer at least 1 and no more.",
            "quantity",
        )

"""What people do in a room: write as the buyer, decide, stop. Each move is one transaction, or changes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction

from negotiations.engine.characters import readable
from negotiations.engine.mentions import mentioned
from negotiations.engine.offer_texts import offer_in
from negotiations.engine.room_specs import BUYER, Said, Verdict
from negotiations.exceptions import Refused
from negotiations.models.room_news import turn_is_over

if TYPE_CHECKING:
    from negotiations.models.room_messages import RoomMessage
    from negotiations.models.room_runs import RoomRun

MOST_CHARACTERS = 1000
"""Of a message that a person writes."""
MOST_UNANSWERED = 20
"""Messages of the buyer's that wait for one round: each is read again with every round to come."""


def checked_text(text: str) -> str:
    """Without what nobody sees. Raises Refused where it is empty or too long."""
    text = readable(text).strip()
    if not text:
        raise Refused("VALIDATION_ERROR", "Write something.", "text")
    if len(text) > MOST_CHARACTERS:
        raise Refused(
            "VALIDATION_ERROR", f"At most {MOST_CHARACTERS:,} characters; these are {len(text):,}.", "text"
        )
    return text


class MovesInRoom:
    """The moves of a Room."""

    def write(self: Any, by: User, text: str) -> RoomMessage:
        """Say it as the buyer, to those who are mentioned or to all: it opens the next round.

        The message's `unknown` are mentions of nobody who sits here (M-19).
        """
        self.must_be_buyer(by)
        text = checked_text(text)
        with transaction.atomic():
            run = self.held_run()
            if run.round >= self.market.max_rounds:
                raise Refused(
                    "NOT_YOUR_TURN",
                    f"Round {run.round} is the last: nobody would answer. Decide on the offers that are there.",
                    "text",
                )
            _must_have_room(run)
            places = self.seats()
            chosen, unknown = mentioned(text, [place.seller.name for place in places])
            offered = offer_in(text)
            seats = tuple(places[each].seat for each in chosen)
            said = Said(run.round + 1, BUYER, text, offered.price, offered.quantity, to=seats, by_person=True)
            message: RoomMessage = run.say(said, by=by)
            message.unknown = unknown
            awaited = list(run.awaits)
            run.let_go_on("The buyer has written.")
            turn_is_over(run, awaited)
        return message

    def decide(
        self: Any,
        by: User,
        verdict: str,
        seller: int | None = None,
        price: Decimal | None = None,
        quantity: int | None = None,
    ) -> Any:
        """End the room with a deal or with none (M-07); its RoomDecision. `seller` is a seat.

        Staff may close a deal within the buyer's bounds; a person who sits as the buyer, on an offer that stands.
        """
        self.must_be_buyer(by)
        with transaction.atomic():
            run = self.held_run()
            if verdict == Verdict.DEAL:
                price = self._checked_deal(by, run, seller, price, quantity)
                self._buy(seller, price, quantity)
            elif verdict != Verdict.NO_DEAL:
                raise Refused("VALIDATION_ERROR", "A decision is deal or no_deal.", "decision")
            else:
                seller = price = quantity = None
            awaited = list(run.awaits)
            decision = run.end_by_person(by, verdict, seller, price, quantity)
            turn_is_over(run, awaited)
            return decision

    def stop(self: Any, by: User) -> bool:
        """End it without a deal, at once or within two seconds. False where it is being stopped already."""
        self.market.must_be_changed_by(by)
        run = self.runs.filter(end_reason="").select_related("job").first()
        if run is None:
            raise self.not_active()
        return bool(run.job.cancel(by))

    # --- What they rest on ----------------------------------------------------------------------------------

    def must_be_buyer(self: Any, by: User) -> None:
        if self.market.buyer_person_id != by.pk:
            self.market.must_be_changed_by(by)

    def held_run(self: Any) -> RoomRun:
        """The open run, locked with all that is locked before it. Refused where there is none, or it is being stopped."""
        run = apps.get_model("negotiations", "RoomRun").objects.hold(self)
        if run is None:
            raise self.not_active()
        if run.job.cancel_requested_at is not None:
            raise Refused("NEGOTIATION_NOT_ACTIVE", f"{self.item} is being stopped. Nothing was changed.")
        self.market = run.room.market
        return run

    def not_active(self: Any) -> Refused:
        """Why nothing can be done in it now."""
        if self.decisions.exists():
            return Refused("NEGOTIATION_ALREADY_DECIDED", f"{self.item} is decided. Nothing was changed.")
        return Refused("NEGOTIATION_NOT_ACTIVE", f"{self.item} is not being negotiated. Start it first.")

    def _checked_deal(
        self: Any, by: User, run: Any, seller: int | None, price: Decimal | None, quantity: int | None
    ) -> Decimal:
        """The price, of two decimals. Raises Refused with the field that is wrong."""
        if seller is None or not self.places.filter(seat=seller).exists():
            raise Refused("VALIDATION_ERROR", "Choose a seller who sits in this room.", "seller")
        if price is None or not price.is_finite() or not self.low <= price <= self.high:
            told = f"The price is to be from {self.low:.2f} to {self.high:.2f}."
            raise Refused("VALIDATION_ERROR", told, "price")
        if price != round(price, 2):
            raise Refused("VALIDATION_ERROR", "Prices have two decimals at most.", "price")
        if quantity is None or not 1 <= quantity <= self.quantity:
            raise Refused(
                "VALIDATION_ERROR", f"The quantity is to be from 1 to {self.quantity:,}.", "quantity"
            )
        if not self.market.may_be_changed_by(by):
            _must_be_offered(run, seller, price, quantity)
            _must_be_late_enough(run, self.market.min_rounds)
        return round(price, 2)

    def _buy(self: Any, seller: int, price: Decimal, quantity: int) -> None:
        left = self.market.left
        if left is not None and price * quantity > left:
            told = f"That is {price * quantity:,.2f}, and {left:,.2f} of the budget are left. Nothing was bought."
            raise Refused("VALIDATION_ERROR", told, "price")
        if not self.take(seller, price, quantity):
            raise Refused(
                "INSUFFICIENT_INVENTORY",
                f"The seller has fewer than {quantity:,} left. Nothing was bought.",
                "quantity",
            )


def _must_have_room(run: Any) -> None:
    if run.messages.filter(round=run.round + 1).count() >= MOST_UNANSWERED:
        told = f"{MOST_UNANSWERED} messages wait for an answer in round {run.round + 1} already. Wait for it."
        raise Refused("NOT_YOUR_TURN", told, "text")


def _must_be_late_enough(run: Any, min_rounds: int) -> None:
    """M-18: who looks on may decide at any time, the buyer not before."""
    if run.round < min_rounds:
        told = f"An offer may be taken from round {min_rounds} on, and this is round {run.round}. Write to the sellers: that opens the next."
        raise Refused("NOT_YOUR_TURN", told, "decision")


def _must_be_offered(run: Any, seat: int, price: Decimal, quantity: int) -> None:
    """A seller's offer binds it; what it never offered does not."""
    offers = run.messages.filter(seat=seat, price__isnull=False, quantity__isnull=False)
    last = offers.order_by("-seq").first()
    if last is None:
        raise Refused("VALIDATION_ERROR", "This seller has made no offer yet.", "seller")
    if price != last.price:
        told = f"This seller offers {last.price:.2f} for one. Accept that, or write to it."
        raise Refused("VALIDATION_ERROR", told, "price")
    if quantity > last.quantity:
        raise Refused("VALIDATION_ERROR", f"This seller offers {last.quantity:,}.", "quantity")

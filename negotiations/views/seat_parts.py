"""What the page of a person's seat in a room shows, beyond what their seat may see of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from negotiations.models import RoomMessage, RoomSeller
from negotiations.views.room_parts import RoomPage
from notifications.live import version_of


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
    def may_take(self) -> bool:
        """An offer that stands: not before the rounds that the market has asked for (M-18)."""
        return self.may_change or self.round >= self.market.min_rounds

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

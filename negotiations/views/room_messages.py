"""A message of a room as a seat may read it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from negotiations.models import RoomMessage

DISCLOSED = {
    "cost": "its cost",
    "least": "its least price",
    "high": "its highest price",
    "budget": "its budget",
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

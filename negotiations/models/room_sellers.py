"""Who of a market's sellers sits in a room, and why the others do not."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from negotiations.engine.room_specs import SellerSpec
from negotiations.market_rules import why_skipped
from negotiations.models.sellers import Seller, Stock


class SkipReason(models.TextChoices):
    """Why a seller is not in a room (M-17)."""

    NO_INVENTORY = "no_inventory"
    INSUFFICIENT_QUANTITY = "insufficient_quantity"
    PRICE_MISMATCH = "price_mismatch"


class RoomSeller(models.Model):
    """A seller of the market in one of its rooms: at a seat, or why not."""

    room = models.ForeignKey("negotiations.Room", models.CASCADE, related_name="places", db_index=False)
    seller = models.ForeignKey(Seller, models.CASCADE, related_name="places")
    stock = models.ForeignKey(Stock, models.CASCADE, null=True, blank=True, related_name="+")
    seat = models.PositiveSmallIntegerField(null=True, blank=True)
    skip_reason = models.CharField(max_length=25, choices=SkipReason, blank=True)
    skip_detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["room", "seller__index"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "seller"], name="room_seller_once"),
            models.UniqueConstraint(fields=["room", "seat"], name="room_seat_once"),
            models.CheckConstraint(
                name="room_seat_or_reason",
                condition=Q(seat__isnull=False, skip_reason="", stock__isnull=False)
                | (Q(seat__isnull=True) & ~Q(skip_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller} in {self.room}"

    @classmethod
    def of(cls, room: Any, seller: Seller) -> RoomSeller:
        stock = seller.stock_of(room.item)
        reason, detail = ("no_inventory", f"{seller} has no {room.item}.") if stock is None else ("", "")
        if stock is not None:
            reason, detail = why_skipped(room, stock, stock.remaining)
        return cls(room=room, seller=seller, stock=stock, skip_reason=reason, skip_detail=detail[:200])

    def to_spec(self, left: int) -> SellerSpec:
        assert self.stock is not None  # it has a seat
        return SellerSpec(
            name=self.seller.name,
            cost=float(self.stock.cost),
            least=float(self.stock.least),
            selling=float(self.stock.selling),
            stock=left,
            priority=self.seller.priority,
            style=self.seller.style,
            kind=self.seller.kind,
        )

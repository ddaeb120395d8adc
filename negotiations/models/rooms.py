"""A room: one item that the market's buyer needs, and the sellers who can serve it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from negotiations.engine.room_specs import MOST
from negotiations.models.markets import Market, Seller, Stock
from negotiations.models.room_lists import RoomQuerySet


class RoomStatus(models.TextChoices):
    """M-16. Aborted is also what reached its last round, or its time, without a deal."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    NO_SELLERS = "no_sellers_available"
    ABORTED = "aborted"


class SkipReason(models.TextChoices):
    """Why a seller is not in a room (M-17)."""

    NO_INVENTORY = "no_inventory"
    INSUFFICIENT_QUANTITY = "insufficient_quantity"
    PRICE_MISMATCH = "price_mismatch"


class Room(models.Model):
    """Its status is of the newest run; `low` and `high` are what the buyer may pay for one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    market = models.ForeignKey(Market, models.CASCADE, related_name="rooms", db_index=False)
    index = models.PositiveSmallIntegerField()
    item = models.CharField(max_length=100)
    quantity = models.PositiveIntegerField()
    low = models.DecimalField(max_digits=12, decimal_places=2)
    high = models.DecimalField(max_digits=12, decimal_places=2)
    status = models.CharField(max_length=20, choices=RoomStatus, default=RoomStatus.PENDING)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["market", "index"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["market", "index"], name="room_once"),
            models.CheckConstraint(
                name="room_prices", condition=Q(low__gte=0, low__lt=F("high"), high__lte=MOST)
            ),
            models.CheckConstraint(name="room_quantity", condition=Q(quantity__gte=1, quantity__lte=MOST)),
            models.CheckConstraint(name="room_has_item", condition=~Q(item="")),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.market}"

    def get_absolute_url(self) -> str:
        return reverse("negotiations:room-detail", args=[self.market_id, self.pk])


class RoomSeller(models.Model):
    """A seller of the market in one of its rooms: at a seat, or why not."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="places", db_index=False)
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

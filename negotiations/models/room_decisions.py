"""How a run ended for the buyer: a deal or none. The database lets a room have one deal."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from negotiations.engine.room_specs import Verdict
from negotiations.models.room_runs import RoomRun
from negotiations.models.rooms import Room
from negotiations.models.sellers import Seller

VERDICTS = [(verdict.value, verdict.value.replace("_", " ")) for verdict in Verdict]


class RoomDecision(models.Model):
    run = models.OneToOneField(RoomRun, models.CASCADE, primary_key=True, related_name="decision")
    room = models.ForeignKey(Room, models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=VERDICTS)
    seller = models.ForeignKey(Seller, models.CASCADE, null=True, blank=True, related_name="deals")
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    round = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    forced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["room", "run__number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["room"], condition=Q(verdict=Verdict.DEAL.value), name="room_has_one_deal"
            ),
            models.CheckConstraint(
                name="room_deal_is_whole",
                condition=Q(
                    verdict=Verdict.DEAL.value,
                    seller__isnull=False,
                    price__isnull=False,
                    quantity__isnull=False,
                    quantity__gte=1,
                    price__gte=0,
                )
                | Q(verdict=Verdict.NO_DEAL.value, seller=None, price=None, quantity=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: {self.room}"

    @property
    def is_deal(self) -> bool:
        return self.verdict == Verdict.DEAL

    @property
    def total(self) -> Decimal:
        return (self.price or Decimal()) * (self.quantity or 0)

    @property
    def told(self) -> str:
        """For those who see all of the market."""
        if not self.is_deal:
            return "No deal."
        return f"Deal with {self.seller}: {self.quantity:,} at {self.price:,.2f}, {self.total:,.2f} in all."

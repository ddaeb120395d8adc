"""What was said in a run, in order: committed before anybody sees it, and never changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils import timezone

from negotiations.engine.room_specs import BUYER, Said


def as_money(price: float | None) -> Decimal | None:
    return None if price is None else Decimal(f"{price:.2f}")


class RoomMessageQuerySet(models.QuerySet[Any]):
    def after(self, seq: int) -> Self:
        """What was said since, in order; the cursor is the `seq` of the last message that is known."""
        return self.filter(seq__gt=seq).order_by("seq")

    def heard_by(self, seat: int) -> Self:
        """To count what a seat may see, as `visibility.may_see` has it; a test holds the two against each other."""
        if seat == BUYER:
            return self
        # A seat has one digit, so a list of seats holds it where its text does.
        told = self.alias(names=Cast("to", models.TextField()))
        return told.filter(Q(seat=seat) | Q(seat=BUYER) & (Q(to=[]) | Q(names__contains=str(seat))))


class RoomMessage(models.Model):
    """`seat` is -1 for the buyer, `to` the seats addressed, empty for all. A seller's price binds it."""

    run = models.ForeignKey("negotiations.RoomRun", models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    round = models.PositiveSmallIntegerField()
    seat = models.SmallIntegerField()
    text = models.TextField()
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    quantity = models.PositiveIntegerField(null=True, blank=True)
    to = models.JSONField(default=list, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    is_fallback = models.BooleanField(default=False)
    error = models.CharField(max_length=500, blank=True, help_text="For staff.")
    tokens = models.PositiveIntegerField(default=0, help_text="Read and written, in all tries.")
    input_tokens = models.PositiveIntegerField(default=0, help_text="Those of them that were read.")
    seconds = models.FloatField(default=0)
    disclosed = models.JSONField(
        default=list, blank=True, help_text="The secrets that its text tells (X-02)."
    )
    at = models.DateTimeField(default=timezone.now)

    objects = RoomMessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["run", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "seq"], name="room_message_once"),
            models.UniqueConstraint(
                fields=["run", "round", "seat"],
                condition=Q(seat__gt=BUYER),
                name="room_seller_answers_once_a_round",
            ),
            models.CheckConstraint(name="room_message_seat", condition=Q(seat__gte=BUYER, round__gte=1)),
            models.CheckConstraint(
                name="room_message_offer",
                condition=(Q(price=None) | Q(price__gte=0)) & (Q(quantity=None) | Q(quantity__gte=1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: {self.text[:60]}"

    unknown: tuple[str, ...] = ()
    """What it mentioned and nobody is called, just after it was written."""

    @classmethod
    def of(cls, said: Said, **fields: Any) -> RoomMessage:
        return cls(
            round=said.round,
            seat=said.seat,
            text=said.text,
            price=as_money(said.price),
            quantity=said.quantity,
            to=list(said.to),
            is_fallback=said.is_fallback,
            error=said.error[:500],
            tokens=said.tokens,
            input_tokens=said.input_tokens,
            seconds=said.seconds,
            **fields,
        )

    def number_for(self, seat: int) -> int:
        """Its place among what a seat hears: a key of the database would tell how much is said elsewhere."""
        heard: int = self.run.messages.filter(seq__lte=self.seq).heard_by(seat).count()
        return heard

    def to_said(self) -> Said:
        return Said(
            round=self.round,
            seat=self.seat,
            text=self.text,
            price=None if self.price is None else float(self.price),
            quantity=self.quantity,
            to=tuple(self.to),
            by_person=self.by_id is not None,
            is_fallback=self.is_fallback,
            error=self.error,
            tokens=self.tokens,
            input_tokens=self.input_tokens,
            seconds=self.seconds,
        )

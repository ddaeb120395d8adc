"""A market: one buyer with needs, and sellers with stock. Each need is a room."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from negotiations.engine.room_specs import (
    MOST,
    MOST_SELLERS,
    Priority,
    SeatKind,
    Style,
)
from negotiations.market_rules import MOST_ROUNDS
from negotiations.models.market_lists import MarketQuerySet
from negotiations.models.owned import Owned, Visitor

KINDS = [(kind.value, kind.value) for kind in SeatKind]
PRIORITIES = [(priority.value, priority.value) for priority in Priority]
STYLES = [(style.value, style.value) for style in Style]


class MarketStatus(models.TextChoices):
    """M-16: a draft until its first room is started, completed when every room is over."""

    DRAFT = "draft"
    ACTIVE = "active"
    COMPLETED = "completed"


def by_person(kind: str, person: str) -> Q:
    """A condition: a seat of this kind has a person where that is who speaks for it, and none elsewhere."""
    held = Q(**{kind: SeatKind.PERSON.value, f"{person}__isnull": False})
    return held | (~Q(**{kind: SeatKind.PERSON.value}) & Q(**{f"{person}__isnull": True}))


class Market(Owned):
    """What it is does not change once it is opened; `spent` and the stock that is left do, with each deal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    buyer_name = models.CharField(max_length=50)
    buyer_kind = models.CharField(max_length=10, choices=KINDS, default=SeatKind.NEGOTIATOR.value)
    buyer_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=10, choices=MarketStatus, default=MarketStatus.DRAFT)
    budget = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    spent = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    seed = models.BigIntegerField(default=0)
    max_rounds = models.PositiveSmallIntegerField(default=10)
    min_rounds = models.PositiveSmallIntegerField(default=2, help_text="Before the buyer may accept.")
    room_seconds = models.PositiveIntegerField(
        default=1800, help_text="How long one room may take, waiting for people included."
    )
    turn_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="For each turn of a person.")
    based_on = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="variants")
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = MarketQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at"], name="market_by_owner"),
            models.Index(fields=["group", "-created_at"], name="market_by_group"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="market_has_names", condition=~Q(name="") & ~Q(buyer_name="")),
            models.CheckConstraint(
                name="market_keeps_budget",
                condition=Q(spent__gte=0) & (Q(budget=None) | Q(spent__lte=F("budget"))),
            ),
            models.CheckConstraint(
                name="market_rounds",
                condition=Q(min_rounds__gte=1, min_rounds__lte=F("max_rounds"), max_rounds__lte=MOST_ROUNDS),
            ),
            models.CheckConstraint(name="market_seconds", condition=Q(room_seconds__gte=1)),
            models.CheckConstraint(
                name="market_buyer_kind", condition=by_person("buyer_kind", "buyer_person")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("negotiations:market-detail", args=[self.pk])

    @property
    def short_id(self) -> str:
        return str(self.pk)[:4]

    def may_be_changed_by(self, user: Visitor) -> bool:
        """For its owner and superusers; those it is shared with look on."""
        return user.is_superuser or self.owner_id == user.pk


class Seller(models.Model):
    market = models.ForeignKey(Market, models.CASCADE, related_name="sellers", db_index=False)
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=50)
    handle = models.CharField(max_length=1000, help_text="The name as a mention is compared.")
    priority = models.CharField(max_length=10, choices=PRIORITIES, default=Priority.BALANCE.value)
    style = models.CharField(max_length=10, choices=STYLES, default=Style.PLAIN.value)
    kind = models.CharField(max_length=10, choices=KINDS, default=SeatKind.NEGOTIATOR.value)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["market", "index"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["market", "index"], name="seller_once"),
            models.UniqueConstraint(fields=["market", "handle"], name="seller_has_its_own_name"),
            models.CheckConstraint(name="seller_at_most_ten", condition=Q(index__lt=MOST_SELLERS)),
            models.CheckConstraint(name="seller_has_names", condition=~Q(name="") & ~Q(handle="")),
            models.CheckConstraint(name="seller_kind", condition=by_person("kind", "person")),
        ]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """What a seller has of an item: `cost`, `least` and `selling` are for one, and secrets of the seller."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="stocks", db_index=False)
    item = models.CharField(max_length=100)
    cost = models.DecimalField(max_digits=12, decimal_places=2, validators=[MaxValueValidator(MOST)])
    least = models.DecimalField(max_digits=12, decimal_places=2, validators=[MaxValueValidator(MOST)])
    selling = models.DecimalField(max_digits=12, decimal_places=2, validators=[MaxValueValidator(MOST)])
    quantity = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["seller", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seller", "item"], name="stock_once"),
            models.CheckConstraint(
                name="stock_prices",
                condition=Q(cost__gte=0, cost__lt=F("least"), least__lt=F("selling"), selling__lte=MOST),
            ),
            models.CheckConstraint(
                name="stock_never_negative",
                condition=Q(
                    quantity__gte=1, quantity__lte=MOST, remaining__gte=0, remaining__lte=F("quantity")
                ),
            ),
            models.CheckConstraint(name="stock_has_item", condition=~Q(item="")),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.seller}"

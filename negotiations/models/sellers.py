"""The sellers of a market, and what each has in stock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.functional import cached_property

from negotiations.engine.mentions import folded
from negotiations.engine.room_specs import MOST, MOST_SELLERS, Priority, SeatKind, Style
from negotiations.market_rules import SellerDraft, StockDraft, item_key, tidy

KINDS = [(kind.value, kind.value) for kind in SeatKind]
PRIORITIES = [(priority.value, priority.value) for priority in Priority]
STYLES = [(style.value, style.value) for style in Style]


def by_person(kind: str, person: str) -> Q:
    """A condition: a seat of this kind has a person where that is who speaks for it, and none elsewhere."""
    held = Q(**{kind: SeatKind.PERSON.value, f"{person}__isnull": False})
    return held | (~Q(**{kind: SeatKind.PERSON.value}) & Q(**{f"{person}__isnull": True}))


def at_most(characters: int, *names: str) -> Q:
    """A condition: texts are no longer. SQLite takes any length, whatever its columns say (M-15)."""
    return Q(*(LessThanOrEqual(Length(name), characters) for name in names))


class Seller(models.Model):
    market = models.ForeignKey("negotiations.Market", models.CASCADE, related_name="sellers", db_index=False)
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
            models.CheckConstraint(name="seller_name_length", condition=at_most(50, "name")),
            models.CheckConstraint(name="seller_kind", condition=by_person("kind", "person")),
        ]

    def __str__(self) -> str:
        return self.name

    def fill(self, stocks: Sequence[StockDraft]) -> None:
        Stock.objects.bulk_create(
            Stock(seller=self, remaining=stock.quantity or 0, **vars(stock) | {"item": tidy(stock.item)})
            for stock in stocks
        )

    def stock_of(self, item: str) -> Stock | None:
        """As it was when it was first asked for."""
        return self._stock_by_item.get(item_key(item))

    @cached_property
    def _stock_by_item(self) -> dict[str, Stock]:
        return {item_key(stock.item): stock for stock in self.stocks.all()}

    def to_draft(self) -> SellerDraft:
        stocks = tuple(
            StockDraft(stock.item, stock.cost, stock.least, stock.selling, stock.quantity)
            for stock in self.stocks.all()
        )
        return SellerDraft(self.name, stocks, self.priority, self.style, self.kind, self.person)


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
            models.CheckConstraint(name="stock_item_length", condition=at_most(100, "item")),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.seller}"

    def take(self, quantity: int) -> bool:
        """Of what is left, where so much is; False where another room was quicker."""
        there = Stock.objects.filter(pk=self.pk, remaining__gte=quantity)
        return bool(there.update(remaining=F("remaining") - quantity))


def seller_fields(draft: SellerDraft) -> dict[str, Any]:
    name = tidy(draft.name)
    return {
        "name": name,
        "handle": folded(name),
        "priority": draft.priority,
        "style": draft.style,
        "kind": draft.kind,
        "person": draft.person,
    }

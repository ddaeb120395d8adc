"""A market: one buyer with needs, and sellers with stock. Each need is a room."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from negotiations import market_rules
from negotiations.engine.room_specs import MOST_SELLERS, SeatKind
from negotiations.exceptions import Refused, TooMuch
from negotiations.market_rules import MOST_ROUNDS, MarketDraft, NeedDraft, tidy
from negotiations.market_summaries import summary_of
from negotiations.models.audit import AuditEntry, Deed
from negotiations.models.jobs import Job
from negotiations.models.limits import MARKET_BYTES, hold_to_storage
from negotiations.models.market_lists import ListedMarketQuerySet
from negotiations.models.owned import Owned, Visitor
from negotiations.models.room_logs import RoomLog
from negotiations.models.room_news import tell_of_market
from negotiations.models.sellers import KINDS, Seller, at_most, by_person, seller_fields

COPIED = (
    "budget", "buyer_kind", "buyer_person", "seed", "max_rounds", "min_rounds", "turn_seconds", "room_seconds",
)  # fmt: skip


class MarketStatus(models.TextChoices):
    """M-16: a draft until its first room is started, completed when every room is over."""

    DRAFT = "draft"
    ACTIVE = "active"
    COMPLETED = "completed"


class MarketQuerySet(ListedMarketQuerySet):
    def open(self, draft: MarketDraft, owner: User, group: Group | None = None, **fields: Any) -> Market:
        """Write a market with its sellers and rooms; nothing runs yet.

        Raises Refused where it breaks a rule or no seller can serve anything, TooMuch where the owner has no room left.
        """
        if problems := market_rules.problems(draft, owner, group):
            code = "MAX_SELLERS_EXCEEDED" if len(draft.sellers) > MOST_SELLERS else "VALIDATION_ERROR"
            raise Refused(code, problems[0].message, problems[0].field, problems)
        with transaction.atomic():
            hold_to_storage(owner, MARKET_BYTES)
            values = {name: getattr(draft, name) for name in COPIED}
            values |= {name: tidy(getattr(draft, name)) for name in ("name", "buyer_name")}
            market = cast("Market", self.create(owner=owner, group=group, **values, **fields))
            market.fill(draft)
            if not market.rooms.unfinished().exists():
                raise Refused(
                    "INSUFFICIENT_INVENTORY",
                    "No seller can serve any of these items, so nobody would meet. Nothing was opened. Change a "
                    "quantity, a price or a stock.",
                    "sellers",
                )
        return market

    def locked(self, pk: uuid.UUID) -> Market:
        """Until the end of the transaction. Who locks jobs locks them before it; rooms, runs and stock come after."""
        return cast("Market", self.select_for_update(no_key=True).get(pk=pk))


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
                name="market_name_lengths", condition=at_most(100, "name") & at_most(50, "buyer_name")
            ),
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

    # --- Who may ------------------------------------------------------------------------------------------

    def may_be_changed_by(self, user: Visitor) -> bool:
        """For its owner and superusers; those it is shared with look on."""
        return user.is_superuser or self.owner_id == user.pk

    def must_be_changed_by(self, user: Visitor) -> None:
        if not self.may_be_changed_by(user):
            raise Refused("NOT_ALLOWED", f"{self} is for {self.owner} to change. You may look on.")

    @property
    def group_of_jobs(self) -> Group | None:
        """Its jobs tell of all that goes on. Where people of the group hold seats, they are for its owner alone."""
        has_people = self.buyer_person_id or self.sellers.filter(kind=SeatKind.PERSON.value).exists()
        return None if has_people else self.group

    # --- What becomes of it -------------------------------------------------------------------------------

    def fill(self, draft: MarketDraft) -> None:
        """Its sellers with their stock, and its rooms."""
        for index, seller in enumerate(draft.sellers):
            Seller.objects.create(market=self, index=index, **seller_fields(seller)).fill(seller.stock)
        sellers = self.with_stock()  # once for all rooms: the largest market would else read it for seconds
        for index, need in enumerate(draft.needs):
            fields = {"quantity": need.quantity, "low": need.low, "high": need.high}
            self.rooms.create(index=index, item=tidy(need.item), **fields).let_in(sellers)

    def with_stock(self) -> list[Seller]:
        """Its sellers in their order, with what they have."""
        return list(self.sellers.prefetch_related("stocks").order_by("index"))

    def start(self, by: User) -> list[Any]:
        """Start all rooms that wait, as many as its owner may have at once; their runs.

        Raises Refused where none can be started, TooMuch where a limit lets none be.
        """
        self.must_be_changed_by(by)
        runs, refusal = (
            [],
            Refused("NEGOTIATION_ALREADY_ACTIVE", "No room of this market waits for its start."),
        )
        for room in self.rooms.filter(status="pending"):
            try:
                runs.append(room.start(by))
            except Refused as why:
                refusal = why
            except TooMuch:
                if not runs:
                    raise
                break
        if not runs:
            raise refusal
        return runs

    def settle(self) -> None:
        """Completed when every room is over, and its owner is told. For who holds the lock of its row."""
        if self.rooms.unfinished().exists():
            return
        now = timezone.now()
        active = Market.objects.filter(pk=self.pk, status=MarketStatus.ACTIVE)
        if active.update(status=MarketStatus.COMPLETED, finished_at=now):
            tell_of_market(self, [room.told for room in self.rooms.with_deals()])

    def spend(self, amount: Decimal) -> bool:
        """Take it from the budget, where so much is left of it. For who holds the lock of its row."""
        spent = self.spent + amount
        if self.budget is not None and spent > self.budget:
            return False
        # As it was read: Python adds exactly, SQLite does not.
        if not Market.objects.filter(pk=self.pk, spent=self.spent).update(spent=spent):
            return False
        self.spent = spent
        return True

    @property
    def left(self) -> Decimal | None:
        """Of the budget; None where there is none."""
        return None if self.budget is None else self.budget - self.spent

    def to_draft(self) -> MarketDraft:
        """All that it was opened with."""
        needs = tuple(NeedDraft(room.item, room.quantity, room.low, room.high) for room in self.rooms.all())
        sellers = self.sellers.select_related("person").prefetch_related("stocks")
        fields = {name: getattr(self, name) for name in ("name", "buyer_name", *COPIED)}
        return MarketDraft(needs=needs, sellers=tuple(seller.to_draft() for seller in sellers), **fields)

    def again(self, by: User) -> Market:
        """A new market with the same people, stock, needs and seed; nobody remembers anything of this one (M-29).

        Raises Refused where its people may no longer be seated.
        """
        group = self.group if by.groups.filter(pk=self.group_id).exists() else None
        return Market.objects.open(self.to_draft(), by, group, based_on=self, is_sample=self.is_sample)

    def remove(self, by: User) -> int:
        """Delete it with all that was said, whatever runs of it; how many logs are kept for a while (M-03)."""
        self.must_be_changed_by(by)
        with transaction.atomic():
            jobs = Job.objects.filter(room_run__room__market=self.pk)
            # Their rows first, as whoever works on one locks it first; who does finds it gone, and stops.
            keys = [job.pk for job in jobs.select_for_update(of=("self",)).order_by("pk")]
            if not Market.objects.select_for_update().filter(pk=self.pk).exists():
                return 0
            if jobs.exclude(pk__in=keys).exists():
                raise Refused(
                    "NEGOTIATION_ALREADY_ACTIVE", "A room was started just now. Delete the market again."
                )
            n_logs = RoomLog.objects.keep(self)
            AuditEntry.objects.note(
                by, Deed.DELETE, self, detail=f"of {self.owner}, {n_logs:,} logs are kept"
            )
            Job.objects.filter(pk__in=keys).delete()
            Market.objects.filter(pk=self.pk).delete()
            return n_logs

    def summary(self, seat: int | None = None) -> dict[str, Any]:
        """What was bought, for how much, and what was not (M-25): for who sees all of it, or for its buyer's seat."""
        return summary_of(self, seat)

"""A room: one item that the market's buyer needs, and the sellers who can serve it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from negotiations import language_models
from negotiations.engine.room_specs import BUYER, MOST, BuyerSpec, RoomSpec, SeatKind
from negotiations.exceptions import Refused
from negotiations.model_money import prices_now
from negotiations.models.job_states import Kind, Queue
from negotiations.models.jobs import Job
from negotiations.models.limits import hold_to_limits
from negotiations.models.markets import Market, MarketStatus
from negotiations.models.owned import Visitor
from negotiations.models.room_lists import RoomQuerySet
from negotiations.models.room_moves import MovesInRoom
from negotiations.models.room_sellers import RoomSeller
from negotiations.models.sellers import Seller, at_most
from negotiations.room_documents import log_of
from negotiations.room_states import events_of, state_of


class RoomStatus(models.TextChoices):
    """M-16. Aborted is also what reached its last round, or its time, without a deal."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETED = "completed"
    NO_SELLERS = "no_sellers_available"
    ABORTED = "aborted"


class Room(MovesInRoom, models.Model):
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
            models.CheckConstraint(name="room_item_length", condition=at_most(100, "item")),
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.market}"

    def get_absolute_url(self) -> str:
        return reverse("negotiations:room-detail", args=[self.market_id, self.pk])

    # --- Questions ----------------------------------------------------------------------------------------

    @property
    def newest_run(self) -> Any:
        """The RoomRun that counts; None where there was none."""
        return self.runs.select_related("job").order_by("-number").first()

    def seats(self) -> list[RoomSeller]:
        """Those let in, by their seats: no query more for their sellers and stock."""
        places = self.places.filter(seat__isnull=False).select_related("seller__person", "stock")
        return list(places.order_by("seat"))

    def seat_of(self, user: Visitor) -> int | None:
        """Where this person sits: the buyer's seat goes before a seller's. None where they do not."""
        if self.market.buyer_person_id is not None and self.market.buyer_person_id == user.pk:
            return BUYER
        mine = (
            self.places.filter(seller__person=user.pk, seat__isnull=False) if user.pk else self.places.none()
        )
        seat: int | None = mine.values_list("seat", flat=True).first()
        return seat

    def asks_a_model(self) -> bool:
        """Whether a language model sits at the table."""
        seats = self.places.filter(seat__isnull=False, seller__kind=SeatKind.MODEL.value)
        return self.market.buyer_kind == SeatKind.MODEL or bool(seats.exists())

    @property
    def told(self) -> str:
        """How it ended, in one sentence for those who see all of the market."""
        decisions = list(self.decisions.all())
        deal = next((decision for decision in decisions if decision.is_deal), None)
        if deal is not None:
            return f"{self.item}: {deal.told}"
        return f"{self.item}: no deal." if decisions else f"{self.item}: no seller could serve it."

    @property
    def seed(self) -> int:
        """Of its own, so that two rooms of one market do not go alike."""
        return (self.market.seed * 1_000_003 + self.index) % 2**31

    def to_spec(self, conditions: dict[str, Any]) -> RoomSpec:
        """As it is under these conditions of a run: the budget and the stock that are left."""
        market, budget = self.market, conditions["budget"]
        stock = conditions["stock"]
        return RoomSpec(
            item=self.item,
            buyer=BuyerSpec(
                name=market.buyer_name,
                quantity=self.quantity,
                low=float(self.low),
                high=float(self.high),
                budget=None if budget is None else float(budget),
                kind=market.buyer_kind,
            ),
            sellers=tuple(place.to_spec(stock[str(place.seat)]) for place in self.seats()),
            seed=self.seed,
            max_rounds=market.max_rounds,
            min_rounds=market.min_rounds,
        )

    def conditions(self) -> dict[str, Any]:
        """What is left now of the market's budget and of its sellers' stock."""
        left = Market.objects.get(pk=self.market_id).left
        stock = {str(place.seat): place.stock.remaining for place in self.seats() if place.stock}
        return {"budget": None if left is None else str(left), "stock": stock}

    # --- Its start and its end ----------------------------------------------------------------------------

    def let_in(self, sellers: Sequence[Seller] | None = None) -> bool:
        """Give seats to the sellers who can serve it as the stock is now, and say why to the others (M-17).

        False where none can: then it is over before it began. `sellers` are the market's, where they were just read.
        """
        self.places.all().delete()
        sellers = sellers if sellers is not None else self.market.with_stock()
        places = [RoomSeller.of(self, seller) for seller in sellers]
        for seat, place in enumerate(place for place in places if not place.skip_reason):
            place.seat = seat
        RoomSeller.objects.bulk_create(places)
        is_served = any(place.seat is not None for place in places)
        self.status = RoomStatus.PENDING if is_served else RoomStatus.NO_SELLERS
        Room.objects.filter(pk=self.pk).update(status=self.status)
        return is_served

    def start(
        self, by: User, *, queue: Queue = Queue.LIVE, ring: bool = True, retry_of: Job | None = None
    ) -> Any:
        """A new run, which a worker is asked to do; that it waits for nothing else, and one at a time (M-05).

        Without `ring` the caller plays it, and no limit holds. Raises Refused and TooMuch.
        """
        self.market.must_be_changed_by(by)
        if self.asks_a_model():
            language_models.must_be_ready()  # before anything is locked: it may take two seconds
        with transaction.atomic():
            if ring:
                hold_to_limits(self.market.owner)
            self.market = self._locked_market()
            self.refresh_from_db(fields=["status"])
            self._must_be_startable()
            if is_served := self._is_served():
                run = self._enter_run(queue, ring, retry_of)
            else:
                self.market.settle()
        if not is_served:
            raise Refused(
                "INSUFFICIENT_INVENTORY", f"No seller has {self.quantity:,} {self.item} left.", "sellers"
            )
        return run

    def _locked_market(self) -> Market:
        try:
            return Market.objects.locked(self.market_id)
        except Market.DoesNotExist as gone:
            told = f"The market of {self.item} was deleted just now. Nothing was started."
            raise Refused("ROOM_NOT_FOUND", told) from gone

    def _must_be_startable(self) -> None:
        if self.status == RoomStatus.ACTIVE:
            raise Refused("NEGOTIATION_ALREADY_ACTIVE", f"{self.item} is being negotiated already.")
        if self.status == RoomStatus.COMPLETED:
            raise Refused(
                "NEGOTIATION_ALREADY_DECIDED",
                f"{self.item} is decided. Run the market again to negotiate anew.",
            )
        if self.status == RoomStatus.NO_SELLERS:
            raise Refused("INSUFFICIENT_INVENTORY", f"No seller can serve {self.item}.", "sellers")

    def _is_served(self) -> bool:
        """Before its first run the seats are given anew; later they stay, since what was said names them."""
        if not self.runs.exists():
            return self.let_in()
        return any(place.stock and place.stock.remaining >= self.quantity for place in self.seats())

    def _enter_run(self, queue: Queue, ring: bool, retry_of: Job | None) -> Any:
        market = self.market
        job = Job.objects.enter(
            owner=market.owner,
            group=market.group_of_jobs,
            kind=Kind.ROOM,
            queue=queue,
            total_steps=market.max_rounds,
            retry_of=retry_of,
        )
        run = self.runs.create(
            job=job,
            number=self.runs.count() + 1,
            seconds_left=market.room_seconds,
            **prices_now().fields,
        )
        self.status = RoomStatus.ACTIVE
        Room.objects.filter(pk=self.pk).update(status=self.status)
        Market.objects.filter(pk=market.pk).update(status=MarketStatus.ACTIVE, finished_at=None)
        if ring:
            job.ring()
        else:
            Job.objects.filter(pk=job.pk).update(rung_at=timezone.now())
        return run

    def close(self, is_decided: bool) -> None:
        """With the end of its run, whatever that was. For who holds the lock of the market."""
        status = RoomStatus.COMPLETED if is_decided else RoomStatus.ABORTED
        Room.objects.filter(pk=self.pk, status=RoomStatus.ACTIVE).update(status=status)
        self.market.settle()

    def take(self, seat: int, price: Decimal, quantity: int) -> bool:
        """Buy it: from the budget and the stock, both or none. For who holds the lock of the market.

        False where another room was quicker, and nothing was taken.
        """
        stock = self.places.select_related("stock").get(seat=seat).stock
        spent = self.market.spent
        with transaction.atomic():
            is_whole = bool(stock and self.market.spend(price * quantity) and stock.take(quantity))
            if not is_whole:
                transaction.set_rollback(True)
                self.market.spent = spent
        return is_whole

    # --- What others are told -----------------------------------------------------------------------------

    def state(self, seat: int | None) -> dict[str, Any]:
        """As it stands for a seat, None for those who see all (M-08)."""
        return state_of(self, seat)

    def events(self, seat: int | None, after: int = 0) -> dict[str, Any]:
        """What happened since, for a seat (M-10); the cursor is that of the last answer."""
        return events_of(self, seat, after)

    def log(self, seat: int | None = None, run: Any = None) -> dict[str, Any] | None:
        """The newest run as a document, or this one; None where there was none (M-11)."""
        run = run or self.newest_run
        return log_of(run, seat) if run else None

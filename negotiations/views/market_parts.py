"""What the page of a market shows, part by part: the page and its live answers ask the same object."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from negotiations.engine.room_specs import BUYER, SeatKind
from negotiations.forms.market_filters import seat_word
from negotiations.model_money import ModelUse, most_answers, outlook
from negotiations.models import Market, Room, RoomDecision, RoomRun, RoomSeller, Seller
from negotiations.models.owned import Visitor
from notifications.live import PROCESSING, QUIET, version_of

SKIP_WORDS = {
    "no_inventory": "does not have it",
    "insufficient_quantity": "has too few",
    "price_mismatch": "does not meet the price range",
}


class RoomCard:
    """A room of `for_cards()`, with who sits there, who does not and why, and how it ended."""

    def __init__(
        self,
        room: Any,
        places: list[RoomSeller],
        decision: RoomDecision | None,
        user: Visitor,
        version: str,
    ) -> None:
        self.room, self.decision, self.user, self.version = room, decision, user, version
        self.seats = [place for place in places if place.seat is not None]
        self.skips = [(place, SKIP_WORDS[place.skip_reason]) for place in places if place.seat is None]

    @property
    def id(self) -> str:
        return f"room-{self.room.pk}"

    @property
    def awaited(self) -> list[str]:
        """The names of the persons' seats whose turn it is."""
        awaits = self.room.awaits or ()
        buyer = [self.room.market.buyer_name] if -1 in awaits else []
        return [*buyer, *(place.seller.name for place in self.seats if place.seat in awaits)]

    @property
    def turn(self) -> str:
        """The word of the seat in which its reader is waited for; empty where they are not."""
        sitting = [(BUYER, self.room.market.buyer_person_id)]
        sitting += [(place.seat or 0, place.seller.person_id) for place in self.seats]
        awaits = self.room.awaits or ()
        mine = (seat for seat, person in sitting if person and person == self.user.pk and seat in awaits)
        seat = next(mine, None)
        return "" if seat is None else seat_word(seat)

    @property
    def most_answers(self) -> int:
        """That language models may give in it."""
        market = self.room.market
        n_sellers = sum(place.seller.kind == SeatKind.MODEL for place in self.seats)
        return most_answers(market.max_rounds, n_sellers, buys=market.buyer_kind == SeatKind.MODEL)

    @property
    def may_start(self) -> bool:
        return bool(self.seats) and (self.room.status == "pending" or self.room.status == "aborted")


class MarketPage:
    """Two queries tell whether anything changed: the market's row and its rooms'."""

    def __init__(self, market: Market, user: Visitor) -> None:
        self.market, self.user = market, user
        self.may_change = market.may_be_changed_by(user)

    @cached_property
    def rooms(self) -> list[Any]:
        return list(for_cards(Room.objects.filter(market=self.market)))

    @cached_property
    def cards(self) -> list[RoomCard]:
        places: dict[Any, list[RoomSeller]] = {room.pk: [] for room in self.rooms}
        seats = RoomSeller.objects.filter(room__market=self.market).select_related("seller")
        for place in seats.order_by("seller__index"):
            places[place.room_id].append(place)
        latest = RoomDecision.objects.filter(room__market=self.market).select_related("seller", "forced_by")
        ends = {decision.room_id: decision for decision in latest.order_by("run__number")}
        for room in self.rooms:
            room.market = self.market
        return [
            RoomCard(room, places[room.pk], self._end(room, ends), self.user, self.card_version(room))
            for room in self.rooms
        ]

    def _end(self, room: Any, ends: dict[Any, RoomDecision]) -> RoomDecision | None:
        return ends.get(room.pk) if room.status in ("completed", "aborted") else None

    @cached_property
    def sellers(self) -> list[Seller]:
        return list(
            Seller.objects.filter(market=self.market)
            .select_related("person")
            .prefetch_related("stocks")
            .order_by("index")
        )

    # --- Figures ------------------------------------------------------------------------------------------------

    @property
    def n_deals(self) -> int:
        return sum(room.has_deal for room in self.rooms)

    @property
    def n_over(self) -> int:
        return sum(room.status not in ("pending", "active") for room in self.rooms)

    @property
    def n_ready(self) -> int:
        return sum(room.status == "pending" for room in self.rooms)

    @property
    def left(self) -> Decimal | None:
        return None if self.market.budget is None else self.market.budget - self.market.spent

    @property
    def percentage(self) -> int:
        """Of the budget, or of the rooms where there is none."""
        if self.market.budget:
            return int(100 * self.market.spent / self.market.budget)
        return 100 * self.n_over // len(self.rooms) if self.rooms else 0

    @property
    def is_live(self) -> bool:
        return any(room.status == "active" for room in self.rooms)

    @property
    def interval(self) -> int:
        return PROCESSING if self.is_live else QUIET

    @property
    def live_url(self) -> str:
        """Where its page polls; once it is over, where all pages do."""
        if self.market.status == "completed":
            return reverse("notifications:live")
        return reverse("negotiations:market-live", args=[self.market.pk])

    # --- Language models ----------------------------------------------------------------------------------------

    @property
    def model_use(self) -> ModelUse | None:
        return RoomRun.objects.filter(room__market=self.market).model_use()

    @property
    def outlook(self) -> str:
        """What they take at most in the rooms that wait for their start."""
        return outlook(sum(card.most_answers for card in self.cards if card.room.status == "pending"))

    # --- Versions: what each part shows, hashed -------------------------------------------------------------

    @property
    def versions(self) -> dict[str, str]:
        market = self.market
        states = [room.status for room in self.rooms]
        return {
            "market_title": version_of(market.status),
            "market_figures": version_of(market.spent, states, market.finished_at),
            "market_actions": version_of(market.status, states),
            "market_budget": version_of(market.spent, states),
            "market_models": version_of(states, [room.tokens for room in self.rooms]),
            "market_sellers": version_of(market.spent, states),
        }

    def card_version(self, room: Any) -> str:
        return version_of(room.status, room.round, room.awaits, room.has_deal)


def for_cards(rooms: QuerySet[Room]) -> QuerySet[Room]:
    """Each with what its open run says, the round and whom it waits for, and with the tokens of all its runs."""
    open_run = FilteredRelation("runs", condition=Q(runs__end_reason=""))
    deal = RoomDecision.objects.filter(room=OuterRef("pk"), verdict="deal")
    runs = RoomRun.objects.filter(room=OuterRef("pk")).order_by().values("room")
    found = rooms.annotate(
        open_run=open_run,
        round=F("open_run__round"),
        awaits=F("open_run__awaits"),
        has_deal=Exists(deal),
        tokens=Subquery(runs.annotate(sum=Sum("tokens")).values("sum")),
    )
    return found.order_by("index")

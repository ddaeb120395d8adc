"""A market as its row says it, and the list of them for one person and one choice of filters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from negotiations.engine.room_specs import BUYER
from negotiations.forms.market_filters import MarketFilterForm, seat_word
from negotiations.models import Market, Room, RoomSeller, Seller
from negotiations.views.live_lists import LiveList
from notifications.live import PROCESSING, QUIET, version_of
from notifications.models import Inbox

ROWS_A_PAGE = 25
SEATS = 20


@dataclass(frozen=True)
class MarketRow:
    """A market with the numbers of its rooms and sellers."""

    market: Market
    counts: tuple[int, ...]
    """Of rooms, of those that are over, of those with a deal."""
    n_sellers: int
    version: str

    @property
    def id(self) -> str:
        return f"market-{self.market.pk}"


@dataclass(frozen=True)
class Place:
    """A seat of this person in a room that is not over yet."""

    room: Room
    seat: int
    name: str
    look: int
    is_turn: bool

    @property
    def word(self) -> str:
        return seat_word(self.seat)


class MarketSeats:
    """A person's seats in rooms that are not over, and what of markets is in progress, as more than one page shows them.

    Whatever happens to a seat is told to who sits there: a poll without a new notification asks for nothing here.
    """

    def __init__(self, user: User, most: int = SEATS) -> None:
        self.user, self.most = user, most

    @property
    def version(self) -> str:
        inbox = Inbox.of(self.user)
        return version_of(inbox.last_seq, inbox.changes)

    @cached_property
    def places(self) -> list[Place]:
        return places_of(self.user, self.most)

    @cached_property
    def markets(self) -> list[Market]:
        active = Market.objects.visible_to(self.user).filter(status="active")
        return list(active.newest_first()[: self.most])


class MarketList(LiveList):
    """Two queries tell whether it changed, two more make its rows; none looks at a message."""

    pattern = "negotiations:market-list"
    noun, templates = "market", "negotiations/_market"
    in_progress, statuses = ("active", "draft"), MarketFilterForm.STATUSES

    def __init__(self, user: User, chosen: dict[str, Any]) -> None:
        self.user, self.chosen = user, chosen
        self.visible = Market.objects.visible_to(user)
        first = (chosen["page"] - 1) * ROWS_A_PAGE
        # One more than is shown tells whether there is another page.
        found = list(_marks(self._wanted())[first : first + ROWS_A_PAGE + 1])
        self.marks, self.has_older = found[:ROWS_A_PAGE], len(found) > ROWS_A_PAGE

    def _wanted(self) -> QuerySet[Market]:
        whose, found = self.chosen["whose"], self.visible.narrowed(self.chosen)
        if whose == "mine":
            found = found.filter(owner=self.user)
        elif whose == "shared":
            found = found.exclude(owner=self.user)
        wanted: QuerySet[Market] = found.newest_first()
        return wanted

    @cached_property
    def rows(self) -> list[MarketRow]:
        counts = {mark[0]: mark for mark in self.marks}
        markets = Market.objects.filter(pk__in=counts).select_related("owner", "group").newest_first()
        sellers = dict(
            Seller.objects.filter(market__in=counts).values_list("market").annotate(n=Count("pk")).order_by()
        )
        return [
            MarketRow(one, counts[one.pk][-3:], sellers.get(one.pk, 0), self.versions[one.pk])
            for one in markets
        ]

    @property
    def versions(self) -> dict[Any, str]:
        return {mark[0]: version_of(mark) for mark in self.marks}

    # --- What is at work ------------------------------------------------------------------------------------------

    @cached_property
    def words(self) -> dict[str, int]:
        found = self.visible.exclude(status="completed").order_by().values_list("status")
        return dict(found.annotate(n=Count("pk")))

    @property
    def interval(self) -> int:
        return PROCESSING if self.words.get("active") else QUIET

    @property
    def form(self) -> MarketFilterForm:
        return MarketFilterForm()

    # --- Seats --------------------------------------------------------------------------------------------------

    @cached_property
    def seats(self) -> MarketSeats:
        return MarketSeats(self.user)


def _marks(markets: QuerySet[Market]) -> QuerySet[Any, tuple[Any, ...]]:
    """What a row says that may change: key, status, what was spent; rooms, those that are over, those with a deal."""
    numbers = {
        "n_rooms": _rooms(Q()),
        "n_over": _rooms(~Q(status__in=("pending", "active"))),
        "n_deals": _rooms(Q(status="completed", decisions__verdict="deal")),
    }
    names: tuple[str, ...] = ("pk", "status", "spent", "finished_at", *numbers)
    return markets.annotate(**numbers).values_list(*names)


def _rooms(which: Q) -> Coalesce:
    of_market = Room.objects.filter(which, market=OuterRef("pk")).order_by().values("market")
    return Coalesce(Subquery(of_market.annotate(n=Count("pk")).values("n")), 0)


def places_of(user: User, most: int) -> list[Place]:
    """Where somebody sits in rooms that are not over: those whose turn it is come first."""
    rooms = _with_turn(Room.objects.filter(market__buyer_person=user.pk))
    found = [_place(room, BUYER, room.market.buyer_name, BUYER) for room in rooms[:most]]
    seats = RoomSeller.objects.filter(seller__person=user.pk, seat__isnull=False).select_related("seller")
    mine = {seat.room_id: seat for seat in seats.filter(room__status__in=("pending", "active"))[:most]}
    found += [
        _place(room, mine[room.pk].seat or 0, mine[room.pk].seller.name, mine[room.pk].seller.index)
        for room in _with_turn(Room.objects.filter(pk__in=mine))
    ]
    return sorted(found, key=lambda place: not place.is_turn)


def _with_turn(rooms: QuerySet[Room]) -> QuerySet[Room]:
    """Rooms that are not over, each with the seats that its open run waits for."""
    open_run = FilteredRelation("runs", condition=Q(runs__end_reason=""))
    unfinished = rooms.filter(status__in=("pending", "active")).select_related("market")
    return unfinished.annotate(open_run=open_run, awaits=F("open_run__awaits")).order_by(
        "-market__created_at"
    )


def _place(room: Any, seat: int, name: str, look: int) -> Place:
    return Place(room, seat, name, look, seat in (room.awaits or ()))

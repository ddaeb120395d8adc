"""Opening a market: what it has to be, who sits in which room, and what the database holds to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from negotiations.exceptions import Refused, TooMuch
from negotiations.market_rules import Problem, StockDraft, problems
from negotiations.models import (
    Market,
    MarketStatus,
    Room,
    RoomSeller,
    RoomStatus,
    Seller,
    SkipReason,
    Stock,
)
from tests.factory import UserFactory, make_draft, make_market

pytestmark = pytest.mark.django_db

REFUSED = (IntegrityError, DataError)
"""By the database: to PostgreSQL a text that is too long is an error of the data."""


def test_a_market_opens_with_its_rooms_sellers_and_stock(owner: User) -> None:
    market: Any = make_market(owner)

    assert (market.status, market.spent, market.rooms.count()) == (MarketStatus.DRAFT, 0, 3)
    assert [seller.name for seller in market.sellers.all()] == [f"Seller {n}" for n in range(1, 6)]
    room = market.rooms.first()
    assert [place.seat for place in room.seats()] == [0, 1, 2, 3, 4]
    assert Stock.objects.filter(seller__market=market, remaining=15).count() == 15


def test_a_draft_without_a_problem_has_none() -> None:
    assert problems(make_draft()) == []


STOCK = StockDraft("Item 1", Decimal(5), Decimal(10), Decimal(25), 15)


def with_stock(**fields: Any) -> Any:
    draft = make_draft(n_items=1, n_sellers=1)
    return replace(draft, sellers=(replace(draft.sellers[0], stock=(replace(STOCK, **fields),)),))


def with_need(**fields: Any) -> Any:
    draft = make_draft(n_items=1, n_sellers=1)
    return replace(draft, needs=(replace(draft.needs[0], **fields),))


def with_seller(**fields: Any) -> Any:
    draft = make_draft(n_items=1, n_sellers=1)
    return replace(draft, sellers=(replace(draft.sellers[0], **fields),))


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        (make_draft(name=" "), ("name",)),
        (make_draft(name="x" * 101), ("name",)),
        (make_draft(buyer_name=""), ("buyer_name",)),
        (make_draft(buyer_name="x" * 51), ("buyer_name",)),
        (make_draft(buyer_name="a\0b"), ("buyer_name",)),
        (make_draft(needs=()), ("needs",)),
        (make_draft(sellers=()), ("sellers",)),
        (make_draft(n_sellers=11), ("sellers",)),
        (make_draft(budget=Decimal(0)), ("budget",)),
        (make_draft(budget=Decimal("0.001")), ("budget",)),
        (make_draft(budget=Decimal("1e50")), ("budget",)),
        (make_draft(budget=Decimal("NaN")), ("budget",)),
        (make_draft(max_rounds=0), ("max_rounds",)),
        (make_draft(min_rounds=11), ("min_rounds",)),
        (make_draft(turn_seconds=0), ("turn_seconds",)),
        (make_draft(seed=-1), ("seed",)),
        (make_draft(buyer_kind="model"), ("buyer_kind",)),
        (make_draft(buyer_kind="person"), ("buyer_person",)),
        (with_need(item=""), ("needs", 0, "item")),
        (with_need(item="x" * 101), ("needs", 0, "item")),
        (with_need(quantity=0), ("needs", 0, "quantity")),
        (with_need(quantity=None), ("needs", 0, "quantity")),
        (with_need(low=Decimal(-1)), ("needs", 0, "low")),
        (with_need(low=Decimal(20)), ("needs", 0, "high")),
        (with_need(high=Decimal("NaN"), low=None), ("needs", 0, "low")),
        (with_need(high=Decimal(1_000_001)), ("needs", 0, "high")),
        (with_seller(name=""), ("sellers", 0, "name")),
        (with_seller(name="!?"), ("sellers", 0, "name")),
        (with_seller(name="x" * 51), ("sellers", 0, "name")),
        (with_seller(stock=()), ("sellers", 0, "stock")),
        (with_seller(priority="greed"), ("sellers", 0, "priority")),
        (with_seller(style="rude"), ("sellers", 0, "style")),
        (with_seller(stock=(STOCK, replace(STOCK, item=" item  1"))), ("sellers", 0, "stock", 1, "item")),
        (with_stock(cost=Decimal(10)), ("sellers", 0, "stock", 0, "least")),
        (with_stock(least=Decimal(25)), ("sellers", 0, "stock", 0, "selling")),
        (with_stock(cost=Decimal(-1)), ("sellers", 0, "stock", 0, "cost")),
        (with_stock(least=Decimal("10.001")), ("sellers", 0, "stock", 0, "least")),
        (with_stock(quantity=0), ("sellers", 0, "stock", 0, "quantity")),
        (with_stock(selling=None), ("sellers", 0, "stock", 0, "selling")),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(draft: Any, path: tuple[str | int, ...], owner: User) -> None:
    found = problems(draft)
    assert path in [problem.path for problem in found]
    assert len({problem.path for problem in found}) == len(found)
    with pytest.raises(Refused) as refusal:
        Market.objects.open(draft, owner)
    is_full = len(draft.sellers) > 10
    assert refusal.value.code == ("MAX_SELLERS_EXCEEDED" if is_full else "VALIDATION_ERROR")
    assert refusal.value.field == found[0].field
    assert Market.objects.count() == 0


def test_two_sellers_are_told_apart_by_their_mentions() -> None:
    draft = make_draft(n_sellers=2)
    twins = (replace(draft.sellers[0], name="Ana Maria"), replace(draft.sellers[1], name="ana-maria"))
    assert problems(replace(draft, sellers=twins)) == [
        Problem(("sellers", 1, "name"), "Another seller has this name; mentions could not tell them apart.")
    ]


def test_a_person_sits_where_the_group_is_theirs(owner: User, colleague: User, group: Group) -> None:
    assert (
        make_market(owner, group=group, buyer_kind="person", buyer_person=colleague).buyer_person == colleague
    )
    assert make_market(owner, buyer_kind="person", buyer_person=owner).buyer_person == owner
    with pytest.raises(Refused, match="is not in the group"):
        make_market(owner, group=group, buyer_kind="person", buyer_person=UserFactory())
    with pytest.raises(Refused, match="is not in the group"):
        make_market(owner, buyer_kind="person", buyer_person=colleague)


def test_names_are_kept_with_one_space_between_words(owner: User) -> None:
    assert make_market(owner, name="  New \n office ").name == "New office"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"item": "Something else"}, SkipReason.NO_INVENTORY),
        ({"quantity": 9}, SkipReason.INSUFFICIENT_QUANTITY),
        ({"least": Decimal("20.01")}, SkipReason.PRICE_MISMATCH),
        ({"cost": Decimal(1), "least": Decimal(2), "selling": Decimal("7.99")}, SkipReason.PRICE_MISMATCH),
    ],
)
def test_who_cannot_serve_a_room_is_left_out_with_the_reason(
    owner: User, fields: dict[str, Any], reason: str
) -> None:
    draft = make_draft(n_items=1, n_sellers=2)
    odd = replace(draft.sellers[0], stock=(replace(STOCK, **fields),))
    room = Market.objects.open(replace(draft, sellers=(odd, draft.sellers[1])), owner).rooms.get()

    skipped, seated = room.places.order_by("seller__index")
    assert (skipped.seat, skipped.skip_reason) == (None, reason)
    assert skipped.skip_detail
    assert (seated.seat, seated.skip_reason) == (0, "")


def test_a_room_that_nobody_can_serve_is_over_at_once(owner: User) -> None:
    draft = make_draft(n_items=2)
    needs = (draft.needs[0], replace(draft.needs[1], quantity=16))
    market = Market.objects.open(replace(draft, needs=needs), owner)
    assert [room.status for room in market.rooms.all()] == [RoomStatus.PENDING, RoomStatus.NO_SELLERS]


def test_a_market_in_which_nobody_meets_is_not_opened(owner: User) -> None:
    with pytest.raises(Refused) as refusal:
        Market.objects.open(with_need(quantity=100), owner)
    assert refusal.value.code == "INSUFFICIENT_INVENTORY"
    assert Market.objects.count() == Seller.objects.count() == 0


def test_a_market_has_as_many_rooms_as_the_installation_allows(owner: User, settings: Any) -> None:
    settings.MARKET_ROOMS = 2
    with pytest.raises(Refused, match="at most 2 items"):
        make_market(owner)


def test_markets_count_as_stored(owner: User, settings: Any) -> None:
    settings.STORAGE_MB = 0
    with pytest.raises(TooMuch, match="STORAGE_MB"):
        make_market(owner)


# --- The database holds to it (M-15) ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"remaining": -1},
        {"remaining": 16},
        {"quantity": 0, "remaining": 0},
        {"cost": Decimal(10)},
        {"least": Decimal(25)},
        {"item": ""},
        {"item": "x" * 101},
    ],
)
def test_the_database_refuses_stock_against_the_rules(owner: User, fields: dict[str, Any]) -> None:
    stock = make_market(owner, n_items=1, n_sellers=1).sellers.get().stocks.get()
    with pytest.raises(REFUSED), transaction.atomic():
        Stock.objects.filter(pk=stock.pk).update(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"low": Decimal(20)},
        {"low": Decimal(-1)},
        {"quantity": 0},
        {"item": ""},
        {"item": "x" * 101},
        {"index": 1},
    ],
)
def test_the_database_refuses_rooms_against_the_rules(owner: User, fields: dict[str, Any]) -> None:
    room: Any = make_market(owner, n_items=2, n_sellers=1).rooms.first()
    with pytest.raises(REFUSED), transaction.atomic():
        Room.objects.filter(pk=room.pk).update(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"spent": Decimal(101)},
        {"spent": Decimal(-1)},
        {"min_rounds": 11},
        {"min_rounds": 0},
        {"buyer_kind": "person"},
        {"name": ""},
        {"buyer_name": ""},
        {"name": "x" * 101},
        {"buyer_name": "x" * 51},
    ],
)
def test_the_database_refuses_markets_against_the_rules(owner: User, fields: dict[str, Any]) -> None:
    market = make_market(owner, n_items=1, n_sellers=1, budget=Decimal(100))
    with pytest.raises(REFUSED), transaction.atomic():
        Market.objects.filter(pk=market.pk).update(**fields)


@pytest.mark.parametrize(
    "fields", [{"index": 10}, {"index": 1}, {"handle": "seller2"}, {"kind": "person"}, {"name": "x" * 51}]
)
def test_the_database_refuses_sellers_against_the_rules(owner: User, fields: dict[str, Any]) -> None:
    seller: Any = make_market(owner, n_items=1, n_sellers=2).sellers.first()
    with pytest.raises(REFUSED), transaction.atomic():
        Seller.objects.filter(pk=seller.pk).update(**fields)


@pytest.mark.parametrize("fields", [{"seat": None}, {"seat": 1}, {"skip_reason": "no_inventory"}])
def test_the_database_refuses_places_against_the_rules(owner: User, fields: dict[str, Any]) -> None:
    place = make_market(owner, n_items=1, n_sellers=2).rooms.get().places.get(seat=0)
    with pytest.raises(REFUSED), transaction.atomic():
        RoomSeller.objects.filter(pk=place.pk).update(**fields)


# --- Who sees it --------------------------------------------------------------------------------------------


def test_a_market_is_seen_by_its_owner_the_group_and_superusers(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    market = make_market(owner, group=group)
    seers = [
        user for user in (owner, colleague, stranger, superuser) if market in Market.objects.visible_to(user)
    ]
    assert seers == [owner, colleague, superuser]
    assert set(Room.objects.visible_to(colleague)) == set(market.rooms.all())
    assert not Room.objects.visible_to(stranger).exists()


def test_who_holds_a_seat_sees_that_seat_and_not_the_market(
    owner: User, colleague: User, superuser: User, group: Group
) -> None:
    draft = make_draft(n_items=1, n_sellers=2)
    seller = replace(draft.sellers[0], kind="person", person=colleague)
    market = Market.objects.open(replace(draft, sellers=(seller, draft.sellers[1])), owner, group)
    room = market.rooms.get()

    assert market not in Market.objects.visible_to(colleague)
    assert market in Market.objects.seated(colleague)
    assert (room.seat_of(colleague), room.seat_of(owner)) == (0, None)
    assert list(Room.objects.seated(colleague)) == [room]
    assert market in Market.objects.visible_to(owner)
    assert market in Market.objects.visible_to(superuser)
    assert not Market.objects.seated(owner).exists()


def test_an_owner_who_sits_as_the_buyer_sees_all(owner: User, group: Group, colleague: User) -> None:
    market = make_market(owner, group=group, buyer_kind="person", buyer_person=owner)
    assert market in Market.objects.visible_to(owner)
    assert market in Market.objects.visible_to(colleague)
    assert market in Market.objects.seated(owner)


def test_the_stock_is_read_once_however_many_rooms_there_are(owner: User) -> None:
    """The whole market is opened in one transaction, in which nobody else writes."""
    with CaptureQueriesContext(connection) as asked:
        make_market(owner, n_items=8, n_sellers=3)
    read = [
        each["sql"]
        for each in asked
        if each["sql"].startswith("SELECT") and "negotiations_stock" in each["sql"]
    ]
    assert len(read) == 1

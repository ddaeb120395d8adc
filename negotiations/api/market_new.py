"""A market that a program opens (M-01): held to the same rules, in the same words, as the form of the page."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from api.answers import Refusal
from api.assembly import Error
from api.bodies import Body, Moment, invalid
from negotiations.api.market_access import asking
from negotiations.api.market_bodies import opened_dict
from negotiations.api.market_refusals import refusals
from negotiations.engine.room_specs import MOST, MOST_SELLERS
from negotiations.forms.session_filters import KEY_MAX
from negotiations.market_rules import (
    LEAST_SEED,
    MOST_ROOM_SECONDS,
    MOST_ROUNDS,
    MOST_SEED,
    MarketDraft,
    NeedDraft,
    SellerDraft,
    StockDraft,
)
from negotiations.models import Market

router = Router()

Price = Annotated[float, Field(ge=0, le=MOST, description="For one, of two decimals at most.")]
Quantity = Annotated[int, Field(ge=1, le=MOST)]
Kind = Literal["negotiator", "person", "model"]
Person = Annotated[str, Field(max_length=150, description="A user name, where the kind is person.")]
Item = Annotated[str, Field(min_length=1, max_length=100)]
Name = Annotated[str, Field(min_length=1, max_length=50)]


class NeedIn(Body):
    item: Item
    quantity: Quantity
    low: Price = Field(description="The lowest price for one that the buyer looks at.")
    high: Price = Field(description="The highest that it pays.")


class StockIn(Body):
    item: Item
    cost: Price
    least: Price = Field(description="Above the cost. The seller never offers less.")
    selling: Price = Field(description="Above the least price.")
    quantity: Quantity


class SellerIn(Body):
    name: Name
    stock: list[StockIn] = Field(max_length=1000)
    priority: Literal["profit", "balance", "customer"] = "balance"
    style: Literal["warm", "plain", "blunt"] = "plain"
    kind: Kind = "negotiator"
    person: Person = ""


class MarketIn(Body):
    name: str = Field(min_length=1, max_length=100)
    buyer_name: Name
    buyer_kind: Kind = "negotiator"
    buyer_person: Person = ""
    needs: list[NeedIn] = Field(min_length=1, max_length=1000)
    sellers: list[SellerIn] = Field(min_length=1, max_length=1000, description=f"At most {MOST_SELLERS}.")
    budget: float | None = Field(None, ge=0.01, le=MOST * MOST, description="Of all rooms together.")
    seed: int = Field(0, ge=LEAST_SEED, le=MOST_SEED)
    max_rounds: int = Field(10, ge=1, le=MOST_ROUNDS)
    min_rounds: int = Field(2, ge=1, le=MOST_ROUNDS, description="Before the buyer may take an offer.")
    turn_seconds: int | None = Field(None, ge=1, le=MOST_ROOM_SECONDS, description="For a person's turn.")
    room_seconds: int = Field(1800, ge=1, le=MOST_ROOM_SECONDS)
    group: Annotated[int, Field(ge=1, le=KEY_MAX)] | None = Field(
        None, description="The number of one of your groups, to share it with."
    )


class Participant(Schema):
    seller_id: int
    name: str
    seat: int


class Skipped(Schema):
    name: str
    reason: str = Field(description="no_inventory, insufficient_quantity or price_mismatch.")
    detail: str


class RoomRow(Schema):
    room_id: uuid.UUID
    item_name: str
    status: str = Field(description="pending, active, completed, no_sellers_available or aborted.")
    seat: str | None = Field(description="Where you sit; null for those who see all of it.")
    buyer_constraints: dict[str, Any]
    participating_sellers: list[Participant]
    skipped_sellers: list[Skipped] | None = None


class SkippedItem(Schema):
    item_name: str
    room_id: uuid.UUID
    skipped_sellers: list[Skipped]


class Opened(Schema):
    session_id: uuid.UUID
    created_at: Moment
    buyer_id: uuid.UUID
    seller_ids: list[int]
    negotiation_rooms: list[RoomRow]
    total_rooms: int
    skipped_items: list[SkippedItem] = Field(description="Those that no seller can serve, with the reasons.")


@router.post(
    "/simulation/initialize",
    response={201: Opened, 422: Error},
    operation_id="open_market",
    summary="Open a market",
)
def market_open(request: HttpRequest, wanted: MarketIn) -> Status[dict[str, Any]]:
    """One room for each item that a seller can serve. Nothing is said before a room is started."""
    user = asking(request)
    if len(wanted.sellers) > MOST_SELLERS:
        told = f"A market has at most {MOST_SELLERS} sellers; these are {len(wanted.sellers)}."
        raise Refusal(422, "MAX_SELLERS_EXCEEDED", told, {"sellers": [told]})
    group = _group(wanted, user)
    with refusals():
        market = Market.objects.open(_draft(wanted, user, group), user, group)
    return Status(201, opened_dict(market))


def _group(wanted: MarketIn, user: User) -> Group | None:
    group = user.groups.filter(pk=wanted.group).first() if wanted.group else None
    if wanted.group and group is None:
        raise invalid({"group": ["You are in no group of this number."]})
    return group


def _draft(wanted: MarketIn, user: User, group: Group | None) -> MarketDraft:
    people = _People(user, group)
    fields = wanted.model_dump(exclude={"needs", "sellers", "group", "budget", "buyer_person"})
    sellers = tuple(_seller(seller, people.named(seller.person, f"sellers.{index}.person"))
                    for index, seller in enumerate(wanted.sellers))  # fmt: skip
    buyer_person = people.named(wanted.buyer_person, "buyer_person")
    if people.unknown:
        raise invalid(people.unknown)
    return MarketDraft(
        **fields,
        buyer_person=buyer_person,
        budget=None if wanted.budget is None else exact(wanted.budget),
        needs=tuple(
            NeedDraft(need.item, need.quantity, exact(need.low), exact(need.high)) for need in wanted.needs
        ),
        sellers=sellers,
    )


def _seller(seller: SellerIn, person: User | None) -> SellerDraft:
    stock = tuple(
        StockDraft(each.item, exact(each.cost), exact(each.least), exact(each.selling), each.quantity)
        for each in seller.stock
    )
    return SellerDraft(seller.name, stock, seller.priority, seller.style, seller.kind, person)


def exact(price: float) -> Decimal:
    """As it was written: 0.1 is a tenth."""
    return Decimal(str(price))


class _People:
    """Who may be seated; whoever else there is, is not told."""

    def __init__(self, user: User, group: Group | None) -> None:
        near = User.objects.filter(groups=group, is_active=True) if group else User.objects.none()
        self._people = {person.get_username(): person for person in [*near, user]}
        self.unknown: dict[str, list[str]] = {}

    def named(self, name: str, field: str) -> User | None:
        if name and name not in self._people:
            self.unknown[field] = ["Nobody of this name is in the group that this market is shared with."]
        return self._people.get(name)

"""Markets as programs ask for them (M-02 to M-04, M-29): `/simulation/`."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Schema, Status
from pydantic import Field

from api.answers import Refusal
from api.assembly import Error
from api.bodies import Moment
from api.pages import NewestQuery, Page, page_of
from negotiations.api.language_models import MODEL_USE, ModelUseOut
from negotiations.api.market_access import asking, market_of
from negotiations.api.market_bodies import market_dict, opened_dict, row_dict
from negotiations.api.market_new import Opened, RoomRow, router
from negotiations.api.market_refusals import refusals
from negotiations.engine.room_specs import BUYER
from negotiations.models import Market

__all__ = ["router"]


class MarketRow(Schema):
    session_id: uuid.UUID
    name: str
    status: str
    user: str
    created_at: Moment
    finished_at: Moment | None


class MarketPage(Page):
    items: list[MarketRow]


class MarketQuery(NewestQuery):
    status: Literal["", "draft", "active", "completed"] = ""


class MarketOut(Schema):
    session_id: uuid.UUID
    name: str
    status: str = Field(description="draft, active or completed.")
    created_at: Moment
    finished_at: Moment | None
    max_rounds: int
    min_rounds: int
    seed: int | None = Field(None, description="For those who see all of it.")
    buyer: dict[str, Any]
    sellers: list[dict[str, Any]] = Field(description="All of them, or the one that you sit for.")
    negotiation_rooms: list[RoomRow] = Field(description="All of them, or those in which you sit.")


class Purchase(Schema):
    item: str
    room_id: uuid.UUID
    seller: str
    price: float
    quantity: int
    total: float
    savings: float = Field(description="For one, against the highest price.")
    rounds: int
    duration: float
    messages: int
    language_models: ModelUseOut | None = MODEL_USE


class FailedItem(Schema):
    item: str
    room_id: uuid.UUID
    reason: str
    language_models: ModelUseOut | None = MODEL_USE


class SummaryOut(Schema):
    session_id: uuid.UUID
    status: str
    buyer_name: str
    total_items_requested: int
    completed_purchases: int
    failed_purchases: int
    purchases: list[Purchase]
    failed_items: list[FailedItem]
    total_spent: float
    items_purchased: int
    average_savings: float | None = Field(description="Averages are of the purchases; null without any.")
    average_rounds: float | None
    average_duration: float | None
    total_messages: int
    language_models: ModelUseOut | None = MODEL_USE


class Deleted(Schema):
    deleted: bool
    session_id: uuid.UUID
    logs_saved: bool
    n_logs: int = Field(description="Runs of which a log is kept for some days.")


@router.get(
    "/simulation", response=MarketPage, operation_id="list_markets", summary="Markets, the newest first"
)
def market_list(request: HttpRequest, query: Query[MarketQuery]) -> dict[str, Any]:
    """Your own, those that are shared with you, and those in which you sit."""
    user = asking(request)
    rows = Market.objects.visible_to(user) | Market.objects.seated(user)
    chosen = rows.filter(status=query.status) if query.status else rows
    return page_of(chosen.select_related("owner"), query, row_dict, "created_at")


@router.get("/simulation/{uuid:pk}", response=MarketOut, operation_id="get_market", summary="A market")
def market_detail(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """All of it; for who sits in it only what their seat may know."""
    market, is_whole = market_of(request, pk)
    return market_dict(market, None if is_whole else asking(request))


@router.get(
    "/simulation/{uuid:pk}/summary",
    response=SummaryOut,
    operation_id="get_market_summary",
    summary="What was bought, and what was not",
)
def market_summary(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """By now; of rooms that are over. A seller does not see it."""
    market, is_whole = market_of(request, pk)
    if not is_whole and market.buyer_person_id != asking(request).pk:
        raise Refusal(403, "NOT_ALLOWED", "You sit in this market as a seller; its summary is the buyer's.")
    return market.summary(None if is_whole else BUYER)


@router.post(
    "/simulation/{uuid:pk}/again",
    response={201: Opened, 422: Error},
    operation_id="run_market_again",
    summary="Run a market again",
)
def market_again(request: HttpRequest, pk: uuid.UUID) -> Status[dict[str, Any]]:
    """A new market, yours, with the same people, stock, needs and seed, which knows nothing of this one."""
    market, is_whole = market_of(request, pk)
    if not is_whole:
        raise Refusal(403, "NOT_ALLOWED", "You sit in this market. Who sees all of it may run it again.")
    with refusals():
        opened = market.again(asking(request))
    return Status(201, opened_dict(opened))


@router.delete(
    "/simulation/{uuid:pk}", response=Deleted, operation_id="delete_market", summary="Delete a market"
)
def market_delete(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """With all that was said in it, whatever runs of it. The logs of its runs are kept for some days."""
    market, _ = market_of(request, pk)
    with refusals():
        n_logs = market.remove(asking(request))
    return {"deleted": True, "session_id": pk, "logs_saved": True, "n_logs": n_logs}

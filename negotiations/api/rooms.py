"""What a room says (M-08 to M-11): `/negotiation/` and `/logs/`."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from api.answers import Refusal
from api.pages import WholeNumber
from negotiations.api.language_models import MODEL_USE, ModelUseOut
from negotiations.api.market_access import SeatQuery, asking, seen_from
from negotiations.models import RoomLog

router = Router()

MOST_EVENT = 2**31 - 1
FILE = {"responses": {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}}


class EventsQuery(SeatQuery):
    after: WholeNumber = Field(0, ge=0, le=MOST_EVENT, description="`cursor` of the last answer.")


class Offer(Schema):
    price: float
    quantity: int | None
    round: int


class StateOut(Schema):
    room_id: uuid.UUID
    item_name: str
    status: str
    run_id: uuid.UUID | None
    current_round: int
    max_rounds: int
    conversation_history: list[dict[str, Any]] = Field(description="What the seat may see, in order.")
    current_offers: dict[str, Offer] = Field(description="The newest of each seller, by its name.")
    buyer_constraints: dict[str, Any] = Field(description="What is needed; prices and budget for the buyer.")
    waiting_for: list[str] = Field(description="The names of persons whose turn it is.")
    decision: dict[str, Any] | None
    language_models: ModelUseOut | None = MODEL_USE


class EventsOut(Schema):
    run_id: uuid.UUID | None
    events: list[dict[str, Any]] = Field(
        description="connected, round_start, buyer_message, seller_response, offer, decision, error, "
        "negotiation_complete (once), heartbeat where there is nothing new."
    )
    cursor: int
    is_over: bool


@router.get(
    "/negotiation/{uuid:pk}/state", response=StateOut, operation_id="get_room", summary="A room as it stands"
)
def room_state(request: HttpRequest, pk: uuid.UUID, query: Query[SeatQuery]) -> dict[str, Any]:
    room, seat = seen_from(request, pk, query)
    state: dict[str, Any] = room.state(seat)
    return state


@router.get(
    "/negotiation/{uuid:pk}/events",
    response=EventsOut,
    operation_id="list_room_events",
    summary="What happened in a room since",
)
def room_events(request: HttpRequest, pk: uuid.UUID, query: Query[EventsQuery]) -> dict[str, Any]:
    """Ask again with `cursor` until `is_over`; once a second is often enough."""
    room, seat = seen_from(request, pk, query)
    events: dict[str, Any] = room.events(seat, query.after)
    return events


@router.get(
    "/logs/{uuid:session_id}/{uuid:room_id}",
    operation_id="get_room_log",
    summary="The log of a room's newest run",
    openapi_extra=FILE,
)
def room_log(
    request: HttpRequest, session_id: uuid.UUID, room_id: uuid.UUID, query: Query[SeatQuery]
) -> dict[str, Any]:
    """All that the seat may know of it. Of a deleted market, for some days, for those who saw all of it."""
    kept = RoomLog.objects.visible_to(asking(request)).of_room(session_id, room_id)
    if kept is not None:
        return dict(kept.document)
    room, seat = seen_from(request, room_id, query, "LOG_NOT_FOUND")
    log: dict[str, Any] | None = room.log(seat) if room.market_id == session_id else None
    if log is None:
        told = "There is no such log: the room was never started, does not exist, or is not shared with you."
        raise Refusal(404, "LOG_NOT_FOUND", told)
    return log

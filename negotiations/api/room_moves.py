"""What a program does in a room (M-05 to M-07): start it, write as the buyer, answer as a seller, decide, stop."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from django.contrib.auth.models import User
from django.http import HttpRequest
from ninja import Schema, Status
from pydantic import Field

from api.answers import Refusal
from api.assembly import Error
from api.bodies import Body, Moment
from negotiations.api.market_access import asking, room_of, seats_held
from negotiations.api.market_new import Price, Quantity, exact
from negotiations.api.market_refusals import refusals
from negotiations.api.rooms import router
from negotiations.engine.room_specs import BUYER
from negotiations.forms.session_filters import KEY_MAX
from negotiations.market_rules import MOST_ROUNDS
from negotiations.models import RoomStatus
from negotiations.models.room_moves import MOST_CHARACTERS

__all__ = ["router"]

Text = Annotated[str, Field(max_length=MOST_CHARACTERS)]
MessageNumber = Annotated[int, Field(description="Its `seq` in the conversation, as your seat sees it.")]


class MessageIn(Body):
    message: Text = Field(min_length=1, description="@Name speaks to that seller only; none of it to all.")


class DecisionIn(Body):
    decision: Literal["deal", "no_deal"]
    seller_id: Annotated[int, Field(ge=1, le=KEY_MAX)] | None = Field(None, description="With a deal.")
    price: Price | None = Field(None, description="For one, with a deal.")
    quantity: Quantity | None = Field(None, description="With a deal.")


class AnswerIn(Body):
    round: int = Field(
        ge=1, le=MOST_ROUNDS, description="The round that is answered: `current_round` of the state."
    )
    message: Text = Field("", description="May be empty beside an offer.")
    price: Price | None = Field(None, description="For one. It binds.")
    quantity: Quantity | None = None
    seat: Annotated[int, Field(ge=0, le=999)] | None = Field(
        None, description="Where one person has several seats in a room."
    )


class Started(Schema):
    status: str
    room_id: uuid.UUID
    run_id: uuid.UUID
    started_at: Moment
    poll_url: str


class Written(Schema):
    message_id: MessageNumber
    timestamp: Moment
    round: int
    mentioned_sellers: list[str]
    unknown_mentions: list[str] = Field(description="Names of nobody in this room: they were left out.")
    processing: bool


class Answered(Schema):
    message_id: MessageNumber
    timestamp: Moment
    round: int
    price: float | None
    quantity: int | None


class Decided(Schema):
    room_id: uuid.UUID
    status: str
    decision: str
    seller_id: int | None
    seller: str | None
    price: float | None
    quantity: int | None
    total: float | None
    round: int
    timestamp: Moment


class Stopping(Schema):
    room_id: uuid.UUID
    stopping: bool = Field(description="False where it is being stopped already.")


@router.post(
    "/negotiation/{uuid:pk}/start",
    response={200: Started, 409: Error, 422: Error, 502: Error, 503: Error},
    operation_id="start_room",
    summary="Start a room",
)
def room_start(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """A worker plays it, round by round."""
    room, _ = room_of(request, pk)
    with refusals():
        run = room.start(asking(request))
    return {
        "status": "active",
        "room_id": pk,
        "run_id": run.pk,
        "started_at": run.job.created_at.isoformat(),
        "poll_url": f"/api/v1/negotiation/{pk}/events?after=0",
    }


@router.post(
    "/negotiation/{uuid:pk}/message",
    response={202: Written, 409: Error},
    operation_id="write_in_room",
    summary="Write as the buyer",
)
def room_message(request: HttpRequest, pk: uuid.UUID, wanted: MessageIn) -> Status[dict[str, Any]]:
    """What the buyer says in the next round; the sellers answer it."""
    room, _ = room_of(request, pk)
    with refusals(text="message"):
        message = room.write(asking(request), wanted.message)
    names = {place.seat: place.seller.name for place in room.seats()}
    told = {
        "message_id": message.number_for(BUYER),
        "timestamp": message.at.isoformat(),
        "round": message.round,
        "mentioned_sellers": [names[seat] for seat in message.to],
        "unknown_mentions": list(message.unknown),
        "processing": True,
    }
    return Status(202, told)


@router.post(
    "/negotiation/{uuid:pk}/answer",
    response={202: Answered, 409: Error},
    operation_id="answer_in_room",
    summary="Answer as a seller",
)
def room_answer(request: HttpRequest, pk: uuid.UUID, wanted: AnswerIn) -> Status[dict[str, Any]]:
    """For the person who sits there; an offer binds."""
    room, _ = room_of(request, pk)
    seat = _seat(room, asking(request), wanted.seat)
    run = room.newest_run
    price = None if wanted.price is None else exact(wanted.price)
    with refusals(text="message"):
        if run is None:
            raise room.not_active()
        message = run.answer(asking(request), seat, wanted.message, price, wanted.quantity, wanted.round)
    told = {
        "message_id": message.number_for(seat),
        "timestamp": message.at.isoformat(),
        "round": message.round,
        "price": message.price,
        "quantity": message.quantity,
    }
    return Status(202, told)


@router.post(
    "/negotiation/{uuid:pk}/decide",
    response={200: Decided, 409: Error, 422: Error},
    operation_id="decide_room",
    summary="End a room with a deal, or without",
)
def room_decide(request: HttpRequest, pk: uuid.UUID, wanted: DecisionIn) -> dict[str, Any]:
    """For the buyer, and for who may change the market."""
    room, _ = room_of(request, pk)
    seats = room.places.filter(seller=wanted.seller_id, seat__isnull=False).values_list("seat", flat=True)
    price = None if wanted.price is None else exact(wanted.price)
    with refusals(seller="seller_id"):
        decision = room.decide(asking(request), wanted.decision, seats.first(), price, wanted.quantity)
    return {
        "room_id": pk,
        "status": RoomStatus.COMPLETED,
        "decision": decision.verdict,
        "seller_id": decision.seller_id,
        "seller": decision.seller.name if decision.is_deal else None,
        "price": decision.price,
        "quantity": decision.quantity,
        "total": decision.total if decision.is_deal else None,
        "round": decision.round,
        "timestamp": decision.at.isoformat(),
    }


@router.post(
    "/negotiation/{uuid:pk}/stop",
    response={200: Stopping, 409: Error},
    operation_id="stop_room",
    summary="Stop a room",
)
def room_stop(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    """Without a deal, within two seconds."""
    room, _ = room_of(request, pk)
    with refusals():
        return {"room_id": pk, "stopping": room.stop(asking(request))}


def _seat(room: Any, user: User, wanted: int | None) -> int:
    """The seller's seat of who asks."""
    held = seats_held(room, user) - {BUYER}
    seat = min(held, default=None) if wanted is None else wanted
    if seat is None or seat not in held:
        raise Refusal(403, "NOT_ALLOWED", "You do not sit in this room as a seller.")
    return seat

"""How the views of rooms find what a person may see, with the run that is looked at, in as few queries as can be."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from negotiations.engine.room_specs import BUYER
from negotiations.exceptions import Refused
from negotiations.forms.market_filters import seat_of
from negotiations.models import Market, Room, RoomMessage, RoomRun, RoomSeller
from negotiations.models.owned import Visitor

STATUSES = {"VALIDATION_ERROR": 400, "NOT_ALLOWED": 403, "INSUFFICIENT_INVENTORY": 422}


def seen_market(user: Visitor, pk: uuid.UUID) -> Market:
    found: Market = get_object_or_404(
        Market.objects.visible_to(user).select_related("owner", "group", "buyer_person"), pk=pk
    )
    return found


def seen_room(user: Visitor, market_pk: uuid.UUID, pk: uuid.UUID) -> Any:
    """A room of a market that this person sees as a whole, with its open run."""
    rooms = with_open_run(Room.objects.visible_to(user).filter(market=market_pk))
    return get_object_or_404(rooms, pk=pk)


def seated_room(user: Visitor, market_pk: uuid.UUID, pk: uuid.UUID, word: str) -> tuple[Any, int]:
    """A room with the seat at which this person sits; nobody else comes here."""
    seat = seat_of(word)
    if seat is None or not user.is_authenticated:
        raise Http404
    if seat == BUYER:
        mine = Q(market__buyer_person=user.pk)
    else:
        mine = Q(pk__in=RoomSeller.objects.filter(room=pk, seat=seat, seller__person=user.pk).values("room"))
    rooms = with_open_run(Room.objects.filter(mine, market=market_pk))
    heard = RoomMessage.objects.filter(run__room=OuterRef("pk"), run__end_reason="").heard_by(seat)
    counted = heard.order_by().values("run").annotate(n=Count("pk")).values("n")
    return get_object_or_404(rooms.annotate(n_heard=Coalesce(Subquery(counted), 0)), pk=pk), seat


def with_open_run(rooms: QuerySet[Room]) -> QuerySet[Room]:
    open_run = FilteredRelation("runs", condition=Q(runs__end_reason=""))
    seats = RoomSeller.objects.filter(room=OuterRef("pk"), seat__isnull=False).order_by().values("room")
    rooms = rooms.annotate(n_seats=Subquery(seats.annotate(n=Count("pk")).values("n")))
    # The stubs know no relation that is made by an annotation.
    return rooms.annotate(open_run=open_run).select_related("market", "open_run__job")  # type: ignore[misc]


def run_of(room: Any, number: int = 0) -> RoomRun | None:
    """The run that is asked for, by default the newest; None where it was never started."""
    if room.status == "pending" or room.status == "no_sellers_available":
        return None
    opened: RoomRun | None = getattr(room, "open_run", None)
    if not number and opened is not None:
        opened.room = room
        return opened
    runs = RoomRun.objects.filter(room=room).select_related("job").order_by("-number")
    found = runs.filter(number=number).first() if number else runs.first()
    if number and found is None:
        raise Http404
    if found is not None:
        found.room = room
    return found


def refused(request: HttpRequest, refusal: Exception, back: str) -> HttpResponse:
    """A page that says why, with the status that programs know it by."""
    status = STATUSES.get(refusal.code, 409) if isinstance(refusal, Refused) else 429
    context = {"why": str(refusal), "back": back}
    return render(request, "negotiations/market_refused.html", context, status=status)

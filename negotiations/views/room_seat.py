"""A person's seat in a room: what they see is what their seat may see, and nothing else of the market."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from negotiations.engine.room_specs import BUYER, Verdict
from negotiations.exceptions import Refused
from negotiations.forms.rooms import AnswerForm, DecideForm, LookForm, MessageForm
from negotiations.views.room_access import STATUSES, refused, run_of, seated_room
from negotiations.views.rooms import FOR_ALL_SEATS, room_answer, told, unknown_names
from negotiations.views.seat_parts import SeatPage
from negotiations.views.session_new import person
from notifications.live import live_view

PARTS = (
    *(name for name in FOR_ALL_SEATS if name not in ("room_actions", "room_turn")),
    "seat_turn",
    "seat_form",
)


@require_safe
@login_required
def room_seat(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID, seat: str) -> HttpResponse:
    return _shown(request, _page(request, market_pk, pk, seat))


@require_safe
@live_view
def room_seat_live(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID, seat: str) -> HttpResponse:
    page = _page(request, market_pk, pk, seat)
    # What the others offer has no place on a seller's page.
    parts = PARTS if page.seat == BUYER else tuple(name for name in PARTS if name != "room_offers")
    return room_answer(request, page, parts)


@require_POST
@login_required
def room_answer_as_seller(
    request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID, seat: str
) -> HttpResponse:
    """What a person says and offers in the round that their page showed; of two clicks one counts."""
    page = _page(request, market_pk, pk, seat)
    form, status = AnswerForm(request.POST), 400
    if page.seat == BUYER or page.run is None:
        return refused(request, page.room.not_active(), page.url)
    if form.is_valid():
        said = form.cleaned_data
        try:
            page.run.answer(
                person(request), page.seat or 0, said["text"], said["price"], said["quantity"], said["round"]
            )
        except Refused as refusal:
            if refusal.field not in form.fields or refusal.field == "round":
                return refused(request, refusal, page.url)
            form.add_error(refusal.field, str(refusal))
            status = STATUSES.get(refusal.code, 409)
        else:
            return redirect(page.url)
    return _shown(request, page, form, status)


@require_POST
@login_required
def room_write(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """The words of a person who sits as the buyer."""
    page = _page(request, market_pk, pk, "buyer")
    form = MessageForm(request.POST)
    if form.is_valid():
        try:
            notice = unknown_names(page.room.write(person(request), form.cleaned_data["text"]))
        except Refused as refusal:
            if refusal.code != "VALIDATION_ERROR":
                return refused(request, refusal, page.url)
            form.add_error("text", str(refusal))
        else:
            return told(request, notice, page.url)
    return _shown(request, page, form, 400)


@require_POST
@login_required
def room_buy(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """A person who sits as the buyer takes an offer that stands, or ends the room without one."""
    page = _page(request, market_pk, pk, "buyer")
    form = DecideForm(request.POST, sellers=[(seat, name) for seat, name in page.names.items() if seat >= 0])
    if not form.is_valid():
        refusal = Refused("VALIDATION_ERROR", "This is no offer of the room. Nothing was decided.")
        return refused(request, refusal, page.url)
    decided = form.cleaned_data
    if decided["verdict"] == Verdict.NO_DEAL:
        decided = {"verdict": decided["verdict"]}
    try:
        page.room.decide(person(request), **decided)
    except Refused as refusal:
        return refused(request, refusal, page.url)
    return redirect(page.url)


def _page(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID, word: str) -> SeatPage:
    look = LookForm(request.GET).chosen()
    room, seat = seated_room(request.user, market_pk, pk, word)
    return SeatPage(room, run_of(room), request.user, seat, look["after"])


def _shown(request: HttpRequest, page: SeatPage, form: Any = None, status: int = 200) -> HttpResponse:
    context = {"page": page, "room": page.room, "market": page.market, "form": form or page.first_form}
    return render(request, "negotiations/room_seat.html", context, status=status)

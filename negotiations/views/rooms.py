from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from negotiations.exceptions import Refused, TooMuch
from negotiations.forms.market_filters import seat_of
from negotiations.forms.rooms import DecideForm, LookForm, MessageForm
from negotiations.views.room_access import STATUSES, refused, run_of, seen_room
from negotiations.views.room_parts import RoomPage
from negotiations.views.session_new import person
from notifications.live import changed, fragment, live_response, live_view

PARTS = (
    "room_title", "room_figures", "room_progress", "room_actions", "room_turn", "room_offers", "room_decision",
    "room_economy", "room_writer", "room_none", "room_cursor",
)  # fmt: skip
FOR_ALL_SEATS = tuple(name for name in PARTS if name not in ("room_economy", "room_writer"))


@require_safe
@login_required
def room_detail(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """A room as one who sees it all sees it, or as one of its seats does (`as`)."""
    return render(request, "negotiations/room_detail.html", _context(_page(request, market_pk, pk)))


@require_safe
@live_view
def room_live(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    page = _page(request, market_pk, pk)
    parts = PARTS if page.seat is None else FOR_ALL_SEATS
    return room_answer(request, page, parts)


def room_answer(request: HttpRequest, page: RoomPage, parts: tuple[str, ...]) -> HttpResponse:
    """What is new of these parts. A page of another try than there is now is loaded anew."""
    if request.GET.get("try") not in (None, str(page.number)):
        return HttpResponse(status=200, headers={"HX-Refresh": "true", "Cache-Control": "no-store"})
    sections = [partial(_part, page, name) for name in parts]
    return live_response(request, sections=sections, interval=page.interval, url=page.live_url)


def _part(page: RoomPage, name: str, request: HttpRequest) -> str:
    id = name.replace("_", "-")
    return fragment(request, f"negotiations/_{name}.html", _context(page), id, page.versions[name])


def _context(page: RoomPage) -> dict[str, object]:
    # Only a part that is made anew asks what its form begins with: a poll without news reads nothing for it.
    form = SimpleLazyObject(lambda: page.first_form)
    return {"page": page, "room": page.room, "market": page.market, "form": form}


def _page(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> RoomPage:
    look = LookForm(request.GET).chosen()
    room = seen_room(request.user, market_pk, pk)
    word = request.GET.get("as", "")
    run, seat = run_of(room, look["run"]), seat_of(word)
    page = RoomPage(room, run, request.user, seat, look["after"], wants_run=bool(look["run"]))
    if word and (page.seat is None or page.seat >= (room.n_seats or 0)):
        raise Http404
    return page


# --- What is done to a room -------------------------------------------------------------------------------------


@require_POST
@login_required
def room_change(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID, verb: str) -> HttpResponse:
    """Start it, or stop it; where that cannot be, say why."""
    room = seen_room(request.user, market_pk, pk)
    try:
        getattr(room, verb)(person(request))
    except (Refused, TooMuch) as refusal:
        return refused(request, refusal, room.get_absolute_url())
    return changed() if request.headers.get("HX-Request") else redirect(room)


@require_POST
@login_required
def room_message(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Write in the buyer's place (M-06). What was written stays in the form where it is refused."""
    room = seen_room(request.user, market_pk, pk)
    form, notice = MessageForm(request.POST), ""
    try:
        room.must_be_buyer(person(request))
        if form.is_valid():
            notice = unknown_names(room.write(person(request), form.cleaned_data["text"]))
    except Refused as refusal:
        if refusal.code != "VALIDATION_ERROR":
            return refused(request, refusal, room.get_absolute_url())
        form.add_error("text", str(refusal))
    if not form.errors and not request.headers.get("HX-Request"):
        return told(request, notice, room.get_absolute_url())
    page = RoomPage(room, run_of(room), request.user)
    return _written(request, page, form if form.errors else MessageForm(), notice)


def unknown_names(message: Any) -> str:
    """Who was mentioned and is not in the room (M-19)."""
    if not message.unknown:
        return ""
    names = ", ".join(f"@{name}" for name in message.unknown)
    return f"Nobody here is called {names}. The message went to the others that it names, or to all."


def told(request: HttpRequest, notice: str, url: str) -> HttpResponse:
    if notice:
        messages.info(request, notice)
    return redirect(url)


def _written(request: HttpRequest, page: RoomPage, form: MessageForm, notice: str) -> HttpResponse:
    context = _context(page) | {"form": form, "notice": notice, "version": page.versions["room_writer"]}
    if request.headers.get("HX-Request"):
        # A fragment of the page that shows it: htmx puts in what came with a 200 only.
        return render(request, "negotiations/_room_writer.html", context)
    return render(request, "negotiations/room_detail.html", context, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def room_decide(request: HttpRequest, market_pk: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Force a decision (M-07): the best offer stands there already. For the dialog it comes without the page around it."""
    room = seen_room(request.user, market_pk, pk)
    page = RoomPage(room, run_of(room), request.user)
    if why := _why_not_decide(page, person(request)):
        return refused(request, why, room.get_absolute_url())
    sellers = [(seat, name) for seat, name in page.names.items() if seat >= 0]
    if request.method != "POST":
        form = DecideForm(sellers=sellers, initial=page.suggestion)
        template = "_room_decide" if request.headers.get("HX-Request") else "room_decide"
        return render(request, f"negotiations/{template}.html", _context(page) | {"form": form})
    form, status = DecideForm(request.POST, sellers=sellers), 400
    if form.is_valid():
        try:
            room.decide(person(request), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            status = STATUSES.get(refusal.code, 409)
        else:
            return redirect(room)
    return render(request, "negotiations/room_decide.html", _context(page) | {"form": form}, status=status)


def _why_not_decide(page: RoomPage, user: User) -> Refused | None:
    try:
        page.room.must_be_buyer(user)
    except Refused as refusal:
        return refusal
    return None if page.is_active else page.room.not_active()

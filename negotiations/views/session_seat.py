from __future__ import annotations

import uuid
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from negotiations.exceptions import OutOfTurn
from negotiations.forms.moves import MoveForm
from negotiations.forms.queries import AfterForm
from negotiations.models import Session
from negotiations.models.owned import Visitor
from negotiations.views.session_new import person
from negotiations.views.session_seat_parts import SeatPage
from notifications.live import QUIET, changed, fragment, live_response, live_view

PARTS = (
    "session_seat_title", "session_seat_turn", "session_seat_clock", "session_seat_send", "session_seat_advice",
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def session_seat(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A person's seat, and their answers from it."""
    user = person(request)
    page = SeatPage(_seated(user, pk), user, fill=request.GET.get("fill", ""))
    if request.method != "POST":
        return render(request, "negotiations/session_seat.html", {"page": page, "session": page.session})
    page.form = MoveForm(request.POST, issues=page.session.scenario.issues, is_sent=True)
    if not page.form.is_valid():
        return _form_again(request, page)
    try:
        page.form.answer(page.session, user)
    except OutOfTurn as refusal:
        context = {"session": page.session, "why": str(refusal)}
        return render(request, "negotiations/session_seat_refused.html", context, status=409)
    return changed() if request.headers.get("HX-Request") else redirect(page.session.seat_url())


def _form_again(request: HttpRequest, page: SeatPage) -> HttpResponse:
    whole = not request.headers.get("HX-Request")
    template = "session_seat" if whole else "_session_seat_form"
    context = {"page": page, "session": page.session}
    return render(request, f"negotiations/{template}.html", context)


@require_safe
@gzip_page
@live_view
def session_seat_live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is new since the row `after`; at the end the page says how it ended."""
    form = AfterForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("`after` has to be a whole number, 0 or more.")
    user = person(request)
    page = SeatPage(_seated(user, pk), user, form.cleaned_data["after"])
    sections = [*(partial(_part, page, name) for name in PARTS), partial(_rows, page)]
    if page.is_going_on or page.is_behind:
        more = ["live:more"] if page.is_behind else []
        return live_response(request, sections=sections, interval=page.interval, events=more)
    feed = reverse("notifications:live")
    return live_response(request, sections=sections, interval=QUIET, url=feed, events=["refreshSessions"])


@require_safe
@login_required
def session_seat_utility(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is worth the offer that the form holds now."""
    user = person(request)
    page = SeatPage(_seated(user, pk), user)
    page.form = MoveForm(request.GET, issues=page.session.scenario.issues)
    return render(request, "negotiations/_session_seat_utility.html", {"page": page})


def _part(page: SeatPage, name: str, request: HttpRequest) -> str:
    context = {"page": page, "session": page.session}
    id = name.replace("_", "-")
    return fragment(request, f"negotiations/_{name}.html", context, id, page.versions[name])


def _rows(page: SeatPage, request: HttpRequest) -> str:
    if not page.rows:
        return ""
    return render_to_string("negotiations/_session_seat_rows.html", {"page": page}, request)


def _seated(user: Visitor, pk: uuid.UUID) -> Session:
    found: Session = get_object_or_404(Session.objects.seated(user).with_tail(), pk=pk)
    return found

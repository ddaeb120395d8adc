from __future__ import annotations

import uuid
from functools import partial

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from negotiations.chart_queries import ViewForm
from negotiations.forms.queries import AfterForm
from negotiations.job_changes import why_not
from negotiations.models import Session
from negotiations.models.job_states import Verb
from negotiations.models.owned import Visitor
from negotiations.offer_rows import offer_rows
from negotiations.views.kept import kept
from negotiations.views.session_parts import SessionPage
from notifications.live import QUIET, RUNNING, changed, fragment, live_response, live_view

OFFERS_A_PAGE = 500
PARTS = (
    "session_title", "session_figures", "session_actions", "session_progress", "session_result", "session_waiting",
    "session_count",
)  # fmt: skip


@require_safe
@login_required
def session_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    session = Session.objects.visible_to(request.user).with_tail().filter(pk=pk).first()
    if session is None:
        return _from_a_seat(request, pk)
    page = SessionPage(session, request.user, view=ViewForm(request.GET))
    return render(request, "negotiations/session_detail.html", {"page": page, "session": page.session})


def _from_a_seat(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who sits in it goes to their seat; who sits in another on the same scenario is told to wait."""
    seated = Session.objects.seated(request.user).filter(pk=pk).first()
    if seated:
        return redirect(seated.seat_url())
    known = Session.objects.known_to(request.user).select_related("scenario")
    return kept(request, get_object_or_404(known, pk=pk).scenario)


@require_safe
@gzip_page
@live_view
def session_live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What is new since the row `after`; at the end the page's poller goes back to the feed of all pages (N-09)."""
    form = AfterForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("`after` has to be a whole number, 0 or more.")
    page = SessionPage(_visible(request.user, pk), request.user, form.cleaned_data["after"])
    sections = [partial(_part, page, name) for name in PARTS]
    sections.append(partial(_rows, page))
    if page.session.job.is_active or page.is_behind:
        more = ["live:more"] if page.is_behind else []
        return live_response(request, sections=sections, interval=RUNNING, events=more)
    feed = reverse("notifications:live")
    return live_response(request, sections=sections, interval=QUIET, url=feed, events=["refreshSessions"])


def _part(page: SessionPage, name: str, request: HttpRequest) -> str:
    context = {"page": page, "session": page.session}
    id = name.replace("_", "-")
    return fragment(request, f"negotiations/_{name}.html", context, id, page.versions[name])


def _rows(page: SessionPage, request: HttpRequest) -> str:
    if not page.offers:
        return ""
    return render_to_string("negotiations/_session_rows.html", {"page": page}, request)


@require_safe
@login_required
def session_offers(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every action, as a table."""
    session = _visible(request.user, pk)
    chosen = Paginator(session.offers.order_by("seq"), OFFERS_A_PAGE).get_page(request.GET.get("page"))
    parties = list(session.parties.all())
    offers = list(chosen.object_list)
    previous = session.offers.last_proposals(session, before=offers[0].seq) if offers else {}
    context = {"session": session, "page": chosen, "parties": parties}
    context["rows"] = offer_rows(offers, parties, previous)
    return render(request, "negotiations/session_offers.html", context)


@require_POST
@login_required
def session_change(request: HttpRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    """Pause, resume or cancel within one step (N-20); where that cannot be, say why."""
    session = _visible(request.user, pk)
    if not session.may_be_changed_by(request.user):
        why = f"{session} belongs to {session.job.owner}. Only its owner can {verb} it; nothing was changed."
        return refused(request, session, why, 403)
    assert request.user.is_authenticated  # as the decorator saw to
    if not getattr(session.job, verb)(by=request.user):
        return refused(request, session, why_not(session.job, Verb(verb), str(session)), 409)
    if request.headers.get("HX-Request"):
        return changed()
    return redirect(session)


def _visible(user: Visitor, pk: uuid.UUID) -> Session:
    found: Session = get_object_or_404(Session.objects.visible_to(user).with_tail(), pk=pk)
    return found


def refused(request: HttpRequest, session: Session, why: str, status: int) -> HttpResponse:
    context = {"session": session, "why": why}
    return render(request, "negotiations/session_refused.html", context, status=status)

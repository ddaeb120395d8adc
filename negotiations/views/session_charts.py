"""What the charts of a session read beyond the page: its offers, its outcome space, rows to replay, all as tables."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from negotiations.chart_queries import ViewForm
from negotiations.charts.counts import Made
from negotiations.engine.specs import Response
from negotiations.forms.queries import AfterForm
from negotiations.models import Session
from negotiations.models.offers import LOOKED_THROUGH, evenly
from negotiations.models.owned import Visitor
from negotiations.views.chart_answers import cloud_picture, coded, counted, told_space
from negotiations.views.session_parts import SessionPage, rows_of
from notifications.live import live_view

# Offers an answer holds, and those that charts draw of a very long session: every n-th step then.
A_PAGE = 5_000
MOST = 40_000
# Rows of the list that one answer of a replay brings, before and after the step.
AROUND = 200


@require_safe
@gzip_page
@live_view
def session_chart(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The offers after `after`, small: values stand once, offers name them by number."""
    form = AfterForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("`after` has to be a whole number, 0 or more.")
    session = _visible(request.user, pk)
    return JsonResponse(_chart(session, form.cleaned_data["after"]))


def _chart(session: Session, after: int) -> dict[str, Any]:
    last: int = getattr(session, "last_seq", None) or 0
    n_parties = session.parties.count()
    found = session.offers.after(after)
    if last > MOST:
        found = found.filter(
            seq__in=[seq for seq in evenly(last, MOST, n_parties) if seq > after][: A_PAGE + 1]
        )
    columns = ("seq", "step", "party", "response", "utilities", "outcome")
    rows = list(found.values_list(*columns)[: A_PAGE + 1])
    told = coded(rows[:A_PAGE], len(session.scenario.issues))
    return told | {"more": len(rows) > A_PAGE, "sampled": last > MOST}


@require_safe
@gzip_page
@live_view
def session_space(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The outcome space as two parties see it; without its analysis the words say so."""
    page = SessionPage(_visible(request.user, pk), request.user, view=ViewForm(request.GET))
    return JsonResponse(told_space(page.space, page.pair, page.urls["cloud"]))


@require_safe
@live_view
def session_cloud(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The outcomes as one picture. A scenario never changes, but its analysis may come later: kept for an hour."""
    page = SessionPage(_visible(request.user, pk), request.user, view=ViewForm(request.GET))
    return cloud_picture(page.analysis, page.pair)


@require_safe
@gzip_page
@live_view
def session_replay(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Rows of the list around a step, as the page itself shows them."""
    session = _visible(request.user, pk)
    page = SessionPage(session, request.user, view=ViewForm({"step": 0} | request.GET.dict()))
    around = session.offers.filter(seq__gt=page.shown_seq - AROUND, seq__lte=page.shown_seq + AROUND)
    rows = rows_of(session, list(around.order_by("seq")), page.parties)
    return render(request, "negotiations/_session_replay.html", {"rows": rows})


@require_safe
@login_required
def session_tables(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every chart as a table: for those who do not see them, or have no JavaScript."""
    session, view = _visible(request.user, pk), ViewForm(request.GET)
    page = SessionPage(session, request.user, view=view)
    context = {"session": session, "page": page, "is_sampled": page.last_seq > LOOKED_THROUGH}
    context |= counted(_made(session), session.scenario.issues, len(page.parties), view)
    return render(request, "negotiations/session_tables.html", context)


def _made(session: Session) -> list[Made]:
    """Who offered what; of a very long session every n-th step."""
    last: int = getattr(session, "last_seq", None) or 0
    found = session.offers.filter(response=Response.OFFER)
    if last > LOOKED_THROUGH:
        found = found.filter(seq__in=evenly(last, LOOKED_THROUGH, session.parties.count()))
    return list(found.order_by("seq").values_list("party", "outcome"))


def _visible(user: Visitor, pk: uuid.UUID) -> Session:
    found: Session = get_object_or_404(Session.objects.visible_to(user).with_tail(), pk=pk)
    return found

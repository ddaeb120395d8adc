"""One match of a benchmark: the session viewer with its replay, and what its charts ask for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from benchmarks.match_exports import filename, match_csv, match_json
from benchmarks.models import Benchmark, Match
from benchmarks.views.match_parts import MatchPage, Viewed
from negotiations.chart_queries import ViewForm
from negotiations.engine.specs import Action, Response
from negotiations.forms.queries import AfterForm
from negotiations.models.offers import LOOKED_THROUGH, evenly
from negotiations.views.chart_answers import Row, cloud_picture, coded, counted, told_space
from notifications.live import live_view

OFFERS_A_PAGE = 500
A_PAGE = 5_000
MOST = 40_000
AROUND = 200


@require_safe
@login_required
def match_detail(request: HttpRequest, pk: uuid.UUID, index: int) -> HttpResponse:
    return _shown(request, "benchmarks/match_detail.html", _page(request, pk, index))


@require_safe
@login_required
def match_offers(request: HttpRequest, pk: uuid.UUID, index: int) -> HttpResponse:
    """Every action, as a table."""
    page = _page(request, pk, index)
    chosen = Paginator(page.actions, OFFERS_A_PAGE).get_page(request.GET.get("page"))
    first = max(0, chosen.start_index() - 1)
    rows = page.rows_between(first, chosen.end_index())
    context = {
        "session": Viewed(page),
        "page": chosen,
        "parties": page.parties,
        "rows": rows,
        "noun": page.noun,
    }
    return render(request, "negotiations/session_offers.html", context)


@require_safe
@login_required
def match_tables(request: HttpRequest, pk: uuid.UUID, index: int) -> HttpResponse:
    """Every chart as a table: for those who do not see them, or have no JavaScript."""
    page = _page(request, pk, index)
    made = [
        (each.party, each.outcome)
        for each in _evenly(page, LOOKED_THROUGH)
        if each.response == Response.OFFER
    ]
    context = counted(made, page.issues, len(page.parties), page.view)
    return _shown(
        request,
        "negotiations/session_tables.html",
        page,
        is_sampled=page.last_seq > LOOKED_THROUGH,
        **context,
    )


@require_safe
@gzip_page
@live_view
def match_chart(request: HttpRequest, pk: uuid.UUID, index: int) -> HttpResponse:
    """The offers after `after`, small: values stand once, offers name them by number."""
    form = AfterForm(request.GET)
    if not form.is_valid():
        return HttpResponseBadRequest("`after` has to be a whole number, 0 or more.")
    page = _page(request, pk, index)
    after = form.cleaned_data["after"]
    rows = [_row(each) for each in _evenly(page, MOST) if each.seq > after]
    told = coded(rows[:A_PAGE], len(page.issues))
    return JsonResponse(told | {"more": len(rows) > A_PAGE, "sampled": page.last_seq > MOST})


def _row(action: Action) -> Row:
    return action.seq, action.step, action.party, action.response, action.utilities, action.outcome


def _evenly(page: MatchPage, most: int) -> Iterable[Action]:
    """The actions; of a very long match every n-th step."""
    return (page.actions[seq - 1] for seq in evenly(page.last_seq, most, len(page.parties)))


@require_safe
@gzip_page
@live_view
def match_space(request: HttpRequest, pk: uuid.UUID, index: int) -> HttpResponse:
    page = _page(request, pk, index)
    return JsonResponse(told_space(page.space, page.pair, page.urls["cloud"]))


@require_safe
@live_view
def match_cloud(request: HttpRequest, pk: uuid.UUID, index: int) -> HttpResponse:
    page = _page(request, pk, index)
    return cloud_picture(page.analysis, page.ufuns)


@require_safe
@gzip_page
@live_view
def match_replay(request: HttpRequest, pk: uuid.UUID, index: int) -> HttpResponse:
    """Rows of the list around a step, as the page itself shows them."""
    page = _page(request, pk, index, {"step": 0} | request.GET.dict())
    rows = page.rows_between(page.shown_seq - AROUND, page.shown_seq + AROUND)
    return render(request, "negotiations/_session_replay.html", {"rows": rows})


@require_safe
@login_required
def match_export(request: HttpRequest, pk: uuid.UUID, index: int, kind: str) -> HttpResponseBase:
    page = _page(request, pk, index)
    texts = match_csv(page.match, page) if kind == "csv" else match_json(page.match, page)
    types = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
    response = FileResponse(texts, content_type=types[kind])
    response["Content-Disposition"] = (
        f'attachment; filename="{filename(page.benchmark)}-match-{index}.{kind}"'
    )
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, pk: uuid.UUID, index: int, given: Any = None) -> MatchPage:
    seen = Benchmark.objects.visible_to(request.user)
    matches = Match.objects.filter(benchmark__in=seen).select_related("benchmark__job__owner")
    match: Match = get_object_or_404(matches, benchmark=pk, index=index)
    return MatchPage(match, request.user, ViewForm(request.GET if given is None else given))


def _shown(request: HttpRequest, template: str, page: MatchPage, **more: Any) -> HttpResponse:
    context = {
        "page": page,
        "match": page.match,
        "benchmark": page.benchmark,
        "session": Viewed(page),
        **more,
    }
    return render(request, template, context)

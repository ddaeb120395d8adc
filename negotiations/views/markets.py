from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from negotiations.forms.market_filters import MarketFilterForm
from negotiations.views.market_rows import MarketList
from negotiations.views.session_new import person
from notifications.live import fragment, live_response, live_view


@require_safe
@login_required
def market_list(request: HttpRequest) -> HttpResponse:
    return render(request, "negotiations/market_list.html", {"list": _list(request)})


@require_safe
@live_view
def market_list_live(request: HttpRequest) -> HttpResponse:
    """The rows that changed, or the table where one came or went."""
    shown = _list(request)
    is_same = request.GET.get("v-market-summary") == shown.version
    parts = (_seats,) if is_same else (_seats, _summary, _segments, _table)
    sections = [partial(section, shown) for section in parts]
    return live_response(request, sections=sections, interval=shown.interval, url=shown.live_url)


def _list(request: HttpRequest) -> MarketList:
    return MarketList(person(request), MarketFilterForm(request.GET).chosen())


def _seats(shown: MarketList, request: HttpRequest) -> str:
    template, seats = "negotiations/_market_places.html", shown.seats
    return fragment(request, template, {"seats": seats}, "market-places", seats.version)


def _summary(shown: MarketList, request: HttpRequest) -> str:
    template = "negotiations/_market_summary.html"
    return fragment(request, template, {"list": shown}, "market-summary", shown.version)


def _segments(shown: MarketList, request: HttpRequest) -> str:
    template = "negotiations/_market_segments.html"
    return fragment(request, template, {"list": shown}, "market-segments", shown.head_version)


def _table(shown: MarketList, request: HttpRequest) -> str:
    template, version = "negotiations/_market_table.html", shown.table_version
    if request.GET.get("v-market-table") != version:
        return fragment(request, template, {"list": shown}, "market-table", version)
    template, context = "negotiations/_market_row.html", {"list": shown}
    changed = shown.changed(request.GET.dict())
    return "".join(
        fragment(request, template, context | {"row": row}, row.id, row.version) for row in changed
    )

from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from negotiations.forms.market_filters import MarketFilterForm
from negotiations.views.live_lists import live_list
from negotiations.views.market_rows import MarketList
from negotiations.views.session_new import person
from notifications.live import fragment, live_view


@require_safe
@login_required
def market_list(request: HttpRequest) -> HttpResponse:
    return render(request, "negotiations/market_list.html", {"list": _list(request)})


@require_safe
@live_view
def market_list_live(request: HttpRequest) -> HttpResponse:
    """The rows that changed, or the table where one came or went."""
    shown = _list(request)
    return live_list(request, shown, partial(_seats, shown))


def _list(request: HttpRequest) -> MarketList:
    return MarketList(person(request), MarketFilterForm(request.GET).chosen())


def _seats(shown: MarketList, request: HttpRequest) -> str:
    template, seats = "negotiations/_market_places.html", shown.seats
    return fragment(request, template, {"seats": seats}, "market-places", seats.version)

from __future__ import annotations

import uuid
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from negotiations.exceptions import Refused, TooMuch
from negotiations.views.market_parts import MarketPage, RoomCard
from negotiations.views.room_access import refused, seen_market
from negotiations.views.session_new import person
from notifications.live import changed, fragment, live_response, live_view

PARTS = (
    "market_title",
    "market_figures",
    "market_actions",
    "market_budget",
    "market_models",
    "market_sellers",
)


@require_safe
@login_required
def market_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    page = MarketPage(seen_market(request.user, pk), request.user)
    return render(request, "negotiations/market_detail.html", {"page": page, "market": page.market})


@require_safe
@live_view
def market_live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The parts and the cards of rooms that changed."""
    page = MarketPage(seen_market(request.user, pk), request.user)
    sections = [partial(_part, page, name) for name in PARTS]
    if any(request.GET.get(f"v-room-{room.pk}") != page.card_version(room) for room in page.rooms):
        sections += [partial(_card, page, card) for card in page.cards]
    return live_response(request, sections=sections, interval=page.interval, url=page.live_url)


def _part(page: MarketPage, name: str, request: HttpRequest) -> str:
    context = {"page": page, "market": page.market}
    id = name.replace("_", "-")
    return fragment(request, f"negotiations/_{name}.html", context, id, page.versions[name])


def _card(page: MarketPage, card: RoomCard, request: HttpRequest) -> str:
    context = {"page": page, "market": page.market, "card": card}
    return fragment(request, "negotiations/_room_card.html", context, card.id, card.version)


@require_POST
@login_required
def market_start(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """All rooms that wait."""
    market = seen_market(request.user, pk)
    try:
        market.start(person(request))
    except (Refused, TooMuch) as refusal:
        return refused(request, refusal, market.get_absolute_url())
    return changed() if request.headers.get("HX-Request") else redirect(market)


@require_POST
@login_required
def market_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A new market like this one, which knows nothing of it (M-29)."""
    market = seen_market(request.user, pk)
    try:
        return redirect(market.again(person(request)))
    except (Refused, TooMuch) as refusal:
        return refused(request, refusal, market.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def market_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Asked for once more, then gone with all that was said (M-03)."""
    market = seen_market(request.user, pk)
    try:
        market.must_be_changed_by(person(request))
        if request.method != "POST":
            return render(request, "negotiations/market_delete.html", {"market": market})
        n_logs = market.remove(person(request))
    except Refused as refusal:
        return refused(request, refusal, market.get_absolute_url())
    told = f" {n_logs} log{'s' if n_logs != 1 else ''} of its rooms are kept for a while." if n_logs else ""
    messages.info(request, f"{market} was deleted.{told}")
    return redirect("negotiations:market-list")

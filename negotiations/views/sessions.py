from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from negotiations.forms.session_filters import SessionFilterForm
from negotiations.views.session_cards import SessionList
from notifications.live import fragment, live_response, live_view, piece


@require_safe
@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # as the decorator saw to
    shown = SessionList(request.user, SessionFilterForm(request.GET).chosen())
    return render(request, "negotiations/session_list.html", {"list": shown})


@require_safe
@live_view
def session_list_live(request: HttpRequest) -> HttpResponse:
    """All cards and the table in one answer: what changed of them (N-14)."""
    assert request.user.is_authenticated  # as the decorator saw to
    shown = SessionList(request.user, SessionFilterForm(request.GET).chosen(), request.GET.dict())
    parts = [_table] if shown.has_same_cards else [_summary, _cards, _table]
    sections = [partial(section, shown) for section in (_seats, *parts)]
    is_new = request.GET.get("v-session-table") != shown.table_version
    events = ["refreshSessions"] if is_new else []  # N-10
    return live_response(
        request, sections=sections, interval=shown.interval, url=shown.live_url, events=events
    )


def _summary(shown: SessionList, request: HttpRequest) -> str:
    template = "negotiations/_session_summary.html"
    return fragment(request, template, {"list": shown}, "session-summary", shown.version)


def _seats(shown: SessionList, request: HttpRequest) -> str:
    """Asked for where something of them changed, so that others read nothing."""
    if request.GET.get("v-your-seats") == shown.seats_version:
        return ""
    template, context = "negotiations/_your_seats.html", {"seats": shown.seats}
    return fragment(request, template, context, "your-seats", shown.seats_version)


def _cards(shown: SessionList, request: HttpRequest) -> str:
    """All of them where one came or went, else those that changed."""
    if request.GET.get("v-sessions-running") != shown.running_version:
        template = "negotiations/_sessions_running.html"
        return fragment(request, template, {"list": shown}, "sessions-running", shown.running_version)
    template = "negotiations/_session_card_body.html"
    return "".join(piece(request, template, {"card": card}, card.version) for card in shown.changed_cards)


def _table(shown: SessionList, request: HttpRequest) -> str:
    """All of it where a session ended or went, else the rows that changed."""
    context, version = {"list": shown}, shown.table_version
    if shown.has_lost_rows or request.GET.get("v-session-table") != version:
        return piece(request, "negotiations/_session_table.html", context, version)
    template = "negotiations/_session_row.html"
    return "".join(
        piece(request, template, context | {"row": row}, row.version) for row in shown.changed_rows
    )

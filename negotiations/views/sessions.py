from __future__ import annotations

from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from negotiations.forms.session_filters import SessionFilterForm
from negotiations.views.session_cards import SessionList
from notifications.live import fragment, live_response, live_view


@require_safe
@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    shown = SessionList(request.user, SessionFilterForm(request.GET).chosen())
    return render(request, "negotiations/session_list.html", {"list": shown})


@require_safe
@live_view
def session_list_live(request: HttpRequest) -> HttpResponse:
    """All cards and the table in one answer: what changed of them (N-14)."""
    shown = SessionList(request.user, SessionFilterForm(request.GET).chosen())
    sections = [partial(section, shown) for section in (_summary, _cards, _table)]
    is_new = request.GET.get("v-session-table") != shown.table_version
    events = ["refreshSessions"] if is_new else []  # N-10
    return live_response(
        request, sections=sections, interval=shown.interval, url=shown.live_url, events=events
    )


def _summary(shown: SessionList, request: HttpRequest) -> str:
    template = "negotiations/_session_summary.html"
    return fragment(request, template, {"list": shown}, "session-summary", shown.summary_version)


def _cards(shown: SessionList, request: HttpRequest) -> str:
    """All of them where one came or went, else those that changed."""
    if request.GET.get("v-sessions-running") != shown.running_version:
        template = "negotiations/_sessions_running.html"
        return fragment(request, template, {"list": shown}, "sessions-running", shown.running_version)
    template = "negotiations/_session_card_body.html"
    changed = shown.changed(request.GET.dict())
    return "".join(fragment(request, template, {"card": card}, card.id, card.version) for card in changed)


def _table(shown: SessionList, request: HttpRequest) -> str:
    template = "negotiations/_session_table.html"
    return fragment(request, template, {"list": shown}, "session-table", shown.table_version)

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from negotiations.example import start_example
from negotiations.models import Session
from negotiations.models.owned import Visitor
from notifications.live import IDLE, QUIET, RUNNING, fragment, live_response, live_view, version_of

RUNNING_SHOWN, ENDED_SHOWN = 12, 8
LONG_IDLE = timedelta(minutes=10)


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    shown = Shown(request.user)
    context = shown.context | {"version": shown.version, "interval": shown.interval}
    return render(request, "negotiations/home.html", context)


@require_safe
@live_view
def home_sessions(request: HttpRequest) -> HttpResponse:
    shown = Shown(request.user)

    def sessions(request: HttpRequest) -> str:
        return fragment(
            request, "negotiations/_home_sessions.html", shown.context, "home-sessions", shown.version
        )

    return live_response(request, sections=[sessions], interval=shown.interval)


@require_POST
@login_required
def start_example_session(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # as the decorator saw to
    session = start_example(request.user)
    if session is None:
        messages.error(
            request,
            "The library is empty, so there is nothing to try. Upload a scenario, or ask an administrator to "
            "run import_scenarios and sync_negotiators.",
        )
        return redirect("home")
    return redirect(session)


class Shown:
    """The sessions of the home page. Two small queries tell whether anything changed; the rows wait for the template."""

    def __init__(self, user: Visitor) -> None:
        sessions = Session.objects.visible_to(user).newest_first()
        running = sessions.in_progress()[:RUNNING_SHOWN]
        ended = sessions.over().order_by("-job__finished_at")[:ENDED_SHOWN]
        marks = [
            list(rows.values_list("pk", "job__status", "job__hold", "job__updated_at"))
            for rows in (running, ended)
        ]
        self.version = version_of(marks)
        self.interval = _interval(*marks)
        self.context = {
            "running": sessions.in_progress().with_parties()[:RUNNING_SHOWN],
            "ended": sessions.over().with_parties().order_by("-job__finished_at")[:ENDED_SHOWN],
        }


def _interval(running: list[Any], ended: list[Any]) -> int:
    if running:
        return RUNNING
    latest = ended[0][3] if ended else None
    return QUIET if latest and timezone.now() - latest < LONG_IDLE else IDLE

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from negotiations.example import start_example
from negotiations.exceptions import TooMuch
from negotiations.models import Job, Kind, Negotiator, Party, Scenario, Session
from negotiations.models.jobs import ACTIVE, JobQuerySet
from negotiations.models.owned import Visitor
from negotiations.models.sessions import SessionQuerySet
from negotiations.views.market_rows import MarketSeats
from negotiations.views.session_new import person
from notifications.live import QUIET, RUNNING, fragment, live_response, live_view, version_of

RUNNING_SHOWN, ENDED_SHOWN, MARKETS_SHOWN = 12, 8, 5


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    shown, seats = Shown(request.user), MarketSeats(person(request), MARKETS_SHOWN)
    context = {
        "shown": shown,
        "version": shown.version,
        "interval": shown.interval,
        "seats_in_markets": seats,
    }
    return render(request, "negotiations/home.html", context)


@require_safe
@live_view
def home_sessions(request: HttpRequest) -> HttpResponse:
    shown = Shown(request.user)

    def sessions(request: HttpRequest) -> str:
        template = "negotiations/_home_sessions.html"
        return fragment(request, template, {"shown": shown}, "home-sessions", shown.version)

    return live_response(request, sections=[_markets, sessions], interval=shown.interval)


def _markets(request: HttpRequest) -> str:
    seats = MarketSeats(person(request), MARKETS_SHOWN)
    template, context = "negotiations/_home_markets.html", {"seats_in_markets": seats}
    return fragment(request, template, context, "home-markets", seats.version)


@require_POST
@login_required
def start_example_session(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # as the decorator saw to
    try:
        session = start_example(request.user)
    except TooMuch as limit:
        messages.error(request, str(limit))
        return redirect("home")
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
        self.user = user
        # Asked of the jobs, not of the sessions: with 20,000 sessions that is 4 ms instead of 70.
        jobs = Job.objects.visible_to(user).filter(kind=Kind.SESSION)
        seated = Exists(Party.objects.of(user).filter(session=OuterRef("pk")))
        active = jobs.active().annotate(is_seated=seated).order_by("-is_seated", "-created_at")
        self._running = _marks(active[:RUNNING_SHOWN], "is_seated")
        self._ended = _marks(jobs.exclude(status__in=ACTIVE).order_by("-finished_at")[:ENDED_SHOWN])
        self.version = version_of(self._running, self._ended)
        self.interval = RUNNING if self._running else QUIET

    # --- Asked for by who shows it: to put these questions together takes longer than a poll without news ---------

    @cached_property
    def seats(self) -> SessionQuerySet:
        return _sessions(self._running).seats_to_show(self.user)

    @cached_property
    def running(self) -> SessionQuerySet:
        return _sessions(self._running).visible_to(self.user).newest_first()

    @cached_property
    def ended(self) -> SessionQuerySet:
        return _sessions(self._ended).visible_to(self.user).order_by("-job__finished_at")

    @cached_property
    def starting(self) -> dict[str, int]:
        """What is there to begin with, for those who have nothing here yet."""
        return {
            "scenarios": Scenario.objects.visible_to(self.user).count(),
            "negotiators": Negotiator.objects.usable().count(),
        }


def _marks(jobs: JobQuerySet, *more: str) -> list[Any]:
    return list(jobs.values_list("pk", "status", "hold", "updated_at", *more))


def _sessions(marks: list[Any]) -> SessionQuerySet:
    return Session.objects.with_parties().filter(deletion=None, pk__in=[pk for pk, *_ in marks])

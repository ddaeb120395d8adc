"""One poller a page, one answer for all that lives on it: fenced sections, 204 when nothing is new."""

from __future__ import annotations

import functools
import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from notifications.feed import Feed, is_of_another
from notifications.meter import METER

# Seconds between two polls. The server chooses: what runs is asked often, what sleeps is left alone.
RUNNING, PROCESSING, QUIET = 1, 3, settings.LIVE_SECONDS
IDLE = max(15, QUIET)

Section = Callable[[HttpRequest], str]
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

log = logging.getLogger(__name__)


def version_of(*values: Any) -> str:
    """A short hash of what a fragment shows; it goes out as `data-version` and comes back with each poll."""
    shown = json.dumps(values, default=str).encode()
    return hashlib.blake2b(shown, digest_size=6).hexdigest()


def fragment(request: HttpRequest, template: str, context: dict[str, Any], id: str, version: str) -> str:
    """`template` as an out-of-band piece of the page; empty where the page shows this version already."""
    if request.GET.get(f"v-{id}") == version:
        return ""
    return piece(request, template, context, version)


def piece(request: HttpRequest, template: str, context: dict[str, Any], version: str) -> str:
    """The same, whatever the page shows."""
    return render_to_string(template, context | {"oob": True, "version": version}, request)


def live_response(
    request: HttpRequest,
    *,
    sections: Sequence[Section],
    interval: int,
    url: str | None = None,
    events: Sequence[str] = (),
) -> HttpResponse:
    """What is new in each section and in the person's notifications; 204 when nothing is and the page asks as often as it should.

    `url` is what the page's poller asks, where that is not this request's path; `events` are triggered in the page.
    """
    if request.GET.get("idle") and interval == QUIET:
        interval = IDLE  # nobody has touched the page for long, and nothing on it moves (F-25)
    feed = Feed(request)
    parts = [_fenced(section, request) for section in (*sections, feed.toasts, feed.bell)]
    if request.GET.get("every") != str(interval):
        poller = {"url": url or request.path, "interval": interval, "oob": True}
        parts.append(render_to_string("notifications/_live.html", poller))
    body = "".join(parts)
    response = HttpResponse(body, status=200 if body else 204)
    # No entity tag either: the browser would answer from its cache, and the same rows would be appended again.
    response["Cache-Control"] = "no-store"
    if triggered := dict.fromkeys(events, {}) | feed.events:
        response["HX-Trigger"] = json.dumps(triggered)
    return response


def changed() -> HttpResponse:
    """To a page that has changed something: it polls at once and shows what became of it. One that polls not is loaded anew."""
    return HttpResponse(status=204, headers={} if settings.LIVE_UPDATES else {"HX-Refresh": "true"})


def live_view(view: View[P]) -> View[P]:
    """A view that answers polls. Signed out it says 401: a redirect would bring a sign-in page that nobody sees.

    So it does where somebody else has signed in in the same browser: a page never mixes two people's.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        begun = time.perf_counter()
        if not request.user.is_authenticated or is_of_another(request):
            return HttpResponse(status=401, headers={"Cache-Control": "no-store"})
        response = view(request, *args, **kwargs)
        METER.note(request, response, time.perf_counter() - begun)
        return response

    return answer


def _fenced(section: Section, request: HttpRequest) -> str:
    """A section's piece. Where it breaks the others still arrive, and the page says that a part did not."""
    try:
        return section(request)
    except Exception:
        name = getattr(section, "__name__", "section")
        log.exception("The live section %s could not be made for %s.", name, request.path)
        return render_to_string("notifications/_live_error.html")

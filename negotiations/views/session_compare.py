from __future__ import annotations

import uuid
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from negotiations.comparison import LEAST, MOST, Comparison
from negotiations.models import Session
from negotiations.models.owned import Visitor
from notifications.live import QUIET, RUNNING, fragment, live_response, live_view

PARTS = ("compare_heads", "compare_settings", "compare_results", "compare_charts")
LONGEST = 1000


@require_safe
@login_required
def session_compare(request: HttpRequest) -> HttpResponse:
    """Two to six sessions side by side (P-11)."""
    ids, why = _chosen(request)
    if why:
        return render(request, "negotiations/session_compare.html", {"why": why}, status=400)
    shown = _visible(request.user, ids)
    return render(request, "negotiations/session_compare.html", {"shown": shown, "versions": shown.versions})


@require_safe
@live_view
def session_compare_live(request: HttpRequest) -> HttpResponse:
    """What changed of them while one of them runs; after that the page's poller goes back to the feed of all pages."""
    ids, why = _chosen(request)
    if why:
        return HttpResponse(why, status=400, content_type="text/plain; charset=utf-8")
    shown = _visible(request.user, ids)
    sections = [partial(_part, shown, name) for name in PARTS]
    if shown.is_live:
        url = f"{reverse('negotiations:session-compare-live')}?ids={shown.ids}"
        return live_response(request, sections=sections, interval=RUNNING, url=url)
    return live_response(request, sections=sections, interval=QUIET, url=reverse("notifications:live"))


def _part(shown: Comparison, name: str, request: HttpRequest) -> str:
    id = name.replace("_", "-")
    template = f"negotiations/_session_{name}.html"
    return fragment(request, template, {"shown": shown}, id, shown.versions[name])


def _chosen(request: HttpRequest) -> tuple[list[uuid.UUID], str]:
    """The ids of the address, each once; else why they cannot be compared."""
    given = request.GET.get("ids", "")
    words = [word.strip() for word in given[:LONGEST].split(",") if word.strip()]
    try:
        ids = list(dict.fromkeys(uuid.UUID(word) for word in words))
    except ValueError:
        return [], "The address names something that is no session. Choose sessions from the list."
    if len(ids) < LEAST:
        return (
            [],
            f"{'One session is' if ids else 'No sessions are'} chosen. Choose two to six from the list.",
        )
    if len(ids) > MOST or len(given) > LONGEST:
        return [], "More than six sessions are chosen. Choose two to six from the list."
    return ids, ""


def _visible(user: Visitor, ids: list[uuid.UUID]) -> Comparison:
    rows = Session.objects.visible_to(user).with_tail().prefetch_related("parties").select_related("fork")
    found = {session.pk: session for session in rows.filter(pk__in=ids)}
    if len(found) < len(ids):
        raise Http404
    return Comparison([found[pk] for pk in ids])

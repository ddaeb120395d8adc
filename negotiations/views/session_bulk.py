"""What is done to the ticked rows of the list, and the deletion of sessions."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from negotiations import deletions, session_changes
from negotiations.every_session import EverySession
from negotiations.forms.session_filters import (
    DeleteForm,
    EverySessionForm,
    SessionBulkForm,
    SessionFilterForm,
)
from negotiations.models import Negotiator, Scenario, Session
from negotiations.models.sessions import SessionQuerySet
from negotiations.views.session_cards import list_url
from negotiations.views.session_detail import refused
from negotiations.views.session_exports import zip_response

MOST_EXPORTED = 1_000
"""In one file: some seconds of a page's process."""


@require_POST
@login_required
def session_bulk(request: HttpRequest) -> HttpResponseBase:
    """Change what was ticked, and say of how many that was not possible, and why."""
    form = SessionBulkForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    if form.cleaned_data["every"]:
        return _every(request, form.cleaned_data)
    asked = Session.objects.visible_to(request.user).filter(pk__in=form.cleaned_data["ids"])
    return _DONE[form.cleaned_data["change"]](request, asked, form.cleaned_data)


def _cancel(request: HttpRequest, asked: SessionQuerySet, kept: dict[str, Any]) -> HttpResponse:
    return _told(request, *session_changes.cancel_all(asked, _person(request), len(kept["ids"])))


def _again(request: HttpRequest, asked: SessionQuerySet, kept: dict[str, Any]) -> HttpResponse:
    return _told(request, *session_changes.run_all_again(asked, _person(request), len(kept["ids"])))


def _tag(request: HttpRequest, asked: SessionQuerySet, kept: dict[str, Any]) -> HttpResponse:
    done = session_changes.tag_all(asked, _person(request), len(kept["ids"]), kept["tags"])
    return _told(request, *done)


def _compare(request: HttpRequest, asked: SessionQuerySet, kept: dict[str, Any]) -> HttpResponse:
    """In the order in which they stand on the page."""
    ids = ",".join(str(pk) for pk in kept["ids"])
    return redirect(f"{reverse('negotiations:session-list')}compare/?ids={ids}")


def _export(request: HttpRequest, asked: SessionQuerySet, kept: dict[str, Any]) -> HttpResponseBase:
    return (
        zip_response(asked, request.user) if asked.exists() else _told(request, "No session exported.", False)
    )


def _confirm(request: HttpRequest, asked: SessionQuerySet, kept: dict[str, Any]) -> HttpResponse:
    return _deletion_page(request, asked, len(kept["ids"]))


_DONE = {
    "cancel": _cancel,
    "again": _again,
    "tag": _tag,
    "compare": _compare,
    "export": _export,
    "delete": _confirm,
}


# --- All that match the filters: what will happen is said in numbers before it does --------------------------------


def _every(request: HttpRequest, kept: dict[str, Any]) -> HttpResponseBase:
    chosen, user = SessionFilterForm(request.GET).chosen(), _person(request)
    every = EverySession(user, chosen, kept["change"], timezone.now(), kept["tags"])
    if kept["change"] == "export":
        return _export_every(request, every)
    context = {
        "every": every,
        "filters": _filters_told(user, chosen),
        "back": _back(request),
        "query": request.GET.urlencode(),
    }
    return render(request, "negotiations/session_every.html", context)


def _export_every(request: HttpRequest, every: EverySession) -> HttpResponseBase:
    if not every.count:
        return _told(
            request, "No session exported. Only what has ended is exported with all that match.", False
        )
    if every.count <= MOST_EXPORTED:
        return zip_response(every.concerned, request.user)
    told = (
        f"{every.count:,} sessions match, and a file has at most {MOST_EXPORTED:,} of them. Nothing was exported. "
        "Narrow the filters, or read them by the API."
    )
    return _told(request, told, False)


def _filters_told(user: User, chosen: dict[str, Any]) -> list[tuple[str, str]]:
    """The filters that are set, in the words of the list."""
    form = SessionFilterForm
    scenarios = Scenario.objects.known_to(user).filter(pk=chosen["scenario"] or 0)
    negotiators = Negotiator.objects.filter(pk=chosen["negotiator"] or 0)
    names: dict[str, dict[Any, str]] = {
        "scenario": dict(scenarios.values_list("pk", "name")),
        "negotiator": dict(negotiators.values_list("pk", "short_name")),
        "result": dict(form.ENDINGS),
        "whose": dict(form.WHOSE),
        "period": dict(form.PERIODS),
    }
    words = {"q": "Search", "period": "Ended in the"}
    set_ones = {name: value for name, value in chosen.items() if value and name not in ("page", "sort")}
    return [
        (words.get(name, name.capitalize()), str(names.get(name, {}).get(value, value)))
        for name, value in set_ones.items()
    ]


@require_POST
@login_required
def sessions_every(request: HttpRequest) -> HttpResponse:
    """It was said what will happen, and agreed to."""
    form = EverySessionForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    chosen, kept = SessionFilterForm(request.GET).chosen(), form.cleaned_data
    every = EverySession(_person(request), chosen, kept["change"], kept["moment"], kept["tags"])
    return _told(request, *every.do())


# --- Deletion: what will go is shown before it goes ---------------------------------------------------------------


@require_safe
@login_required
def session_delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One of them, from its own page."""
    session = get_object_or_404(Session.objects.visible_to(request.user), pk=pk)
    if not session.may_be_changed_by(request.user):
        why = f"{session} belongs to {session.job.owner}. Only its owner can delete it; nothing was changed."
        return refused(request, session, why, 403)
    return _deletion_page(request, Session.objects.filter(pk=pk), 1)


@require_POST
@login_required
def sessions_delete(request: HttpRequest) -> HttpResponse:
    form = DeleteForm(request.POST)
    if not form.is_valid():
        return _refused(request, form)
    ids = form.cleaned_data["ids"]
    asked = Session.objects.visible_to(request.user).filter(pk__in=ids)
    deleted = deletions.delete(asked, _person(request))
    return _told(request, *session_changes.told_of(deleted, len(ids)))


def _deletion_page(request: HttpRequest, asked: SessionQuerySet, count: int) -> HttpResponse:
    own = session_changes.as_list(asked.changeable_by(request.user).newest_first())
    over = [session for session in own if session.job.is_over]
    n_offers = sum(session.n_offers for session in over)
    context = {
        "over": over,
        "active": [session for session in own if session.job.is_active],
        "n_foreign": count - len(own),
        "told_offers": "1 offer" if n_offers == 1 else f"{n_offers:,} offers",
        "is_much": deletions.is_much(len(over), n_offers),
        "back": _back(request),
        "query": request.GET.urlencode(),
    }
    return render(request, "negotiations/session_delete.html", context)


# --- Answers ------------------------------------------------------------------------------------------------------


def _told(request: HttpRequest, text: str, is_whole: bool) -> HttpResponse:
    (messages.info if is_whole else messages.warning)(request, text)
    return redirect(_back(request))


def _refused(request: HttpRequest, form: Form) -> HttpResponse:
    for texts in form.errors.values():
        messages.error(request, " ".join(str(text) for text in texts))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """To the list, with the filters that it had."""
    return list_url(SessionFilterForm(request.GET).chosen())


def _person(request: HttpRequest) -> Any:
    assert request.user.is_authenticated  # as the decorators saw to
    return request.user

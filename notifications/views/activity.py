from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from notifications.activity import Activity
from notifications.forms import ActivityForm, MuteForm
from notifications.live import QUIET, changed, fragment, live_response, live_view
from notifications.models import Inbox, Notification


@gzip_page
@require_safe
@login_required
def activity(request: HttpRequest) -> HttpResponse:
    """What a person was told: the latest, older ones by `before` (F-18)."""
    assert request.user.is_authenticated  # as the decorator saw to
    shown = Activity(request.user, ActivityForm(request.GET).chosen())
    return render(request, "notifications/activity.html", {"shown": shown})


@gzip_page
@require_safe
@live_view
def activity_live(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # as the decorator saw to
    shown = Activity(request.user, ActivityForm(request.GET).chosen())

    def rows(request: HttpRequest) -> str:
        template = "notifications/_activity_list.html"
        return fragment(request, template, {"shown": shown}, "activity-list", shown.version)

    return live_response(request, sections=[rows], interval=QUIET, url=shown.live_url)


@require_POST
@login_required
def notification_change(request: HttpRequest, pk: uuid.UUID, verb: str) -> HttpResponse:
    """Mark one as read, or take it out of sight; once more changes nothing (F-23)."""
    assert request.user.is_authenticated  # as the decorator saw to
    mine = Notification.objects.filter(user=request.user)
    one = get_object_or_404(mine, pk=pk)
    getattr(mine.filter(pk=one.pk), verb)(request.user)
    return _done(request)


@require_POST
@login_required
def activity_seen(request: HttpRequest) -> HttpResponse:
    """Mark all as read that were there as the page was made; what came since, nobody has seen."""
    assert request.user.is_authenticated  # as the decorator saw to
    shown = request.POST.get("until", "")
    until = int(shown) if shown.isdecimal() and len(shown) < 19 else Inbox.of(request.user).last_seq
    Notification.objects.filter(user=request.user, seq__lte=until).unread().see(request.user)
    return _done(request)


@require_POST
@login_required
def activity_mute(request: HttpRequest) -> HttpResponse:
    """Which kinds are told from now on."""
    assert request.user.is_authenticated  # as the decorator saw to
    form = MuteForm(request.POST)
    if not form.is_valid():
        return render(
            request, "notifications/activity_refused.html", {"errors": form.errors["told"]}, status=400
        )
    with transaction.atomic():
        Inbox.objects.locked(request.user).mute(form.muted())
    return _done(request)


def _done(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return changed()
    return redirect("notifications:activity")

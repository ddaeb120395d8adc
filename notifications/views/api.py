"""Notifications as JSON, for scripts and for other programs' pages (F-01)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from api.answers import answer, error
from notifications.forms import AfterIdForm
from notifications.meter import METER
from notifications.models import Inbox, Notification


@require_safe
def api_notifications(request: HttpRequest) -> HttpResponse:
    """The oldest `limit` after the cursor, listed newest first. Without a cursor: the newest.

    A cursor that is not known, not this person's or ahead of all there is goes to the head: nothing is replayed (F-07).
    """
    if not request.user.is_authenticated:
        return error(401, "NOT_SIGNED_IN", "Sign in to read your notifications.")
    form = AfterIdForm(request.GET)
    if not form.is_valid():
        details = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        return error(400, "VALIDATION_ERROR", "The query cannot be understood.", details)
    return answer(to_dict(request.user, form.cleaned_data["after_id"], form.cleaned_data["limit"]))


def to_dict(user: Any, after: int | uuid.UUID | None, limit: int) -> dict[str, Any]:
    inbox, mine = Inbox.of(user), Notification.objects.of(user)
    cursor = _seq_of(user, after, inbox)
    if after is None:
        found, has_more = list(mine.newest_first()[:limit]), False
    else:
        oldest = list(mine.after(cursor)[: limit + 1])
        found, has_more = oldest[:limit][::-1], len(oldest) > limit
        METER.note_delivery(user.pk, cursor)
    return {
        "notifications": [as_dict(one) for one in found],
        "has_more": has_more,
        # What was told while this was read came, too: its number may be higher than the inbox's.
        "cursor": found[0].seq if has_more else max(cursor, inbox.last_seq, *(one.seq for one in found[:1])),
    }


def _seq_of(user: Any, after: int | uuid.UUID | None, inbox: Inbox) -> int:
    if isinstance(after, int):
        return min(after, inbox.last_seq)
    known = after and Notification.objects.filter(user=user, pk=after).values_list("seq", flat=True).first()
    return known or inbox.last_seq


def as_dict(one: Notification) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "delivered_at", "seen_at", "dismissed_at")
    times = {name: getattr(one, name) for name in moments}
    return {
        "id": str(one.pk),
        "seq": one.seq,
        "kind": one.kind,
        "level": one.level,
        "title": one.title,
        "text": one.text,
        "context": one.context,
        "href": one.href or None,
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
    }

"""Notifications as JSON (F-01)."""

from __future__ import annotations

import uuid
from typing import Any

from notifications.meter import METER
from notifications.models import Inbox, Notification


def list_dict(user: Any, after: int | uuid.UUID | None, limit: int) -> dict[str, Any]:
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

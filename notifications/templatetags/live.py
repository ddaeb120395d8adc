from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template import Context

from notifications.feed import unread_of
from notifications.live import QUIET
from notifications.models import Inbox
from notifications.models.notifications import MOST_UNREAD

register = template.Library()


@register.simple_tag
def live_updates() -> bool:
    """Whether pages poll at all: LIVE_UPDATES=0 is the switch that needs no other code."""
    return bool(settings.LIVE_UPDATES)


@register.simple_tag(takes_context=True)
def inbox(context: Context) -> dict[str, Any]:
    """What a page says of its reader's notifications as it is made; empty for who is signed out."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return {}
    mine = Inbox.of(user)
    numbers = {"key": mine.key, "head": mine.last_seq, "version": mine.changes, "unread": unread_of(mine)}
    return numbers | {"interval": QUIET}


@register.inclusion_tag("notifications/_level_icon.html")
def level_icon(level: str) -> dict[str, str]:
    """The shape of a level, with its word for who does not see it."""
    shapes = {"success": "check", "warning": "triangle-alert", "error": "octagon-x"}
    return {"level": level, "shape": shapes.get(level, "info")}


@register.filter
def badge(count: int) -> str:
    """A number as a badge has room for it."""
    return f"{MOST_UNREAD - 1}+" if count >= MOST_UNREAD else str(count)

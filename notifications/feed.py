"""A person's notifications as one more section of every live answer: what this page has not been told, and the bell."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from notifications.meter import METER
from notifications.models import Inbox, Notification

A_PAGE = 50
"""Notifications in one answer; who has more is asked to come again at once (F-05)."""
REFRESH = {"session_id": "refreshSessions", "job_id": "refreshJobs", "benchmark_id": "refreshBenchmarks"}


class Feed:
    """Asks nothing beyond the inbox, which came with the user, unless there is something new.

    The cursor is the page's (F-02): `notified` is the last number it has, `v-toasts` whose numbers they are. A cursor
    of somebody else's, or ahead of all there is, goes to the head and brings nothing (F-07).
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.inbox = Inbox.of(request.user)
        self.events: dict[str, Any] = {}
        """What the answer is to trigger in the page; filled by the sections."""

    @cached_property
    def cursor(self) -> int | None:
        """None where the page has none: a script, or a page from before."""
        asked = self.request.GET.get("notified", "")
        return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None

    @property
    def is_lost(self) -> bool:
        if self.cursor is None:
            return False
        return self.cursor > self.inbox.last_seq or self.request.GET.get("v-toasts") != self.inbox.key

    def toasts(self, request: HttpRequest) -> str:
        """New notifications in the order in which they came."""
        if self.is_lost:
            self.events["inbox:reset"] = {"key": self.inbox.key, "head": self.inbox.last_seq}
            return ""
        if self.cursor is None:
            return ""
        if self.cursor > self.inbox.delivered_seq:
            METER.note_delivery(self.inbox.pk, self.cursor)
        return self._news(self.cursor) if self.cursor < self.inbox.last_seq else ""

    def _news(self, cursor: int) -> str:
        found = list(Notification.objects.of(self.inbox.pk).after(cursor)[: A_PAGE + 1])
        shown = found[:A_PAGE]
        about = {name for each in shown for name in REFRESH if name in each.context}
        self.events |= {REFRESH[name]: {} for name in sorted(about)}
        if len(found) > A_PAGE:
            self.events["live:more"] = {}
        # What was dismissed or has run out comes to no page: each goes on behind it.
        is_rest_gone = len(found) <= A_PAGE and (not shown or shown[-1].seq < self.inbox.last_seq)
        context = {"notifications": shown, "until": self.inbox.last_seq if is_rest_gone else None}
        return render_to_string("notifications/_toasts.html", context, self.request)

    def bell(self, request: HttpRequest) -> str:
        if request.GET.get("v-inbox-bell") in (None, str(self.inbox.changes)):
            return ""
        context = {"unread": unread_of(self.inbox), "version": self.inbox.changes, "oob": True}
        return render_to_string("notifications/_inbox_bell.html", context, request)


def is_of_another(request: HttpRequest) -> bool:
    """The page was made for somebody else than who asks now."""
    owner, is_named, _ = request.GET.get("v-toasts", "").partition("-")
    return bool(is_named) and owner != str(request.user.pk)


def unread_of(inbox: Inbox) -> int:
    return Notification.objects.of(inbox.pk).count_unread() if inbox.last_seq else 0

"""What the activity page shows: notifications, newest first, many alike as one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.urls import reverse

from notifications.live import version_of
from notifications.messages import MESSAGES
from notifications.models import Inbox, Level, Notification

ROWS = 50
ALIKE = 4
"""So many of one kind in a row, all read or all unread, are shown as one."""


@dataclass(frozen=True)
class Group:
    """Neighbours of one kind; the first is the newest."""

    rows: list[Notification]

    @property
    def is_many(self) -> bool:
        return len(self.rows) >= ALIKE

    @property
    def id(self) -> str:
        """By its oldest: what comes later joins it, and it stays the same to the page."""
        return f"activity-group-{self.rows[-1].seq}"

    @property
    def newest(self) -> Notification:
        return self.rows[0]

    @property
    def title(self) -> str:
        return MESSAGES[self.newest.kind].many.format(n=len(self.rows))


class Activity:
    """A person's notifications for one choice of filters, and the page older than `before`."""

    def __init__(self, user: User, chosen: dict[str, Any]) -> None:
        self.inbox = Inbox.of(user)
        self.chosen = chosen
        self.user = user

    @cached_property
    def _found(self) -> list[Notification]:
        rows = Notification.objects.of(self.user).newest_first()
        if self.chosen["show"] == "unread":
            rows = rows.unread()
        elif self.chosen["show"]:
            rows = rows.filter(level=self.chosen["show"])
        if self.chosen["before"]:
            rows = rows.filter(seq__lt=self.chosen["before"])
        return list(rows[: ROWS + 1])

    @property
    def rows(self) -> list[Notification]:
        return self._found[:ROWS]

    @property
    def groups(self) -> Iterator[Group]:
        """Runs of `ALIKE` and more together, all others each for itself."""
        for _, run in groupby(self.rows, key=lambda row: (row.kind, row.is_unread)):
            together = Group(list(run))
            if together.is_many and together.newest.kind in MESSAGES:
                yield together
            else:
                yield from (Group([row]) for row in together.rows)

    @property
    def older(self) -> str:
        return self.url(before=self.rows[-1].seq) if len(self._found) > ROWS else ""

    @property
    def newest_url(self) -> str:
        return self.url(before=None)

    @cached_property
    def unread(self) -> int:
        return Notification.objects.of(self.user).count_unread()

    @property
    def version(self) -> str:
        return version_of(self.inbox.changes, self.chosen)

    @property
    def segments(self) -> list[tuple[str, str, str]]:
        """Value, word and address of each filter."""
        words = [("", "All"), ("unread", "Unread"), *((level, level.capitalize()) for level in Level.values)]
        return [(value, word, self.url(show=value, before=None)) for value, word in words]

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """Kind, its label and whether it is told."""
        return [(kind, message.label, kind not in self.inbox.muted) for kind, message in MESSAGES.items()]

    def url(self, name: str = "notifications:activity", **changes: Any) -> str:
        kept = {key: value for key, value in {**self.chosen, **changes}.items() if value}
        return f"{reverse(name)}?{urlencode(kept)}" if kept else reverse(name)

    @property
    def live_url(self) -> str:
        return self.url("notifications:activity-live")

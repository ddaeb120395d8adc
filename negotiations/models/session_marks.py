"""What a poll of the session list looks at to know what changed: plain values, and no session is made of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

OF_OWNER = ("job__owner_id", "job__group_id")
OF_CARD = (
    "job__status",
    "job__hold",
    "job__cancel_requested_at",
    "job__current_step",
    "n_offers",
    "job__awaits_since",
)


@dataclass(frozen=True)
class SessionMark:
    """Of one session: whose it is, what its card may change, and its tags."""

    owner: int
    group: int | None
    card: tuple[Any, ...]
    tags: list[str]


def marks_of(sessions: QuerySet[Any]) -> dict[uuid.UUID, SessionMark]:
    """One query, a line for each tag."""
    found: dict[uuid.UUID, SessionMark] = {}
    lines = sessions.order_by().values_list("pk", *OF_OWNER, *OF_CARD, "tags__name")
    for key, owner, group, *card, tag in lines:
        mark = found.setdefault(key, SessionMark(owner, group, tuple(card), []))
        mark.tags.extend([tag] if tag else [])
    return found

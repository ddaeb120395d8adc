"""What a page of the session list shows already, as its poll names it, held against what there is."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from negotiations.models import Session, Status
from notifications.live import version_of

ROWS_A_PAGE = 25
CARDS = 30


@dataclass(frozen=True)
class Row:
    """A session that is over, with its parties and tags; of all that its row shows only the tags may change."""

    session: Session

    @property
    def id(self) -> str:
        return f"row-{self.session.pk}"

    @property
    def version(self) -> str:
        return row_version(tag.name for tag in self.session.tags.all())


def row_version(tags: Iterable[str]) -> str:
    return version_of(sorted(tags))


def card_version(mark: tuple[Any, ...], queues: list[Any]) -> str:
    """Of what grows or moves in a card; while it waits, of whatever moves in the queues."""
    status, is_held, *_, awaits_since = mark
    waits = status == Status.QUEUED and not is_held and not awaits_since
    return version_of(mark, queues if waits else None)


class Shown:
    """The versions of cards and rows that a poll names, by their sessions' keys; no more than a page has."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.query = query
        self.cards = _named(query, "v-session-", CARDS)
        self.rows = _named(query, "v-row-", ROWS_A_PAGE)

    @property
    def keys(self) -> list[uuid.UUID]:
        return [*self.cards, *self.rows]


def _named(query: Mapping[str, str], prefix: str, most: int) -> dict[uuid.UUID, str]:
    found: dict[uuid.UUID, str] = {}
    for name, version in query.items():
        if name.startswith(prefix) and len(found) < most:
            with suppress(ValueError):
                found[uuid.UUID(name.removeprefix(prefix))] = version
    return found

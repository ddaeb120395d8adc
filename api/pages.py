"""Long lists, a page at a time: by a cursor, so that nothing is missed or doubled while rows come and go."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from django.db.models import Model, Q, QuerySet
from ninja import Schema
from pydantic import BeforeValidator, Field

from api.answers import Refusal

MOST_ROWS = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def whole(value: Any) -> Any:
    """A number as everybody writes it: Python reads `1_000`, ` 7` and `7.0` as numbers, too."""
    if isinstance(value, str) and not (
        value.isascii() and value.removeprefix("-").isdigit() and len(value) < 20
    ):
        raise ValueError("Give a whole number")
    return value


WholeNumber = Annotated[int, BeforeValidator(whole)]


class PageQuery(Schema):
    """Of a list in the order of its numbers."""

    limit: WholeNumber = Field(50, ge=1, le=MOST_ROWS, description="Rows of a page.")
    cursor: str = Field(
        "", pattern=r"^[0-9]{0,18}$", description="`next` of the page before; empty for the first."
    )

    def behind(self, newest_by: str) -> Q:
        return Q(pk__gt=int(self.cursor))


class NewestQuery(PageQuery):
    """Of a list whose newest stand first; its rows have UUIDs."""

    cursor: str = Field(
        "",
        pattern=r"^([0-9]{1,16}-[0-9a-f]{32})?$",
        description="`next` of the page before; empty for the first.",
    )

    def behind(self, newest_by: str) -> Q:
        micros, _, key = self.cursor.partition("-")
        moment = EPOCH + timedelta(microseconds=int(micros))
        return Q(**{f"{newest_by}__lt": moment}) | Q(**{newest_by: moment, "pk__lt": uuid.UUID(key)})


class Page(Schema):
    """What a page says beside its rows."""

    next: str | None = Field(description="The cursor of the next page; null where this is the last.")


def page_of(
    rows: QuerySet[Any], query: PageQuery, to_dict: Callable[[Any], dict[str, Any]], newest_by: str = ""
) -> dict[str, Any]:
    """`items` and `next`: the newest first by this field, else by number. One query, however far the page."""
    assert isinstance(query, NewestQuery) == bool(newest_by)  # the cursor of one says nothing to the other
    found = rows.order_by(*([f"-{newest_by}", "-pk"] if newest_by else ["pk"]))
    if query.cursor:
        found = found.filter(query.behind(newest_by))
    shown = list(found[: query.limit + 1])
    has_more = len(shown) > query.limit
    return {
        "items": [to_dict(row) for row in shown[: query.limit]],
        "next": _place(shown[query.limit - 1], newest_by) if has_more else None,
    }


def _place(row: Model, newest_by: str) -> str:
    if not newest_by:
        return str(row.pk)
    moment: Any = row
    for part in newest_by.split("__"):
        moment = getattr(moment, part)
    return f"{(moment - EPOCH) // timedelta(microseconds=1)}-{row.pk.hex}"


def found(rows: QuerySet[Any], word: str, told: str, **key: Any) -> Any:
    """The one row of these that a path names; what is somebody else's is as unknown as what does not exist."""
    row = rows.filter(**key).first()
    if row is None:
        raise Refusal(404, word, f"There is no such {told}, or it is not shared with you.")
    return row

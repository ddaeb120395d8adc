"""Long lists, a page at a time: by a cursor, so that nothing is missed or doubled while rows come and go."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from ninja import Schema
from pydantic import BeforeValidator, Field

from api.answers import Refusal

MOST_ROWS = 100
WRONG_CURSOR = "Give the cursor that the page before named, or none."


def whole(value: Any) -> Any:
    """A number as everybody writes it: Python reads `1_000`, ` 7` and `7.0` as numbers, too."""
    if isinstance(value, str) and not (
        value.isascii() and value.removeprefix("-").isdigit() and len(value) < 20
    ):
        raise ValueError("Give a whole number")
    return value


WholeNumber = Annotated[int, BeforeValidator(whole)]


class PageQuery(Schema):
    limit: WholeNumber = Field(50, ge=1, le=MOST_ROWS, description="Rows of a page.")
    cursor: str = Field("", max_length=200, description="`next` of the page before; empty for the first.")


class Page(Schema):
    """What a page says beside its rows."""

    next: str | None = Field(description="The cursor of the next page; null where this is the last.")


def page_of(
    rows: QuerySet[Any], query: PageQuery, to_dict: Callable[[Any], dict[str, Any]], newest_by: str = ""
) -> dict[str, Any]:
    """`items` and `next`: the newest first by this field, else by number. One query, however far the page."""
    found = rows.order_by(*([f"-{newest_by}", "-pk"] if newest_by else ["pk"]))
    if query.cursor:
        found = found.filter(_behind(rows.model, query.cursor, newest_by))
    shown = list(found[: query.limit + 1])
    more = len(shown) > query.limit
    last = shown[query.limit - 1] if more else None
    return {
        "items": [to_dict(row) for row in shown[: query.limit]],
        "next": _written(last, newest_by) if last else None,
    }


def _written(row: Model, newest_by: str) -> str:
    place = [str(row.pk)]
    if newest_by:
        moment: Any = row
        for part in newest_by.split("__"):
            moment = getattr(moment, part)
        place.append(moment.isoformat())
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _behind(model: type[Model], cursor: str, newest_by: str) -> Q:
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        pk = model._meta.pk.to_python(place[0])
        if not newest_by:
            return Q(pk__gt=pk)
        moment = datetime.fromisoformat(place[1])
        if moment.tzinfo is None:
            raise ValueError("no time zone")
    except (ValueError, TypeError, LookupError, RecursionError, ValidationError, FieldDoesNotExist) as wrong:
        raise Refusal(400, "VALIDATION_ERROR", WRONG_CURSOR, {"cursor": [WRONG_CURSOR]}) from wrong
    return Q(**{f"{newest_by}__lt": moment}) | Q(**{newest_by: moment, "pk__lt": pk})


def found(rows: QuerySet[Any], word: str, told: str, **key: Any) -> Any:
    """The one row of these that a path names; what is somebody else's is as unknown as what does not exist."""
    row = rows.filter(**key).first()
    if row is None:
        raise Refusal(404, word, f"There is no such {told}, or it is not shared with you.")
    return row

"""What markets and rooms refuse, as the API says it (M-13, M-26)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from api.answers import Refusal
from negotiations.engine.model_settings import STATUSES as MODEL_STATUSES
from negotiations.exceptions import Refused, TooMuch

STATUSES = {code.value: status for code, status in MODEL_STATUSES.items()} | {
    "VALIDATION_ERROR": 400,
    "NOT_ALLOWED": 403,
    "ROOM_NOT_FOUND": 404,
    "MAX_SELLERS_EXCEEDED": 422,
    "INSUFFICIENT_INVENTORY": 422,
}
"""Whatever else is refused is a matter of time: 409."""


@contextlib.contextmanager
def refusals(**fields: str) -> Iterator[None]:
    """Refuses as markets do; `fields` are those that the body calls otherwise."""
    try:
        yield
    except Refused as why:
        problems = [(problem.field, problem.message) for problem in why.problems]
        wrong = problems or ([(why.field, str(why))] if why.field else [])
        details: dict[str, list[str]] = {}
        for field, told in wrong:
            details.setdefault(fields.get(field, field), []).append(told)
        raise Refusal(STATUSES.get(why.code, 409), why.code, str(why), details) from why
    except TooMuch as limit:
        raise Refusal(429, "TOO_MUCH", str(limit)) from limit

"""JSON that any reader can read, and errors that say what to do: `{error, message, details, timestamp}`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.responses import NinjaJSONEncoder

View = Callable[..., HttpResponse]


class Refusal(Exception):
    """What was asked for is not done; whoever answers makes the body of these words."""

    def __init__(
        self,
        status: int,
        word: str,
        message: str,
        details: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.word, self.message = status, word, message
        self.details, self.headers = details or {}, headers or {}

    def to_response(self) -> HttpResponse:
        response = error(self.status, self.word, self.message, self.details)
        for name, value in self.headers.items():
            response[name] = value
        return response


def answer(data: Any, status: int = 200) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(to_json(data), content_type="application/json", status=status, headers=headers)


def to_json(data: Any) -> str:
    return json.dumps(_finite(data), allow_nan=False, cls=NinjaJSONEncoder)


def _finite(value: Any) -> Any:
    """Without NaN and infinity, which strict JSON has no words for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def error(status: int, word: str, message: str, details: dict[str, Any] | None = None) -> HttpResponse:
    now = timezone.now().isoformat()
    return answer({"error": word, "message": message, "details": details or {}, "timestamp": now}, status)


def plain(view: View) -> View:
    """For the plain JSON views beside the API: a refusal is their answer too."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return refusal.to_response()

    return answered

"""JSON that any reader can read, and errors that say what to do: `{error, message, details, timestamp}`."""

from __future__ import annotations

import json
import math
from typing import Any

from django.http import HttpResponse
from django.utils import timezone


def answer(data: dict[str, Any], status: int = 200) -> HttpResponse:
    body = json.dumps(_finite(data), allow_nan=False)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(body, content_type="application/json", status=status, headers=headers)


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

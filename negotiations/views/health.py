"""For load balancers and for who is on duty; the first learn one word."""

from __future__ import annotations

from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from negotiations.health import Health


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 where all works, else 503; what exactly, for staff only."""
    found = Health.look()
    told = found.to_dict(details=found.database and _is_staff(request))
    return JsonResponse(told, status=200 if found.is_ok else 503, headers={"Cache-Control": "no-store"})


def _is_staff(request: HttpRequest) -> bool:
    """Without a cookie of a session this asks no database. One that goes away meanwhile knows no staff."""
    try:
        return request.user.is_active and request.user.is_staff
    except Error:
        return False

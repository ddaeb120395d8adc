"""`/api/v1/health`: for who watches over the installation; anybody may ask."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from negotiations.views.health import health as plain_health

router = Router()


class HealthOut(Schema):
    status: str


@router.get(
    "/health",
    auth=None,
    throttle=[],
    response={200: HealthOut, 503: HealthOut},
    operation_id="health",
    summary="Whether all works",
)
def health(request: HttpRequest) -> HttpResponse:
    """503 where it does not; what exactly, for staff who are signed in."""
    return plain_health(request)

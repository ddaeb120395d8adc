"""What is answered where something broke that nobody caught."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from negotiations.patience import TRANSIENT

RETRY_SECONDS = 5


def broken(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles what was raised. A database that is away is no fault of the page, and it passes."""
    if not isinstance(sys.exception(), TRANSIENT):
        return server_error(request)
    told = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=told)

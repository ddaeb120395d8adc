from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from notifications.live import QUIET, live_response, live_view


@require_safe
@live_view
def live(request: HttpRequest) -> HttpResponse:
    """The feed of the pages that have none of their own: notifications."""
    return live_response(request, sections=[], interval=QUIET)

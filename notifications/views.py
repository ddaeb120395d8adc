from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from notifications.live import IDLE, live_response, live_view


@require_safe
@live_view
def live(request: HttpRequest) -> HttpResponse:
    """The feed of the pages that have none of their own: it says that the server answers and nothing is new."""
    return live_response(request, sections=[], interval=IDLE)

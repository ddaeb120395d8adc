"""Notifications as JSON at their plain address, for scripts and for other programs' pages (F-01)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from api.answers import Refusal, answer, plain
from api.bodies import field_errors, invalid
from notifications.bodies import list_dict
from notifications.forms import AfterIdForm


@require_safe
@plain
def api_notifications(request: HttpRequest) -> HttpResponse:
    """The oldest `limit` after the cursor, listed newest first. Without a cursor: the newest.

    A cursor that is not known, not this person's or ahead of all there is goes to the head: nothing is replayed (F-07).
    """
    if not request.user.is_authenticated:
        raise Refusal(401, "NOT_SIGNED_IN", "Sign in to read your notifications.")
    form = AfterIdForm(request.GET)
    if not form.is_valid():
        raise invalid(field_errors(form), "The query cannot be understood.")
    return answer(list_dict(request.user, form.cleaned_data["after_id"], form.cleaned_data["limit"]))

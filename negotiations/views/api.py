"""A session as JSON at its plain address, for scripts and for other programs' pages (N-06)."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from api.answers import Refusal, answer, plain
from api.bodies import field_errors, invalid
from negotiations.api.session_bodies import offers_dict, session_dict
from negotiations.forms.queries import AfterForm
from negotiations.models import Session


@require_safe
@plain
def api_negotiation(request: HttpRequest, pk: str) -> HttpResponse:
    if not request.user.is_authenticated:
        raise Refusal(401, "NOT_SIGNED_IN", "Sign in to read this session.")
    session = _find(request, pk)
    if session is None:
        told = "There is no such session, or it is not shared with you."
        raise Refusal(404, "SESSION_NOT_FOUND", told)
    form = AfterForm(request.GET)
    if not form.is_valid():
        raise invalid(field_errors(form), "The query cannot be understood.")
    return answer({**session_dict(session), **offers_dict(session, form.cleaned_data["after"])})


def _find(request: HttpRequest, pk: str) -> Session | None:
    try:
        wanted = uuid.UUID(pk)
    except ValueError:
        return None
    sessions = Session.objects.visible_to(request.user).with_parties()
    found: Session | None = sessions.filter(pk=wanted).first()
    return found

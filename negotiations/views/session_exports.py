from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from negotiations.exports import csv_of, filename, json_of, zip_of
from negotiations.models import Scenario, Session
from negotiations.models.owned import Visitor
from negotiations.models.sessions import SessionQuerySet

AT_ONCE = 20


@require_safe
@login_required
def session_export(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponseBase:
    """All of it by now: a session may be exported while it runs (P-03)."""
    session = get_object_or_404(_whole(Session.objects.visible_to(request.user)), pk=pk)
    return export_response(session, request.user, kind)


def export_response(session: Session, user: Visitor, kind: str) -> HttpResponseBase:
    if kind == "csv":
        return _file(csv_of(session), "text/csv; charset=utf-8", f"{filename(session)}.csv")
    sees_scenario = Scenario.objects.visible_to(user).filter(pk=session.scenario_id).exists()
    texts = json_of(session, with_document=sees_scenario)
    return _file(texts, "application/json; charset=utf-8", f"{filename(session)}.json")


def zip_response(sessions: SessionQuerySet, user: Visitor) -> HttpResponseBase:
    wanted = sessions.order_by().values("scenario")
    seen = set(Scenario.objects.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    parts = zip_of((session, session.scenario_id in seen) for session in _by_age(sessions))
    return _file(parts, "application/zip", f"sessions-{timezone.now():%Y%m%d-%H%M%S}.zip")


def _by_age(sessions: SessionQuerySet) -> Iterator[Session]:
    """A few at a time: their documents may be long, and the reader slow."""
    keys = list(sessions.order_by("job__created_at", "pk").values_list("pk", flat=True))
    for at in range(0, len(keys), AT_ONCE):
        some = Session.objects.filter(pk__in=keys[at : at + AT_ONCE])
        yield from _whole(some).order_by("job__created_at", "pk")


def _whole(sessions: SessionQuerySet) -> SessionQuerySet:
    return sessions.with_parties().select_related("job__owner").prefetch_related("tags")


def _file(parts: Iterator[str] | Iterator[bytes], kind: str, name: str) -> HttpResponseBase:
    response = FileResponse(parts, content_type=kind)  # as it comes, whatever its length
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response

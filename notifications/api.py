from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from api.bodies import Moment, field_errors, invalid
from api.pages import found
from notifications.bodies import as_dict, list_dict
from notifications.forms import AfterIdForm
from notifications.models import Notification

router = Router()


class NotificationOut(Schema):
    id: uuid.UUID
    seq: int
    kind: str
    level: str
    title: str
    text: str
    context: dict[str, Any]
    href: str | None
    created_at: Moment | None
    expires_at: Moment | None
    delivered_at: Moment | None
    seen_at: Moment | None
    dismissed_at: Moment | None


class NotificationList(Schema):
    notifications: list[NotificationOut]
    has_more: bool
    cursor: int = Field(description="The `after_id` to ask with next.")


# The number or the id of a notification.
AFTER_ID = r"^([0-9]{1,18}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?$"


class AfterQuery(Schema):
    after_id: str = Field("", pattern=AFTER_ID, description="The id or number of the last that is known.")
    limit: str = Field("50", pattern=r"^[0-9]{1,18}$", description="Held to 1 to 100.")


@router.get(
    "/notifications",
    response=NotificationList,
    operation_id="list_notifications",
    summary="What you were told",
)
def notification_list(request: HttpRequest, query: Query[AfterQuery]) -> dict[str, Any]:
    """The oldest `limit` after the cursor, the newest first; without a cursor the newest."""
    form = AfterIdForm(query.model_dump())
    if not form.is_valid():
        raise invalid(field_errors(form))
    return list_dict(request.user, form.cleaned_data["after_id"], form.cleaned_data["limit"])


@router.post(
    "/notifications/{uuid:pk}/seen",
    response=NotificationOut,
    operation_id="see_notification",
    summary="Mark it as read",
)
def notification_see(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return _marked(request, pk, "see")


@router.post(
    "/notifications/{uuid:pk}/dismiss",
    response=NotificationOut,
    operation_id="dismiss_notification",
    summary="Take it out of sight",
)
def notification_dismiss(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return _marked(request, pk, "dismiss")


def _marked(request: HttpRequest, pk: uuid.UUID, verb: str) -> dict[str, Any]:
    """Once more changes nothing."""
    assert request.user.is_authenticated  # as the router saw to
    mine = Notification.objects.filter(user=request.user)
    one: Notification = found(mine, "NOTIFICATION_NOT_FOUND", "notification", pk=pk)
    getattr(mine.filter(pk=one.pk), verb)(request.user)
    one.refresh_from_db()
    return as_dict(one)

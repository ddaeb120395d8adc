"""`/api/v1/me`: who asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from api.models import ApiToken

router = Router()


class Me(Schema):
    username: str
    is_staff: bool
    groups: list[str] = Field(description="Those that things may be shared with.")
    token: str | None = Field(description="The name of the token that asks; null for a session.")
    scope: str = Field(description="read or run; a session may run.")


@router.get("/me", response=Me, operation_id="me", summary="Who asks")
def me(request: HttpRequest) -> dict[str, Any]:
    token: Any = getattr(request, "auth", None)
    has_token = isinstance(token, ApiToken)
    return {
        "username": request.user.get_username(),
        "is_staff": request.user.is_staff,
        "groups": list(request.user.groups.order_by("name").values_list("name", flat=True)),
        "token": token.name if has_token else None,
        "scope": token.scope if has_token else "run",
    }

"""`/api/v1/llm/status`: how the language model does (M-34)."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from negotiations.api.market_access import asking
from negotiations.language_models import status

router = Router()


class ModelStatusOut(Schema):
    status: Literal["off", "ready", "unavailable"]
    model: str
    code: str = Field(description="Why it is not ready, such as LLM_TIMEOUT.")
    message: str = Field(description="For staff: it names the host.")


@router.get(
    "/llm/status", response=ModelStatusOut, operation_id="llm_status", summary="How the language model does"
)
def llm_status(request: HttpRequest) -> dict[str, Any]:
    """Its server is asked at most every 30 s."""
    return status().to_dict(details=asking(request).is_staff)

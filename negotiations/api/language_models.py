"""`/api/v1/llm/status`: how the language model does (M-34), and what language models took (B-25)."""

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


class Money(Schema):
    currency: str
    amount: float


class ModelUseOut(Schema):
    tokens: int = Field(description="Read and written, tries in vain included.")
    input_tokens: int = Field(description="Those of them that were read.")
    seconds: float
    money: list[Money] = Field(description="At the prices that held as each run began; empty without prices.")
    unpriced_tokens: int = Field(description="Of runs that began before prices were set.")


MODEL_USE = Field(
    None, description="What language models took: for those who see all, and null where none was asked."
)


@router.get(
    "/llm/status", response=ModelStatusOut, operation_id="llm_status", summary="How the language model does"
)
def llm_status(request: HttpRequest) -> dict[str, Any]:
    """Its server is asked at most every 30 s."""
    return status().to_dict(details=asking(request).is_staff)

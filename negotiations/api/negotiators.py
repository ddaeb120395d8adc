from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from api.pages import Page, PageQuery, found, page_of
from negotiations.models import ConfiguredNegotiator, Negotiator

router = Router()


class NegotiatorRow(Schema):
    id: int
    name: str
    type: str
    source: str
    family: str
    tags: list[str]
    description: str
    deterministic: bool
    max_outcomes: int | None = Field(description="It goes through all outcomes; more are too many.")
    max_parties: int | None
    is_present: bool = Field(description="Whether it is installed.")


class NegotiatorPage(Page):
    items: list[NegotiatorRow]


class NegotiatorOut(NegotiatorRow):
    text: str = Field(description="All that its class says of itself.")
    version: str
    parameters: list[dict[str, Any]]
    measured: dict[str, Any] = Field(description="What it can stand, where that was measured.")


class ConfiguredRow(Schema):
    id: int
    key: str = Field(description="What names it in a new session.")
    name: str
    user: str
    negotiator: str
    parameters: dict[str, Any]


class ConfiguredPage(Page):
    items: list[ConfiguredRow]


class NegotiatorQuery(PageQuery):
    q: str = Field("", max_length=100, description="A part of the name.")
    family: str = Field("", max_length=60)


@router.get("/negotiators", response=NegotiatorPage, operation_id="list_negotiators", summary="The catalogue")
def negotiator_list(request: HttpRequest, query: Query[NegotiatorQuery]) -> dict[str, Any]:
    """Those that can be given a seat."""
    rows = Negotiator.objects.usable().filter(short_name__icontains=query.q)
    if query.family:
        rows = rows.filter(family=query.family)
    return page_of(rows.defer("text", "not_given", "parameters", "measured"), query, row_dict)


@router.get(
    "/negotiators/own",
    response=ConfiguredPage,
    operation_id="list_configured_negotiators",
    summary="Negotiators that people configured",
)
def configured_list(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    """Yours, and those that are shared with you."""
    return page_of(ConfiguredNegotiator.objects.visible_to(request.user).seatable(), query, configured_dict)


@router.get(
    "/negotiators/{int:pk}", response=NegotiatorOut, operation_id="get_negotiator", summary="A negotiator"
)
def negotiator_detail(request: HttpRequest, pk: int) -> dict[str, Any]:
    negotiator: Negotiator = found(Negotiator.objects.all(), "NEGOTIATOR_NOT_FOUND", "negotiator", pk=pk)
    more = {name: getattr(negotiator, name) for name in ("text", "version", "parameters", "measured")}
    return {**row_dict(negotiator), **more}


def row_dict(negotiator: Negotiator) -> dict[str, Any]:
    names = (
        "id", "type", "source", "family", "tags", "description", "deterministic", "max_outcomes", "max_parties",
        "is_present",
    )  # fmt: skip
    return {"name": negotiator.short_name, **{name: getattr(negotiator, name) for name in names}}


def configured_dict(configured: ConfiguredNegotiator) -> dict[str, Any]:
    return {
        "id": configured.pk,
        "key": configured.key,
        "name": configured.name,
        "user": configured.owner.username,
        "negotiator": configured.negotiator.short_name,
        "parameters": configured.parameters,
    }

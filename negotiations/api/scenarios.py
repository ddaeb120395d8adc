from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from api.answers import Refusal
from api.bodies import Moment, field_errors, invalid
from api.pages import Page, PageQuery, found, page_of
from negotiations.forms.scenario_filters import ScenarioFilterForm
from negotiations.models import Scenario
from negotiations.models.scenarios import ScenarioQuerySet

router = Router()
# A stream of documents, which readers of one YAML document stumble over.
TEXT = {"responses": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}}

COUNT = r"^([0-9]{1,30}|10\^[0-9]{1,2})?$"


class ScenarioRow(Schema):
    id: int
    name: str
    source: str
    tags: list[str]
    owner: str | None = Field(description="Null for those of the library.")
    n_parties: int
    n_issues: int
    n_outcomes: str = Field(description="As text: it may have fifty digits, or be infinite.")
    created_at: Moment


class ScenarioPage(Page):
    items: list[ScenarioRow]


class ScenarioOut(ScenarioRow):
    checksum: str
    version_of: int | None
    issues: list[dict[str, Any]]
    preferences: list[dict[str, Any]] = Field(description="A utility function for each party.")
    warnings: list[str]
    analysis: Literal["done", "waiting", "failed", "kept"]
    opposition: float | None = Field(description="Once it is analysed.")
    kept: str = Field(
        description="Why it has no more than your own party's utility function: you sit in a session with it. Else empty."
    )


class ScenarioQuery(PageQuery):
    q: str = Field("", max_length=100)
    source: str = Field("", max_length=200)
    tag: str = Field("", max_length=100)
    whose: Literal["", "mine", "shared", "library"] = ""
    parties: Literal["", "2", "3"] = Field("", description="2, or 3 for three and more.")
    outcomes_from: str = Field("", pattern=COUNT, description="A whole number however large: 10000 or 10^6.")
    outcomes_to: str = Field("", pattern=COUNT)


@router.get("/scenarios", response=ScenarioPage, operation_id="list_scenarios", summary="Scenarios")
def scenario_list(request: HttpRequest, query: Query[ScenarioQuery]) -> dict[str, Any]:
    """Yours, those that are shared with you, and the library."""
    form = ScenarioFilterForm(query.model_dump())
    if not form.is_valid():
        raise invalid(field_errors(form))
    assert request.user.is_authenticated  # as the router saw to
    rows = form.narrow(_known(request).for_list(), request.user)
    return page_of(rows.select_related("owner"), query, row_dict)


@router.get("/scenarios/{int:pk}", response=ScenarioOut, operation_id="get_scenario", summary="A scenario")
def scenario_detail(request: HttpRequest, pk: int) -> dict[str, Any]:
    scenario = _one(_known(request).defer("document").with_analyses(), pk)
    scenario.veil(request.user)
    return {
        **row_dict(scenario),
        "checksum": scenario.checksum,
        "version_of": scenario.version_of_id,
        "issues": scenario.issues,
        "preferences": scenario.preferences,
        "warnings": scenario.warnings,
        "analysis": scenario.analysis_standing,
        "opposition": scenario.analysis.opposition if scenario.analysis else None,
        "kept": scenario.why_kept if scenario.is_kept else "",
    }


@router.get(
    "/scenarios/{int:pk}/document",
    operation_id="get_scenario_document",
    summary="Its document, as NegMAS YAML",
    openapi_extra=TEXT,
)
def scenario_document(request: HttpRequest, pk: int) -> HttpResponse:
    """A stream of documents: the outcome space, then a utility function for each party."""
    scenario = _one(_known(request), pk)
    if scenario.is_kept:
        raise Refusal(403, "SCENARIO_KEPT", scenario.why_kept)
    return HttpResponse(
        scenario.document, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


def row_dict(scenario: Scenario) -> dict[str, Any]:
    return {
        "id": scenario.pk,
        "name": scenario.name,
        "source": scenario.source,
        "tags": scenario.tags,
        "owner": scenario.owner.username if scenario.owner else None,
        "n_parties": scenario.n_parties,
        "n_issues": scenario.n_issues,
        "n_outcomes": scenario.n_outcomes,
        "created_at": scenario.created_at.isoformat(),
    }


def _known(request: HttpRequest) -> ScenarioQuerySet:
    return Scenario.objects.known_to(request.user)


def _one(rows: ScenarioQuerySet, pk: int) -> Scenario:
    scenario: Scenario = found(rows.select_related("owner"), "SCENARIO_NOT_FOUND", "scenario", pk=pk)
    return scenario

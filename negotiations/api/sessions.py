from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from api.bodies import Moment
from api.pages import NewestQuery, Page, WholeNumber, found, page_of
from negotiations.api.changes import add_changes
from negotiations.api.session_bodies import MOST_OFFERS, offers_dict, row_dict, session_dict
from negotiations.forms.queries import SEQ_MAX
from negotiations.forms.session_filters import KEY_MAX
from negotiations.models import Job, Session
from negotiations.models.sessions import SessionQuerySet
from negotiations.views.session_exports import export_response

router = Router()
Word = Literal["pending", "running", "paused", "completed", "failed", "cancelled"]
JOB_WORDS = {"pending": "queued", "running": "processing"}
JSON_FILE = {"responses": {200: {"content": {"application/json": {"schema": {"type": "object"}}}}}}
CSV_FILE = {"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}}


class Named(Schema):
    id: int
    name: str


class SessionRow(Schema):
    id: uuid.UUID
    status: str
    user: str
    scenario: Named
    negotiator_names: list[str]
    tags: list[str]
    created_at: Moment
    finished_at: Moment | None
    current_step: int
    n_steps: int
    seed: int
    n_offers: int
    agreement: list[Any] | None = Field(description="In the order of the scenario's issues.")
    final_utilities: list[float | None] | None
    end_reason: str
    error: str


class SessionPage(Page):
    items: list[SessionRow]


class OutcomeSpace(Schema):
    issues: list[dict[str, Any]]
    n_outcomes: str = Field(description="As text: it may have fifty digits.")


class SessionOut(Schema):
    id: uuid.UUID
    status: str
    current_step: int
    n_steps: int
    agreement: list[Any] | None
    final_utilities: list[float | None] | None
    end_reason: str
    error: str
    negotiator_names: list[str]
    outcome_space_data: OutcomeSpace


class OfferOut(Schema):
    seq: int
    step: int
    relative_time: float | None
    party: int
    proposer: str
    response: str
    offer: list[Any] | None
    utilities: list[float | None]
    text: str


class OffersOut(Schema):
    offers: list[OfferOut]
    has_more: bool


class SessionQuery(NewestQuery):
    status: Literal["", Word] = ""
    result: Literal["", "agreement", "none", "failed", "cancelled"] = ""
    whose: Literal["", "mine", "shared"] = ""
    scenario: WholeNumber = Field(0, ge=0, le=KEY_MAX, description="Its number; 0 for any.")
    negotiator: WholeNumber = Field(0, ge=0, le=KEY_MAX, description="Its number; 0 for any.")
    tag: str = Field("", max_length=100)
    period: Literal["", "day", "week", "month", "year"] = Field("", description="In which it ended.")
    q: str = Field("", max_length=200, description="Words in the names of scenario and parties, or tags.")

    def narrow(self, sessions: SessionQuerySet, user: Any) -> SessionQuerySet:
        found = sessions.narrowed(self.model_dump(), user).that_ended(self.result)
        word = JOB_WORDS.get(self.status, self.status)
        return found.filter(job__in=Job.objects.that_are(word)) if word else found


class OffersQuery(Schema):
    after: WholeNumber = Field(0, ge=0, le=SEQ_MAX, description="`seq` of the last offer that is known.")
    limit: WholeNumber = Field(MOST_OFFERS, ge=1, le=MOST_OFFERS)


@router.get(
    "/sessions", response=SessionPage, operation_id="list_sessions", summary="Sessions, the newest first"
)
def session_list(request: HttpRequest, query: Query[SessionQuery]) -> dict[str, Any]:
    rows = query.narrow(_visible(request), request.user).with_parties().select_related("job__owner")
    light = rows.prefetch_related("tags").defer(*HEAVY)
    return page_of(light, query, row_dict, "job__created_at")


@router.get("/sessions/{uuid:pk}", response=SessionOut, operation_id="get_session", summary="A session")
def session_detail(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return session_dict(_one(request, pk))


@router.get(
    "/sessions/{uuid:pk}/offers",
    response=OffersOut,
    operation_id="list_offers",
    summary="Its offers, in order",
)
def session_offers(request: HttpRequest, pk: uuid.UUID, query: Query[OffersQuery]) -> dict[str, Any]:
    """While it runs, ask again with the last `seq`."""
    return offers_dict(_one(request, pk), query.after, query.limit)


@router.get(
    "/sessions/{uuid:pk}/export.json",
    operation_id="export_session",
    summary="All of it by now, as a file",
    openapi_extra=JSON_FILE,
)
def session_export(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    return export_response(_one(request, pk), request.user, "json")


@router.get(
    "/sessions/{uuid:pk}/export.csv",
    operation_id="export_session_offers",
    summary="Its offers by now, as a table",
    openapi_extra=CSV_FILE,
)
def session_export_csv(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    return export_response(_one(request, pk), request.user, "csv")


HEAVY = ("scenario__document", "scenario__issues", "scenario__preferences", "mechanism", "versions")


def _visible(request: HttpRequest) -> SessionQuerySet:
    return Session.objects.visible_to(request.user)


def _one(request: HttpRequest, pk: uuid.UUID) -> Session:
    rows = _visible(request).with_parties().select_related("job__owner").prefetch_related("tags")
    session: Session = found(rows, "SESSION_NOT_FOUND", "session", pk=pk)
    return session


add_changes(
    router,
    "session",
    lambda request, pk: _one(request, pk).job,
    pause="Not one with a limit of seconds: stopped on its way it could not go on.",
    resume="",
    cancel="",
    retry="A new session of the same set-up, where this one failed or was cancelled; the answer has its id.",
)

from __future__ import annotations

import uuid
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from api.assembly import Error
from api.bodies import Moment
from api.pages import NewestQuery, Page, WholeNumber, found, page_of
from negotiations.api.changes import add_changes
from negotiations.api.job_bodies import job_dict, log_dict, outcome_dict, row_dict, with_seats
from negotiations.forms.queries import SEQ_MAX
from negotiations.models import Job
from negotiations.models.jobs import JobQuerySet

router = Router()
MOST_LINES = 500


class Progress(Schema):
    current_step: int
    total_steps: int
    step_name: str
    message: str
    percentage: int


class JobRow(Schema):
    id: uuid.UUID
    kind: str
    name: str = Field(description="Of what it runs.")
    status: Literal["queued", "processing", "completed", "failed", "cancelled"]
    paused: bool
    user: str
    queue: str
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    lease_until: Moment | None
    progress: Progress
    error_message: str | None
    attempt: int
    retry_of: uuid.UUID | None


class HistoryLine(Schema):
    timestamp: Moment
    step: int
    step_name: str
    message: str
    percentage: int
    status: str


class JobOut(JobRow):
    form_data: dict[str, Any] = Field(description="What was asked for.")
    progress_history: list[HistoryLine] = Field(description="The last ten lines.")
    result: dict[str, Any] | None = Field(description="Once it is completed.")


class JobResult(Schema):
    id: uuid.UUID
    status: str
    result: dict[str, Any]


class JobPage(Page):
    items: list[JobRow]


class LogLine(Schema):
    seq: int
    timestamp: Moment
    attempt: int
    level: Literal["info", "warning", "error"]
    text: str
    detail: str = Field(description="A traceback, for staff.")


class JobLogPart(Schema):
    lines: list[LogLine]
    has_more: bool


class JobQuery(NewestQuery):
    status: Literal["", "queued", "processing", "paused", "completed", "failed", "cancelled"] = ""
    kind: str = Field("", max_length=20)
    queue: Literal["", "live", "batch"] = ""
    q: str = Field("", max_length=200, description="Words in the name of what it runs or of its owner.")

    def chosen(self) -> dict[str, Any]:
        return {**self.model_dump(exclude={"limit", "cursor"}), "owner": ""}


class LogQuery(Schema):
    after: WholeNumber = Field(0, ge=0, le=SEQ_MAX, description="`seq` of the last line that is known.")
    level: Literal["info", "warning", "error"] = Field("info", description="The least grave to be listed.")


@router.get("/jobs", response=JobPage, operation_id="list_jobs", summary="Jobs, the newest first")
def job_list(request: HttpRequest, query: Query[JobQuery]) -> dict[str, Any]:
    """Lanes of benchmarks are listed where `kind` is `lane`."""
    return page_of(_visible(request).narrowed(query.chosen()).with_runs(), query, row_dict, "created_at")


@router.get("/jobs/{uuid:pk}", response=JobOut, operation_id="get_job", summary="A job")
def job_detail(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    rows = list(with_seats(_visible(request).filter(pk=pk).with_runs()))
    return job_dict(rows or [_one(request, pk)], request.user)


@router.get(
    "/jobs/{uuid:pk}/result",
    response={200: JobResult, 409: Error},
    operation_id="get_job_result",
    summary="What came of a job",
)
def job_result(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    return outcome_dict(_one(request, pk))


@router.get("/jobs/{uuid:pk}/log", response=JobLogPart, operation_id="get_job_log", summary="What it said")
def job_log(request: HttpRequest, pk: uuid.UUID, query: Query[LogQuery]) -> dict[str, Any]:
    said = _one(request, pk).log.readable_by(request.user)
    lines = list(said.after(query.after).at_least(query.level)[: MOST_LINES + 1])
    shown = [log_dict(line, request.user.is_staff) for line in lines[:MOST_LINES]]
    return {"lines": shown, "has_more": len(lines) > MOST_LINES}


def _visible(request: HttpRequest) -> JobQuerySet:
    return Job.objects.visible_to(request.user)


def _one(request: HttpRequest, pk: uuid.UUID) -> Job:
    job: Job = found(_visible(request).with_runs(), "JOB_NOT_FOUND", "job", pk=pk)
    return job


add_changes(router, "job", _one, pause="", resume="", cancel="", retry="A new job; the answer has its id.")

"""Jobs as JSON at their plain addresses, with the same answers as in the API (J-03, J-17)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from api.answers import Refusal, answer, plain
from negotiations.api.changes import changed
from negotiations.api.job_bodies import job_dict, outcome_dict, with_seats
from negotiations.models import Job

View = Callable[..., HttpResponse]


def about_a_job(view: View) -> View:
    """Calls `view(request, rows)` with the rows of the job that the path names: one for each of its parties."""

    @wraps(view)
    @plain
    def found(request: HttpRequest, pk: str, **more: str) -> HttpResponse:
        if not request.user.is_authenticated:
            raise Refusal(401, "NOT_SIGNED_IN", "Sign in to read this job.")
        try:
            jobs = Job.objects.visible_to(request.user).filter(pk=uuid.UUID(pk)).with_runs()
        except ValueError:
            jobs = Job.objects.none()
        rows = list(with_seats(jobs))
        if not rows:
            raise Refusal(404, "JOB_NOT_FOUND", "There is no such job, or it is not shared with you.")
        return view(request, rows, **more)

    return found


@require_safe
@about_a_job
def api_job(request: HttpRequest, rows: list[Any]) -> HttpResponse:
    return answer(job_dict(rows, request.user))


@require_safe
@about_a_job
def api_job_result(request: HttpRequest, rows: list[Any]) -> HttpResponse:
    return answer(outcome_dict(rows[0]))


@require_POST
@about_a_job
def api_job_change(request: HttpRequest, rows: list[Any], verb: str) -> HttpResponse:
    return answer(changed(rows[0], request.user, verb))

"""Jobs as JSON, for scripts: where one stands, what came of it, and the four things to ask of it (J-03, J-17)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from api.answers import answer, error
from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.job_changes import why_not
from negotiations.models import Job, JobProgress, Kind, Status
from negotiations.models.job_states import Verb

HISTORY_SHOWN = 10
View = Callable[..., HttpResponse]


def about_a_job(view: View) -> View:
    """Calls `view(request, rows)` with the rows of the job that the path names: one for each of its parties."""

    @wraps(view)
    def found(request: HttpRequest, pk: str, **more: str) -> HttpResponse:
        if not request.user.is_authenticated:
            return error(401, "NOT_SIGNED_IN", "Sign in to read this job.")
        try:
            jobs = Job.objects.visible_to(request.user).filter(pk=uuid.UUID(pk)).with_runs()
        except ValueError:
            jobs = Job.objects.none()
        rows = list(_with_seats(jobs))
        if not rows:
            return error(404, "JOB_NOT_FOUND", "There is no such job, or it is not shared with you.")
        return view(request, rows, **more)

    return found


@require_safe
@about_a_job
def api_job(request: HttpRequest, rows: list[Any]) -> HttpResponse:
    return answer(to_dict(rows))


@require_safe
@about_a_job
def api_job_result(request: HttpRequest, rows: list[Any]) -> HttpResponse:
    job: Job = rows[0]
    if job.status != Status.COMPLETED:
        why = f"This job is {job.status}. It has a result once it is completed."
        return error(409, "NOT_COMPLETED", why, {"status": job.status, "error_message": job.error})
    return answer({"id": str(job.pk), "status": job.status, "result": _result(job)})


@require_POST
@about_a_job
def api_job_change(request: HttpRequest, rows: list[Any], verb: str) -> HttpResponse:
    job: Job = rows[0]
    if not job.may_be_changed_by(request.user):
        return error(403, "NOT_THE_OWNER", f"Only {job.owner}, whose job this is, can {verb} it.")
    try:
        done = getattr(job, verb)(request.user)
    except TooMuch as limit:
        return error(429, "TOO_MUCH", str(limit))
    except Unsuitable as misfit:
        return error(409, "UNSUITABLE", str(misfit))
    if not done:
        return error(409, "NOT_NOW", why_not(job, Verb(verb)), {"status": job.status, "paused": job.hold})
    changed = done if isinstance(done, Job) else job
    return answer({"id": str(changed.pk), "status": changed.status, "paused": changed.hold})


def to_dict(rows: list[Any]) -> dict[str, Any]:
    """All fields of J-03. `form_data` is what was asked for; `progress_history` are the last ten lines."""
    job: Job = rows[0]
    history = list(job.history.order_by("-seq")[:HISTORY_SHOWN])[::-1]
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "status": job.status,
        "paused": job.hold and job.is_active,
        "user": job.owner.username,
        "queue": job.queue,
        **_times(job),
        "form_data": _asked(rows),
        "progress": _progress(job),
        "progress_history": [_line(line) for line in history],
        "result": _result(job) if job.status == Status.COMPLETED else None,
        "error_message": job.error or None,
        "attempt": job.attempt,
        "retry_of": str(job.retry_of_id) if job.retry_of_id else None,
    }


def _times(job: Job) -> dict[str, str | None]:
    names = ("created_at", "updated_at", "started_at", "finished_at", "lease_until")
    moments = {name: getattr(job, name) for name in names}
    return {name: moment.isoformat() if moment else None for name, moment in moments.items()}


def _progress(job: Job) -> dict[str, Any]:
    names = ("current_step", "total_steps", "step_name", "message", "percentage")
    return {name: getattr(job, name) for name in names}


def _with_seats(jobs: Any) -> Any:
    """One row for each party of a session, one for any other job: the job and what was asked for in one query."""
    party = "session__parties__"
    seats = {name: F(f"{party}{name}") for name in ("name", "type", "parameters")}
    named = {f"seat_{name}": value for name, value in seats.items()}
    # The mechanism and the report are what a script wants; a list of jobs leaves them out.
    whole = jobs.defer(None).defer(
        "traceback", "session__scenario__document", "scenario_import__archive", "scenario_analysis__arrays"
    )
    return whole.annotate(**named).order_by(f"{party}index")


def _asked(rows: list[Any]) -> dict[str, Any]:
    job: Job = rows[0]
    run: Any = job.run
    if run is None:
        return {}
    if job.kind == Kind.SCENARIO_IMPORT:
        return {"filename": run.filename, "tags": run.tags}
    if job.kind != Kind.SESSION:
        return {}
    seats = [
        {"name": row.seat_name, "type": row.seat_type, "parameters": row.seat_parameters} for row in rows
    ]
    return {
        "scenario": {"id": run.scenario_id, "name": run.scenario.name},
        "parties": seats,
        "n_steps": run.n_steps,
        "pace_ms": run.pace_ms,
        "seed": run.seed,
        "mechanism": run.mechanism,
    }


def _result(job: Job) -> dict[str, Any]:
    run: Any = job.run
    if job.kind == Kind.SCENARIO_IMPORT and run is not None:
        return {"message": job.message, "report": run.report}
    if job.kind != Kind.SESSION or run is None:
        return {"message": job.message}
    return {
        "message": job.message,
        "end_reason": run.end_reason,
        "agreement": run.agreement,
        "utilities": run.utilities,
        "steps": run.steps,
        "n_offers": run.n_offers,
    }


def _line(line: JobProgress) -> dict[str, Any]:
    return {
        "timestamp": line.created_at.isoformat(),
        "step": line.step,
        "step_name": line.step_name,
        "message": line.message,
        "percentage": line.percentage,
        "status": line.status,
    }

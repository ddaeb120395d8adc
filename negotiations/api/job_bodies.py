"""Jobs as JSON: where one stands, what was asked for, what came of it (J-03, J-17)."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from api.answers import Refusal
from negotiations.models import Job, JobLog, JobProgress, Kind, Status
from negotiations.models.owned import Visitor

HISTORY_SHOWN = 10


def job_dict(rows: list[Any], user: Visitor) -> dict[str, Any]:
    """All fields of J-03. `form_data` is what was asked for; `progress_history` are the last ten lines."""
    job: Job = rows[0]
    history = list(job.history.order_by("-seq")[:HISTORY_SHOWN])[::-1]
    return {
        **row_dict(job),
        "form_data": _asked(rows, user),
        "progress_history": [history_dict(line) for line in history],
        "result": result_dict(job) if job.status == Status.COMPLETED else None,
    }


def times_of(job: Job) -> dict[str, str | None]:
    names = ("created_at", "updated_at", "started_at", "finished_at", "lease_until")
    moments = {name: getattr(job, name) for name in names}
    return {name: moment.isoformat() if moment else None for name, moment in moments.items()}


def progress_of(job: Job) -> dict[str, Any]:
    names = ("current_step", "total_steps", "step_name", "message", "percentage")
    return {name: getattr(job, name) for name in names}


def with_seats(jobs: Any) -> Any:
    """One row for each party of a session, one for any other job: the job and what was asked for in one query."""
    party = "session__parties__"
    seats = {name: F(f"{party}{name}") for name in ("name", "type", "parameters", "person")}
    named = {f"seat_{name}": value for name, value in seats.items()}
    # The mechanism and the report are what a script wants; a list of jobs leaves them out.
    whole = jobs.defer(None).defer(
        "traceback", "session__scenario__document", "scenario_import__archive", "scenario_analysis__arrays"
    )
    return whole.annotate(**named).order_by(f"{party}index")


def _asked(rows: list[Any], user: Visitor) -> dict[str, Any]:
    job: Job = rows[0]
    run: Any = job.run
    if run is None:
        return {}
    if job.kind == Kind.SCENARIO_IMPORT:
        return {"filename": run.filename, "tags": run.tags}
    if job.kind != Kind.SESSION:
        return {}
    told = {
        "scenario": {"id": run.scenario_id, "name": run.scenario.name},
        "parties": [{"name": row.seat_name} for row in rows],
        "n_steps": run.n_steps,
        "pace_ms": run.pace_ms,
        "mechanism": run.mechanism,
    }
    if job.is_active and any(row.seat_person == user.pk for row in rows):
        return told  # how the others negotiate is not for who sits there to know before the end
    for seat, row in zip(told["parties"], rows, strict=True):
        seat |= {"type": row.seat_type, "parameters": row.seat_parameters}
    return told | {"seed": run.seed}


def result_dict(job: Job) -> dict[str, Any]:
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


def history_dict(line: JobProgress) -> dict[str, Any]:
    return {
        "timestamp": line.created_at.isoformat(),
        "step": line.step,
        "step_name": line.step_name,
        "message": line.message,
        "percentage": line.percentage,
        "status": line.status,
    }


def row_dict(job: Job) -> dict[str, Any]:
    """What a list says of a job."""
    run = job.run
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "name": run.name if run else "",
        "status": job.status,
        "paused": job.hold and job.is_active,
        "user": job.owner.username,
        "queue": job.queue,
        **times_of(job),
        "progress": progress_of(job),
        "error_message": job.error or None,
        "attempt": job.attempt,
        "retry_of": str(job.retry_of_id) if job.retry_of_id else None,
    }


def outcome_dict(job: Job) -> dict[str, Any]:
    """Its result. Refused until it is completed."""
    if job.status != Status.COMPLETED:
        why = f"This job is {job.status}. It has a result once it is completed."
        raise Refusal(409, "NOT_COMPLETED", why, {"status": job.status, "error_message": job.error})
    return {"id": str(job.pk), "status": job.status, "result": result_dict(job)}


def log_dict(line: JobLog, with_details: bool) -> dict[str, Any]:
    """Tracebacks are for staff."""
    return {
        "seq": line.seq,
        "timestamp": line.created_at.isoformat(),
        "attempt": line.attempt,
        "level": line.level,
        "text": line.text,
        "detail": line.detail if with_details else "",
    }

"""The four things that may be asked of a job, and so of what it runs: a session, a benchmark."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from api.answers import Refusal
from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.job_changes import why_not
from negotiations.models import Job
from negotiations.models.job_states import Verb


class Changed(Schema):
    """Of the job that was changed; of the new one where one was retried."""

    id: str
    status: str
    paused: bool


def changed(job: Job, user: Any, verb: str) -> dict[str, Any]:
    """Pause, resume, cancel or retry, and say what it is now. Refused to who only looks on, and where it is not the time."""
    if not job.may_be_changed_by(user):
        raise Refusal(403, "NOT_THE_OWNER", f"Only {job.owner}, whose job this is, can {verb} it.")
    try:
        done = getattr(job, verb)(user)
    except TooMuch as limit:
        raise Refusal(429, "TOO_MUCH", str(limit)) from limit
    except Unsuitable as misfit:
        raise Refusal(409, "UNSUITABLE", str(misfit)) from misfit
    if not done:
        told = {"status": job.status, "paused": job.hold}
        raise Refusal(409, "NOT_NOW", why_not(job, Verb(verb)), told)
    now = done if isinstance(done, Job) else job
    return {"id": str(now.pk), "status": now.status, "paused": now.hold}

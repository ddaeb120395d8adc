"""The four things that may be asked of a job, and so of what it runs: a session, a benchmark."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from api.answers import Refusal
from api.assembly import Error
from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.job_changes import why_not
from negotiations.models import Job
from negotiations.models.job_states import Verb

SUMMARIES = {
    "pause": "Pause it",
    "resume": "Let it go on",
    "cancel": "Cancel it",
    "retry": "Run it once more",
}


class Changed(Schema):
    """Of the job that was changed; of the new one where one was retried."""

    id: str
    status: str
    paused: bool


def add_changes(
    router: Router, noun: str, job_of: Callable[[HttpRequest, uuid.UUID], Job], **told: str
) -> None:
    """`POST <noun>s/<id>/<verb>` for each verb that is named, with what the document says of it beyond its summary."""
    for verb, description in told.items():
        router.post(
            f"/{noun}s/{{uuid:pk}}/{verb}",
            response={200: Changed, 409: Error},
            operation_id=f"{verb}_{noun}",
            url_name=f"{noun}_{verb}",
            summary=SUMMARIES[verb],
            description=description,
        )(_changing(job_of, verb))


def _changing(job_of: Callable[[HttpRequest, uuid.UUID], Job], verb: str) -> Callable[..., dict[str, Any]]:
    def change(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
        return changed(job_of(request, pk), request.user, verb)

    return change


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

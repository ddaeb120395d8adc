"""Sessions are cancelled by the thousand: a few statements for many, and the same rows of history as of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from negotiations.engine.specs import EndReason
from negotiations.models import AuditEntry, Job, JobLog, JobProgress, Party, Queue, Session, Status
from negotiations.models.audit import Deed
from negotiations.models.job_states import Verb
from negotiations.models.jobs import CANCELLED
from negotiations.models.sessions import SessionQuerySet
from negotiations.session_changes import many
from notifications.models import Notification

BATCH = 1_000
"""Jobs in one transaction: others wait for its locks."""


def cancel(sessions: SessionQuerySet, by: User) -> int:
    """Cancel all of these that may be: what waits at once, what runs within two seconds. How many that were.

    The newest first, so that no place that becomes free calls one that is the next to be stopped.
    """
    asked = Job.objects.filter(pk__in=sessions.order_by().values("pk")).that_may(Verb.CANCEL)
    keys = list(asked.order_by("-created_at", "pk").values_list("pk", flat=True))
    return sum(_cancel(keys[at : at + BATCH], by) for at in range(0, len(keys), BATCH))


def _cancel(keys: Sequence[object], by: User) -> int:
    with transaction.atomic():
        rows = Job.objects.select_for_update(of=("self",)).filter(pk__in=keys).that_may(Verb.CANCEL)
        jobs = list(rows.order_by("pk").defer("traceback"))
        waiting = [job for job in jobs if job.is_queued]
        _ask([job for job in jobs if not job.is_queued], by)
        _end(waiting, by)
        AuditEntry.objects.note_all(by, Deed.CANCEL, [(job, "") for job in jobs])
        if any(job.queue == Queue.BATCH for job in jobs):
            transaction.on_commit(Job.objects.ring_next, robust=True)
        _tell(waiting, by)  # the last lock, as everywhere
    return len(jobs)


def _ask(jobs: Sequence[Job], by: User) -> None:
    """Of what runs: its worker looks at this with its next beat."""
    asked = {"cancel_requested_at": timezone.now(), "cancelled_by": by}
    if _written(jobs, Status.PROCESSING, asked):
        told = f"Asked to stop by {by}."
        JobProgress.objects.note_all(jobs, told)
        JobLog.objects.say_all(jobs, told)


def _end(jobs: Sequence[Job], by: User) -> None:
    ended = {"status": Status.CANCELLED, "message": CANCELLED, "error": CANCELLED, "cancelled_by": by}
    ended |= {"finished_at": timezone.now(), "hold": False, "awaits_since": None, "lease_until": None}
    if _written(jobs, Status.QUEUED, ended):
        JobProgress.objects.note_all(jobs, CANCELLED)
        JobLog.objects.say_all(jobs, CANCELLED)
        unsaid = Session.objects.filter(pk__in=[job.pk for job in jobs], end_reason="")
        unsaid.update(end_reason=EndReason.CANCELLED)


def _written(jobs: Sequence[Job], status: Status, fields: dict[str, object]) -> bool:
    """One conditional update of all of them; their rows are locked, so none can have changed."""
    rows = Job.objects.filter(pk__in=[job.pk for job in jobs], status=status)
    count = rows.update(updated_at=timezone.now(), **fields) if jobs else 0
    assert count == len(jobs)
    for job in jobs:
        for name, value in fields.items():
            setattr(job, name, value)
    return bool(jobs)


def _tell(jobs: Sequence[Job], by: User) -> None:
    """Owners, and those who have a seat: once each, how many of theirs. Who cancelled them knows already."""
    owners = {job.pk: job.owner_id for job in jobs}
    seated = Party.objects.filter(session__in=owners).exclude(person=None).values_list("session", "person")
    concerned = {(pk, person) for pk, person in [*owners.items(), *seated]}
    counts = Counter(person for _, person in concerned)
    href = f"{reverse('negotiations:session-list')}?result=cancelled"
    for user in User.objects.filter(pk__in=counts).order_by("pk"):  # one order of locks for all
        Notification.objects.add(
            user,
            "session_cancelled",
            words={"name": many(counts[user.pk]), "told": f"Cancelled by {by}."},
            context={"href": href},
            is_known=user.pk == by.pk,
        )

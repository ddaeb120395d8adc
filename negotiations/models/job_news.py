"""What a job's owner is told when it is over: in the transaction in which it ends, so that it is told once and never before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from django.contrib.auth.models import User

from negotiations.models.job_states import Kind, Status
from notifications.models import Notification

if TYPE_CHECKING:
    from negotiations.models.job_rows import JobRow


def is_news(job: JobRow) -> bool:
    """Whether a person started it: what works for another job is the other's news, and an analysis comes with its scenario."""
    return job.parent_id is None and job.kind != Kind.SCENARIO_ANALYSIS


@runtime_checkable
class Shared(Protocol):
    """A run whose end concerns others than its owner, too."""

    def others(self) -> list[User]: ...


def tell_owner(job: JobRow) -> None:
    """Of the end of a job that is news, and those who have a seat in it. Who cancelled it knows already."""
    if not is_news(job):
        return
    run, context, kind = job.run, {"job_id": str(job.pk)}, job.kind.replace(" ", "_")
    if run is not None:
        context |= {f"{kind}_id": str(job.pk), "href": run.get_absolute_url()}
    others: list[User] = run.others() if isinstance(run, Shared) else []
    for user in sorted([job.owner, *others], key=lambda user: user.pk):  # one order of locks for all
        Notification.objects.add(
            user,
            f"{kind}_{job.status}",
            words={"name": run.name if run else f"A {job.kind}", "told": _told(job)},
            context=context,
            dedupe_key=f"job:{job.pk}:{job.status}",
            is_known=job.status == Status.CANCELLED and job.cancelled_by_id == user.pk,
        )


def _told(job: JobRow) -> str:
    if job.status != Status.CANCELLED:
        return job.error or job.message
    whose = f"Cancelled by {job.cancelled_by}" if job.cancelled_by else "Cancelled"
    at = f" at step {job.current_step:,}" if job.current_step else " before it began"
    return f"{whose}{at}."

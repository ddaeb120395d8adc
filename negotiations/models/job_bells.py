"""The message that asks some worker to look at a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django_q.tasks import async_task

if TYPE_CHECKING:
    from negotiations.models.job_rows import JobRow


class Run(Protocol):
    """What a job runs; it holds the job by a one-to-one field named after the kind."""

    @property
    def name(self) -> str: ...

    @property
    def most_seconds(self) -> float: ...

    def get_absolute_url(self) -> str: ...

    def close(self, status: str) -> None: ...

    def again(self, by: User) -> Run: ...

    @property
    def job(self) -> Any: ...


def send_bell(job: JobRow) -> None:
    """Into the queue of the cluster that does such jobs."""
    run = job.run
    async_task(
        "negotiations.tasks.run_job",
        str(job.pk),
        task_name=f"{job.kind}-{job.pk}",
        group=f"job-{job.pk}",
        ack_failure=True,
        # The child is killed at its own limit, long before; this only frees a worker that hangs itself.
        timeout=int(run.most_seconds if run else settings.SESSION_SECONDS) + 120,
        # Named always: a worker of the batch cluster would else ring for a live job in its own queue.
        cluster=settings.CLUSTERS[job.queue],
    )

"""One state machine for all kinds of work. The row is the truth; the queue's message only rings a bell."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from negotiations.exceptions import LostLease
from negotiations.models.job_queries import JobQuerySet, lease
from negotiations.models.job_states import ACTIVE, MOVES, Kind, Queue, Status
from negotiations.models.owned import Owned

__all__ = ["ACTIVE", "Job", "JobProgress", "JobQuerySet", "Kind", "Queue", "Status"]

MAX_ATTEMPTS = 3
PROGRESS_KEPT = 50
PROGRESS_EVERY = timedelta(seconds=10)
CANCELLED = "Job cancelled by user"


class Run(Protocol):
    """What a job runs; it holds the job by a one-to-one field named after the kind."""

    @property
    def most_seconds(self) -> float: ...

    def close(self, status: str) -> None: ...


class Job(Owned):
    """A piece of work for a worker, of whatever kind; the thing it runs points here with a one-to-one field."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    queue = models.CharField(max_length=10, choices=Queue, default=Queue.LIVE)
    hold = models.BooleanField(default=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    retry_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="retries"
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    current_step = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)
    step_name = models.CharField(max_length=100, blank=True)
    message = models.CharField(max_length=500, blank=True)
    percentage = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    recovered_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            # The reaper's look at what is active, and the queue's length.
            models.Index(fields=["status", "created_at"], name="job_by_status"),
            # The lists of a person's own work, newest first.
            models.Index(fields=["owner", "-created_at"], name="job_by_owner"),
            # A poll of the lists asks which job ended last.
            models.Index(fields=["-finished_at"], name="job_by_end"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="job_processing_has_token",
                condition=Q(status=Status.PROCESSING, token__isnull=False)
                | (~Q(status=Status.PROCESSING) & Q(token__isnull=True)),
            ),
            models.CheckConstraint(name="job_percentage_to_100", condition=Q(percentage__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.pk)[:4]}"

    # --- Questions ----------------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_over(self) -> bool:
        return not self.is_active

    @property
    def seconds(self) -> float | None:
        """Wall seconds from the first start to the end, or until now."""
        if not self.started_at:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def run(self) -> Run | None:
        """The session, import or other thing that this job runs."""
        return getattr(self, self.kind.replace(" ", "_"), None)

    # --- The bell -----------------------------------------------------------------------------------------

    def ring(self) -> None:
        """Ask some worker to look at this job, once what surrounds this call is committed."""
        Job.objects.filter(pk=self.pk).update(rung_at=timezone.now())
        transaction.on_commit(self._send)

    def _send(self) -> None:
        run = self.run
        async_task(
            "negotiations.tasks.run_job",
            str(self.pk),
            task_name=f"{self.kind}-{self.pk}",
            group=f"job-{self.pk}",
            ack_failure=True,
            # The child is killed at its own limit, long before; this only frees a worker that hangs itself.
            timeout=int(run.most_seconds if run else settings.SESSION_SECONDS) + 120,
        )

    # --- Moves of the worker that holds the job: fenced by the token --------------------------------------

    def _mine(self) -> models.QuerySet[Job]:
        return Job.objects.processing().filter(pk=self.pk, token=self.token)

    def beat(self, **progress: Any) -> bool:
        """Renew the lease and store progress. True where the job is to stop: cancelled or put on hold.

        Raises LostLease where another worker has the job: then nothing was written and nothing may be.
        """
        now = timezone.now()
        if not self._mine().update(lease_until=lease(), updated_at=now, **self._forward(progress)):
            raise LostLease
        wanted = (
            Job.objects.filter(pk=self.pk).values_list("cancel_requested_at", "cancelled_by_id", "hold").get()
        )
        self.cancel_requested_at, self.cancelled_by_id, self.hold = wanted
        self._note_progress(now)
        return bool(self.cancel_requested_at or self.hold)

    def _forward(self, progress: dict[str, Any]) -> dict[str, Any]:
        """Progress never falls, and reaches 100 only with `complete`."""
        if total := progress.get("total_steps", self.total_steps):
            done = progress.get("current_step", self.current_step)
            progress["percentage"] = min(99, max(self.percentage, 100 * done // total))
        for name, value in progress.items():
            setattr(self, name, value)
        return progress

    def complete(self, message: str) -> None:
        self._end(self._mine(), Status.COMPLETED, message, percentage=100)

    def fail(self, error: str, traceback: str = "") -> None:
        self._end(self._mine(), Status.FAILED, error, error=error, traceback=traceback)

    def stop_cancelled(self, message: str = CANCELLED) -> None:
        self._end(self._mine(), Status.CANCELLED, message, error=CANCELLED)

    def hand_back(self, message: str) -> None:
        """Give up the worker, not the work: on shutdown, and where the job is put on hold. No attempt is lost.

        Nobody is rung, since a worker that shuts down would hear it: the next one to start, or a reaper, will.
        """
        fields = {"lease_until": None, "worker": "", "attempt": self.attempt - 1, "rung_at": None}
        self._must_move(self._mine(), Status.QUEUED, message, **fields)

    def unring(self) -> None:
        """Put the bell back as if it had not rung, for a worker that heard it and is shutting down."""
        Job.objects.claimable().filter(pk=self.pk).update(rung_at=None)

    # --- Moves of people and of the reaper ----------------------------------------------------------------

    def cancel(self, by: User | None) -> bool:
        """Cancel at once where it waits, within two seconds where it runs. False where it is over already."""
        with transaction.atomic():
            waiting = Job.objects.filter(pk=self.pk, status=Status.QUEUED)
            if self.move(waiting, Status.CANCELLED, CANCELLED, error=CANCELLED, cancelled_by=by):
                return True
            asked = Job.objects.processing().filter(pk=self.pk)
            return bool(asked.update(cancel_requested_at=timezone.now(), cancelled_by=by))

    def lose(self, rows: models.QuerySet[Any], *, counts: bool = True) -> bool:
        """What becomes of a job that lost its worker, if it is still so among `rows`. True where it fails for good."""
        mine = rows.filter(pk=self.pk, status=Status.PROCESSING, token=self.token)
        if self.cancel_requested_at:
            self.move(mine, Status.CANCELLED, CANCELLED, error=CANCELLED)
            return False
        attempt = self.attempt - (not counts)
        if attempt < MAX_ATTEMPTS:
            self._requeue(mine, attempt)
            return False
        error = f"Backend restarted during processing. Given up after {self.attempt} attempts."
        return self.move(mine, Status.FAILED, error, error=error, recovered_at=timezone.now())

    def _requeue(self, rows: models.QuerySet[Any], attempt: int) -> None:
        message = f"The worker stopped. The {self.kind} goes on from step {self.current_step}."
        fields = {"lease_until": None, "worker": "", "attempt": attempt, "recovered_at": timezone.now()}
        with transaction.atomic():
            if self.move(rows, Status.QUEUED, message, **fields):
                self.ring()

    # --- The one way a status changes ---------------------------------------------------------------------

    def _end(self, rows: models.QuerySet[Job], status: Status, message: str, **fields: Any) -> None:
        self._must_move(rows, status, message, lease_until=None, **fields)

    def _must_move(self, rows: models.QuerySet[Job], status: Status, message: str, **fields: Any) -> None:
        if not self.move(rows, status, message, **fields):
            raise LostLease

    def move(self, rows: models.QuerySet[Any], status: Status, message: str, **fields: Any) -> bool:
        """One conditional update with its line of history and the end of what it runs; False where no row was left.

        The token stays in memory: where the transaction fails, the same worker may try again.
        """
        rows = rows.filter(status__in=[before for before, after in MOVES.items() if status in after])
        now = timezone.now()
        fields |= {"status": status, "message": message[:500], "updated_at": now}
        if status not in ACTIVE:
            fields |= {"finished_at": now, "lease_until": None}
        with transaction.atomic():
            if not rows.update(token=None, **fields):
                return False
            for name, value in fields.items():
                setattr(self, name, value)
            self.note(message)
            if self.is_over and (run := self.run):
                run.close(status)
            return True

    # --- History ------------------------------------------------------------------------------------------

    def note(self, message: str) -> None:
        """Write a line of history, and keep the newest `PROGRESS_KEPT`."""
        last = self.history.order_by("-seq").values_list("seq", flat=True).first() or 0
        JobProgress.objects.create(
            job=self,
            seq=last + 1,
            status=self.status,
            step=self.current_step,
            step_name=self.step_name,
            message=message[:500],
            percentage=self.percentage,
        )
        self._noted_at = timezone.now()
        self.history.filter(seq__lte=last + 1 - PROGRESS_KEPT).delete()

    def _note_progress(self, now: datetime) -> None:
        if now - getattr(self, "_noted_at", self.started_at or now) >= PROGRESS_EVERY:
            self.note(self.message)


class JobProgress(models.Model):
    """A line of a job's history: each change of status, and progress at most every ten seconds."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="history", db_index=False)
    seq = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status)
    step = models.PositiveIntegerField()
    step_name = models.CharField(max_length=100, blank=True)
    message = models.CharField(max_length=500, blank=True)
    percentage = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["job", "seq"]
        verbose_name_plural = "job progress"
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "seq"], name="job_progress_once")]

    def __str__(self) -> str:
        return f"{self.seq}: {self.status}, {self.message}"

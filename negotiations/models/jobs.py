"""One state machine for all kinds of work. The row is the truth; the queue's message only rings a bell."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from negotiations.exceptions import LostLease
from negotiations.models.audit import AuditEntry, Deed
from negotiations.models.job_bells import Run, send_bell
from negotiations.models.job_claims import lease
from negotiations.models.job_history import JobProgress, WithHistory
from negotiations.models.job_news import tell_owner
from negotiations.models.job_people import WaitsForPeople
from negotiations.models.job_queries import JobQuerySet
from negotiations.models.job_states import ACTIVE, MOVES, VERBS, Kind, Queue, Status, Verb
from negotiations.models.owned import Owned, Visitor

__all__ = ["ACTIVE", "Job", "JobProgress", "JobQuerySet", "Kind", "Queue", "Status", "Verb"]

MAX_ATTEMPTS = 3
MAX_RESTARTS = 10
"""Restarts of whole clusters without a step between them, after which a job is held to be their cause."""
CANCELLED = "Job cancelled by user"
SYSTEM = "the administrator"


class Job(WithHistory, WaitsForPeople, Owned):
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
    restarts = models.PositiveSmallIntegerField(
        default=0,
        help_text="Since its last step: how often its whole cluster went down, which counts as no attempt.",
    )
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
    turn_at = models.DateTimeField(
        default=timezone.now, help_text="Its place among those that wait: who gives way to others waits anew."
    )
    awaits_since = models.DateTimeField(
        null=True, blank=True, help_text="It waits for a person's answer, not for a worker."
    )

    parent_stops = False
    """Whether the job that this one works for was over, on hold or to be cancelled at the last beat."""
    objects = JobQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            # The reaper's look at what is active, and the queue's length.
            models.Index(fields=["status", "created_at"], name="job_by_status"),
            # The lists of a person's own work, of what is shared with a group, of all: newest first.
            models.Index(fields=["owner", "-created_at"], name="job_by_owner"),
            models.Index(fields=["group", "-created_at"], name="job_by_group"),
            models.Index(fields=["-created_at"], name="job_by_age"),
            # A poll of the lists asks which job ended last: of all, of a person's, of a group's.
            models.Index(fields=["-finished_at"], name="job_by_end"),
            models.Index(fields=["owner", "-finished_at"], name="job_by_owner_end"),
            models.Index(fields=["group", "-finished_at"], name="job_by_group_end"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="job_processing_has_token",
                condition=Q(status=Status.PROCESSING, token__isnull=False)
                | (~Q(status=Status.PROCESSING) & Q(token__isnull=True)),
            ),
            models.CheckConstraint(name="job_percentage_to_100", condition=Q(percentage__lte=100)),
            models.CheckConstraint(
                name="job_awaits_in_queue", condition=Q(awaits_since=None) | Q(status=Status.QUEUED)
            ),
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

    def may(self, verb: Verb) -> bool:
        """Whether this may be asked of it as it stands."""
        is_stopping = self.is_active and self.cancel_requested_at is not None
        return (self.status, self.hold) in VERBS[verb] and not is_stopping

    def may_be_changed_by(self, user: Visitor) -> bool:
        """For its owner and superusers; those it is shared with look on."""
        return user.is_superuser or self.owner_id == user.pk

    def attempts(self) -> JobQuerySet:
        """This job and all that are retries of one another with it, oldest first: theirs may not all be visible."""
        return Job.objects.attempts_of(self.pk)

    # --- The bell -----------------------------------------------------------------------------------------

    def ring(self) -> None:
        """Ask some worker to look at this job, once what surrounds this call is committed; not while it waits for people."""
        if self.awaits_since:
            return
        in_turn = self.queue == Queue.BATCH and not settings.BATCH_CLUSTER
        Job.objects.filter(pk=self.pk).update(rung_at=None if in_turn else timezone.now())
        # Robust: it stands in the rows and is rung for again; a broker that is away is no failure of who started it.
        transaction.on_commit(Job.objects.ring_next if in_turn else self._send, robust=True)

    def call(self) -> None:
        """Ring for a job whose turn it is: once, should two say so at the same time."""
        if Job.objects.unheard().filter(pk=self.pk).update(rung_at=timezone.now()):
            transaction.on_commit(self._send, robust=True)

    def _send(self) -> None:
        send_bell(self)

    # --- Moves of the worker that holds the job: fenced by the token --------------------------------------

    def _mine(self) -> models.QuerySet[Job]:
        return Job.objects.processing().filter(pk=self.pk, token=self.token)

    def beat(self, **progress: Any) -> bool:
        """Renew the lease and store progress. True where the job is to stop: cancelled or put on hold.

        Raises LostLease where another worker has the job: then nothing was written and nothing may be.
        """
        now = timezone.now()
        self.lease_until = lease()
        fields = {"lease_until": self.lease_until, "updated_at": now, **self._forward(progress)}
        if not self._mine().update(**fields):
            raise LostLease
        self._note_progress(now)
        return self._is_to_stop()

    def _is_to_stop(self) -> bool:
        """What works for another job stops with it, so that no verb has to reach it."""
        columns = ("cancel_requested_at", "cancelled_by_id", "hold")
        above = ("parent__status", "parent__hold", "parent__cancel_requested_at")
        wanted = Job.objects.filter(pk=self.pk).values_list(*columns, *above).get()
        self.cancel_requested_at, self.cancelled_by_id, self.hold, status, held, cancelled = wanted
        self.parent_stops = status is not None and bool(status not in ACTIVE or held or cancelled)
        return bool(self.cancel_requested_at or self.hold or self.parent_stops)

    def stops_since_last_beat(self) -> bool | None:
        """What the last beat would have said, where it was committed and only its answer was lost; None where it was not."""
        # No two beats write the same lease, to the microsecond.
        was_written = self._mine().filter(lease_until=self.lease_until).exists()
        return self._is_to_stop() if was_written else None

    def _forward(self, progress: dict[str, Any]) -> dict[str, Any]:
        """Progress never falls, and reaches 100 only with `complete`."""
        if "current_step" in progress:
            progress["current_step"] = max(self.current_step, progress["current_step"])
            if self.restarts and progress["current_step"] > self.current_step:
                progress["restarts"] = 0
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

    def hand_back(self, message: str, **fields: Any) -> None:
        """Give up the worker, not the work: on shutdown, and where the job is put on hold. No attempt is lost.

        Nobody is rung, since a worker that shuts down would hear it: the next one to start, or a reaper, will.
        """
        fields |= {"lease_until": None, "worker": "", "rung_at": None}
        with transaction.atomic():
            self._must_move(self._mine(), Status.QUEUED, message, **fields)
            # By the row, not by memory: where the transaction fails, this is called again.
            Job.objects.filter(pk=self.pk).update(attempt=F("attempt") - 1)
            self._heed_last_wishes()

    def give_way(self, message: str) -> None:
        """Let others have the place, and wait for the next one behind all who wait now. No attempt is lost."""
        with transaction.atomic():
            self.hand_back(message)
            if self.is_queued:
                Job.objects.filter(pk=self.pk).update(turn_at=timezone.now())
                self.ring()

    def _heed_last_wishes(self) -> None:
        """What was asked for between the last beat and the end of the attempt: it may be over, or not be held any more."""
        held, self.hold = self.hold, Job.objects.values_list("hold", flat=True).get(pk=self.pk)
        waiting = Job.objects.filter(pk=self.pk)
        if self.move(waiting.exclude(cancel_requested_at=None), Status.CANCELLED, CANCELLED, error=CANCELLED):
            return
        if held and not self.hold:
            self.ring()

    def unring(self) -> None:
        """Put the bell back as if it had not rung, for a worker that heard it and is shutting down."""
        Job.objects.claimable().filter(pk=self.pk).update(rung_at=None)

    # --- Moves of people: each audited where it changed something -------------------------------------------

    def pause(self, by: User | None) -> bool:
        """Hold it at once where it waits, within two seconds where it runs. False where it cannot be."""
        with transaction.atomic():
            if not self._now_may(Verb.PAUSE):
                return False
            self._set(
                f"Paused by {by or SYSTEM}." if self.is_queued else f"Asked to pause by {by or SYSTEM}.",
                hold=True,
            )
            AuditEntry.objects.note(by, Deed.PAUSE, self)
            self._leave_the_queue()
            return True

    def resume(self, by: User | None) -> bool:
        """Let it go on, at once if a worker is free. False where it is not on hold."""
        with transaction.atomic():
            if not self._now_may(Verb.RESUME):
                return False
            # Who is waited for has the whole time of a turn again.
            again = {"awaits_since": timezone.now()} if self.awaits_since else {}
            self._set(f"Resumed by {by or SYSTEM}.", hold=False, **again)
            AuditEntry.objects.note(by, Deed.RESUME, self)
            if self.is_queued:
                self.ring()
            return True

    def cancel(self, by: User | None) -> bool:
        """Cancel at once where it waits, within two seconds where it runs. False where it is over already."""
        with transaction.atomic():
            if not self._now_may(Verb.CANCEL):
                return self.is_active  # asked for before
            if self.is_queued:
                rows = Job.objects.filter(pk=self.pk)
                self.move(rows, Status.CANCELLED, CANCELLED, error=CANCELLED, cancelled_by=by)
            else:
                self._set(
                    f"Asked to stop by {by or SYSTEM}.", cancel_requested_at=timezone.now(), cancelled_by=by
                )
            AuditEntry.objects.note(by, Deed.CANCEL, self)
            self._leave_the_queue()
            return True

    def retry(self, by: User | None) -> Job | None:
        """A new job of the same owner with a copy of what this one ran; None where it may not be, or is retried already.

        Raises Unsuitable where it can no longer be run, TooMuch where its owner has reached a limit.
        """
        with transaction.atomic():
            if not self._now_may(Verb.RETRY) or self.retries.active().exists() or not self.run:
                return None
            again: Job = self.run.again(self.owner).job
            AuditEntry.objects.note(by, Deed.RETRY, self, detail=f"as {again.pk}")
            return again

    def _leave_the_queue(self) -> None:
        """Should it have been called already, the next one may be called instead."""
        if self.queue == Queue.BATCH:
            transaction.on_commit(Job.objects.ring_next, robust=True)

    @property
    def is_queued(self) -> bool:
        return self.status == Status.QUEUED

    def _now_may(self, verb: Verb) -> bool:
        """Whether it may, of the row as it is: locked, so that it stays so until the end of the transaction."""
        self.refresh_from_db(from_queryset=Job.objects.select_for_update(of=("self",)))
        return self.may(verb)

    def _set(self, message: str, **fields: Any) -> None:
        """Change what is not the status, with a line of history; who works on it goes on saying what it is at."""
        if self.is_queued:
            fields["message"] = message
        Job.objects.filter(pk=self.pk).update(updated_at=timezone.now(), **fields)
        for name, value in fields.items():
            setattr(self, name, value)
        self.note(message)
        self._log(message)

    # --- Moves of the reaper --------------------------------------------------------------------------------

    def lose(self, rows: models.QuerySet[Any], *, counts: bool = True) -> bool:
        """What becomes of a job that lost its worker, if it is still so among `rows`. True where it fails for good."""
        mine = rows.filter(pk=self.pk, status=Status.PROCESSING, token=self.token)
        if self.cancel_requested_at:
            self.move(mine, Status.CANCELLED, CANCELLED, error=CANCELLED)
            return False
        fields: dict[str, Any] = {"recovered_at": timezone.now()}
        if not counts:
            fields |= {"attempt": self.attempt - 1, "restarts": self.restarts + 1}
        if counts and self.attempt >= MAX_ATTEMPTS:
            return self._give_up(mine, f"Given up after {self.attempt} attempts.", **fields)
        if fields.get("restarts", 0) >= MAX_RESTARTS:
            told = f"All workers stopped {MAX_RESTARTS} times while it ran and came no step further: it may be why."
            return self._give_up(mine, told, **fields)
        self._requeue(mine, **fields)
        return False

    def _give_up(self, rows: models.QuerySet[Any], why: str, **fields: Any) -> bool:
        error = f"Backend restarted during processing. {why}"
        return self.move(rows, Status.FAILED, error, error=error, **fields)

    def _requeue(self, rows: models.QuerySet[Any], **fields: Any) -> None:
        message = f"The worker stopped. The {self.kind} goes on from step {self.current_step}."
        with transaction.atomic():
            if self.move(rows, Status.QUEUED, message, lease_until=None, worker="", **fields):
                self.ring()
                self._heed_last_wishes()

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
        fields = {"awaits_since": None} | fields
        fields |= {"status": status, "message": message[:500], "updated_at": now}
        if status not in ACTIVE:
            fields |= {"finished_at": now, "lease_until": None, "hold": False}
        with transaction.atomic():
            if not rows.update(token=None, **fields):
                return False
            for name, value in fields.items():
                setattr(self, name, value)
            self.note(message)
            self._log(message)
            if self.is_over:
                if run := self.run:
                    run.close(status)
                # The last lock that is taken: all others of this person's may wait for it, and it for none.
                tell_owner(self)
            return True

    def _log(self, message: str) -> None:
        level = "error" if self.status == Status.FAILED else "info"
        self.log.say(self, message, level, self.traceback if level == "error" else "")

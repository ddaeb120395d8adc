"""A job's row: its columns, what they answer, its bell, and the one way in which its status changes."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from negotiations.models.job_bells import Run, send_bell
from negotiations.models.job_history import WithHistory
from negotiations.models.job_news import tell_owner
from negotiations.models.job_queries import JobQuerySet
from negotiations.models.job_states import ACTIVE, MOVES, VERBS, Kind, Queue, Status, Verb
from negotiations.models.owned import Owned, Visitor


class JobRow(WithHistory, Owned):
    """What all that is said and done of a job stands on."""

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
    parent_id: uuid.UUID | None  # which the type checker does not find of a key to the class itself
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

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind} {str(self.pk)[:4]}"

    # --- Questions ----------------------------------------------------------------------------------------

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_queued(self) -> bool:
        return self.status == Status.QUEUED

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
        if is_stopping or (self.status, self.hold) not in VERBS[verb]:
            return False
        return verb != Verb.PAUSE or not self.has_clock

    @property
    def has_clock(self) -> bool:
        """It is a session with a limit of seconds: what was held could not go on. `that_may` asks the same of many."""
        return not getattr(self.run if self.kind == Kind.SESSION else None, "can_resume", True)

    def may_be_changed_by(self, user: Visitor) -> bool:
        """For its owner and superusers; those it is shared with look on."""
        return user.is_superuser or self.owner_id == user.pk

    def attempts(self) -> JobQuerySet:
        """This job and all that are retries of one another with it, oldest first: theirs may not all be visible."""
        return type(self).objects.attempts_of(self.pk)

    # --- The bell -----------------------------------------------------------------------------------------

    def ring(self) -> None:
        """Ask some worker to look at this job, once what surrounds this call is committed; not while it waits for people."""
        if self.awaits_since:
            return
        in_turn = self.queue == Queue.BATCH and not settings.BATCH_CLUSTER
        self._row().update(rung_at=None if in_turn else timezone.now())
        # Robust: it stands in the rows and is rung for again; a broker that is away is no failure of who started it.
        transaction.on_commit(type(self).objects.ring_next if in_turn else self._send, robust=True)

    def call(self) -> None:
        """Ring for a job whose turn it is: once, should two say so at the same time."""
        if type(self).objects.unheard().filter(pk=self.pk).update(rung_at=timezone.now()):
            transaction.on_commit(self._send, robust=True)

    def _send(self) -> None:
        send_bell(self)

    # --- The one way a status changes ---------------------------------------------------------------------

    def _row(self) -> models.QuerySet[Self]:
        """To be updated, narrowed by what it has to be for that."""
        return type(self).objects.filter(pk=self.pk)

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

    def _log(self: Any, message: str) -> None:
        level = "error" if self.status == Status.FAILED else "info"
        self.log.say(self, message, level, self.traceback if level == "error" else "")

"""What becomes of a job at a worker: it beats, ends, is handed back, or is lost with it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from negotiations.exceptions import LostLease
from negotiations.models.job_claims import lease
from negotiations.models.job_rows import JobRow
from negotiations.models.job_states import ACTIVE, CANCELLED, Status

MAX_ATTEMPTS = 3
MAX_RESTARTS = 10
"""Restarts of whole clusters without a step between them, after which a job is held to be their cause."""


class AttemptedJob(JobRow):
    """What a worker does with a job that it has claimed, and what is done where it went away."""

    parent_stops = False
    """Whether the job that this one works for was over, on hold or to be cancelled at the last beat."""

    class Meta:
        abstract = True

    # --- Moves of the worker: fenced by the token ------------------------------------------------------------

    def _mine(self) -> models.QuerySet[Self]:
        return type(self).objects.processing().filter(pk=self.pk, token=self.token)

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
        wanted = self._row().values_list(*columns, *above).get()
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
            self._row().update(attempt=F("attempt") - 1)
            self._heed_last_wishes()

    def give_way(self, message: str) -> None:
        """Let others have the place, and wait for the next one behind all who wait now. No attempt is lost."""
        with transaction.atomic():
            self.hand_back(message)
            if self.is_queued:
                self._row().update(turn_at=timezone.now())
                self.ring()

    def _heed_last_wishes(self) -> None:
        """What was asked for between the last beat and the end of the attempt: it may be over, or not be held any more."""
        held, self.hold = self.hold, type(self).objects.values_list("hold", flat=True).get(pk=self.pk)
        if self.move(
            self._row().exclude(cancel_requested_at=None), Status.CANCELLED, CANCELLED, error=CANCELLED
        ):
            return
        if held and not self.hold:
            self.ring()

    def unring(self) -> None:
        """Put the bell back as if it had not rung, for a worker that heard it and is shutting down."""
        type(self).objects.claimable().filter(pk=self.pk).update(rung_at=None)

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

    # --- Ends -----------------------------------------------------------------------------------------------

    def _end(self, rows: models.QuerySet[Any], status: Status, message: str, **fields: Any) -> None:
        self._must_move(rows, status, message, lease_until=None, **fields)

    def _must_move(self, rows: models.QuerySet[Any], status: Status, message: str, **fields: Any) -> None:
        if not self.move(rows, status, message, **fields):
            raise LostLease

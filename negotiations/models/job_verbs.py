"""What people ask of a job: each deed is audited where it changed something."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from negotiations.models.audit import AuditEntry, Deed
from negotiations.models.job_rows import JobRow
from negotiations.models.job_states import CANCELLED, Queue, Status, Verb

SYSTEM = "the administrator"


class AskedJob(JobRow):
    """What its owner and superusers may do with a job, by its page, its list, the API and commands."""

    class Meta:
        abstract = True

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

    def cancel(self, by: User | None, why: str = CANCELLED) -> bool:
        """Cancel at once where it waits, within two seconds where it runs. False where it is over already.

        `why` is told of what waits.
        """
        with transaction.atomic():
            if not self._now_may(Verb.CANCEL):
                return self.is_active  # asked for before
            if self.is_queued:
                self.move(self._row(), Status.CANCELLED, why, error=why, cancelled_by=by)
            else:
                self._set(
                    f"Asked to stop by {by or SYSTEM}.", cancel_requested_at=timezone.now(), cancelled_by=by
                )
            AuditEntry.objects.note(by, Deed.CANCEL, self)
            self._leave_the_queue()
            return True

    def retry(self, by: User | None) -> Self | None:
        """A new job of the same owner with a copy of what this one ran; None where it may not be, or is retried already.

        Raises Unsuitable where it can no longer be run, TooMuch where its owner has reached a limit.
        """
        with transaction.atomic():
            if not self._now_may(Verb.RETRY) or self._is_retried() or not self.run:
                return None
            again: Self = self.run.again(self.owner).job
            AuditEntry.objects.note(by, Deed.RETRY, self, detail=f"as {again.pk}")
            return again

    def _is_retried(self) -> bool:
        return type(self).objects.active().filter(retry_of=self).exists()

    def _leave_the_queue(self) -> None:
        """Should it have been called already, the next one may be called instead."""
        if self.queue == Queue.BATCH:
            transaction.on_commit(type(self).objects.ring_next, robust=True)

    def _now_may(self, verb: Verb) -> bool:
        """Whether it may, of the row as it is: locked, so that it stays so until the end of the transaction."""
        self.refresh_from_db(from_queryset=type(self).objects.select_for_update(of=("self",)))
        return self.may(verb)

    def _set(self, message: str, **fields: Any) -> None:
        """Change what is not the status, with a line of history; who works on it goes on saying what it is at."""
        if self.is_queued:
            fields["message"] = message
        self._row().update(updated_at=timezone.now(), **fields)
        for name, value in fields.items():
            setattr(self, name, value)
        self.note(message)
        self._log(message)

"""Jobs that wait for people: they stand in the queue with no worker, and none takes them until an answer is there."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from negotiations.models.job_attempts import AttemptedJob
from negotiations.models.job_states import ACTIVE, Status


class AwaitingJob(AttemptedJob):
    """What a job does that cannot go on without a person's answer, be it for seconds or for days."""

    class Meta:
        abstract = True

    @property
    def word(self) -> str:
        """Its status as pages say it: what waits for a person has begun, and waits for no worker."""
        if self.hold and self.status in ACTIVE:
            return "paused"
        return Status.PROCESSING if self.awaits_since else self.status

    def wait_for_people(self, message: str) -> None:
        """Give up the worker until `people_answered`. No attempt is lost; paused and cancelled it may be as ever.

        What tells for whom it waits belongs into the same transaction.
        """
        self.hand_back(message, awaits_since=timezone.now())

    def people_answered(self, message: str) -> bool:
        """Let it go on behind all who wait now, once it is no longer on hold. False where it waits for nobody.

        The answer belongs into the same transaction: the row stays locked until its end, so that of two at once the
        second finds nobody who waits for it.
        """
        now = timezone.now()
        waiting = type(self).objects.awaiting().filter(pk=self.pk)
        with transaction.atomic():
            if not waiting.update(awaits_since=None, message=message[:500], turn_at=now, updated_at=now):
                return False
            self.refresh_from_db()
            self.note(message)
            if not self.hold:
                self.ring()
            return True

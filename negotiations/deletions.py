"""Sessions go: a few at once, many by a worker, in small transactions and so that any of them may be the last."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib.auth.models import User

from negotiations.exceptions import Stopped
from negotiations.heart import Heart
from negotiations.models import Deletion, Job, Session
from negotiations.models.deletions import erase
from negotiations.models.sessions import SessionQuerySet

MOST_SESSIONS = 20
MOST_OFFERS = 20_000
"""More than either takes longer than a page may: a worker does it."""
BATCH = 5_000
"""Offers in one transaction at most: some 20 ms."""
PAUSE = 0.02
"""SQLite's wait for the lock is not fair: without a pause who writes one row waits for all batches."""


def is_much(sessions: list[Session]) -> bool:
    return len(sessions) > MOST_SESSIONS or sum(session.n_offers for session in sessions) > MOST_OFFERS


def delete(sessions: SessionQuerySet, by: User) -> int | Deletion:
    """What is over of `by`'s own among these: at once, and how many that were; or, where they are much, by a worker."""
    own = sessions.changeable_by(by).over().filter(deletion=None)
    found = list(own.select_related("job__owner", "scenario").defer("scenario__document"))
    if is_much(found):
        chosen = Session.objects.filter(pk__in=[session.pk for session in found])
        return Deletion.objects.start(owner=by, sessions=chosen) or 0
    return sum(erase(session, by) for session in found)


class DeletionRecorder:
    """Erases one session after the other, each where its own row says so: what was done is not done again."""

    def __init__(self, job: Job, deletion: Deletion) -> None:
        self.job, self.deletion = job, deletion
        self.total = len(deletion.ids)
        self._heart = Heart(job)
        self._heart.step("Deleting")

    def run(self) -> None:
        """Until none is left. Raises Stopped between two sessions only, and LostLease wherever another has the job."""
        while session := self._next():
            while self._has_many(session):
                self._beat(lambda: self._remove_newest(session))
            if self._beat(lambda: self._erase(session)):
                raise Stopped

    def _next(self) -> Session | None:
        rows = self.deletion.sessions.select_related("job__owner", "scenario").order_by("pk")
        found: Session | None = rows.defer("scenario__document").first()
        return found

    def _has_many(self, session: Session) -> bool:
        return session.offers.order_by("seq")[BATCH : BATCH + 1].exists()

    def _remove_newest(self, session: Session) -> None:
        """The newest first: a session that has its last offer has all of them."""
        first = session.offers.order_by("-seq").values_list("seq", flat=True)[BATCH - 1]
        session.offers.filter(seq__gte=first).delete()

    def _erase(self, session: Session) -> None:
        if not erase(session, self.job.owner):
            self.deletion.sessions.filter(pk=session.pk).update(deletion=None)  # in progress: it stays

    def _beat(self, rows: Callable[[], None]) -> bool:
        left = self.deletion.sessions.count()
        stop = self._heart.beat(
            rows, current_step=self.total - left, total_steps=self.total, message=self.told(self.total - left)
        )
        time.sleep(PAUSE)
        return stop

    def told(self, done: int) -> str:
        return f"{done:,} of {self.total:,} deleted"

    def complete(self) -> None:
        self.job.complete(f"{self.deletion.name.capitalize()} deleted, with all offers and logs.")


def stop(job: Job, deletion: Deletion) -> None:
    """Cancelled, paused, or the worker shuts down."""
    left = deletion.sessions.count()
    kept = f"{left:,} of {len(deletion.ids):,} {'is' if left == 1 else 'are'} still there."
    if job.cancel_requested_at:
        job.stop_cancelled(f"Cancelled by {job.cancelled_by or 'the administrator'}. {kept}")
    elif job.hold:
        job.hand_back(f"Paused. {kept}")
    else:
        job.hand_back("The worker shuts down. The deletion goes on where it was.")

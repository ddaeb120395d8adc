"""Sessions go: a few at once, many by a worker, in small transactions and so that any of them may be the last."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from django.contrib.auth.models import User

from negotiations.exceptions import Stopped
from negotiations.heart import Heart
from negotiations.models import Deletion, Job, Session
from negotiations.models.deletions import erase
from negotiations.models.sessions import SessionQuerySet
from negotiations.patience import finally_write, patiently

MOST_SESSIONS = 20
MOST_OFFERS = 20_000
"""More than either takes longer than a page may: a worker does it."""
BATCH = 5_000
"""Offers in one transaction at most: some 20 ms."""
AT_ONCE = 20
"""Sessions in one transaction at most, each with its job, parties, log and history."""
PAUSE = 0.02
"""SQLite's wait for the lock is not fair: without a pause who writes one row waits for all batches."""


def is_much(n_sessions: int, n_offers: int) -> bool:
    return n_sessions > MOST_SESSIONS or n_offers > MOST_OFFERS


def delete(sessions: SessionQuerySet, by: User) -> int | Deletion:
    """What is over of `by`'s own among these: at once, and how many that were; or, where they are much, by a worker."""
    own = sessions.changeable_by(by).over().filter(deletion=None)
    if is_much(*own.extent()):
        return Deletion.objects.start(owner=by, sessions=own) or 0
    return erase(list(own.select_related("job__owner", "scenario").defer("scenario__document")), by)


class DeletionRecorder:
    """Erases some sessions after the others, each where its own row says so: what was done is not done again."""

    def __init__(self, job: Job, deletion: Deletion) -> None:
        self.job, self.deletion = job, deletion
        self.total = len(deletion.ids)
        self._heart = Heart(job)
        self._heart.step("Deleting")

    def run(self) -> None:
        """Until none is left. Raises Stopped between two sessions only, and LostLease wherever another has the job."""
        stops = self._beat(lambda: None)
        while not stops and (sessions := self._next()):
            for session in sessions:
                while self._has_many(session):
                    self._beat(partial(self._remove_newest, session))
            stops = self._beat(partial(self._erase, sessions))
        if stops:
            raise Stopped

    def _next(self) -> list[Session]:
        """Those that go in one transaction: several with few offers each, or a single one."""
        rows = self.deletion.sessions.select_related("job__owner", "scenario").order_by("pk")
        found: list[Session] = []
        room = BATCH
        for session in rows.defer("scenario__document")[:AT_ONCE]:
            room -= session.n_offers
            if found and room < 0:
                break
            found.append(session)
        return found

    def _has_many(self, session: Session) -> bool:
        return session.offers.order_by("seq")[BATCH : BATCH + 1].exists()

    def _remove_newest(self, session: Session) -> None:
        """The newest first: a session that has its last offer has all of them."""
        first = session.offers.order_by("-seq").values_list("seq", flat=True)[BATCH - 1]
        session.offers.filter(seq__gte=first).delete()

    def _erase(self, sessions: list[Session]) -> None:
        if erase(sessions, self.job.owner) < len(sessions):  # in progress: it stays
            self.deletion.sessions.filter(pk__in=[each.pk for each in sessions]).update(deletion=None)

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

    def stop(self) -> None:
        left, n = self.deletion.sessions.count(), len(self.deletion.ids)
        stop(self.job, f"{left:,} of {n:,} {'is' if left == 1 else 'are'} still there.")


class Recorder(Protocol):
    """Of a deletion of whatever kind."""

    def run(self) -> None: ...
    def stop(self) -> None: ...
    def complete(self) -> None: ...


def carry_out(recorder: Recorder) -> None:
    """Run it, and write how it ended."""
    try:
        patiently(recorder.run)
    except Stopped:
        finally_write(recorder.stop)
    else:
        finally_write(recorder.complete)


def stop(job: Job, kept: str) -> None:
    """Cancelled, paused, or the worker shuts down; `kept` says what is still there."""
    if job.cancel_requested_at:
        job.stop_cancelled(f"Cancelled by {job.cancelled_by or 'the administrator'}. {kept}")
    elif job.hold:
        job.hand_back(f"Paused. {kept}")
    else:
        job.hand_back("The worker shuts down. The deletion goes on where it was.")

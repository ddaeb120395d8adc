"""Which jobs are to be claimed and rung for: what waits, for what place, and whose turn it is."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from negotiations.models.job_lists import ListedJobQuerySet
from negotiations.models.job_states import ACTIVE, Queue, Status

if TYPE_CHECKING:
    from negotiations.models.jobs import Job

# A message lost with its worker is rung again after this; a doubled one is a no-op.
RING_AGAIN = timedelta(seconds=60)
# A worker that idles hears a bell sooner: who still waits found all of them at work.
HEARD_WITHIN = timedelta(seconds=1)
RINGS_A_PASS = 20
TURN = 7_275_953
"""The key of the lock that claims wait for; any number that is always the same."""


def lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)


def wait_for_turn() -> None:
    """Until the end of the transaction no other claim of a job that needs a place goes on, so none counts past another.

    SQLite lets one transaction write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])


class ClaimedJobQuerySet(ListedJobQuerySet):
    def active(self) -> Self:
        return self.filter(status__in=ACTIVE)

    def over(self) -> Self:
        return self.exclude(status__in=ACTIVE)

    def processing(self) -> Self:
        return self.filter(status=Status.PROCESSING)

    def claimable(self) -> Self:
        return self.filter(status=Status.QUEUED, hold=False, cancel_requested_at=None, awaits_since=None)

    def awaiting(self) -> Self:
        """Those that wait for people: no worker is to look at them."""
        return self.filter(status=Status.QUEUED, awaits_since__isnull=False)

    def abandoned(self) -> Self:
        """Those whose worker has not renewed its lease in time."""
        return self.processing().filter(lease_until__lt=timezone.now())

    def unheard(self) -> Self:
        """Those in the queue whose bell rang long ago: the message may be lost with its worker."""
        return self.claimable().filter(Q(rung_at=None) | Q(rung_at__lt=timezone.now() - RING_AGAIN))

    def paced(self) -> Self:
        """Sessions with a delay after each step: they hold their worker all the time."""
        return self.filter(session__pace_ms__gt=0)

    def in_slots(self) -> Self:
        """Batch jobs where they share the workers of live ones, and so have slots: not where they have their own cluster."""
        return self.none() if settings.BATCH_CLUSTER else self.filter(queue=Queue.BATCH)

    def wait_beside(self, job: Job) -> Self:
        """Those in its queue that could have its worker, but for what works for the same thing."""
        family = Q(pk__in=[job.pk, job.parent_id]) | Q(parent__in=[job.pk, job.parent_id])
        return self.claimable().filter(queue=job.queue).exclude(family)

    def call_late(self) -> bool:
        """Ring again for the live job that has waited longest for a worker. True for one caller alone: it gives way to that."""
        now = timezone.now()
        late = self.claimable().filter(queue=Queue.LIVE, rung_at__lt=now - HEARD_WITHIN)
        job = late.order_by("rung_at").first()
        if job is None or not late.filter(pk=job.pk).update(rung_at=now):
            return False
        job.ring()
        return True

    # --- Claims -----------------------------------------------------------------------------------------------

    def claim(self, pk: uuid.UUID | str, worker: str) -> Job | None:
        """Take a queued job for this worker; None where it is not there to be taken."""
        with transaction.atomic():
            if not self._has_place_for(pk):
                return None
            now = timezone.now()
            taken = self.claimable().filter(pk=pk)
            if not taken.update(
                status=Status.PROCESSING,
                token=uuid.uuid4(),
                attempt=F("attempt") + 1,
                lease_until=lease(),
                worker=worker,
                started_at=Coalesce("started_at", Value(now)),
                updated_at=now,
            ):
                return None
            job = cast("Job", self.get(pk=pk))
            job.note("Started" if job.attempt == 1 else f"Started, attempt {job.attempt}")
            return job

    def held_by(self, worker: str, pk: uuid.UUID | str) -> Job | None:
        """The job that this worker holds already: its claim was committed, and only the answer was lost."""
        return self.processing().filter(pk=pk, worker=worker).first()

    def _has_place_for(self, pk: uuid.UUID | str) -> bool:
        """False, and said on the row, where as many of its kind run as may at once."""
        queue, pace_ms = self.filter(pk=pk).values_list("queue", "session__pace_ms").first() or (
            Queue.LIVE,
            0,
        )
        if pace_ms and not self._has_place_among(self.paced(), pk, settings.PACED_SESSIONS, "paced sessions"):
            return False
        if queue == Queue.LIVE or settings.BATCH_CLUSTER:
            return True
        return self._has_place_among(self.in_slots(), pk, settings.BATCH_SLOTS, "batch jobs")

    def _has_place_among(self, kind: Self, pk: uuid.UUID | str, most: int, name: str) -> bool:
        wait_for_turn()
        running = kind.processing().count()
        if running < most:
            return True
        message = f"Waits for a place: {running} {name} run, and no more may at once."
        # Who waits is to be called when a place becomes free.
        self.claimable().filter(pk=pk).update(message=message, rung_at=None)
        return False

    # --- Bells ------------------------------------------------------------------------------------------------

    def ring_next(self) -> None:
        """Call those that waited longest to the places that are free.

        No more are called than there are places: a message that has to wait would keep live ones waiting behind it.
        """
        paced, in_slots = self.paced(), self.in_slots()
        if not self.unheard().filter(Q(pk__in=paced.values("pk")) | Q(pk__in=in_slots.values("pk"))).exists():
            return
        left = paced._places_left(settings.PACED_SESSIONS)
        paced.exclude(pk__in=in_slots.values("pk"))._call(left)
        # Who needs both places is called where both are free, or it would be called and sent away for ever.
        fit = in_slots if left else in_slots.exclude(pk__in=paced.values("pk"))
        fit._call(in_slots._places_left(settings.BATCH_SLOTS))

    def _places_left(self, most: int) -> int:
        """Of so many, less those who run and those who are called already."""
        called = self.claimable().filter(rung_at__gte=timezone.now() - RING_AGAIN).count()
        return max(0, most - self.processing().count() - called)

    def _call(self, most: int) -> None:
        for job in self.unheard().order_by("turn_at")[:most]:
            job.call()

    def forget_bells(self) -> None:
        """For a cluster that starts: what the one before it had fetched from the queue went down with it.

        That was rung first, so only the first are forgotten; what comes twice is a no-op.
        """
        first = self.claimable().exclude(rung_at=None).order_by("rung_at").values_list("pk", flat=True)
        self.claimable().filter(pk__in=list(first[:RINGS_A_PASS])).update(rung_at=None)

    def ring_unheard(self) -> None:
        """Ring again for what nobody heard, and for what waits for a place that is free."""
        waits = Q(pk__in=self.paced().values("pk")) | Q(pk__in=self.in_slots().values("pk"))
        for job in self.unheard().exclude(waits).order_by(F("rung_at").asc(nulls_first=True))[:RINGS_A_PASS]:
            job.ring()
        self.ring_next()

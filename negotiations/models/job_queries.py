"""Jobs by the many: what people ask of them, how lists see them, and what becomes of those that lost their worker."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, cast

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Case, Count, IntegerField, OuterRef, Q, Subquery, UUIDField, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models.audit import AuditEntry, Deed
from negotiations.models.job_claims import ClaimedJobQuerySet
from negotiations.models.job_states import ACTIVE, VERBS, Queue, Status, Verb
from negotiations.models.owned import Visitor

if TYPE_CHECKING:
    from negotiations.models.jobs import Job

CHANGED_AT_ONCE = 200
"""Jobs that one bulk change takes at most; each is a transaction of some milliseconds."""
# All that are linked by `retry_of`, forwards and back.
RETRIES = """
    WITH RECURSIVE kin (id, before) AS (
        SELECT id, retry_of_id FROM negotiations_job WHERE id = %s
        UNION
        SELECT job.id, job.retry_of_id FROM negotiations_job job
        JOIN kin ON job.id = kin.before OR job.retry_of_id = kin.id
    ) SELECT id FROM kin
"""


def jobs_ahead(jobs: JobQuerySet, job: str = "") -> Case:
    """How many of `jobs` wait in the same queue for longer, of a row whose job stands at `job`; None where it does not wait."""
    older = jobs.claimable().filter(queue=OuterRef(f"{job}queue"), turn_at__lt=OuterRef(f"{job}turn_at"))
    counted = older.order_by().values("queue").annotate(n=Count("pk")).values("n")
    waits = Q(**{f"{job}status": Status.QUEUED, f"{job}hold": False, f"{job}awaits_since": None})
    return Case(When(waits, then=Coalesce(Subquery(counted), 0)), default=None, output_field=IntegerField())


class JobQuerySet(ClaimedJobQuerySet):
    def enter(self, **fields: Any) -> Job:
        """A new job in the queue with the first line of its history; with whom it is shared goes into the audit."""
        job = cast("Job", self.create(**fields))
        job.note("Queued")
        if job.group:
            AuditEntry.objects.note(job.owner, Deed.SHARE, job, detail=f"with {job.group}")
        return job

    # --- What people ask of many ------------------------------------------------------------------------------

    def changeable_by(self, user: Visitor) -> Self:
        """A person's own, all for a superuser: those that are shared with a group are for the others to look at."""
        if user.is_superuser:
            return self
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def that_may(self, verb: Verb) -> Self:
        """Those of which this may be asked as they stand."""
        legal = Q(*(Q(status=status, hold=hold) for status, hold in VERBS[verb]), _connector=Q.OR)
        if verb == Verb.PAUSE:
            legal &= ~Q(session__mechanism__has_key="seconds")
        return self.filter(legal, Q(cancel_requested_at=None) | ~Q(status__in=ACTIVE))

    # The newest first, or each place that becomes free would call one that is the next to be stopped.

    def cancel_all(self, by: User | None) -> int:
        return sum(job.cancel(by) for job in self._of_which(Verb.CANCEL, "-created_at"))

    def pause_all(self, by: User | None) -> int:
        return sum(job.pause(by) for job in self._of_which(Verb.PAUSE, "-created_at"))

    def resume_all(self, by: User | None) -> int:
        return sum(job.resume(by) for job in self._of_which(Verb.RESUME, "created_at"))

    def retry_all(self, by: User | None) -> int:
        """Raises TooMuch or Unsuitable, with how many were retried, where another could not be."""
        done, refusal = 0, None
        for job in self._of_which(Verb.RETRY, "created_at"):
            try:
                done += job.retry(by) is not None
            except (TooMuch, Unsuitable) as error:
                refusal = error
        if refusal:
            told = (
                "No job was retried."
                if not done
                else "1 job was retried."
                if done == 1
                else f"{done} jobs were retried."
            )
            raise type(refusal)(f"{told} {refusal}") from refusal
        return done

    def _of_which(self, verb: Verb, order: str) -> list[Job]:
        return list(self.that_may(verb).order_by(order)[:CHANGED_AT_ONCE])

    # --- Lists ------------------------------------------------------------------------------------------------

    def queue_lengths(self) -> dict[str, int]:
        """How many jobs wait in each queue, in one query."""
        counts = dict(self.claimable().order_by().values_list("queue").annotate(Count("pk")))
        return {queue: counts.get(queue, 0) for queue in Queue.values}

    def with_ahead(self) -> Self:
        """With `n_ahead`, how many wait in the same queue for longer; None for those that do not wait."""
        return self.annotate(n_ahead=jobs_ahead(self.model.objects.all()))

    def number_ahead_of(self, job: Job) -> int:
        """How many wait in the same queue for longer than one that waits; 0 of any other."""
        if job.word != Status.QUEUED:
            return 0
        return self.claimable().filter(queue=job.queue, turn_at__lt=job.turn_at).count()

    def for_pages(self) -> Self:
        """With all that a row of a list says of a job: no query a row."""
        return self.with_runs().with_last_progress().with_ahead()

    def for_polls(self) -> Self:
        """With what tells whether anything changed; what the job runs is read where something did."""
        return self.defer("traceback").with_last_progress().with_ahead()

    def attempts_of(self, pk: uuid.UUID) -> Self:
        """The job itself and all that are retries of one another with it, oldest first."""
        key = UUIDField().get_db_prep_value(pk, connection)
        return self.filter(pk__in=RawSQL(RETRIES, [key])).order_by("created_at")

    # --- What became of those that lost their worker ------------------------------------------------------------

    def reap(self) -> list[Job]:
        """Queue again, or fail, what lost its worker, and ring for what nobody heard. Returns the jobs that failed."""
        failed = [job for job in self.abandoned() if job.lose(self.abandoned())]
        self.ring_unheard()
        return failed

    def lost_by(self, worker: str) -> list[Job]:
        """The same at once, for a worker that is known to be dead. Returns the jobs that failed."""
        return [job for job in self.processing().filter(worker=worker) if job.lose(self.all())]

    def release(self, is_gone: Callable[[str], bool]) -> None:
        """Queue again what a whole cluster took down with it: that was no fault of the job and counts as no attempt."""
        for job in self.processing():
            if is_gone(job.worker):
                job.lose(self.all(), counts=False)

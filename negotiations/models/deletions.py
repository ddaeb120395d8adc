"""The deletion of many sessions: marked at once, so that nobody sees them any more, and removed by a worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from negotiations.exceptions import Unsuitable
from negotiations.models.audit import AuditEntry, Deed
from negotiations.models.jobs import Job, Kind, Status
from negotiations.models.offers import Offer
from negotiations.models.sessions import Session

if TYPE_CHECKING:
    from negotiations.models.sessions import SessionQuerySet

MOST_SECONDS = 3600.0
MOST_KEYS = 5_000
"""In one statement."""


class DeletionQuerySet(models.QuerySet[Any]):
    def start(
        self,
        *,
        owner: User,
        sessions: SessionQuerySet,
        retry_of: Job | None = None,
        instead_of: Deletion | None = None,
    ) -> Deletion | None:
        """Mark what is over of these, and ring for a worker once that is committed. None where none of them is left.

        No limit on jobs or storage holds it back: it is the way out of both. `instead_of` is the deletion that they
        are marked by so far.
        """
        with transaction.atomic():
            job = Job.objects.enter(owner=owner, kind=Kind.DELETION, retry_of=retry_of)
            deletion = cast("Deletion", self.create(job=job))
            # By what was asked for, not by keys: they may be more than a statement takes.
            over = sessions.over().order_by().values("pk")
            if not Session.objects.filter(pk__in=over, deletion=instead_of).update(deletion=deletion):
                transaction.set_rollback(True)
                return None
            deletion.count_in()
            job.ring()
        return deletion


class Deletion(models.Model):
    """Its sessions are the rows that point to it; the ids stay for those who ask what it was about."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="deletion")
    ids = models.JSONField(default=list)

    objects = DeletionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Deletion of {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("negotiations:job-detail", args=[self.pk])

    @property
    def name(self) -> str:
        count = self.job.total_steps
        return "1 session" if count == 1 else f"{count:,} sessions"

    def count_in(self) -> None:
        """Keep what is marked, and how many that are."""
        self.ids = [str(pk) for pk in self.sessions.order_by("pk").values_list("pk", flat=True)]
        self.save(update_fields=["ids"])
        self.job.total_steps = len(self.ids)
        self.job.save(update_fields=["total_steps"])

    @property
    def most_seconds(self) -> float:
        return MOST_SECONDS

    def close(self, status: str) -> None:
        """What was not begun is there again; a session that has lost offers already stays out of sight, for a retry."""
        if status != Status.COMPLETED:
            last = Offer.objects.filter(session=OuterRef("pk"), seq=OuterRef("n_offers"))
            whole = Session.objects.filter(Q(n_offers=0) | Exists(last), deletion=self)
            Session.objects.filter(pk__in=whole.values("pk")).update(deletion=None)

    def again(self, by: User) -> Deletion:
        """The rest of it. Unsuitable where nothing of it is left."""
        with transaction.atomic():
            for at in range(0, len(self.ids), MOST_KEYS):
                mine = Session.objects.filter(pk__in=self.ids[at : at + MOST_KEYS]).changeable_by(by)
                Session.objects.filter(pk__in=mine.values("pk"), deletion=None).update(deletion=self)
            marked = Session.objects.changeable_by(by).filter(deletion=self)
            started = Deletion.objects.start(owner=by, sessions=marked, retry_of=self.job, instead_of=self)
            if started is None:
                raise Unsuitable("Nothing of what was to be deleted is left.")
            return started


def erase(sessions: Sequence[Session], by: User | None) -> int:
    """Remove them with their jobs, offers, logs and histories, and say so in the audit; forks and variants live on.

    How many that were: what is gone already, or in progress, is left as it is.
    """
    with transaction.atomic():
        rows = (
            Job.objects.over().select_for_update(of=("self",)).filter(pk__in=[each.pk for each in sessions])
        )
        over = set(rows.order_by("pk").values_list("pk", flat=True))
        gone = [each for each in sessions if each.pk in over]
        told = [(each, f"of {each.job.owner}, {each.n_offers:,} offers") for each in gone]
        AuditEntry.objects.note_all(by, Deed.DELETE, told)
        Job.objects.filter(pk__in=over).delete()
        return len(gone)

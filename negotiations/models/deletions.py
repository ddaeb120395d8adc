"""The deletion of many sessions: marked at once, so that nobody sees them any more, and removed by a worker."""

from __future__ import annotations

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


class DeletionQuerySet(models.QuerySet[Any]):
    def start(
        self, *, owner: User, sessions: SessionQuerySet, retry_of: Job | None = None
    ) -> Deletion | None:
        """Mark these sessions, and ring for a worker once that is committed. None where none of them is left.

        No limit on jobs or storage holds it back: it is the way out of both.
        """
        with transaction.atomic():
            over = sessions.over().filter(deletion=None)
            ids = list(over.order_by("pk").values_list("pk", flat=True))
            if not ids:
                return None
            job = Job.objects.enter(owner=owner, kind=Kind.DELETION, total_steps=len(ids), retry_of=retry_of)
            deletion = cast("Deletion", self.create(job=job, ids=[str(pk) for pk in ids]))
            Session.objects.filter(pk__in=ids, deletion=None).update(deletion=deletion)
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
        return "1 session" if len(self.ids) == 1 else f"{len(self.ids):,} sessions"

    @property
    def most_seconds(self) -> float:
        return MOST_SECONDS

    def close(self, status: str) -> None:
        """What was not begun is there again; a session that has lost offers already stays out of sight, for a retry."""
        if status != Status.COMPLETED:
            last = Offer.objects.filter(session=OuterRef("pk"), seq=OuterRef("n_offers"))
            whole = Session.objects.filter(Q(n_offers=0) | Exists(last), deletion=self)
            Session.objects.filter(pk__in=list(whole.values_list("pk", flat=True))).update(deletion=None)

    def again(self, by: User) -> Deletion:
        """The rest of it. Unsuitable where nothing of it is left."""
        left = Session.objects.filter(Q(deletion=None) | Q(deletion=self), pk__in=self.ids).changeable_by(by)
        Session.objects.filter(pk__in=list(left.values_list("pk", flat=True))).update(deletion=None)
        started = Deletion.objects.start(owner=by, sessions=left, retry_of=self.job)
        if started is None:
            raise Unsuitable("Nothing of what was to be deleted is left.")
        return started


def erase(session: Session, by: User | None) -> bool:
    """Remove it with its job, offers, log and history, and say so in the audit; forks and variants live on.

    False where it is gone already, or in progress.
    """
    with transaction.atomic():
        job = Job.objects.over().select_for_update(of=("self",)).filter(pk=session.pk).first()
        if job is None:
            return False
        AuditEntry.objects.note(
            by, Deed.DELETE, session, detail=f"of {job.owner}, {session.n_offers:,} offers"
        )
        job.delete()
        return True

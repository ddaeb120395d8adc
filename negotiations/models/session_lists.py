"""Sessions as pages list them: narrowed by what a reader asks for, in the order that is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from negotiations.engine.specs import EndReason
from negotiations.models.job_states import ACTIVE, Status
from negotiations.models.owned import OwnedQuerySet, Visitor

# What lists are asked for most.
ENDINGS = {
    "agreement": Q(job__status=Status.COMPLETED, end_reason=EndReason.AGREEMENT),
    "none": Q(job__status=Status.COMPLETED) & ~Q(end_reason=EndReason.AGREEMENT),
    "failed": Q(job__status=Status.FAILED),
    "cancelled": Q(job__status=Status.CANCELLED),
}
# By the end, so that one index finds and orders them.
PERIODS = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
SORTS = {
    "": ("-job__finished_at", "-job__created_at"),
    "oldest": ("job__finished_at", "job__created_at"),
    "scenario": ("scenario__name", "-job__finished_at"),
    "steps": ("-job__current_step", "-job__finished_at"),
    "offers": ("-n_offers", "-job__finished_at"),
}


class ListedSessionQuerySet(OwnedQuerySet):
    owned_by = "job__"

    def visible_to(self, user: Visitor) -> Self:
        """As everything that is owned, but for what is being deleted, and what a seat of theirs must not know."""
        return self.known_to(user).apart_from_seats_of(user)

    def known_to(self, user: Visitor) -> Self:
        """The same with what is kept from them as long as they sit at a table."""
        return super().visible_to(user).filter(deletion=None)

    def apart_from_seats_of(self, user: Visitor) -> Self:
        """But for those that go on with this person in a seat, and what others negotiate on the same scenario meanwhile.

        Of the first they see what their seat sees, and nothing else; the others would say what every party of it wants.
        """
        return self.exclude(seen_from_a_seat(user))

    def changeable_by(self, user: Visitor) -> Self:
        """A person's own, all for a superuser: those that are shared with a group are for the others to look at."""
        if user.is_superuser:
            return self
        return self.filter(job__owner=user) if user.is_authenticated else self.none()

    def in_progress(self) -> Self:
        return self.filter(job__status__in=ACTIVE)

    def over(self) -> Self:
        return self.exclude(job__status__in=ACTIVE)

    def as_of(self, moment: datetime) -> Self:
        """What a page of that moment counted: not what has begun since, nor what has ended since."""
        going_on = Q(job__finished_at=None, job__created_at__lte=moment)
        return self.filter(going_on | Q(job__finished_at__lte=moment))

    def matching(self, words: str) -> Self:
        """Those with every word in the scenario's name, in a party's or in a tag."""
        found = self
        for word in words.split():
            # Looked up once, not for each session.
            named = Q(scenario__in=_rows("Scenario").filter(name__icontains=word).values("pk"))
            found = found.filter(
                named | _of("Party", name__icontains=word) | _of("SessionTag", name__icontains=word)
            )
        return found

    def that_ended(self, how: str) -> Self:
        """`how` is a key of `ENDINGS`; anything else takes all."""
        return self.filter(ENDINGS[how]) if how in ENDINGS else self

    def whose(self, whose: str, user: Visitor) -> Self:
        """`mine`, or `shared`: what others share with this person; anything else takes all."""
        if whose == "mine":
            return self.filter(job__owner=user.pk)
        return self.exclude(job__owner=user.pk) if whose == "shared" else self

    def narrowed(self, chosen: dict[str, Any], user: Visitor) -> Self:
        """By the values of a `SessionFilterForm`, but for the ending: its segments count the others."""
        found = self.matching(chosen["q"]).whose(chosen["whose"], user)
        if chosen["scenario"]:
            found = found.filter(scenario=chosen["scenario"])
        if chosen["negotiator"]:
            found = found.filter(_of("Party", negotiator=chosen["negotiator"]))
        if chosen["tag"]:
            found = found.filter(_of("SessionTag", name=chosen["tag"]))
        if since := PERIODS.get(chosen["period"]):
            found = found.filter(job__finished_at__gte=timezone.now() - since)
        return found

    def in_order(self, sort: str) -> Self:
        return self.order_by(*SORTS.get(sort, SORTS[""]), "pk")

    def extent(self) -> tuple[int, int]:
        """How many there are, and how many offers they have."""
        told = self.aggregate(sessions=Count("pk"), offers=Coalesce(Sum("n_offers"), 0))
        return told["sessions"], told["offers"]

    def counts(self) -> dict[str, int]:
        """How many there are, and how many of each ending."""
        wanted = {how: Count("pk", filter=condition) for how, condition in ENDINGS.items()}
        return self.aggregate(all=Count("pk"), **wanted)


def seen_from_a_seat(user: Visitor, session: str = "") -> Q:
    """Of rows that lead to a session by `session`: those of sessions that `apart_from_seats_of` leaves out."""
    seated = _rows("Party").of(user).going_on().values("session")
    kept = _rows("Scenario").kept_from(user).values("pk")
    of_others = Q(**{f"{session}scenario__in": kept}) & ~Q(**{f"{session}job__owner": user.pk})
    return Q(**{f"{session}pk__in": seated}) | of_others


def _of(model: str, **wanted: Any) -> Exists:
    """Whether a session has such a row of its own."""
    return Exists(_rows(model).filter(session=OuterRef("pk"), **wanted))


def _rows(model: str) -> Any:
    """Of a model that stands above this one."""
    return apps.get_model("negotiations", model).objects

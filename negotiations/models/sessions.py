"""A session and its parties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from negotiations.engine.specs import EndReason, MechanismSpec, PartySpec, SessionSpec
from negotiations.exceptions import Unsuitable
from negotiations.models.job_queries import jobs_ahead
from negotiations.models.jobs import Job, Kind, Queue, Status
from negotiations.models.limits import hold_to_limits
from negotiations.models.negotiators import Negotiator
from negotiations.models.offers import Offer
from negotiations.models.owned import Visitor
from negotiations.models.scenarios import Scenario
from negotiations.models.session_lists import ListedSessionQuerySet
from negotiations.models.tags import SessionTag

# A session's words for its job's (N-08); a job on hold is "paused" with both.
WORDS: dict[str, str] = {
    Status.QUEUED: "pending",
    Status.PROCESSING: "running",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Seat:
    """A negotiator as it is to sit in a new session."""

    negotiator: Negotiator
    parameters: dict[str, Any] = field(default_factory=dict)
    n_steps: int | None = None
    name: str = ""
    """Its own, where it was configured; else that of the negotiator."""


class SessionQuerySet(ListedSessionQuerySet):
    def start(
        self,
        *,
        owner: User,
        scenario: Scenario,
        seats: Sequence[Seat],
        seed: int,
        n_steps: int,
        pace_ms: int = 0,
        mechanism: dict[str, Any] | None = None,
        group: Group | None = None,
        retry_of: Job | None = None,
        based_on: Session | None = None,
        tags: Sequence[str] = (),
        queue: Queue = Queue.LIVE,
        ring: bool = True,
    ) -> Session:
        """Write a session with its job and parties, and ring for a worker once that is committed (J-01, N-01).

        Raises TooMuch where the owner has reached a limit. Without `ring` the caller plays it: no limit holds, no
        message is sent, and the reaper takes it for rung.
        """
        with transaction.atomic():
            if ring:
                hold_to_limits(owner)
            job = Job.objects.enter(
                owner=owner,
                group=group,
                kind=Kind.SESSION,
                queue=queue,
                total_steps=n_steps,
                retry_of=retry_of,
            )
            session = self.create(
                job=job,
                scenario=scenario,
                seed=seed,
                n_steps=n_steps,
                pace_ms=pace_ms,
                mechanism=mechanism or {},
                based_on=based_on,
            )
            SessionTag.objects.add([session.pk], tags)
            session.seat(seats)
            if ring:
                job.ring()
            else:
                Job.objects.filter(pk=job.pk).update(rung_at=timezone.now())
        return cast("Session", session)

    def newest_first(self) -> Self:
        return self.order_by("-job__created_at")

    def with_parties(self) -> Self:
        return self.select_related("job", "scenario").prefetch_related("parties")

    def with_tail(self) -> Self:
        """With `last_seq`, the number of its newest offer: no query more, and without the scenario's long texts."""
        newest = Offer.objects.filter(session=OuterRef("pk")).order_by("-seq").values("seq")[:1]
        lean = self.select_related("job", "scenario").defer("scenario__document", "scenario__preferences")
        return lean.annotate(last_seq=Subquery(newest))

    def with_ahead(self) -> Self:
        """With `ahead`, its place in the queue; None for those that do not wait."""
        return self.annotate(ahead=jobs_ahead(Job.objects.all(), "job__"))


class Session(models.Model):
    """One run of the protocol; owner, group and status are its job's."""

    job = models.OneToOneField(Job, on_delete=models.CASCADE, primary_key=True, related_name="session")
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="sessions")
    seed = models.BigIntegerField()
    n_steps = models.PositiveIntegerField()
    mechanism = models.JSONField(default=dict, help_text="Other parameters of the mechanism.")
    pace_ms = models.PositiveIntegerField(default=0, help_text="Milliseconds between steps; 0 is full speed.")
    versions = models.JSONField(
        default=dict, help_text="What the first attempt ran with: package to version."
    )
    forked_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="forks"
    )
    forked_seq = models.PositiveIntegerField(null=True, blank=True)
    based_on = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="variants",
        help_text="The session whose set-up this one has, with something changed.",
    )
    deletion = models.ForeignKey(
        "negotiations.Deletion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sessions",
        help_text="What removes it: nobody sees it any more.",
    )
    n_offers = models.PositiveIntegerField(default=0)
    end_reason = models.CharField(max_length=20, blank=True)
    ended_by = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Index of the party that ended it."
    )
    steps = models.PositiveIntegerField(null=True, blank=True)
    agreement = models.JSONField(null=True, blank=True)
    utilities = models.JSONField(
        null=True, blank=True, help_text="Of the agreement, else the reserved values."
    )

    objects = SessionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.scenario} {str(self.pk)[:4]}"

    def get_absolute_url(self) -> str:
        return reverse("negotiations:session-detail", args=[self.pk])

    @property
    def name(self) -> str:
        return self.scenario.name

    @property
    def status(self) -> str:
        return WORDS.get(self.job.word, self.job.word)

    def seat(self, seats: Sequence[Seat]) -> None:
        reserved = [preference["reserved_value"] for preference in self.scenario.preferences]
        Party.objects.bulk_create(
            Party.at(seat, index, session=self, reserved_value=value)
            for index, (seat, value) in enumerate(zip(seats, reserved, strict=True))
        )

    @property
    def most_seconds(self) -> float:
        """How long its child may take, the delay after each step included."""
        return float(settings.SESSION_SECONDS + self.n_steps * self.pace_ms / 1000)

    @property
    def can_resume(self) -> bool:
        """Whether a replay gives the same offers: where the clock decides, it does not."""
        return not self.mechanism.get("seconds")

    def end(self, reason: str, **fields: Any) -> None:
        """Write why and how it ended; the job's own end belongs into the same transaction."""
        for name, value in (fields := {"end_reason": reason, **fields}).items():
            setattr(self, name, value)
        Session.objects.filter(pk=self.pk).update(**fields)

    def close(self, status: str) -> None:
        """The end of a session whose job ended without it: cancelled, or given up."""
        reason = EndReason.CANCELLED if status == Status.CANCELLED else EndReason.ERROR
        Session.objects.filter(pk=self.pk, end_reason="").update(end_reason=reason)

    @property
    def short_id(self) -> str:
        return str(self.pk)[:4]

    def may_be_changed_by(self, user: Visitor) -> bool:
        """Cancelling is for the owner; those it is shared with look on."""
        return self.job.may_be_changed_by(user)

    def again(self, by: User) -> Session:
        """A new session with the same scenario, parties, limits and seed. Unsuitable where it can no longer be seated."""
        if self.forked_seq:
            return self.fork.again(by)
        return self._start_like(by, self._seats(by), retry_of=self.job)

    def swapped(self, by: User) -> Session:
        """The same with each negotiator one seat further. Raises Unsuitable as `again`."""
        first, *others = self._seats(by)
        return self._start_like(by, [*others, first], based_on=self)

    def _seats(self, by: User) -> list[Seat]:
        if not Scenario.objects.visible_to(by).filter(pk=self.scenario_id).exists():
            raise Unsuitable(f"You have no access to {self.scenario}. Choose another scenario.")
        return [party.to_seat(self.scenario) for party in self.parties.select_related("negotiator")]

    def _start_like(self, by: User, seats: Sequence[Seat], **fields: Any) -> Session:
        group = self.job.group if by.groups.filter(pk=self.job.group_id).exists() else None
        return Session.objects.start(
            owner=by,
            scenario=self.scenario,
            seats=seats,
            seed=self.seed,
            n_steps=self.n_steps,
            pace_ms=self.pace_ms,
            mechanism=self.mechanism,
            group=group,
            queue=Queue(self.job.queue),
            tags=[tag.name for tag in self.tags.all()],
            **fields,
        )

    def to_spec(self) -> SessionSpec:
        spec = SessionSpec(
            scenario=self.scenario.document,
            parties=tuple(party.to_spec() for party in self.parties.all()),
            mechanism=MechanismSpec(n_steps=self.n_steps, **self.mechanism),
            seed=self.seed,
        )
        return self.fork.written_into(spec) if self.forked_seq else spec


class Party(models.Model):
    """A seat: the negotiator's type and parameters as they were, whatever becomes of the catalogue's row."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="parties", db_index=False)
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    negotiator = models.ForeignKey(Negotiator, on_delete=models.SET_NULL, null=True, related_name="+")
    type = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict, blank=True)
    n_steps = models.PositiveIntegerField(null=True, blank=True, help_text="Own step limit.")
    reserved_value = models.FloatField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["session", "index"]
        verbose_name_plural = "parties"
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "index"], name="party_once")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def at(cls, seat: Seat, index: int, **fields: Any) -> Self:
        return cls(
            index=index,
            name=seat.name or seat.negotiator.short_name,
            negotiator=seat.negotiator,
            type=seat.negotiator.type,
            parameters=seat.parameters,
            n_steps=seat.n_steps,
            **fields,
        )

    def to_seat(self, scenario: Scenario) -> Seat:
        """The seat to run again. Unsuitable where its negotiator has gone or no longer fits."""
        if self.negotiator is None:
            raise Unsuitable(f"{self.name} is no longer in the catalogue. Choose another negotiator.")
        if why := self.negotiator.misfit(scenario):
            raise Unsuitable(why)
        return Seat(self.negotiator, self.parameters, self.n_steps, self.name)

    def to_spec(self) -> PartySpec:
        return PartySpec(self.name, self.type, self.parameters, self.n_steps)

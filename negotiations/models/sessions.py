"""A session, its parties and its offers: the same rows are live view, replay, export and audit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, cast

from django.contrib.auth.models import Group, User
from django.db import connection, models, transaction
from django.urls import reverse

from negotiations.engine.specs import Action, MechanismSpec, PartySpec, SessionSpec
from negotiations.models.jobs import Job, Kind, Status
from negotiations.models.owned import Visitor
from negotiations.models.scenarios import Negotiator, Scenario

# A session's words for its job's status (N-08); a queued or processing job on hold is "paused".
WORDS = {
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


class SessionQuerySet(models.QuerySet[Any]):
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
    ) -> Session:
        """Write a session with its job and parties, and ring for a worker once that is committed (J-01, N-01)."""
        with transaction.atomic():
            job = Job.objects.create(owner=owner, group=group, kind=Kind.SESSION, total_steps=n_steps)
            job.note("Queued")
            session = self.create(
                job=job,
                scenario=scenario,
                seed=seed,
                n_steps=n_steps,
                pace_ms=pace_ms,
                mechanism=mechanism or {},
            )
            reserved = [preference["reserved_value"] for preference in scenario.preferences]
            Party.objects.bulk_create(
                Party.at(seat, index, session=session, reserved_value=value)
                for index, (seat, value) in enumerate(zip(seats, reserved, strict=True))
            )
            job.ring()
        return cast("Session", session)

    def visible_to(self, user: Visitor) -> Self:
        return self.filter(job__in=Job.objects.visible_to(user))

    def newest_first(self) -> Self:
        return self.order_by("-job__created_at")

    def with_parties(self) -> Self:
        return self.select_related("job", "scenario").prefetch_related("parties")

    def in_progress(self) -> Self:
        return self.filter(job__in=Job.objects.active())

    def over(self) -> Self:
        return self.exclude(job__in=Job.objects.active())


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
    def status(self) -> str:
        if self.job.hold and self.job.is_active:
            return "paused"
        return WORDS[Status(self.job.status)]

    def to_spec(self) -> SessionSpec:
        return SessionSpec(
            scenario=self.scenario.document,
            parties=tuple(party.to_spec() for party in self.parties.all()),
            mechanism=MechanismSpec(n_steps=self.n_steps, **self.mechanism),
            seed=self.seed,
        )


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
            name=seat.negotiator.short_name,
            negotiator=seat.negotiator,
            type=seat.negotiator.type,
            parameters=seat.parameters,
            n_steps=seat.n_steps,
            **fields,
        )

    def to_spec(self) -> PartySpec:
        return PartySpec(self.name, self.type, self.parameters, self.n_steps)


class OfferQuerySet(models.QuerySet[Any]):
    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def append(self, session: Session, actions: Sequence[Action]) -> None:
        """Insert rows without building a model for each: a fifth of the time of bulk_create, and this is the hot path."""
        key = Session._meta.pk.get_db_prep_value(session.pk, connection)
        with connection.cursor() as cursor:
            cursor.executemany(INSERT, [self._row(key, action) for action in actions])

    def _row(self, key: Any, action: Action) -> tuple[Any, ...]:
        outcome = None if action.outcome is None else json.dumps(action.outcome)
        utilities = json.dumps(action.utilities)
        return (
            key, action.seq, action.step, action.relative_time, action.party, action.response,
            outcome, utilities, action.text,
        )  # fmt: skip


INSERT = (
    "INSERT INTO negotiations_offer"
    " (session_id, seq, step, relative_time, party, response, outcome, utilities, text)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class Offer(models.Model):
    """One action of one party, the accept included. `outcome` and `utilities` are lists in the scenario's order."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="offers", db_index=False)
    seq = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    relative_time = models.FloatField()
    party = models.PositiveSmallIntegerField()
    response = models.CharField(max_length=10)
    outcome = models.JSONField(null=True)
    utilities = models.JSONField(default=list)
    text = models.TextField(blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["session", "seq"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "seq"], name="offer_once")]

    def __str__(self) -> str:
        return f"{self.seq}: party {self.party} {self.response}"

    def to_action(self) -> Action:
        return Action(
            seq=self.seq,
            step=self.step,
            relative_time=self.relative_time,
            party=self.party,
            response=self.response,
            outcome=None if self.outcome is None else tuple(self.outcome),
            utilities=tuple(self.utilities),
            text=self.text,
        )


def to_actions(offers: Iterable[Offer]) -> list[Action]:
    return [offer.to_action() for offer in offers]

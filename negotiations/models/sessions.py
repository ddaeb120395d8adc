"""A session and its parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self, cast

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from negotiations.engine.specs import PERSON, EndReason, MechanismSpec, SessionSpec
from negotiations.exceptions import Unsuitable
from negotiations.models.job_queries import jobs_ahead
from negotiations.models.jobs import Job, Kind, Queue, Status
from negotiations.models.limits import hold_to_limits
from negotiations.models.offers import Offer
from negotiations.models.owned import Visitor
from negotiations.models.parties import Party, Seat
from negotiations.models.scenarios import Scenario
from negotiations.models.session_seats import SeatedSessionQuerySet, WithSeats
from negotiations.models.tags import SessionTag

# A session's words for its job's (N-08); a job on hold is "paused" with both.
WORDS: dict[str, str] = {
    Status.QUEUED: "pending",
    Status.PROCESSING: "running",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}


NO_CHANGE: Mapping[int, Seat] = {}


class SessionQuerySet(SeatedSessionQuerySet):
    def start(
        self,
        *,
        owner: User,
        scenario: Scenario,
        seats: Sequence[Seat],
        seed: int,
        n_steps: int,
        pace_ms: int = 0,
        turn_seconds: int | None = None,
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
                kind=Kind.SESSION, owner=owner, group=group, queue=queue, total_steps=n_steps, retry_of=retry_of,
            )  # fmt: skip
            session = self.create(
                job=job,
                scenario=scenario,
                seed=seed,
                n_steps=n_steps,
                pace_ms=pace_ms,
                turn_seconds=turn_seconds,
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


class Session(WithSeats, models.Model):
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
        """How long its child may take, the delay after each step included; a clock of its own ends it before that."""
        to_end = settings.ACTION_SECONDS if self.mechanism.get("seconds") else 0
        return float(settings.SESSION_SECONDS + to_end + self.n_steps * self.pace_ms / 1000)

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
        return self._start_like(by, self.seats_for(by), retry_of=self.job)

    def swapped(self, by: User) -> Session:
        """The same with each negotiator one seat further. Raises Unsuitable as `again`."""
        first, *others = self.seats_for(by)
        return self._start_like(by, [*others, first], based_on=self)

    def group_for(self, by: User) -> Group | None:
        """With whom `by` may share what is like it."""
        return self.job.group if by.groups.filter(pk=self.job.group_id).exists() else None

    def seats_for(self, by: User, change: Mapping[int, Seat] = NO_CHANGE) -> list[Seat]:
        """Who is to sit in one of `by`'s that is like it, but for the seats in `change`. Raises Unsuitable as `again`."""
        known = Scenario.objects.known_to(by).for_list().filter(pk=self.scenario_id).first()
        if known is None:
            raise Unsuitable(
                f"You have no access to {self.scenario}. Ask its owner to share it, or choose another scenario."
            )
        if known.is_kept:
            raise Unsuitable(known.why_not_used)
        group = self.group_for(by)
        return [
            change.get(party.index) or party.to_seat(self.scenario, by, group)
            for party in self.parties.select_related("negotiator", "person")
        ]

    def _start_like(self, by: User, seats: Sequence[Seat], **fields: Any) -> Session:
        return Session.objects.start(
            owner=by,
            scenario=self.scenario,
            seats=seats,
            seed=self.seed,
            n_steps=self.n_steps,
            pace_ms=self.pace_ms,
            turn_seconds=self.turn_seconds,
            mechanism=self.mechanism,
            group=self.group_for(by),
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
        if self.forked_seq:
            spec = self.fork.written_into(spec)
        if any(party.type == PERSON for party in spec.parties):
            spec = replace(spec, scripted=(*spec.scripted, *self.moves.to_script()))
        return spec

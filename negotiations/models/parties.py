"""Who sits in a session: a negotiator with its parameters, or a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.contrib.auth.models import Group, User
from django.db import models
from django.db.models import Q

from negotiations.engine.specs import PERSON, PartySpec
from negotiations.exceptions import Unsuitable
from negotiations.models.job_states import ACTIVE
from negotiations.models.negotiators import Negotiator
from negotiations.models.owned import Visitor
from negotiations.models.scenarios import Scenario


@dataclass(frozen=True)
class Seat:
    """A negotiator as it is to sit in a new session, or a person."""

    negotiator: Negotiator | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    n_steps: int | None = None
    name: str = ""
    """Its own, where it was configured; else that of the negotiator or the person."""
    person: User | None = None

    @property
    def type(self) -> str:
        return self.negotiator.type if self.negotiator else PERSON

    @property
    def shown_name(self) -> str:
        return self.name or str(self.negotiator.short_name if self.negotiator else self.person)


def key_of(person_id: int) -> str:
    """A person among negotiators, which have plain numbers."""
    return f"person-{person_id}"


def may_sit(person: User, owner: User, group: Group | None) -> bool:
    """Whether a person may be given a seat: in one's own session, or in one that is shared with a group of theirs."""
    if not person.is_active:
        return False
    return person == owner or (group is not None and person.groups.filter(pk=group.pk).exists())


class PartyQuerySet(models.QuerySet[Any]):
    def of(self, user: Visitor) -> Self:
        """The seats of a person."""
        return self.filter(person=user) if user.is_authenticated else self.none()

    def going_on(self) -> Self:
        return self.filter(session__job__status__in=ACTIVE)


class Party(models.Model):
    """A seat: the negotiator's type and parameters as they were, whatever becomes of the catalogue's row."""

    session = models.ForeignKey(
        "negotiations.Session", on_delete=models.CASCADE, related_name="parties", db_index=False
    )
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    negotiator = models.ForeignKey(Negotiator, on_delete=models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    type = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict, blank=True)
    n_steps = models.PositiveIntegerField(null=True, blank=True, help_text="Own step limit.")
    reserved_value = models.FloatField(null=True, blank=True)

    objects = PartyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["session", "index"]
        verbose_name_plural = "parties"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "index"], name="party_once"),
            # As an index it finds a person's seats, and holds nothing of all other parties.
            models.UniqueConstraint(
                fields=["person", "session"], condition=Q(person__isnull=False), name="party_of_one_person"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def at(cls, seat: Seat, index: int, **fields: Any) -> Self:
        return cls(
            index=index,
            name=seat.shown_name,
            negotiator=seat.negotiator,
            person=seat.person,
            type=seat.type,
            parameters=seat.parameters,
            n_steps=seat.n_steps,
            **fields,
        )

    @property
    def key(self) -> str:
        """What stands for who sits there in a form; empty where that is no longer in the catalogue."""
        return key_of(self.person_id) if self.person_id else str(self.negotiator_id or "")

    def to_seat(self, scenario: Scenario, by: User, group: Group | None) -> Seat:
        """The seat in another session, of `by`. Unsuitable where its negotiator has gone or no longer fits, or who sat there may not."""
        if self.person:
            if not may_sit(self.person, by, group):
                raise Unsuitable(
                    f"{self.person} has a seat in it, and only who is in a group that you share it with can be given one. "
                    "Start a new session, and choose who sits there."
                )
            return Seat(n_steps=self.n_steps, person=self.person)
        if self.negotiator is None:
            raise Unsuitable(f"{self.name} is no longer in the catalogue. Choose another negotiator.")
        if why := self.negotiator.misfit(scenario):
            raise Unsuitable(why)
        return Seat(self.negotiator, self.parameters, self.n_steps, self.name)

    def to_spec(self) -> PartySpec:
        return PartySpec(self.name, self.type, self.parameters, self.n_steps)

"""Set-ups of new sessions that people keep under a name."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.urls import reverse

from negotiations.models.owned import Owned, OwnedQuerySet, Visitor
from negotiations.models.scenarios import Scenario

MOST_PRESETS = 100
"""Of one person: as many as a list can be looked through."""


class PresetQuerySet(OwnedQuerySet):
    def changeable_by(self, user: Visitor) -> Self:
        """A person's own, all for a superuser; those it is shared with use it."""
        if user.is_superuser:
            return self
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def for_list(self) -> Self:
        return self.select_related("owner", "group", "scenario").defer(
            "scenario__document", "scenario__issues", "scenario__preferences", "scenario__warnings"
        )


class Preset(Owned):
    """What a new session is to begin with: the fields of its form, but for the seed, which is a new one each time."""

    name = models.CharField(max_length=80)
    scenario = models.ForeignKey(Scenario, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    n_steps = models.PositiveIntegerField()
    pace_ms = models.PositiveIntegerField(default=0)
    turn_seconds = models.PositiveIntegerField(null=True, blank=True)
    mechanism = models.JSONField(default=dict, blank=True)
    seats = models.JSONField(
        default=list, help_text="One entry a seat: negotiator (its row) or person, name, parameters, n_steps."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="preset_once_an_owner")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('negotiations:session-new')}?preset={self.pk}"

    @property
    def names(self) -> list[str]:
        """Who sits where; empty for a seat that was left open."""
        return [str(seat.get("name") or "") for seat in self.seats]

    def may_be_changed_by(self, user: Visitor) -> bool:
        return user.is_superuser or self.owner_id == user.pk

    def keep(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))

"""Negotiators that people configured: a type with parameters under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

from django.db import models
from django.urls import reverse

from negotiations.engine.specs import ParameterSpec
from negotiations.models.negotiators import Negotiator
from negotiations.models.owned import Owned, OwnedQuerySet, Visitor
from negotiations.models.scenarios import Scenario

MOST_CONFIGURED = 200
"""Of one person: as many as a list of choices can hold."""


class ConfiguredQuerySet(OwnedQuerySet):
    def changeable_by(self, user: Visitor) -> Self:
        """A person's own, all for a superuser; those it is shared with use it."""
        if user.is_superuser:
            return self
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def seatable(self) -> Self:
        """Those whose negotiator is installed."""
        return self.filter(negotiator__in=Negotiator.objects.seatable()).select_related("negotiator", "owner")


class ConfiguredNegotiator(Owned):
    """A negotiator with parameters under a name. Sessions copy both, so a change is for those that come after it."""

    name = models.CharField(max_length=60)
    negotiator = models.ForeignKey(Negotiator, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField(default=dict, blank=True)
    stands_parties = models.PositiveSmallIntegerField(default=2, help_text="Of two and three, as tried.")
    tried_version = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ConfiguredQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="configured_once_an_owner")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("negotiations:configured-detail", args=[self.pk])

    @property
    def key(self) -> str:
        return f"own-{self.pk}"

    @property
    def row(self) -> Negotiator:
        return self.negotiator

    @property
    def given(self) -> dict[str, Any]:
        return dict(self.parameters)

    def may_be_changed_by(self, user: Visitor) -> bool:
        return user.is_superuser or self.owner_id == user.pk

    def parameter_specs(self, given: Mapping[str, Any]) -> list[ParameterSpec]:
        """As its negotiator's, with what was configured in place of the defaults."""
        specs = self.negotiator.parameter_specs({**self.parameters, **given})
        return [replace(spec, default=self.parameters.get(spec.name, spec.default)) for spec in specs]

    def disagreement(self, given: Mapping[str, Any]) -> str:
        return self.negotiator.disagreement({**self.parameters, **given})

    def misfit(self, scenario: Scenario) -> str:
        if scenario.n_parties > 2 and self.stands_parties < 3:
            return f"{self} failed in a trial with three parties; {scenario} has {scenario.n_parties}."
        return self.negotiator.misfit(scenario)

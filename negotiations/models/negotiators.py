"""The library of negotiators: the catalogue, and the components that others are composed of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from negotiations.engine import composition
from negotiations.engine.specs import ComponentSpec, NegotiatorSpec, ParameterSpec
from negotiations.models.scenarios import Scenario

DESCRIBED = [field.name for field in dataclass_fields(NegotiatorSpec)]


class NegotiatorQuerySet(models.QuerySet[Any]):
    def usable(self) -> Self:
        """Those that can be given a seat as they are."""
        return self.seatable().exclude(type=composition.COMPOSED)

    def seatable(self) -> Self:
        """Those and the composed ones, without the long texts that no seat shows."""
        return self.filter(is_present=True, runs_alone=True).defer("text")

    def for_list(self) -> Self:
        """Without what only a negotiator's own page shows."""
        return self.defer("text", "not_given")

    def synchronise(self, specs: Iterable[NegotiatorSpec]) -> tuple[int, int]:
        """Make the rows what is installed. What is gone stays, marked, for the sessions that had it. (new, gone)"""
        before = set(self.values_list("source", "type"))
        rows = [self.model(**asdict(spec), is_present=True) for spec in specs]
        fields = [name for name in DESCRIBED if name not in ("source", "type")]
        with transaction.atomic():
            self.update(is_present=False)
            self.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["source", "type"],
                update_fields=[*fields, "is_present"],
            )
        return len({(row.source, row.type) for row in rows} - before), self.filter(is_present=False).count()

    def learn(self, facts: Mapping[str, dict[str, Any]]) -> int:
        """Keep facts that came with Parley, type by type, where nothing better was measured here."""
        learned = 0
        for row in self.filter(type__in=facts).only("type", "version", "measured"):
            told = facts[row.type]
            if not row.measured or (not row.is_measured and told.get("version") == row.version):
                learned += self.filter(pk=row.pk).update(measured=told)
        return learned

    def facets(self) -> dict[str, list[str]]:
        """What filters offer: each family, source and tag once."""
        rows = list(self.values_list("family", "source", "tags"))
        return {
            "families": sorted({family for family, _, _ in rows if family}),
            "sources": sorted({source for _, source, _ in rows if source}),
            "tags": sorted({tag for _, _, tags in rows for tag in tags}),
        }


class Negotiator(models.Model):
    """A row of the catalogue that `sync_negotiators` keeps. A type is only ever resolved through its row."""

    source = models.CharField(max_length=100)
    type = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    family = models.CharField(max_length=60, blank=True)
    tags = models.JSONField(default=list, blank=True)
    description = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="All that its class says of itself.")
    parameters = models.JSONField(default=list, blank=True)
    not_given = models.JSONField(default=list, blank=True, help_text="Parameters that no form can give.")
    max_outcomes = models.BigIntegerField(null=True, blank=True)
    max_parties = models.PositiveSmallIntegerField(null=True, blank=True)
    proposes = models.BooleanField(default=True)
    runs_alone = models.BooleanField(default=True)
    deterministic = models.BooleanField(default=False)
    version = models.CharField(
        max_length=200, blank=True, help_text="Its package and NegMAS, with their versions."
    )
    measured = models.JSONField(
        default=dict, blank=True, help_text="What it can stand, by `measure_negotiators`."
    )
    is_present = models.BooleanField(default=True, help_text="Found at the last synchronisation.")

    objects = NegotiatorQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["short_name", "source"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "type"], name="negotiator_once"),
        ]

    def __str__(self) -> str:
        return self.short_name

    def get_absolute_url(self) -> str:
        return reverse("negotiations:negotiator-detail", args=[self.pk])

    @property
    def key(self) -> str:
        """How a form names it."""
        return str(self.pk)

    @property
    def row(self) -> Negotiator:
        return self

    @property
    def given(self) -> dict[str, Any]:
        return {}

    @property
    def is_composed(self) -> bool:
        return self.type == composition.COMPOSED

    @property
    def is_measured(self) -> bool:
        """Whether the facts are of the version that is installed."""
        return bool(self.measured) and self.measured.get("version") == self.version

    @property
    def facts(self) -> dict[str, Any]:
        """What was measured of this version; what an older one could stand decides nothing."""
        return self.measured if self.is_measured else {}

    def measure(self, facts: dict[str, Any], day: str) -> None:
        self.measured = {**facts, "version": self.version, "day": day}
        self.save(update_fields=["measured"])

    def parameter_specs(self, given: Mapping[str, Any]) -> list[ParameterSpec]:
        """Its parameters; of a composed one also those of the components that `given` chooses."""
        own = [spec_of(entry) for entry in self.parameters]
        if not self.is_composed:
            return own
        return list(composition.parameters_of(own, Component.objects.chosen_in(given)))

    def disagreement(self, given: Mapping[str, Any]) -> str:
        """Why these parameters do not go together; empty where they do."""
        return composition.misfit(Component.objects.chosen_in(given)) if self.is_composed else ""

    # --- What it can stand ----------------------------------------------------------------------------------

    def misfit(self, scenario: Scenario) -> str:
        """Why this negotiator cannot take a seat in this scenario; empty where it can."""
        if not (self.is_present and self.runs_alone):
            return f"{self} cannot run by itself. Choose another negotiator."
        if self.max_parties and scenario.n_parties > self.max_parties:
            return f"{self} negotiates with one partner only; {scenario} has {scenario.n_parties} parties."
        return self._failed_with(scenario.n_parties) or self._too_large(scenario)

    def _failed_with(self, n_parties: int) -> str:
        failed = self.facts.get("parties_failed")
        if not failed or n_parties < failed:
            return ""
        return f"{self} failed in a trial with {failed} parties: {self.facts.get('fails_with_parties')}"

    def _too_large(self, scenario: Scenario) -> str:
        outcomes = scenario.outcomes
        small = self.facts.get("small_failed")
        if small and outcomes and outcomes <= small:
            return f"{self} failed in a trial on {small} outcomes: {self.facts.get('fails_small')}"
        failed = self.facts.get("outcomes_failed")
        if failed and (outcomes is None or outcomes >= failed):
            return f"{self} failed in a trial on {size_of(failed)} outcomes: {self.facts.get('fails')} {scenario} has {scenario.size}."
        if self.max_outcomes and (outcomes is None or outcomes > self.max_outcomes):
            if outcomes and outcomes <= self.facts.get("outcomes", 0) and _is_additive(scenario):
                return ""  # the trials beyond the stated size are on additive functions
            return f"{self} goes through all outcomes; {scenario.size} are too many."
        return ""


class ComponentQuerySet(models.QuerySet[Any]):
    def synchronise(self, specs: Iterable[ComponentSpec]) -> int:
        rows = [self.model(**asdict(spec)) for spec in specs]
        kept = [field.name for field in dataclass_fields(ComponentSpec) if field.name not in ("slot", "name")]
        with transaction.atomic():
            self.bulk_create(rows, update_conflicts=True, unique_fields=["slot", "name"], update_fields=kept)
            names = Q()
            for row in rows:
                names |= Q(slot=row.slot, name=row.name)
            self.exclude(names).delete()
        return len(rows)

    def chosen_in(self, given: Mapping[str, Any]) -> list[ComponentSpec]:
        """The components that these parameters name, in the order of their slots; what is not known is left out."""
        chosen = composition.chosen_in(given)
        chosen = {slot: name for slot, name in chosen.items() if "\0" not in name}  # PostgreSQL raises
        rows = {
            row.slot: row for row in self.filter(name__in=chosen.values()) if chosen.get(row.slot) == row.name
        }
        return [rows[slot].to_spec() for slot in composition.SLOTS if slot in rows]


class Component(models.Model):
    """A part that a composed negotiator is made of; the engine has the classes."""

    slot = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    family = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    parameters = models.JSONField(default=list, blank=True)
    needs = models.JSONField(default=list, blank=True)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["slot", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["slot", "name"], name="component_once")]

    def __str__(self) -> str:
        return self.name

    def to_spec(self) -> ComponentSpec:
        parameters = tuple(spec_of(entry) for entry in self.parameters)
        return ComponentSpec(
            self.slot, self.name, self.family, self.description, parameters, tuple(self.needs)
        )


def spec_of(entry: Mapping[str, Any]) -> ParameterSpec:
    return ParameterSpec(**{**entry, "choices": tuple(entry.get("choices") or ())})


def size_of(outcomes: int) -> str:
    """As a scenario says its size."""
    return f"{outcomes:,}" if outcomes < 10**9 else f"10^{len(str(outcomes)) - 1}"


def _is_additive(scenario: Scenario) -> bool:
    return all(preference.get("values") for preference in scenario.preferences)

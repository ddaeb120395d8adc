"""Who competes in a benchmark, and where: what was chosen, and the rows that keep it as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from django.db import models

from benchmarks.plan import PlannedCompetitor, PlannedScenario
from negotiations.exceptions import Unsuitable
from negotiations.models import Negotiator, Scenario


@dataclass(frozen=True)
class Entrant:
    """A competitor or an opponent of a new benchmark."""

    negotiator: Negotiator
    parameters: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    is_opponent: bool = False


class Competitor(models.Model):
    """A negotiator with its parameters as they were, under a name of its own in the benchmark."""

    benchmark = models.ForeignKey(
        "benchmarks.Benchmark", models.CASCADE, related_name="competitors", db_index=False
    )
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    negotiator = models.ForeignKey(Negotiator, models.SET_NULL, null=True, blank=True, related_name="+")
    type = models.CharField(max_length=200, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    is_opponent = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["benchmark", "index"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["benchmark", "index"], name="competitor_once"),
            models.UniqueConstraint(fields=["benchmark", "name"], name="competitor_has_its_own_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, entrant: Entrant, number: int, **fields: Any) -> Self:
        return cls(
            index=number,
            name=entrant.name,
            negotiator=entrant.negotiator,
            type=entrant.negotiator.type,
            parameters=entrant.parameters,
            is_opponent=entrant.is_opponent,
            **fields,
        )

    def to_plan(self) -> PlannedCompetitor:
        return PlannedCompetitor(self.name, self.type, self.parameters, self.is_opponent)


class BenchmarkScenario(models.Model):
    """A scenario at its place in a benchmark; without a row of the library where the results came from elsewhere."""

    benchmark = models.ForeignKey(
        "benchmarks.Benchmark", models.CASCADE, related_name="scenarios", db_index=False
    )
    index = models.PositiveIntegerField()
    scenario = models.ForeignKey(Scenario, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["benchmark", "index"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["benchmark", "index"], name="benchmark_scenario_once")
        ]

    def __str__(self) -> str:
        return self.name

    def to_plan(self) -> PlannedScenario:
        if self.scenario is None:
            return PlannedScenario(self.name, "")
        return PlannedScenario(self.name, self.scenario.checksum, self.scenario.n_parties)


def named(entrants: Sequence[Entrant]) -> list[Entrant]:
    """Each under a name of its own: a second one of the same name gets a number."""
    taken: set[str] = set()
    found = []
    for entrant in entrants:
        name = wanted = (entrant.name or entrant.negotiator.short_name)[:110]
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted} {number}"
        taken.add(name)
        found.append(Entrant(entrant.negotiator, entrant.parameters, name, entrant.is_opponent))
    return found


def refuse_misfits(entrants: Sequence[Entrant], scenarios: Sequence[Scenario]) -> None:
    """Raise Unsuitable with the first reason why somebody cannot negotiate in one of the scenarios."""
    if not scenarios:
        raise Unsuitable("There is no scenario. Choose one at least.")
    if all(entrant.is_opponent for entrant in entrants):
        raise Unsuitable("There is no competitor. Choose one at least.")
    for entrant in entrants:
        for scenario in scenarios:
            if why := entrant.negotiator.misfit(scenario):
                raise Unsuitable(why)

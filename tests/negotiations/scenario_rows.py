"""Scenarios of the library as pages show them: generated, kept and analysed."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from negotiations.engine.analysing import analyse_document
from negotiations.engine.scenario_generation import Recipe, generate
from negotiations.models import Scenario, ScenarioAnalysis


def generated(owner: User | None = None, *, analysed: bool = True, **recipe: Any) -> Scenario:
    """A scenario made by chance; `fields` beside the recipe's are the row's."""
    fields = {name: recipe.pop(name) for name in ("group", "tags", "source", "warnings") if name in recipe}
    scenario, _ = Scenario.objects.keep(generate(Recipe(**recipe)).spec, owner=owner, **fields)
    if analysed:
        ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    found: Scenario = Scenario.objects.get(pk=scenario.pk)
    return found

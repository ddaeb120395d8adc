from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_generation import Made, Recipe, generate
from negotiations.management.plain import PlainCommand
from negotiations.models import Scenario


class Command(PlainCommand):
    help = "Make an additive scenario by chance, with the opposition asked for, and keep it in the library."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--parties", type=int, default=2)
        parser.add_argument("--issues", type=int, default=4)
        parser.add_argument(
            "--values", type=int, nargs="+", default=[3, 5], help="A number, or least and most."
        )
        parser.add_argument("--opposition", type=float, default=0.4)
        parser.add_argument("--reserved", type=float, nargs="+", help="A number, or least and most.")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--tag", action="append", default=[], dest="tags")
        parser.add_argument("--owner", help="Whose it is; without it it is everybody's.")
        parser.add_argument("--json", action="store_true", help="The last line of stdout is one JSON object.")

    def handle(self, *args: Any, owner: str | None, tags: list[str], json: bool, **options: Any) -> None:
        try:
            made = generate(_recipe(options))
        except ScenarioRefused as refused:
            raise CommandError(refused.reason) from refused
        user = User.objects.filter(username=owner).first() if owner else None
        if owner and user is None:
            raise CommandError(f"There is no user called {owner!r}.")
        scenario, is_new = Scenario.objects.keep(made.spec, owner=user, source="generated", tags=tags)
        self.stdout.write(_line(scenario, made, is_new) if json else _told(scenario, made, is_new))


def _recipe(options: dict[str, Any]) -> Recipe:
    chosen = {name: options[name] for name in ("name", "parties", "issues", "opposition", "seed")}
    reserved = options["reserved"]
    return Recipe(**chosen, values=_span(options["values"]), reserved=_span(reserved) if reserved else None)


def _span(numbers: list[Any]) -> tuple[Any, Any]:
    if len(numbers) > 2:
        raise CommandError("A range has two ends.")
    return numbers[0], numbers[-1]


def _told(scenario: Scenario, made: Made, is_new: bool) -> str:
    verdict = "kept" if is_new else "there already"
    return f"{scenario}: {scenario.size} outcomes, opposition {made.opposition:.4f}, {verdict} as number {scenario.pk}."


def _line(scenario: Scenario, made: Made, is_new: bool) -> str:
    told = {"scenario": scenario.pk, "new": is_new, "opposition": made.opposition, "exact": made.is_exact}
    return json.dumps(told | {"outcomes": scenario.n_outcomes})

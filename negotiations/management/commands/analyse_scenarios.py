from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from negotiations.analyses import analyse_here
from negotiations.engine.child import ChildFailed
from negotiations.models import Scenario, ScenarioAnalysis


class Command(BaseCommand):
    help = "Analyse every scenario that is not yet: the library's here, people's by the workers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="Those too where it came to nothing before.")

    def handle(self, *args: Any, again: bool = False, **options: Any) -> None:
        here = left = 0
        for pk in list(Scenario.objects.unanalysed(again=again).order_by("pk").values_list("pk", flat=True)):
            scenario = Scenario.objects.select_related("owner").get(pk=pk)
            if scenario.owner:
                ScenarioAnalysis.objects.start(scenario, owner=scenario.owner)
                left += 1
            else:
                here += self._analyse(scenario)
        self.stdout.write(
            f"{here} {'scenario' if here == 1 else 'scenarios'} analysed, {left} left to the workers."
        )

    def _analyse(self, scenario: Scenario) -> bool:
        try:
            analyse_here(scenario)
        except ChildFailed as failure:
            self.stderr.write(f"{scenario.source}/{scenario} cannot be analysed: {failure.message}")
            return False
        return True

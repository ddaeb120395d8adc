from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand

from negotiations.engine.scenarios import read_folder
from negotiations.models import Scenario

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
SOURCE, FORMER = "builtin", "builtin (former)"
TAGS = {
    "coffee-year": ["trade", "large"],
    "dry-river": ["environment", "hard to agree"],
    "film-shoot": ["culture", "three parties"],
    "flat-share": ["everyday"],
    "flea-market-lamp": ["trade", "small"],
    "garden-fence": ["everyday", "small"],
    "job-offer": ["work"],
    "last-spare-part": ["trade", "lopsided"],
    "research-consortium": ["science", "four parties"],
    "slot-swap": ["travel"],
    "software-contract": ["work"],
    "solar-park": ["energy", "large"],
    "two-bakeries": ["trade", "win-win"],
    "used-van": ["trade"],
    "weekend-trip": ["travel", "three parties"],
    "wind-farm": ["energy", "three parties"],
}


class Command(BaseCommand):
    help = "Put the built-in scenarios into the library. What is there already stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        kept = [self._keep(slug) for slug in sorted(TAGS)]
        # A built-in scenario that was edited is a new row; sessions still stand on the old one.
        former = Scenario.objects.filter(owner=None, source=SOURCE)
        former.exclude(pk__in=[scenario.pk for scenario, _ in kept]).update(source=FORMER)
        new = sum(is_new for _, is_new in kept)
        self.stdout.write(f"{len(kept)} built-in scenarios: {new} new.")

    def _keep(self, slug: str) -> tuple[Scenario, bool]:
        spec = read_folder(FOLDER / slug)
        # A folder's name is for programs; the outcome space has the one for people.
        title = yaml.safe_load((FOLDER / slug / "domain.yml").read_text())["name"]
        spec = dataclasses.replace(spec, name=title)
        return Scenario.objects.keep(spec, owner=None, source=SOURCE, tags=TAGS[slug])

"""What a benchmark was planned with: who competes with which parameters, where, by which rules, and with which versions."""

from __future__ import annotations

from functools import cached_property

from benchmarks.forms.benchmark_checks import FIRST_LOOK
from benchmarks.models import Benchmark, Competitor
from negotiations.models import Scenario
from negotiations.models.owned import Visitor

MOST_SCENARIOS = 500


class SetUp:
    """It does not change: the page reads it once, and no poll asks for it."""

    def __init__(self, benchmark: Benchmark, user: Visitor, limits: str) -> None:
        self.benchmark, self.user, self.limits = benchmark, user, limits

    @cached_property
    def competitors(self) -> list[Competitor]:
        return list(self.benchmark.competitors.select_related("negotiator").defer("negotiator__text"))

    @cached_property
    def scenarios(self) -> list[tuple[str, Scenario | None]]:
        """Names, with the library's row where this reader may see it: a benchmark shows more than it shares."""
        rows = list(self.benchmark.scenarios.values_list("name", "scenario")[:MOST_SCENARIOS])
        keys = [key for _, key in rows if key]
        seen = Scenario.objects.visible_to(self.user).filter(pk__in=keys).only("pk").in_bulk()
        return [(name, seen.get(key)) for name, key in rows]

    @property
    def n_more(self) -> int:
        """Scenarios that are not listed."""
        return max(0, self.benchmark.scenarios.count() - MOST_SCENARIOS)

    @property
    def rules(self) -> list[tuple[str, str]]:
        one = self.benchmark
        return [
            ("Score", f"{one.get_statistic_display()} of {one.get_metric_display().lower()}"),
            ("Repetitions", f"{one.repetitions:,}"),
            ("Limits of a match", self.limits),
            ("Rotation", "each has every utility function once" if one.rotate else "no"),
            ("Self-play", _yes(one.self_play)),
            ("Reserved values", "ignored" if one.ignore_reserved else "those of the scenarios"),
            ("Offering is accepting", _yes(one.rules["offering_is_accepting"])),
            ("One offer a step", _yes(one.rules["one_offer_per_step"])),
            ("Stops early", self._stops),
            ("Lanes", str(one.n_lanes)),
            ("Seed", str(one.seed)),
        ]

    @property
    def _stops(self) -> str:
        if not self.benchmark.early_stop:
            return "no"
        if len(self.scenarios) < FIRST_LOOK:
            return f"asked for, but it looks from {FIRST_LOOK} scenarios on only"
        return "as soon as the ranking is settled"

    @property
    def versions(self) -> str:
        return ", ".join(f"{name} {version}" for name, version in self.benchmark.versions.items())


def _yes(value: bool) -> str:
    return "yes" if value else "no"

"""What the card beside the form says before the start: how many matches, how long, who does not fit."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models import F, Sum

from benchmarks.forms.benchmark_new import BenchmarkForm
from benchmarks.models import Benchmark, BenchmarkScenario
from negotiations.forms.checks import Check, problem_checks

USUAL_SECONDS = 0.1
"""Of processor time for a match, where nothing is known of these negotiators: 100 steps of simple ones take less."""
FEW_SCENARIOS = 10
"""As `benchmarks.scoring` has it, which pages do not load: it takes numpy with it."""
FIRST_LOOK = 31
"""Scenarios from which on there is a look that may stop it early, by `benchmarks.scoring.stopping`."""
LOOKED_AT = 30
"""Earlier benchmarks."""


@dataclass(frozen=True)
class Pace:
    """Processor seconds a match takes, from so many earlier ones."""

    seconds: float
    n_matches: int
    where: str = ""
    """What else they had in common with what is chosen, in words."""


class BenchmarkChecks:
    """Of a bound form, as far as it is filled in."""

    def __init__(self, form: BenchmarkForm) -> None:
        self.form = form

    @cached_property
    def n_matches(self) -> int:
        return self.form.n_matches

    @cached_property
    def pace(self) -> Pace:
        """From the counters of earlier benchmarks with one of these negotiators: no match is read."""
        types = {each.source.row.type for each in self.form.entrants}
        seen = Benchmark.objects.visible_to(self.form.user).filter(is_simulated=False, cpu_seconds__gt=0)
        known = seen.filter(pk__in=seen.filter(competitors__type__in=types).values("pk")).newest_first()
        newest = list(known.values_list("pk", flat=True)[:LOOKED_AT])
        alike = self._alike(newest)
        counted = Benchmark.objects.filter(pk__in=alike or newest)
        found = counted.aggregate(cpu=Sum("cpu_seconds"), n=Sum(F("n_completed") + F("n_failed")))
        where = " and scenarios" if alike else ""
        return Pace(found["cpu"] / found["n"], found["n"], where) if found["n"] else Pace(USUAL_SECONDS, 0)

    def _alike(self, keys: Sequence[uuid.UUID]) -> list[uuid.UUID]:
        """Those of them with the most of the chosen scenarios, if that is half: one may take a hundred times another."""
        chosen = [scenario.pk for scenario in self.form.scenarios]
        shared = Counter(
            BenchmarkScenario.objects.filter(benchmark__in=keys, scenario__in=chosen).values_list(
                "benchmark", flat=True
            )
        )
        most = max(shared.values(), default=0)
        return [key for key, n in shared.items() if n == most] if 2 * most >= len(chosen) else []

    @property
    def seconds(self) -> float:
        """As long as it may take, with as many lanes as can work at once."""
        lanes = max(1, min(self.form.cleaned_data.get("n_lanes") or 1, settings.BATCH_SLOTS, self.n_matches))
        return self.n_matches * self.pace.seconds / lanes

    @property
    def checks(self) -> list[Check]:
        self.form.is_valid()
        if not self.form.competitors or not self.form.scenarios:
            told = "Choose competitors and scenarios; then the number of matches stands here."
            return [Check("note", told), *problem_checks(self.form.problems)]
        return [
            self._count(),
            *self._length(),
            *self._fit(),
            *self._few(),
            *self._stop(),
            *self._too_long(),
            *problem_checks(self.form.problems),
        ]

    def _count(self) -> Check:
        if self.n_matches > settings.BENCHMARK_MATCHES:
            most = f"{settings.BENCHMARK_MATCHES:,} (BENCHMARK_MATCHES)"
            return Check(
                "bad", f"{self.n_matches:,} matches are more than the {most} that a benchmark may have."
            )
        if not self.n_matches:
            return Check("bad", "Nobody would meet anybody. Add a competitor, or allow self-play.")
        form = self.form
        against = (
            f"{len(form.opponents or form.competitors)} {'opponents' if form.opponents else 'competitors'}"
        )
        who = f"{len(form.competitors)} × {against}, {len(form.scenarios)} scenarios"
        return Check("ok", f"{who}, {form.cleaned_data.get('repetitions') or 0} × each.")

    def _length(self) -> list[Check]:
        if not 0 < self.n_matches <= settings.BENCHMARK_MATCHES:
            return []
        pace = self.pace
        if pace.n_matches:
            basis = f"{pace.seconds:.2g} s of processor a match, as in {pace.n_matches:,} earlier ones of these negotiators{pace.where}"
        else:
            basis = (
                f"a guess: {USUAL_SECONDS:g} s of processor a match, as nothing is known of these negotiators"
            )
        return [Check("ok" if pace.n_matches else "note", f"Time: {basis}.")]

    def _fit(self) -> list[Check]:
        if self.form.misfits:
            return [Check("bad", self.form.misfits[0][1])]
        return [Check("ok", "All of them can negotiate in all of these scenarios.")]

    def _few(self) -> list[Check]:
        n = len(self.form.scenarios)
        if n >= FEW_SCENARIOS:
            return []
        told = f"Below {FEW_SCENARIOS} scenarios intervals and tests may say more than they know."
        return [Check("note", told)]

    def _stop(self) -> list[Check]:
        n = len(self.form.scenarios)
        if not self.form.cleaned_data.get("early_stop") or n >= FIRST_LOOK:
            return []
        told = f"It will not stop early: the ranking is looked at from {FIRST_LOOK} scenarios on, and these are {n}."
        return [Check("note", f"{told} All of it is played.")]

    def _too_long(self) -> list[Check]:
        most = self.form.cleaned_data.get("seconds_high") or 0
        if most <= settings.SESSION_SECONDS:
            return []
        told = f"A match that takes more than {settings.SESSION_SECONDS:g} s (SESSION_SECONDS) is ended, and counts as failed."
        return [Check("note", told)]

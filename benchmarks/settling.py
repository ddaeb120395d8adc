"""The early end of a benchmark whose ranking is settled (X-05): what is left is skipped."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils import timezone

from benchmarks.models import Benchmark, MatchStatus
from benchmarks.scoring import StopRule, Verdict


def settle(benchmark: Benchmark, verdict: Verdict) -> None:
    """Say why, once. To be called in a lane's beat, after which no lane claims what is not needed."""
    rows = Benchmark.objects.filter(pk=benchmark.pk, settled__isnull=True)
    if verdict.is_settled and rows.update(settled=_told(benchmark, verdict)):
        skip_rest(benchmark)


def skip_rest(benchmark: Benchmark) -> None:
    """Of a benchmark that is settled: what other lanes hold is played, and what they lose is skipped by the next claim."""
    rows = Benchmark.objects.filter(pk=benchmark.pk)
    settled = rows.select_for_update().values_list("settled", flat=True).get()
    if settled:
        spare = benchmark.matches.unclaimed().exclude(scenario__in=settled["scenarios"])
        n_skipped = spare.update(status=MatchStatus.SKIPPED, token=None)
        rows.update(n_skipped=F("n_skipped") + n_skipped)


def _told(benchmark: Benchmark, verdict: Verdict) -> dict[str, Any]:
    scenarios = list(benchmark.scenarios.order_by("index").values_list("index", flat=True))
    return {
        "at": timezone.now().isoformat(),
        "scenarios": scenarios[: verdict.scenarios],
        "planned_scenarios": verdict.planned_scenarios,
        "saved_matches": verdict.saved_matches,
        "planned_matches": verdict.planned_matches,
        "ranking": list(verdict.ranking),
        "text": (
            f"Settled by {verdict.scenarios:,} of {verdict.planned_scenarios:,} scenarios: they tell all competitors "
            f"apart, at a chance of error of at most {StopRule().alpha:.0%}. The other "
            f"{verdict.saved_matches:,} of {verdict.planned_matches:,} matches were not needed."
        ),
    }

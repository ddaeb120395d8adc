"""Benchmarks with real workers: whatever happens to these, each match ends once, and as it would have."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from benchmarks.models import Benchmark, Leaderboard
from benchmarks.models.benchmarks import Entrant
from negotiations.models import Job, Status
from tests.factory import ScenarioFactory, UserFactory
from tests.workers.conftest import Starts, eventually, negotiator

pytestmark = [pytest.mark.workers]

TIME_BASED = "negmas.gb.negotiators.timebased"
PLAIN = (
    f"{TIME_BASED}.BoulwareTBNegotiator",
    f"{TIME_BASED}.ConcederTBNegotiator",
    "tests.engine.wanderer.Wanderer",
)


def begin(*types: str, n_scenarios: int = 2, **options: Any) -> Benchmark:
    """As a page would."""
    owner = User.objects.filter(username="runner").first() or UserFactory(username="runner")
    entrants = [Entrant(negotiator(each)) for each in types or PLAIN]
    scenarios = [
        ScenarioFactory(name=f"Used bike {n}", checksum=f"{n:064x}", owner=owner) for n in range(n_scenarios)
    ]
    options = {"name": "Autumn cup", "seed": 7, "steps_low": 20, "steps_high": 20, **options}
    return Benchmark.objects.start(owner=owner, entrants=entrants, scenarios=scenarios, **options)


def ended(benchmark: Benchmark, seconds: float = 25) -> Benchmark:
    eventually(lambda: Job.objects.get(benchmark=benchmark).is_over, seconds)
    over: Benchmark = Benchmark.objects.select_related("job").get(pk=benchmark.pk)
    return over


def test_it_runs_to_its_end_with_two_lanes(start: Starts) -> None:
    start("qworkers")
    over = ended(begin(n_lanes=2, repetitions=3))
    assert (over.job.status, over.n_completed, over.n_failed) == (Status.COMPLETED, over.n_matches, 0)
    assert over.job.message.startswith("108 matches, 96 agreements, 0 failed. 1st: BoulwareTBNegotiator 0.")
    (lane,) = over.lanes.select_related("job")
    assert (lane.job.status, lane.job.parent_id) == (Status.COMPLETED, over.job_id)
    assert Leaderboard.objects.get(benchmark=over).seq == over.n_matches

"""Benchmarks with real workers: whatever happens to these, each match ends once, and as it would have."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from django.contrib.auth.models import User

from benchmarks.lanes import TURN_IS_OVER
from benchmarks.models import Benchmark, Leaderboard, Match
from benchmarks.models.line_ups import Entrant
from negotiations.models import Job, Kind, Scenario, Status
from tests.chaos import dawdler
from tests.factory import ScenarioFactory, UserFactory
from tests.workers.conftest import Running, Starts, Storage, eventually, negotiator

pytestmark = [pytest.mark.workers]

TIME_BASED = "negmas.gb.negotiators.timebased"
BOULWARE, CONCEDER = (f"{TIME_BASED}.{name}TBNegotiator" for name in ("Boulware", "Conceder"))
DAWDLING = (dawdler.TYPE, BOULWARE, CONCEDER)
SLOW = {dawdler.PAUSE: "0.01"}
CHANGES = ("id", "benchmark", "token", "finished_seq", "finished_at", "cpu_seconds")
"""What may be another one in another run."""

Rows = list[tuple[Any, ...]]


def begin(*types: str, n_scenarios: int = 2, opponents: tuple[str, ...] = (), **options: Any) -> Benchmark:
    """As a page would; with the same scenarios each time."""
    owner = User.objects.filter(username="runner").first() or UserFactory(username="runner")
    entrants = [Entrant(negotiator(each)) for each in types or DAWDLING]
    entrants += [Entrant(negotiator(each), name="The other", is_opponent=True) for each in opponents]
    scenarios = [scenario(owner, number) for number in range(n_scenarios)]
    options = {"name": "Autumn cup", "seed": 7, "steps_low": 20, "steps_high": 20, **options}
    return Benchmark.objects.start(owner=owner, entrants=entrants, scenarios=scenarios, **options)


def scenario(owner: User, number: int) -> Scenario:
    name = f"Used bike {number}"
    made = Scenario.objects.filter(owner=owner, name=name).first()
    return made or ScenarioFactory(name=name, checksum=f"{number:064x}", owner=owner)


def ended(benchmark: Benchmark, seconds: float = 60) -> Benchmark:
    eventually(lambda: Job.objects.get(benchmark=benchmark).is_over, seconds)
    over: Benchmark = Benchmark.objects.select_related("job").get(pk=benchmark.pk)
    return over


def rows(benchmark: Benchmark) -> Rows:
    """All that is to be the same, with every action."""
    names = [field.name for field in Match._meta.concrete_fields if field.name not in CHANGES]
    return [
        (*values[1:], bytes(values[0] or b""))
        for values in benchmark.matches.order_by("index").values_list("transcript__actions", *names)
    ]


def is_whole(benchmark: Benchmark, expected: Rows) -> bool:
    """Every match is over, once, and as in the undisturbed run."""
    assert (benchmark.job.status, rows(benchmark)) == (Status.COMPLETED, expected), benchmark.job.message
    numbers = list(benchmark.matches.after(0).values_list("finished_seq", flat=True))
    assert numbers == list(range(1, benchmark.n_matches + 1))
    assert benchmark.last_seq == benchmark.n_completed + benchmark.n_failed == benchmark.n_matches
    assert benchmark.n_agreed == benchmark.matches.filter(end_reason="agreement").count()
    assert Leaderboard.objects.get(benchmark=benchmark).seq == benchmark.n_matches
    return True


def is_under_way(benchmark: Benchmark, n: int = 10) -> Callable[[], bool]:
    return lambda: benchmark.matches.over().count() >= n


def nobody_works() -> bool:
    return not Job.objects.processing().exists()


@pytest.fixture(scope="module")
def undisturbed(database: Storage, start_for_all: Starts) -> Rows:
    workers = start_for_all("qworkers")
    expected = rows(ended(begin()))
    workers.stop()
    assert len(expected) == 36
    return expected


def test_it_runs_to_its_end_with_two_lanes(undisturbed: Rows, start: Starts) -> None:
    start("qworkers")
    over = ended(begin(n_lanes=2))
    assert is_whole(over, undisturbed)
    assert over.job.message.startswith("36 matches, 32 agreements, 0 failed. 1st: ")
    (lane,) = over.lanes.select_related("job")
    assert (lane.job.status, lane.job.parent_id) == (Status.COMPLETED, over.job_id)


# --- What is killed -----------------------------------------------------------------------------------------


def children(running: Running) -> list[psutil.Process]:
    held = Job.objects.processing().values_list("worker", flat=True)
    workers = [psutil.Process(int(name.rpartition(":")[2])) for name in held]
    return [child for worker in workers for child in worker.children()]


def workers(running: Running) -> list[psutil.Process]:
    held = Job.objects.processing().values_list("worker", flat=True)
    return [psutil.Process(int(name.rpartition(":")[2])) for name in held][:1]


def cluster(running: Running) -> list[psutil.Process]:
    (main,) = running.named("qworkers")
    return [main, *main.children(recursive=True)]


@pytest.mark.parametrize("victims", [children, workers, cluster])
def test_what_is_killed_leaves_no_trace_in_the_rows(
    victims: Callable[[Running], list[psutil.Process]], undisturbed: Rows, start: Starts
) -> None:
    serve = start("serve", "--port", "0", **SLOW)
    benchmark = begin(n_lanes=2)
    for n in (4, 14):
        eventually(is_under_way(benchmark, n))
        serve.kill(*victims(serve))
    assert is_whole(ended(benchmark), undisturbed)


def test_who_shuts_down_hands_the_lanes_back(undisturbed: Rows, start: Starts) -> None:
    first = start("qworkers", **SLOW)
    benchmark = begin(n_lanes=2)
    eventually(is_under_way(benchmark))
    assert first.stop() <= 5
    jobs = Job.objects.filter(pk=benchmark.job_id) | Job.objects.filter(parent=benchmark.job_id)
    assert set(jobs.values_list("status", "attempt")) == {(Status.QUEUED, 0)}
    start("qworkers")
    assert is_whole(ended(benchmark), undisturbed)


# --- What people ask ----------------------------------------------------------------------------------------


def test_pause_sets_all_workers_free_and_resume_goes_on(undisturbed: Rows, start: Starts) -> None:
    start("qworkers", **SLOW)
    benchmark = begin(n_lanes=2)
    eventually(is_under_way(benchmark))
    eventually(lambda: Job.objects.processing().count() == 2)
    benchmark.job.pause(benchmark.job.owner)
    eventually(nobody_works, 2.5)
    n_over = benchmark.matches.over().count()
    assert 10 <= n_over < 36
    time.sleep(1)
    assert (benchmark.matches.over().count(), nobody_works()) == (n_over, True)
    benchmark.job.resume(benchmark.job.owner)
    assert is_whole(ended(benchmark), undisturbed)


def test_cancel_keeps_results_also_where_an_action_hangs(start: Starts) -> None:
    start("qworkers")
    benchmark = begin(BOULWARE, "tests.engine.hostile.Hangs", n_lanes=2)
    eventually(is_under_way(benchmark, 1))
    time.sleep(1)
    asked = time.monotonic()
    benchmark.job.cancel(benchmark.job.owner)
    over = ended(benchmark, 2.5)
    eventually(nobody_works, 2.5)
    assert time.monotonic() - asked <= 2.5
    assert over.job.status == Status.CANCELLED
    assert not Job.objects.active().filter(parent=over.job_id).exists()
    assert 0 < over.n_completed < over.n_matches


def test_two_benchmarks_take_turns(start: Starts) -> None:
    """One place, and each has it for a second."""
    start("qworkers", BATCH_SLOTS="1", BENCHMARK_SLICE_SECONDS="1", **SLOW)
    first, second = begin(), begin()
    eventually(is_under_way(second, 1))
    assert not is_under_way(first, 36)()
    over = [ended(benchmark) for benchmark in (first, second)]
    assert [each.job.attempt for each in over] == [1, 1]
    turns = [each.job.history.filter(message=TURN_IS_OVER).count() for each in over]
    assert min(turns) >= 1
    assert Job.objects.filter(kind=Kind.BENCHMARK, restarts__gt=0).count() == 0


# --- Competitors that misbehave -----------------------------------------------------------------------------


def test_who_misbehaves_loses_the_own_matches_only(start: Starts) -> None:
    start("qworkers", ACTION_SECONDS="1", CHILD_MEMORY_MB="300")
    hostile = ("Raises", "Hangs", "Exits", "Allocates", "KillsItself")
    names = [f"tests.engine.hostile.{name}" for name in hostile]
    over = ended(begin(BOULWARE, *names, CONCEDER, opponents=(BOULWARE,), n_scenarios=1, rotate=False))
    assert (over.job.status, over.n_matches, over.n_failed) == (Status.COMPLETED, 7, 5)
    told = {match.numbers[0]: match for match in over.matches.all()}
    assert [told[number].end_reason for number in (0, 6)] == ["agreement", "agreement"]
    reasons = [(told[number].end_reason, told[number].failed_seat) for number in range(1, 6)]
    assert reasons == [
        ("error", 0),
        ("action_limit", 0),
        ("exited", 0),
        ("memory_limit", 0),
        ("exited", 0),
    ]
    assert told[2].error == "Hangs (seat 1) took longer than 1 s to answer."
    assert told[1].error == "ValueError: boom"


def test_only_what_failed_is_played_again(undisturbed: Rows, start: Starts) -> None:
    slow = start("qworkers", ACTION_SECONDS="0.2", **{dawdler.PAUSE: "0.5"})
    benchmark = begin(n_scenarios=2)
    over = ended(benchmark)
    assert (over.n_failed, over.job.status) == (20, Status.COMPLETED)
    slow.stop()
    start("qworkers")
    again = over.again(over.job.owner)
    over = ended(again)
    assert rows(over) == undisturbed
    assert (over.n_completed, over.n_failed, over.last_seq) == (36, 0, 56)
    assert over.matches.filter(finished_seq__gt=36).count() == 20

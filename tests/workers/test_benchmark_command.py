"""`run_benchmark` with lanes that are real processes: Ctrl-C, killed lanes, and the same rows in the end."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.models import Benchmark
from negotiations.engine.scenarios import read_folder
from negotiations.management.commands.load_builtin_scenarios import FOLDER
from negotiations.models import Scenario
from tests.factory import NegotiatorFactory, UserFactory
from tests.workers.conftest import Running, Starts, Storage, eventually

pytestmark = pytest.mark.workers

SPEC = """
name = "Cup"
competitors = ["BoulwareTBNegotiator", "ConcederTBNegotiator", "LinearTBNegotiator"]
scenarios = ["garden-fence"]
steps = 60
repetitions = 30
seed = 3
lanes = 2
"""
N_MATCHES = 9 * 2 * 30
COLUMNS = ("index", "seats", "status", "end_reason", "steps", "agreement", "utilities")


@pytest.fixture(scope="module")
def spec(database: Storage, tmp_path_factory: pytest.TempPathFactory) -> str:
    UserFactory(username="root", is_superuser=True, is_staff=True)
    Scenario.objects.keep(read_folder(FOLDER / "garden-fence"), owner=None, source="builtin")
    for name in ("Boulware", "Conceder", "Linear"):
        type_name = f"negmas.gb.negotiators.timebased.{name}TBNegotiator"
        NegotiatorFactory(type=type_name, short_name=f"{name}TBNegotiator")
    path: Path = tmp_path_factory.mktemp("spec") / "cup.toml"
    path.write_text(SPEC)
    return str(path)


def begun(start: Starts, spec: str) -> tuple[Running, Benchmark]:
    """A run of which some matches are over."""
    before = set(Benchmark.objects.values_list("pk", flat=True))
    running = start("run_benchmark", spec, "--json")
    found: Benchmark = eventually(lambda: Benchmark.objects.exclude(pk__in=before).first(), 40)
    eventually(lambda: Benchmark.objects.get(pk=found.pk).n_completed, 40)
    return running, found


def last_line(running: Running, seconds: float = 90) -> dict[str, Any]:
    out, _ = running.process.communicate(timeout=seconds)
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


def rows(benchmark: Benchmark) -> list[tuple[Any, ...]]:
    return list(benchmark.matches.order_by("index").values_list(*COLUMNS))


@pytest.fixture
def undisturbed(start: Starts, spec: str) -> Benchmark:
    told = last_line(start("run_benchmark", spec, "--json"))
    assert told["status"] == "completed"
    found: Benchmark = Benchmark.objects.get(pk=told["id"])
    return found


def test_ctrl_c_hands_back_and_what_is_run_on_is_reproduced(start: Starts, spec: str) -> None:
    running, benchmark = begun(start, spec)
    running.process.send_signal(signal.SIGINT)
    told = last_line(running, 20)
    assert (running.process.returncode, told["status"]) == (1, "paused")
    assert 0 < told["matches"]["completed"] < N_MATCHES
    assert running.left_after(2) == []
    resumed = start("run_benchmark", "--resume", str(benchmark.pk), "--json")
    assert last_line(resumed)["matches"] == {"total": N_MATCHES, "completed": N_MATCHES, "failed": 0}
    again = start("reproduce_benchmark", str(benchmark.pk), "--matches", "60")
    out, _ = again.process.communicate(timeout=60)
    assert again.process.returncode == 0 and "identical: 60 of 540" in out


def test_killed_lanes_are_replaced_and_no_match_is_lost(
    start: Starts, spec: str, undisturbed: Benchmark
) -> None:
    running, benchmark = begun(start, spec)
    lanes = [each for each in running.all() if each.ppid() == running.process.pid]
    assert len(lanes) == 2
    running.kill(*lanes)
    told = last_line(running)
    assert (told["status"], told["matches"]["completed"], told["matches"]["failed"]) == (
        "completed",
        N_MATCHES,
        0,
    )
    assert running.left_after(2) == []
    assert rows(benchmark) == rows(undisturbed)

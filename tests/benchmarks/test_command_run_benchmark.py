"""`run_benchmark`: a benchmark from a file, played here or handed to the workers; and what is done with it afterwards."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from benchmarks.management import crew
from benchmarks.management.commands import reproduce_benchmark, run_benchmark
from benchmarks.models import Benchmark, Match, MatchTranscript
from negotiations import drain
from negotiations.engine.scenarios import read_folder
from negotiations.management.commands.load_builtin_scenarios import FOLDER
from negotiations.models import Job, Scenario, Status
from tests.factory import NegotiatorFactory, UserFactory, finish_matches, make_benchmark

pytestmark = pytest.mark.django_db

SPEC = """
name = "Cup"
competitors = ["BoulwareTBNegotiator", "ConcederTBNegotiator"]
scenarios = ["garden-fence"]
steps = 10
seed = 3
"""


class Inline:
    """One lane, in this process: the tests' database is not seen by others."""

    def __init__(self, benchmark: Benchmark, n_lanes: int) -> None:
        crew.work_on(benchmark.pk)

    def look(self) -> None: ...

    def end(self) -> None: ...


@pytest.fixture(autouse=True)
def library(superuser: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Scenario.objects.keep(read_folder(FOLDER / "garden-fence"), owner=None, source="builtin")
    for name in ("Boulware", "Conceder"):
        NegotiatorFactory(
            type=f"negmas.gb.negotiators.timebased.{name}TBNegotiator", short_name=f"{name}TBNegotiator"
        )
    monkeypatch.setattr(run_benchmark, "Crew", Inline)
    monkeypatch.setattr(crew, "LOOK_EVERY", 0.01)


@pytest.fixture
def spec(tmp_path: Path) -> str:
    (tmp_path / "cup.toml").write_text(SPEC)
    return str(tmp_path / "cup.toml")


def command(name: str, *args: Any, **options: Any) -> str:
    out = StringIO()
    call_command(name, *args, stdout=out, **options)
    return out.getvalue()


def last_line(text: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(text.splitlines()[-1])
    return told


@pytest.fixture
def played(spec: str) -> Benchmark:
    told = last_line(command("run_benchmark", spec, json=True))
    return Benchmark.objects.get(pk=told["id"])


def test_it_plays_all_matches_and_says_so_in_one_line_of_json(spec: str) -> None:
    told = last_line(command("run_benchmark", spec, json=True))
    assert list(told) == ["id", "status", "matches", "leaderboard", "seconds"]
    assert (told["status"], told["matches"]) == ("completed", {"total": 8, "completed": 8, "failed": 0})
    assert [list(line) for line in told["leaderboard"]] == [
        ["rank", "competitor", "score", "low", "high", "matches"]
    ] * 2
    assert told["leaderboard"][0]["rank"] == 1 and told["seconds"] > 0
    assert {line["competitor"] for line in told["leaderboard"]} == {
        "BoulwareTBNegotiator",
        "ConcederTBNegotiator",
    }


def test_without_json_it_is_told_in_words(spec: str) -> None:
    told = command("run_benchmark", spec)
    assert "completed" in told and "1. " in told


def test_with_queue_it_waits_for_workers(spec: str, superuser: User) -> None:
    told = last_line(command("run_benchmark", spec, json=True, queue=True, lanes=3))
    assert (told["status"], told["leaderboard"]) == ("pending", [])
    benchmark = Benchmark.objects.get(pk=told["id"])
    assert (benchmark.n_lanes, benchmark.job.owner) == (3, superuser)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "Name a file"),
        ({"spec": "nowhere.toml"}, "nowhere.toml cannot be read"),
        ({"spec": "spec", "lanes": 0}, "--lanes 0: write a whole number from 1 to 64"),
        ({"spec": "spec", "owner": "nobody"}, "no active user called 'nobody'"),
        ({"spec": "spec", "resume": "abcd"}, "not both"),
        ({"resume": "zz"}, "is no id of a benchmark"),
        ({"resume": "0123"}, "There is no benchmark 0123"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_starts_nothing(
    spec: str, options: dict[str, Any], why: str
) -> None:
    given = [spec] if options.pop("spec", None) == "spec" else ["nowhere.toml"] if "nowhere" in why else []
    with pytest.raises(CommandError, match=why):
        command("run_benchmark", *given, **options)
    assert not Benchmark.objects.exists()


def test_every_mistake_of_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(SPEC.replace("steps = 10", "steps = 0\nmetrik = 1"))
    with pytest.raises(
        CommandError, match="'metrik' is no key of a benchmark. Did you mean metric.*steps = 0"
    ):
        command("run_benchmark", str(path))


def test_what_was_held_is_run_on_and_what_failed_is_played_again(played: Benchmark) -> None:
    first = played.matches.get(index=0)
    MatchTranscript.objects.filter(match=first).delete()
    Match.objects.filter(pk=first.pk).update(status="failed", end_reason="error")
    Benchmark.objects.filter(pk=played.pk).update(n_completed=7, n_failed=1)
    told = last_line(command("run_benchmark", resume=str(played.pk)[:8], json=True))
    assert (told["status"], told["matches"]["completed"]) == ("completed", 8)
    assert played.matches.get(index=0).transcript


def test_only_its_owner_runs_it_on(played: Benchmark) -> None:
    UserFactory(username="eve")
    with pytest.raises(CommandError, match="belongs to root, not to eve"):
        command("run_benchmark", resume=str(played.pk), owner="eve")


def test_what_stopped_before_its_end_says_how_it_goes_on(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Inline):
        def __init__(self, benchmark: Benchmark, n_lanes: int) -> None:
            monkeypatch.setattr(drain, "asked", lambda: True)

    monkeypatch.setattr(run_benchmark, "Crew", Interrupted)
    with pytest.raises(CommandError, match="Stopped. Run on with: manage.py run_benchmark --resume"):
        command("run_benchmark", spec)
    job = Job.objects.get(kind="benchmark")
    assert (job.status, job.hold) == (Status.QUEUED, True)


# --- reproduce_benchmark ------------------------------------------------------------------------------------------


def test_what_was_played_is_reproduced_to_the_last_action(played: Benchmark) -> None:
    assert "identical: 8 of 8 matches" in command("reproduce_benchmark", str(played.pk))
    assert "identical: 3 of 8 matches" in command("reproduce_benchmark", str(played.pk), matches=3)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"utilities": [0.5, 0.5]}, "match 0: utilities was"),
        ({"steps": 99}, "match 0: steps was 99"),
        ({"seed": 1}, "match 0: its seed was"),
        ({"seats": "1,1", "repetition": 9}, "match 0: its seats was 0,0, is 1,1"),
        ({"end_reason": "ended"}, "match 0: end_reason was ended"),
    ],
)
def test_a_row_that_was_changed_is_named(
    played: Benchmark, changed: dict[str, Any], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Match.objects.filter(benchmark=played, index=0).update(**changed)
    out = StringIO()
    with pytest.raises(CommandError, match="is not reproduced"):
        call_command("reproduce_benchmark", str(played.pk), stdout=out)
    assert what in out.getvalue()


def test_other_actions_another_plan_and_other_versions_are_named(played: Benchmark) -> None:
    one, other = played.matches.get(index=0), played.matches.get(index=1)
    MatchTranscript.objects.filter(match=one).update(actions=other.transcript.actions)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("reproduce_benchmark", str(played.pk), stdout=out)
    assert "match 0: action" in out.getvalue()
    Benchmark.objects.filter(pk=played.pk).update(plan_hash="0" * 64, versions={"negmas": "0.1"})
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("reproduce_benchmark", str(played.pk), stdout=out)
    assert "hash of the plan was 000" in out.getvalue() and "version of negmas was 0.1" in out.getvalue()


def test_ctrl_c_while_it_is_played_again_is_one_sentence(
    played: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: Any) -> Iterator[Any]:
        yield []
        raise KeyboardInterrupt

    monkeypatch.setattr(reproduce_benchmark, "replayed", interrupted)
    with pytest.raises(CommandError, match="Stopped before all was compared"):
        command("reproduce_benchmark", str(played.pk))


def test_nothing_is_written_by_playing_again(played: Benchmark) -> None:
    before = list(Match.objects.order_by("pk").values())
    command("reproduce_benchmark", str(played.pk))
    assert list(Match.objects.order_by("pk").values()) == before


def test_what_was_not_played_or_played_elsewhere_cannot_be_reproduced(owner: User) -> None:
    benchmark = make_benchmark(owner)
    Benchmark.objects.update(versions={})
    with pytest.raises(CommandError, match="nothing to compare"):
        command("reproduce_benchmark", str(benchmark.pk))
    Benchmark.objects.update(is_imported=True)
    with pytest.raises(CommandError, match="played elsewhere"):
        command("reproduce_benchmark", str(benchmark.pk))
    with pytest.raises(CommandError, match="There is no benchmark"):
        command("reproduce_benchmark", str(uuid.uuid4()))


# --- export_benchmark ---------------------------------------------------------------------------------------------


def test_files_are_written_to_a_folder_or_a_file_and_never_over_another(owner: User, tmp_path: Path) -> None:
    benchmark = make_benchmark(owner)
    finish_matches(benchmark)
    command("export_benchmark", str(benchmark.pk), str(tmp_path / "out"))
    rows = list(csv.DictReader((tmp_path / "out" / "matches.csv").read_text().splitlines()))
    assert len(rows) == benchmark.n_matches
    command("export_benchmark", str(benchmark.pk), str(tmp_path / "all.json"), format="json")
    assert json.loads((tmp_path / "all.json").read_text())["id"] == str(benchmark.pk)
    command("export_benchmark", str(benchmark.pk), str(tmp_path / "cup.zip"), format="negmas")
    assert (tmp_path / "cup.zip").read_bytes()[:2] == b"PK"
    with pytest.raises(CommandError, match="cannot be written: File exists"):
        command("export_benchmark", str(benchmark.pk), str(tmp_path / "all.json"), format="json")
    with pytest.raises(CommandError, match="several files"):
        command("export_benchmark", str(benchmark.pk), str(tmp_path / "cup.csv"), format="negmas")

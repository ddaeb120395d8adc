"""The command that puts our analysis beside NegMAS's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from negotiations.engine import negmas_stats
from negotiations.management.commands import check_analysis
from negotiations.management.commands.load_builtin_scenarios import FOLDER

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "data"
CONSORTIUM = FOLDER / "research-consortium"


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_each_scenario_has_a_row_and_the_last_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_analysis", str(DATA), str(CONSORTIUM), json=True, least_ratio=1e-9)
    *rows, last = told(capsys)[2:]
    assert [row.split()[0] for row in rows] == [
        "kitchen_yaml",
        "laptop_xml",
        "trip_json",
        "research-consortium",
    ]
    assert all(" exact " in row for row in rows)
    found = json.loads(last)
    assert set(found) == {"scenarios", "max_difference", "ours_seconds", "negmas_seconds"}
    assert found["scenarios"] == 4
    assert found["max_difference"] <= 1e-9
    assert found["negmas_seconds"] > found["ours_seconds"] > 0


def test_without_json_the_last_line_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_analysis", str(CONSORTIUM), least_ratio=1e-9)
    assert told(capsys)[-1].startswith("1 scenario: 0.0e+00 apart at most, ")


def test_what_is_too_large_for_negmas_is_shown_and_not_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_analysis, "MOST_OUTCOMES", 20)
    call_command("check_analysis", str(DATA), json=True, least_ratio=1e-9)
    *rows, last = told(capsys)[2:]
    assert len(rows) == 3
    assert json.loads(last)["scenarios"] == 2
    with pytest.raises(CommandError, match="No scenario was found that NegMAS can go through"):
        call_command("check_analysis", str(DATA / "kitchen_yaml"))


def test_both_run_by_turns_and_medians_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    turns: list[str] = []
    seconds = iter([3.0, 100.0, 1.0, 300.0, 2.0, 200.0])
    timed = check_analysis._timed

    def noted(work: Any, spec: Any) -> Any:
        found = timed(work, spec)[0]
        turns.append("theirs" if isinstance(found, dict) else "ours")
        return found, next(seconds)

    monkeypatch.setattr(check_analysis, "_timed", noted)
    call_command("check_analysis", str(CONSORTIUM), runs=3, json=True)
    assert turns == ["ours", "theirs"] * 3
    told_last = json.loads(told(capsys)[-1])
    assert (told_last["ours_seconds"], told_last["negmas_seconds"]) == (2.0, 200.0)


@pytest.mark.parametrize("runs", [0, -1, 101])
def test_a_number_of_runs_that_is_none_is_refused(runs: int) -> None:
    with pytest.raises(CommandError, match=f"--runs {runs}: write a whole number from 1 to 100."):
        call_command("check_analysis", str(CONSORTIUM), runs=runs)


def test_a_difference_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    by_us = negmas_stats.by_us

    def wrong(analysis: Any) -> Any:
        return by_us(analysis) | {"opposition": [[(analysis.opposition or 0) + 1e-6]]}

    monkeypatch.setattr(check_analysis, "by_us", wrong)
    with pytest.raises(CommandError, match="Ours differs by 1.0e-06, and 1e-09 is the limit"):
        call_command("check_analysis", str(CONSORTIUM), least_ratio=1e-9)


def test_being_slow_fails_it() -> None:
    with pytest.raises(CommandError, match="times as fast, and 1e\\+09 is the least"):
        call_command("check_analysis", str(CONSORTIUM), least_ratio=1e9)


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is no folder"):
        call_command("check_analysis", str(tmp_path / "nothing"))
    with pytest.raises(CommandError, match="No scenario was found"):
        call_command("check_analysis", str(tmp_path))

"""What is exported comes back through the reader of uploads with the same utilities (P-03)."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from negotiations.engine import scenarios
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_exports import genius_files, why_not_genius, yaml_files
from negotiations.engine.scenario_generation import Recipe, generate
from negotiations.engine.scenario_tables import IssueTable, PartyTable, spec_of
from negotiations.engine.specs import ScenarioSpec
from tests.engine.scenes import SCENARIOS, scenario

HOSTILE = '<b>&amp; "x" \']]> é\u2028 = 1:30 yes #'


def put(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def tables(spec: ScenarioSpec) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [asdict(issue) for issue in spec.issues], [asdict(party) for party in spec.preferences]


def genius(spec: ScenarioSpec) -> dict[str, str]:
    return genius_files(spec.name, *tables(spec))


def assert_same_utilities(one: ScenarioSpec, other: ScenarioSpec) -> None:
    first, second = scenarios.load(one.document), scenarios.load(other.document)
    assert one.n_outcomes == other.n_outcomes
    for ours, theirs in zip(first.ufuns, second.ufuns, strict=True):
        assert theirs.reserved_value == pytest.approx(ours.reserved_value, abs=1e-12)
        for here in first.outcome_space.sample(200, with_replacement=True, fail_if_not_enough=False):
            there = tuple(map(str, here))
            known = there if not second.outcome_space.issues[0].is_numeric() else here
            assert theirs(known) == pytest.approx(ours(here), abs=1e-9)


@pytest.mark.parametrize("name", SCENARIOS)
def test_yaml_comes_back_as_the_very_same_scenario(name: str, tmp_path: Path) -> None:
    spec = scenario(name)
    again = scenarios.read_folder(put(tmp_path / "out", yaml_files(spec.document)))
    assert (again.checksum, again.issues, again.preferences) == (spec.checksum, spec.issues, spec.preferences)


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_genius_xml_comes_back_with_the_same_utilities(parties: int, tmp_path: Path) -> None:
    recipe = Recipe(parties=parties, issues=5, opposition=0.5, reserved=(0.1, 0.2), seed=parties)
    spec = generate(recipe).spec
    assert_same_utilities(spec, scenarios.read_folder(put(tmp_path / "out", genius(spec))))


def test_hostile_names_and_an_issue_of_no_weight_survive_both_formats(tmp_path: Path) -> None:
    spec = spec_of(
        HOSTILE,
        (IssueTable(HOSTILE, ("yes", "no", HOSTILE, " ", "1e5", "007")), IssueTable("b", ("3", "4"))),
        (
            PartyTable(HOSTILE, (1.0, 0.0), ((1, 2, 3, 4, 5, 6), (1, 2))),
            PartyTable("null", (1.0, 2.0), ((6, 5, 4, 3, 2, 0), (2, 1)), 0.25),
        ),
    )
    xml = scenarios.read_folder(put(tmp_path / "xml", genius(spec)))
    yml = scenarios.read_folder(put(tmp_path / "yml", yaml_files(spec.document)))
    assert yml.checksum == spec.checksum
    assert [issue.name for issue in xml.issues] == [HOSTILE, "b"]
    assert xml.issues[0].values == spec.issues[0].values
    assert xml.preferences[1].reserved_value == 0.25
    assert xml.preferences[0].values[HOSTILE] == pytest.approx(spec.preferences[0].values[HOSTILE])


def test_what_genius_xml_cannot_carry_is_said_with_the_reason() -> None:
    issues, preferences = tables(generate(Recipe()).spec)
    boxes = [preferences[0], preferences[1] | {"kind": "hyper-rectangles"}]
    assert "hyper-rectangles" in why_not_genius(issues, boxes)
    real = [*issues[1:], issues[0] | {"kind": "continuous", "values": None}]
    assert "real values" in why_not_genius(real, preferences)
    long = [*issues[1:], issues[0] | {"kind": "integer", "values": None}]
    assert "too long" in why_not_genius(long, preferences)
    odd = [party | {"name": "\uffff"} for party in preferences]
    assert "XML cannot write" in why_not_genius(issues, odd)
    with pytest.raises(ScenarioRefused, match="hyper-rectangles"):
        genius_files("x", issues, boxes)
    assert why_not_genius(issues, preferences) == ""

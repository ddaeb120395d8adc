"""Words that YAML 1.1 takes for something else stay what their writer saw, or are refused in our words (P-02)."""

from __future__ import annotations

from pathlib import Path

import pytest

from negotiations.engine import scenarios
from negotiations.engine.specs import ScenarioSpec

DOMAIN = "type: CartesianOutcomeSpace\nname: d\nissues:\n- {{type: CategoricalIssue, name: A, values: [{values}]}}\n"
PARTY = (
    "type: LinearAdditiveUtilityFunction\nname: {name}\nweights: [1.0]\n"
    "values:\n- {{type: TableFun, mapping: {{{mapping}}}}}\nreserved_value: 0.0\n"
)


def read(folder: Path, values: str, mapping: str = "") -> ScenarioSpec:
    names = values.split(", ")
    told = mapping or ", ".join(f"{name}: {place}" for place, name in enumerate(names))
    (folder / "domain.yml").write_text(DOMAIN.format(values=values))
    for name in ("one", "two"):
        (folder / f"{name}.yml").write_text(PARTY.format(name=name, mapping=told))
    return scenarios.read_folder(folder)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ("yes, no", ("yes", "no")),
        ("On, off, y, N", ("On", "off", "y", "N")),
        ("1:30, 12:00:30", ("1:30", "12:00:30")),
        ("007, 0o7", ("007", "0o7")),
        ("2024-01-01, 2024-01-02 10:00:00", ("2024-01-01", "2024-01-02 10:00:00")),
        ("1, 2.5, x", (1, 2.5, "x")),
        ("'yes', \"no\"", ("yes", "no")),
    ],
)
def test_words_and_times_of_day_are_texts(tmp_path: Path, values: str, kept: tuple[object, ...]) -> None:
    spec = read(tmp_path, values)
    assert spec.issues[0].values == kept
    loaded = scenarios.load(spec.document)
    assert [value for (value,) in loaded.outcome_space.enumerate_or_sample()] == list(kept)


@pytest.mark.parametrize("values", ["true, false", "x, True"])
def test_a_truth_value_is_refused_with_what_to_write(tmp_path: Path, values: str) -> None:
    with pytest.raises(scenarios.ScenarioRefused, match="Put it in quotes: 'true'"):
        read(tmp_path, values)


@pytest.mark.parametrize(
    ("values", "mapping", "reason"),
    [
        ("x, y, x", "x: 1, y: 2", "The issue 'A' has the value 'x' twice. Remove or rename one of them."),
        ("1, y, '1'", "1: 1, y: 2", "The issue 'A' has the value '1' twice. Remove or rename one of them."),
        ("x, y", "x: 1, y: 2, x: 3", "one.yml says 'x' twice in one place. Keep one of them."),
    ],
)
def test_what_is_said_twice_is_refused(tmp_path: Path, values: str, mapping: str, reason: str) -> None:
    with pytest.raises(scenarios.ScenarioRefused) as refused:
        read(tmp_path, values, mapping)
    assert refused.value.reason == reason


def test_the_same_name_twice_in_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "domain.json").write_text('{"name": "d", "issuesValues": {"A": {"values": ["x"]}, "A": {}}}')
    with pytest.raises(scenarios.ScenarioRefused, match="domain.json says 'A' twice in one place"):
        scenarios.read_folder(tmp_path)


def test_several_files_that_are_each_a_whole_scenario_are_as_many_scenarios(tmp_path: Path) -> None:
    """As one file is exported; a line for each, the bad one too."""
    (tmp_path / "in").mkdir()
    (tmp_path / "files").mkdir()
    good = read(tmp_path / "in", "x, y").document
    for name, text in {"one": good, "two": good.replace("- y\n", "- z\n").replace(" y:", " z:")}.items():
        (tmp_path / "files" / f"{name}.yml").write_text(text)
    found = list(scenarios.read_all(tmp_path / "files"))
    assert [(each.path, each.spec and each.spec.name) for each in found] == [
        ("one.yml", "one"),
        ("two.yml", "two"),
    ]
    bad = good.replace(" y: 1", " y: 0")
    (tmp_path / "files" / "two.yml").write_text(bad)
    first, second = scenarios.read_all(tmp_path / "files")
    assert first.spec and not second.spec
    assert "the same utility" in second.reason


XML = (
    '<utility_space><objective index="0" name="r">'
    '<issue index="1" name="A" type="discrete"><item index="1" value="x" evaluation="1"/>'
    '<item index="2" value="{value}" evaluation="2"/></issue>'
    '<issue index="2" name="{name}" type="discrete"><item index="1" value="p" evaluation="1"/></issue>'
    '<weight index="1" value="0.5"/><weight index="2" value="0.5"/></objective></utility_space>'
)


@pytest.mark.parametrize(
    ("value", "name", "reason"),
    [
        ("x", "B", "domain.xml has the value of the issue 'A' 'x' twice. Remove or rename one of them."),
        ("y", "A", "domain.xml has the issue 'A' twice. Remove or rename one of them."),
    ],
)
def test_what_is_there_twice_in_genius_xml_is_refused(
    tmp_path: Path, value: str, name: str, reason: str
) -> None:
    space = XML.format(value=value, name=name)
    (tmp_path / "domain.xml").write_text(f"<negotiation_template>{space}</negotiation_template>")
    for party in ("one", "two"):
        (tmp_path / f"{party}.xml").write_text(space)
    with pytest.raises(scenarios.ScenarioRefused) as refused:
        scenarios.read_folder(tmp_path)
    assert refused.value.reason == reason

"""Files of strangers: each is refused with the reason, and none runs anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from negotiations.engine import scenarios
from negotiations.engine.scenario_files import MAX_BYTES, MAX_FILES
from tests.engine.scenes import DATA

PWNED = "touch-me-not"
XML = {
    name: (DATA / "laptop_xml" / f"laptop-{name}.xml").read_text() for name in ("domain", "buyer", "seller")
}
YAML = {name: (DATA / "kitchen_yaml" / f"{name}.yml").read_text() for name in ("domain", "first", "second")}
JSON = {name: (DATA / "trip_json" / f"{name}.json").read_text() for name in ("trip", "ann", "ben")}


def xml(**changed: str) -> dict[str, str | bytes]:
    return {f"{name}.xml": text for name, text in (XML | changed).items()}


def yml(**changed: str) -> dict[str, str | bytes]:
    return {f"{name}.yml": text for name, text in (YAML | changed).items()}


def json(**changed: str) -> dict[str, str | bytes]:
    return {f"{name}.json": text for name, text in (JSON | changed).items()}


DTD = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
POPEN = f"{{type: subprocess.Popen, args: [touch, {PWNED}]}}"
BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nissues: [*b, *b, *b]\n"

CASES: dict[str, tuple[dict[str, str | bytes], str]] = {
    "nothing": ({}, "There is no scenario file in it. Add Genius XML"),
    "other files": ({"readme.txt": "hello"}, "There is no scenario file in it."),
    "only a domain": ({"domain.xml": XML["domain"]}, "has 0 utility functions and needs at least 2"),
    "one profile": (
        {"domain.xml": XML["domain"], "buyer.xml": XML["buyer"]},
        "has 1 utility functions and needs at least 2. Add a file for each party.",
    ),
    "no domain": ({"a.xml": XML["buyer"], "b.xml": XML["seller"]}, "No file describes the outcome space"),
    "two domains": (
        xml(other=XML["domain"]),
        "Several files describe an outcome space: domain.xml, other.xml. Keep one",
    ),
    "two formats": (xml() | yml(), "It mixes xml and yaml files. Keep the files of one format only."),
    "yaml beside xml": (xml() | {"z.yml": POPEN}, "It mixes xml and yaml files."),
    "too many": (
        xml(**{f"x{index}": "<html/>" for index in range(MAX_FILES)}),
        f"at most {MAX_FILES} are read",
    ),
    "too large": (xml(extra=f"<x>{' ' * MAX_BYTES}</x>"), "at most 2,000,000 are read. Make it smaller."),
    "broken xml": (xml(buyer=XML["buyer"][:-20]), "buyer.xml is not well-formed XML"),
    "binary": (
        xml() | {"buyer.xml": bytes(range(128, 256))},
        "buyer.xml is not UTF-8 text. Save it again in UTF-8.",
    ),
    "nul": (xml(buyer=XML["buyer"].replace("low", "l\0w")), "buyer.xml contains NUL characters."),
    "dtd": (
        xml(domain=DTD + XML["domain"]),
        "domain.xml contains a DTD (<!DOCTYPE> or <!ENTITY>), which is not allowed.",
    ),
    "external entity": (
        xml(domain='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + XML["domain"]),
        "domain.xml contains a DTD",
    ),
    "unknown issue": (
        xml(buyer=XML["buyer"].replace('name="Screen"', 'name="Display"')),
        "buyer.xml speaks of the issue 'Display', which domain.xml does not have. Its issues are 'Price', 'Screen', 'Warranty'.",
    ),
    "unknown value": (
        xml(buyer=XML["buyer"].replace('value="15 inch"', 'value="16 inch"')),
        "buyer.xml speaks of the value '16 inch' of the issue 'Screen', which domain.xml does not have.",
    ),
    "missing value": (
        xml(buyer=XML["buyer"].replace('<item index="2" value="15 inch" evaluation="5"/>', "")),
        "has no utility for the value '15 inch' of the issue 'Screen'. Add it.",
    ),
    "text for a number": (
        xml(buyer=XML["buyer"].replace('evaluation="5"', 'evaluation="abc"')),
        "NegMAS cannot read it",
    ),
    "nan utility": (
        xml(buyer=XML["buyer"].replace('evaluation="5"', 'evaluation="nan"')),
        "has to be a finite number.",
    ),
    "infinite utility": (
        xml(buyer=XML["buyer"].replace('evaluation="5"', 'evaluation="inf"')),
        "has to be a finite number.",
    ),
    "broken json": (json(ann=JSON["ann"][:-10]), "ann.json is not valid JSON"),
    "json list": (json(ann="[1, 2]"), "ann.json holds no mapping at its top."),
    "json class": (
        json(trip='{"__python_class__": "subprocess.Popen"}'),
        "has a key '__python_class__', which is not allowed.",
    ),
    "json nested": (json(trip="[" * 100_000), "trip.json is not valid JSON"),
    "broken yaml": (yml(domain="type: [OutcomeSpace"), "domain.yml is not valid YAML"),
    "yaml scalar": (yml(domain="hello\n"), "domain.yml holds no mapping at its top."),
    "yaml tag": (
        yml(domain=f"!!python/object/apply:os.system ['touch {PWNED}']\n"),
        "domain.yml is not valid YAML",
    ),
    "yaml type": (
        yml(domain=f"type: subprocess.Popen\nargs: [touch, {PWNED}]\n"),
        "names the type 'subprocess.Popen'",
    ),
    "yaml type within": (
        yml(domain=YAML["domain"] + f"extra: {POPEN}\n"),
        "names the type 'subprocess.Popen'",
    ),
    "yaml type of an issue": (
        yml(domain=f"type: CartesianOutcomeSpace\nissues: [{POPEN}]\n"),
        "names the type 'subprocess.Popen', which is not allowed.",
    ),
    "yaml type of negmas": (
        yml(first="type: negmas.preferences.UtilityFunction\n"),
        "names the type 'negmas.preferences.UtilityFunction'",
    ),
    "yaml type by a dotted path": (
        yml(first="type: negmas.inout.os.LinearAdditiveUtilityFunction.x\n"),
        "names the type",
    ),
    "yaml alias": (
        yml(domain=BOMB),
        "domain.yml uses YAML aliases (*name), which are not allowed. Write the values out.",
    ),
    "yaml date": (
        yml(first=YAML["first"] + "made: !!timestamp 2026-01-01\n"),
        "holds a date, where only text and numbers may stand.",
    ),
    "yaml depth": (
        yml(first=YAML["first"] + f"deep: {'[' * 60}{']' * 60}\n"),
        "nested deeper than 20 levels.",
    ),
    "yaml nodes": (
        yml(first=YAML["first"] + f"many: [{'1,' * 250_000}]\n"),
        "holds more than 200,000 values",
    ),
    "yaml key": (yml(first=YAML["first"] + "? [a, b]\n: c\n"), "first.yml"),
    "unknown argument": (yml(first=YAML["first"] + "surprise: 1\n"), "NegMAS cannot read it: TypeError"),
    "missing in a table": (
        yml(first=YAML["first"].replace(", third: 6", "")),
        "no utility for the value 'third' of the issue 'cook'",
    ),
    "too much in a table": (
        yml(first=YAML["first"].replace("third: 6", "third: 6, fourth: 2")),
        "gives a utility to 'fourth', which is no value of the issue 'cook'. Remove or rename it.",
    ),
    "all the same": (
        yml(
            first="type: LinearAdditiveUtilityFunction\nname: first\nvalues:\n"
            + "- {type: ConstFun, bias: 2}\n" * 3
        ),
        "gives every outcome the same utility, 6. There is nothing to negotiate about.",
    ),
}


@pytest.fixture(autouse=True)
def _nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*args: object, **kwargs: object) -> None:
        raise AssertionError("a file started a process")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("subprocess.Popen.__init__", forbidden)
    monkeypatch.setattr("os.system", forbidden)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    def write(files: dict[str, str | bytes]) -> Path:
        into = tmp_path / "upload"
        into.mkdir()
        for name, content in files.items():
            (into / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return into

    return write


@pytest.mark.parametrize(("files", "reason"), CASES.values(), ids=CASES.keys())
def test_a_hostile_or_broken_scenario_is_refused_with_its_reason(
    files: dict[str, str | bytes],
    reason: str,
    folder: Callable[[dict[str, str | bytes]], Path],
    tmp_path: Path,
) -> None:
    with pytest.raises(scenarios.ScenarioRefused) as refused:
        scenarios.read_folder(folder(files))
    assert reason in refused.value.reason
    assert str(tmp_path) not in refused.value.reason
    assert len(refused.value.reason) < 900
    assert not list(tmp_path.rglob(PWNED))


def test_side_files_and_links_are_passed_over(
    folder: Callable[[dict[str, str | bytes]], Path], tmp_path: Path
) -> None:
    into = folder(xml() | {"_info.xml": "<x", ".hidden.xml": "<x", "pareto.xml": "<x", "notes.txt": "x"})
    (tmp_path / "secret.xml").write_text("<x")
    (into / "link.xml").symlink_to(tmp_path / "secret.xml")
    assert scenarios.read_folder(into).n_outcomes == 18


def test_one_bad_scenario_does_not_spoil_the_others(tmp_path: Path) -> None:
    for name, files in {"a/good": yml(), "b": {}, "c/d/bad": yml(domain="- 1"), "good": json()}.items():
        (tmp_path / name).mkdir(parents=True)
        for file, content in files.items():
            (tmp_path / name / file).write_text(str(content))
    reads = list(scenarios.read_all(tmp_path))
    assert [(read.path, read.spec is not None) for read in reads] == [
        ("a/good", True),
        ("c/d/bad", False),
        ("good", True),
    ]
    assert reads[1].reason.startswith("domain.yml holds no mapping")


def test_a_strange_reservation_value_is_dropped_with_a_warning(
    folder: Callable[[dict[str, str | bytes]], Path],
) -> None:
    spec = scenarios.read_folder(
        folder(xml(buyer=XML["buyer"].replace('reservation value="0.25"', 'reservation value="nan"')))
    )
    assert spec.preferences[0].reserved_value is None
    assert "had the reservation value nan; it has none now" in spec.warnings[-1]

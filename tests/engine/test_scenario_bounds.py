"""What is well formed and still too much, or nothing a database or a page can hold (P-02)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from negotiations.engine import scenarios
from negotiations.engine.scenario_bounds import MAX_ISSUES, MAX_PARTIES, MAX_RECTANGLES, MAX_TEXT

Files = dict[str, str]


class Written(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Files], Path]:
    def write(files: Files) -> Path:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


def table(values: list[Any], step: float) -> dict[str, Any]:
    return {
        "type": "TableFun",
        "mapping": {value: step * index for index, value in enumerate(dict.fromkeys(values))},
    }


def scenario(issues: dict[str, list[Any]], *, parties: int = 2, name: str = "party") -> Files:
    """Files of a scenario; parties by turns like the first and the last value of each issue best."""
    space = [
        {"type": "CategoricalIssue", "name": issue, "values": values} for issue, values in issues.items()
    ]
    ufuns = [
        {
            "type": "LinearAdditiveUtilityFunction",
            "name": f"{name}{index}",
            "weights": [1.0] * len(issues),
            "values": [table(values, (-1.0) ** index) for values in issues.values()],
        }
        for index in range(parties)
    ]
    documents = "---\n".join(yaml.dump(ufun, Dumper=Written) for ufun in ufuns)
    return {
        "domain.yml": yaml.dump({"type": "CartesianOutcomeSpace", "issues": space}, Dumper=Written),
        "parties.yml": documents,
    }


MANY = {f"issue {index}": ["a"] for index in range(MAX_ISSUES)}
DEEP = {f"issue {index}": [str(value) for value in range(20)] for index in range(80)}

CASES: dict[str, tuple[Files, str]] = {
    "too many issues": (scenario(MANY | {"last": ["a", "b"]}), "It has 101 issues; at most 100 are read."),
    "too many parties": (
        scenario({"colour": ["red", "blue"]}, parties=MAX_PARTIES + 1),
        "It has 24 utility functions; at most 23 are read.",
    ),
    "too many outcomes": (scenario(DEEP), "It has 10^100 outcomes or more."),
    "a long issue name": (scenario({"x" * (MAX_TEXT + 1): ["a", "b"]}), "The name of an issue has 201 char"),
    "a long value": (scenario({"x": ["a" * 600_000, "b"]}), "A value of the issue 'x' has 600,000 char"),
    "a long party": (scenario({"x": ["a", "b"]}, name="p" * MAX_TEXT), "The name of a utility function has 201"),
    "an escaped NUL": (scenario({"x": ["a\0", "b"]}), "has the character '\\x00' in it: 'a\\x00'. Take it out."),
    "a NUL in a name": (scenario({"x\0": ["a", "b"]}), "The name of an issue has the character '\\x00'"),
    "a NUL in a party": (scenario({"x": ["a", "b"]}, name="\0"), "The name of a utility function has the char"),
    "a terminal's escape": (scenario({"x": ["\x1b[31m", "b"]}), "has the character '\\x1b' in it"),
    "an endless value": (scenario({"x": [float("inf"), 1.0]}), "A value of the issue 'x' is inf."),
}  # fmt: skip


@pytest.mark.parametrize(("files", "reason"), CASES.values(), ids=CASES.keys())
def test_more_than_can_be_kept_or_shown_is_refused(
    files: Files, reason: str, folder: Callable[[Files], Path]
) -> None:
    with pytest.raises(scenarios.ScenarioRefused) as refused:
        scenarios.read_folder(folder(files))
    assert reason in refused.value.reason


def test_two_issues_of_one_name_are_refused(folder: Callable[[Files], Path]) -> None:
    files = scenario({"one": ["a", "b"], "two": ["a", "b"]})
    files["domain.yml"] = files["domain.yml"].replace("name: two", "name: one")
    with pytest.raises(scenarios.ScenarioRefused, match="Two of its issues have the same name"):
        scenarios.read_folder(folder(files))


def test_the_most_that_is_allowed_is_read(folder: Callable[[Files], Path]) -> None:
    issues = {f"{'x' * (MAX_TEXT - 2)}{index:02}": [str(value) for value in range(10)] for index in range(50)}
    spec = scenarios.read_folder(folder(scenario(issues, parties=3)))
    assert spec.n_outcomes == 10**50


def test_a_reason_that_quotes_much_is_cut(folder: Callable[[Files], Path]) -> None:
    profile = {
        "type": "LinearAdditiveUtilityFunction",
        "weights": [1.0],
        "values": [table(["a", "y" * 300_000], 1)],
    }
    files = scenario({"x": ["a", "b"]})
    files["parties.yml"] = "---\n".join([yaml.dump(profile, Dumper=Written)] * 2)
    [read] = scenarios.read_all(folder(files))
    assert read.spec is None
    assert 0 < len(read.reason) < 1_100


def test_more_hyper_rectangles_than_can_be_searched_are_refused(folder: Callable[[Files], Path]) -> None:
    files = scenario({"price": ["low", "high"]})
    ufun = {
        "type": "HyperRectangleUtilityFunction",
        "name": "rough",
        "outcome_ranges": [{0: ["low"]}] * (MAX_RECTANGLES + 1),
        "utilities": [1.0] * (MAX_RECTANGLES + 1),
    }
    files["parties.yml"] += "---\n" + yaml.dump(ufun, Dumper=Written)
    with pytest.raises(
        scenarios.ScenarioRefused, match="'rough' has 201 hyper-rectangles; at most 200 are read"
    ):
        scenarios.read_folder(folder(files))

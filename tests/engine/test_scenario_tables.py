"""What a form or a generator makes is what the reader of uploads would make of it, and nothing else."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from negotiations.engine import scenarios
from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_exports import yaml_files
from negotiations.engine.scenario_tables import IssueTable, PartyTable, spec_of
from negotiations.engine.specs import ScenarioSpec

ISSUES = (IssueTable("price", ("low", "high")), IssueTable("days", ("1", "2", "3")))
PARTIES = (
    PartyTable("buyer", (3.0, 1.0), ((10, 0), (0, 5, 20)), 0.25),
    PartyTable("seller", (1.0, 1.0), ((-1, 1), (3, 2, 1))),
)


def read_again(document: str, folder: Path) -> ScenarioSpec:
    folder.mkdir()
    for name, text in yaml_files(document).items():
        (folder / name).write_text(text, encoding="utf-8")
    return scenarios.read_folder(folder)


def test_what_is_kept_is_normalised() -> None:
    spec = spec_of("Deal", ISSUES, PARTIES)
    buyer, seller = spec.preferences
    assert buyer.weights == {"price": 30 / 50, "days": 20 / 50}
    assert buyer.values == {"price": {"low": 1.0, "high": 0.0}, "days": {"1": 0.0, "2": 0.25, "3": 1.0}}
    assert (buyer.reserved_value, seller.reserved_value, spec.n_outcomes) == (0.25, None, 6)


def test_whole_numbers_in_a_row_are_an_integer_issue_and_others_texts() -> None:
    kinds = [
        spec_of("x", (IssueTable("a", values),), _pair(len(values))).issues[0].kind
        for values in (
            ("1", "2", "3"),
            ("-1", "0"),
            ("1", "3"),
            ("01", "02"),
            ("5",) * 0 + ("x", "1"),
            ("²", "³"),
        )
    ]
    assert kinds == ["integer", "integer", "categorical", "categorical", "categorical", "categorical"]


def _pair(size: int) -> tuple[PartyTable, PartyTable]:
    up = tuple(float(place) for place in range(size))
    return PartyTable("a", (1.0,), (up,)), PartyTable("b", (1.0,), (up[::-1],))


@pytest.mark.parametrize("seed", range(12))
def test_the_reader_of_uploads_makes_the_same_of_it(seed: int, tmp_path: Path) -> None:
    """2 to 9 parties, odd names, weights of nothing, numbers of any size."""
    chance = random.Random(seed)
    words = [
        "yes",
        "No",
        "1:30",
        "007",
        "null",
        "~",
        "2024-01-01",
        "a: b",
        "- x",
        "é",
        "1e5",
        ".5",
        "'",
        '"',
        "{",
        " ",
    ]
    issues = tuple(
        IssueTable(f"{chance.choice(words)}{index}", tuple(chance.sample(words, chance.randint(2, 12))))
        for index in range(chance.randint(1, 6))
    ) + (IssueTable("n", tuple(map(str, range(-2, 5)))),)
    parties = tuple(
        PartyTable(
            chance.choice(words),
            (1.0, *(chance.choice([0.0, chance.random(), 1e6]) for _ in issues[1:])),
            tuple(tuple(chance.uniform(-1e4, 1e4) for _ in issue.values) for issue in issues),
            chance.choice([None, 0.0, chance.random()]),
        )
        for _ in range(chance.choice([2, 3, 9]))
    )
    spec = spec_of(chance.choice(words), issues, parties)
    again = read_again(spec.document, tmp_path / "out")
    assert again.document == spec.document or again.checksum == spec.checksum
    assert (again.checksum, again.n_outcomes, again.issues) == (spec.checksum, spec.n_outcomes, spec.issues)
    assert (again.preferences, again.warnings) == (spec.preferences, ())


@pytest.mark.parametrize(
    ("issues", "parties", "reason"),
    [
        ((), PARTIES, "0 issues"),
        (ISSUES, PARTIES[:1], "1 parties"),
        (ISSUES, PARTIES * 12, "24 parties"),
        ((ISSUES[0], ISSUES[0]), PARTIES, "Two issues are called 'price'"),
        ((IssueTable("a", ("x", "x")),), PARTIES, "has the value 'x' twice"),
        ((IssueTable("a", ()),), PARTIES, "has 0 values"),
        ((IssueTable("a" * 201, ("x",)),), PARTIES, "201 characters"),
        ((IssueTable("a", ("x\0",)),), PARTIES, "character '\\x00'"),
        (tuple(IssueTable(str(i), tuple(map(str, range(11)))) for i in range(97)), PARTIES, "10^100 outcomes"),
        (ISSUES, (PartyTable("a", (math.nan, 1.0), PARTIES[0].worths), PARTIES[1]), "not finite"),
        (ISSUES, (PartyTable("a", (1e10, 1.0), PARTIES[0].worths), PARTIES[1]), "not finite"),
        (ISSUES, (PartyTable("a", (1.0, 1.0), PARTIES[0].worths, math.inf), PARTIES[1]), "not finite"),
        (ISSUES, (PartyTable("a", (-1.0, 1.0), PARTIES[0].worths), PARTIES[1]), "negative weight"),
        (ISSUES, (PartyTable("a", (0.0, 0.0), PARTIES[0].worths), PARTIES[1]), "values every outcome alike"),
    ],
)  # fmt: skip
def test_what_an_upload_could_not_hold_is_refused(
    issues: tuple[IssueTable, ...], parties: tuple[PartyTable, ...], reason: str
) -> None:
    with pytest.raises(ScenarioRefused) as refused:
        spec_of("x", issues, parties)
    assert reason in str(refused.value)

"""`simulate_intervals` prints the tables of docs/statistics.md."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

DOCS = Path(__file__).parents[2] / "docs" / "statistics.md"


def simulated(*arguments: str) -> str:
    out = StringIO()
    call_command("simulate_intervals", *arguments, stdout=out)
    return out.getvalue()


def heads(text: str) -> list[str]:
    return re.findall(r"(?m)^(\| .* \|)\n\|---", text)


@pytest.mark.slow
def test_it_prints_the_tables_that_the_documentation_keeps() -> None:
    printed = simulated("--tournaments", "3", "--early-stop")
    assert len(heads(printed)) == 3
    assert set(heads(printed)) <= set(heads(DOCS.read_text()))
    assert len(re.findall(r"(?m)^\| ours|^\| strong", printed)) == 5


@pytest.mark.slow
def test_the_same_seed_prints_the_same_and_another_does_not() -> None:
    once, again, other = (simulated("--tournaments", "2", "--seed", seed) for seed in ("4", "4", "5"))
    assert once == again != other
    assert "Early stop" not in once


@pytest.mark.parametrize("number", ["0", "-1", "100001"])
def test_it_refuses_numbers_that_make_no_sense(number: str) -> None:
    with pytest.raises(CommandError, match=r"Choose 1 to 100,000 tournaments"):
        simulated("--tournaments", number)

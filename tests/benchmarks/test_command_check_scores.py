"""`manage.py check_scores`: both tournaments side by side, and an end with status 1 where a match differs."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command

from tests.engine.bouts import CONCEDER, MICRO
from tests.engine.scenes import BOULWARE, DATA

TYPES = ("--competitor", MICRO, "--competitor", BOULWARE, "--competitor", CONCEDER)


def check(*options: str) -> str:
    out = io.StringIO()
    call_command("check_scores", str(DATA / "laptop_xml"), "--steps", "10", *options, stdout=out)
    return out.getvalue()


def test_it_prints_every_match_of_both() -> None:
    told = check(*TYPES, "--all")
    assert "18 matches on 1 scenarios: 0 differ by more than 1e-06." in told
    lines = [line for line in told.splitlines() if "NegMAS" in line]
    assert len(lines) == 18
    for line in lines:
        theirs, ours = re.findall(r"(?:NegMAS|ours) ((?: *\d+) steps [\d. ]*\d)", line)
        assert theirs == ours


def test_it_ends_with_an_error_where_a_match_differs() -> None:
    with pytest.raises(CommandError, match="matches differ"):
        check(*TYPES, "--tolerance", "-1")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--competitor", "no.such.Thing"), "There is no negotiator 'no.such.Thing'"),
        (("--competitor", MICRO, "--competitor", MICRO), "the same name"),
        (("--repetitions", "0"), "whole numbers"),
        (("--most-outcomes", "2"), "No additive scenario"),
    ],
)
def test_it_refuses_in_a_line(options: tuple[str, ...], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        check(*options)


def test_it_refuses_what_is_no_folder() -> None:
    with pytest.raises(CommandError, match="is no folder"):
        call_command("check_scores", "/no/such/folder")

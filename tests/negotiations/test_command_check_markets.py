"""check_markets: our buyer beside NegMAS's stock controllers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from negotiations.engine.negmas_markets import Score
from negotiations.management.commands import check_markets

OURS = Score("ours", 0.8, 1, 9, 0, 0, 7.0, 0, 1.0)
THEIRS = Score("aspiration", 0.7, 5, 4, 1, 6, 7.0, 0, 1.0)


def told(capsys: pytest.CaptureFixture[str], **given: object) -> list[str]:
    call_command("check_markets", **given)
    return capsys.readouterr().out.splitlines()


def test_ours_is_at_least_as_good_as_the_best_and_makes_the_deals_that_it_should(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = told(capsys, markets=12, seed=5, json=True)
    scores = json.loads(lines[-1])["scores"]
    assert [score["name"] for score in scores][0] == "ours"
    assert len(scores) == 9
    assert len(lines) == len(scores) + 3
    assert all(score["none"] + score["one"] + score["more"] == 12 for score in scores)
    assert scores[0]["wrong"] == scores[0]["more"] == scores[0]["errors"] == 0
    assert scores[0]["utility"] >= max(score["utility"] for score in scores)


@pytest.mark.parametrize(
    ("ours", "message"),
    [
        (replace(OURS, utility=0.6), "Ours reaches 0.6000, and aspiration 0.7000."),
        (replace(OURS, wrong=2), "In 2 markets ours has another number of deals than it should."),
    ],
)
def test_it_fails_where_ours_is_worse_or_wrong(
    ours: Score, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_markets, "compare", lambda seeds: iter([ours, THEIRS]))
    with pytest.raises(CommandError, match=message):
        call_command("check_markets")
    monkeypatch.setattr(check_markets, "compare", lambda seeds: iter([OURS, THEIRS]))
    assert len(told(capsys)) > 2


@pytest.mark.parametrize("markets", [0, -1, 10_001])
def test_a_number_of_markets_that_makes_no_sense_is_refused(markets: int) -> None:
    with pytest.raises(CommandError, match="write a whole number from 1 to 10,000"):
        call_command("check_markets", markets=markets)

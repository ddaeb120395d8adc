"""What a negotiator can stand is found out by letting it play."""

from __future__ import annotations

import pytest

from negotiations.engine import trials
from negotiations.engine.composition import COMPOSED
from negotiations.engine.specs import Limits, PartySpec
from negotiations.engine.trials import measure, scene, tried, with_parties
from tests.engine.scenes import BOULWARE, HOSTILE

pytestmark = pytest.mark.slow

RANDOM = trials.OPPONENT
SHORT = Limits(action_seconds=0.5, session_seconds=3.0, memory_bytes=1024 * 2**20)


@pytest.fixture(autouse=True)
def _few_rungs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "LADDER", ("flea-market-lamp", "used-van"))


def test_the_ladder_grows_and_so_do_the_parties() -> None:
    ladder = ("flea-market-lamp", "used-van", "job-offer", "coffee-year", "10^6", "10^10")
    sizes = [scene(name)[2] for name in ladder]
    assert sizes == sorted(sizes) and sizes[0] == 10 and sizes[-2:] == [10**6, 10**10]
    assert [scene(name)[1] for name in trials.ROUND.values()] == [2, 3, 4, 9]


def test_facts_of_one_that_draws_no_random_numbers() -> None:
    facts = measure(BOULWARE)
    assert (facts["outcomes"], facts["outcomes_failed"], facts["fails"]) == (1224, None, "")
    assert (facts["parties"], facts["parties_failed"]) == (9, None)
    assert facts["deterministic"] is True and facts["needs_seconds"] is False
    assert 1 <= facts["microseconds"] < 100_000


def test_facts_of_one_that_draws_random_numbers() -> None:
    assert measure(RANDOM)["deterministic"] is False


def test_one_that_raises_has_failed_and_says_how() -> None:
    trial = tried(PartySpec("x", HOSTILE + "Raises"))
    assert "ValueError" in trial.how or "Error" in trial.how
    facts = measure(HOSTILE + "Raises")
    assert facts["outcomes"] == 0 and facts["outcomes_failed"] == 10 and facts["fails"]
    assert facts["deterministic"] is None


def test_one_that_loops_for_ever_is_stopped() -> None:
    trial = tried(PartySpec("x", HOSTILE + "Loops"))
    assert trial.how == "20 steps took more than 3 s of processor time."


def test_one_that_sleeps_for_ever_is_stopped_too() -> None:
    trial = tried(PartySpec("x", HOSTILE + "Hangs"), limits=SHORT)
    assert trial.how == "One action took more than 0.5 s, which is the limit."


def test_a_composed_one_is_tried_with_two_and_three_parties() -> None:
    trial, parties = with_parties(PartySpec("x", COMPOSED, {}))
    assert (trial.how, parties) == ("", 3)
    trial, parties = with_parties(PartySpec("x", COMPOSED, {"offering": "os.system"}))
    assert "There is no offering component" in trial.how and parties == 0

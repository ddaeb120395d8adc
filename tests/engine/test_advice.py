"""X-08: what a person at the table is told: what offers are worth to them, what the other seems to want, what to offer."""

from __future__ import annotations

import random
from dataclasses import asdict

import pytest

from negotiations.engine import advice, scenarios
from negotiations.engine.advice import Wishes, trade, weights_of
from negotiations.engine.specs import Outcome
from negotiations.engine.utilities import UtilityTable
from tests.engine.scenes import BOULWARE, SCENARIOS, played, scenario, session

VALUES = (("low", "mid", "high"), ("yes", "no"))
OWN = Wishes(VALUES, ((0.0, 0.3, 0.6), (0.4, 0.0)))


def wishes(name: str, party: int) -> Wishes | None:
    spec = asdict(scenario(name))
    return Wishes.told(spec["issues"], spec["preferences"][party])


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("party", [0, 1])
def test_an_outcome_is_worth_what_negmas_says(name: str, party: int) -> None:
    own = wishes(name, party)
    if own is None:
        assert scenario(name).preferences[party].kind != "additive"
        return
    loaded = scenarios.load(scenario(name).document)
    table = UtilityTable(loaded.ufuns)
    for outcome in loaded.outcome_space.sample(200, with_replacement=True):
        plain, worths = table.of(outcome)
        assert own.utility(plain) == pytest.approx(worths[party], abs=1e-9)


def test_some_scenario_has_been_held_against_negmas() -> None:
    assert any(wishes(name, 0) for name in SCENARIOS)


def test_what_is_not_additive_is_not_guessed() -> None:
    issue = {"name": "price", "values": ["low", "high"]}
    assert Wishes.told([issue], {"weights": {}, "values": {}}) is None
    assert (
        Wishes.told([{"name": "price", "values": None}], {"weights": {"price": 1}, "values": {"price": {}}})
        is None
    )


def test_the_best_outcome_is_worth_most() -> None:
    assert OWN.best == ("high", "yes")
    assert OWN.utility(OWN.best) == max(OWN.all()) == pytest.approx(1.0)
    assert [OWN.utility(OWN.outcome(place)) for place in range(6)] == pytest.approx(OWN.all().tolist())


def test_nobody_is_guessed_before_the_first_offer() -> None:
    assert Wishes.guessed(VALUES, []) is None


def test_who_stays_with_an_issue_cares_for_it() -> None:
    offers: list[Outcome] = [("low", "yes"), ("low", "no"), ("low", "yes"), ("low", "no")]
    first, second = weights_of(offers)
    assert first == pytest.approx(0.8)
    assert second == pytest.approx(0.2)
    guess = Wishes.guessed(VALUES, offers)
    assert guess is not None
    assert guess.utility(("low", "no")) > guess.utility(("high", "no"))
    assert guess.spans[0] > guess.spans[1]


def test_a_trade_costs_nothing_and_gives_the_other_what_it_asks_for() -> None:
    guess = Wishes.guessed((("a", "b", "c"), ("x", "y")), [("a", "y"), ("a", "y"), ("b", "y")])
    own = Wishes((("a", "b", "c"), ("x", "y")), ((0.5, 0.25, 0.5), (0.0, 0.0)))
    assert guess is not None
    assert trade(own, guess, ("c", "x")) == ("a", "y")
    assert trade(own, guess, ("a", "y")) is None


@pytest.mark.parametrize("seed", range(20))
def test_uphill_never_costs_anything_and_mostly_finds_the_best(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    values = tuple(tuple(range(chance.randint(2, 5))) for _ in range(4))
    own, other = (
        Wishes(values, tuple(tuple(chance.random() for _ in each) for each in values)) for _ in range(2)
    )
    base = tuple(chance.choice(each) for each in values)
    best = trade(own, other, base)
    monkeypatch.setattr(advice, "MOST_OUTCOMES", 0)
    found = trade(own, other, base)
    if found is None:
        return
    assert best is not None
    assert own.utility(found) >= own.utility(base) - 1e-6
    assert other.utility(base) < other.utility(found) <= other.utility(best) + 1e-6


def test_against_a_real_opponent_trades_are_worth_more_to_it_than_what_was_offered() -> None:
    """The guess comes from its offers alone, and is held against what it really wants."""
    actions, _ = played(session(BOULWARE, BOULWARE, n_steps=60))
    own, real = wishes("laptop_xml", 0), wishes("laptop_xml", 1)
    assert own
    assert real
    theirs = [action.outcome for action in actions if action.party == 1 and action.outcome]
    mine = [action.outcome for action in actions if action.party == 0 and action.outcome]
    guess = Wishes.guessed(own.values, theirs[: len(theirs) // 2])
    assert guess
    gains = [
        real.utility(better) - real.utility(base)
        for base in dict.fromkeys(mine)
        if (better := trade(own, guess, base))
    ]
    assert sum(gains) >= 0

"""X-08: it is a person's turn, and the session stops there; with the answer it goes on as if nothing had been."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from negotiations.engine.child import in_child
from negotiations.engine.sessions import play
from negotiations.engine.specs import PERSON, Action, Awaiting, Limits, Result, ScriptedAction, SessionSpec
from negotiations.engine.turns import Turn
from negotiations.engine.wire import encode, take
from tests.engine.scenes import BOULWARE
from tests.engine.test_scripts import REMEMBERER, bike

WANDERER = "tests.engine.wanderer.Wanderer"
OUTCOMES = [(price, lock) for price in ("low", "fair", "high", "steep", "dear") for lock in ("yes", "no")]
Answers = Callable[[Awaiting], ScriptedAction]


def said(spec: SessionSpec) -> tuple[list[Action], Awaiting | Result]:
    *actions, last = play(spec)
    assert isinstance(last, Awaiting | Result)
    return [one for one in actions if isinstance(one, Action)], last


def offering(outcomes: Sequence[tuple[str, str]]) -> Answers:
    """Offers these one after the other, and ends it when there are no more."""
    left = iter(outcomes)

    def answer(turn: Awaiting) -> ScriptedAction:
        outcome = next(left, None)
        return ScriptedAction(turn.seq, turn.party, "offer" if outcome else "end", outcome, "How about this?")

    return answer


def by_turns(spec: SessionSpec, answer: Answers) -> tuple[list[list[Action]], SessionSpec]:
    """What is said at each turn, and the session with all answers in it."""
    heard: list[list[Action]] = []
    while True:
        actions, last = said(spec)
        heard.append(actions)
        if isinstance(last, Result):
            return heard, spec
        spec = replace(spec, scripted=(*spec.scripted, answer(last)))


@pytest.mark.parametrize("seats", [[PERSON, BOULWARE], [BOULWARE, PERSON], [WANDERER, PERSON, REMEMBERER]])
def test_it_stops_at_the_persons_turn_with_all_that_was_said_before(seats: list[str]) -> None:
    actions, turn = said(bike(seats))
    seat = seats.index(PERSON)
    assert turn == Awaiting(party=seat, seq=seat + 1, step=0)
    assert [one.party for one in actions] == list(range(seat))


@pytest.mark.parametrize(
    "seats",
    [
        [PERSON, BOULWARE],
        [BOULWARE, PERSON],
        [PERSON, WANDERER],
        [WANDERER, PERSON, REMEMBERER],
        [PERSON, PERSON],
    ],
)
def test_each_turn_replays_all_that_was_said_and_adds_to_it(seats: list[str]) -> None:
    heard, spec = by_turns(bike(seats), offering([*OUTCOMES[:4], *OUTCOMES[:2]]))
    for before, after in zip(heard, heard[1:], strict=False):
        assert after[: len(before)] == before
        assert len(after) > len(before)
    actions, result = said(spec)
    assert actions == heard[-1]
    assert isinstance(result, Result)
    given = [(one.seq, one.outcome, one.text) for one in actions if seats[one.party] == PERSON]
    assert given == [(move.seq, move.outcome, move.text) for move in spec.scripted]


def test_the_others_say_what_they_would_say_to_a_negotiator_that_does_the_same() -> None:
    """The person's seat draws no random number and leaves no trace."""
    _, spec = by_turns(bike([PERSON, WANDERER]), offering(OUTCOMES[2:6]))
    actions, _ = said(spec)
    silent = bike([BOULWARE, WANDERER])
    scripted, _ = said(replace(silent, scripted=spec.scripted))
    assert [one for one in actions if one.party == 1] == [one for one in scripted if one.party == 1]


def test_an_accept_ends_it_with_what_was_on_the_table() -> None:
    spec = bike([BOULWARE, PERSON])
    actions, turn = said(spec)
    assert isinstance(turn, Awaiting)
    accept = ScriptedAction(turn.seq, turn.party, "accept")
    actions, result = said(replace(spec, scripted=(accept,)))
    assert isinstance(result, Result)
    assert (result.end_reason, result.agreement) == ("agreement", actions[0].outcome)


def test_who_ends_it_is_named() -> None:
    heard, spec = by_turns(bike([PERSON, BOULWARE]), offering([]))
    _, result = said(spec)
    assert isinstance(result, Result)
    assert (result.end_reason, result.party) == ("ended", 0)
    assert heard[0] == []


def test_a_child_says_whose_turn_it_is() -> None:
    turn = Turn()
    items = list(in_child(play(bike([BOULWARE, PERSON]), turn), Limits(5, 10, 2**30), turn))
    told = [item for item in items if isinstance(item, Action | Awaiting)]
    assert [type(item) for item in told] == [Action, Awaiting]
    assert told[-1] == Awaiting(1, 2, 0)


def test_a_turn_crosses_from_a_child_as_it_is() -> None:
    assert take(bytearray(encode(Awaiting(1, 2, 3)))) == [Awaiting(1, 2, 3)]

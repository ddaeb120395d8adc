"""Negotiators that raise, exit or answer nonsense end their session, and are named."""

from __future__ import annotations

import pytest

from tests.engine.scenes import played, session

RAISING = {
    "Raises": "ValueError: boom",
    "RaisesInLines": "ValueError: first second",
    "RaisesSystemExit": "SystemExit: 3",
    "RaisesKeyboardInterrupt": "KeyboardInterrupt",
    "RaisesGeneratorExit": "GeneratorExit",
}
NONSENSE = {"AnswersText": "'yes'", "AnswersNothing": "None", "CallsText": "AttributeError"}


@pytest.mark.parametrize(("kind", "error"), RAISING.items())
def test_what_a_negotiator_raises_ends_its_session(kind: str, error: str) -> None:
    actions, result = played(session("Plain", kind))
    assert (result.end_reason, result.party, result.error) == ("error", 1, error)
    assert "misbehave" in result.traceback
    assert (actions[-1].response, actions[-1].party, actions[-1].outcome) == ("error", 1, None)
    assert [action.response for action in actions[:-1]] == ["offer"] * 5


def test_an_error_that_cannot_be_printed_is_told_all_the_same() -> None:
    _, result = played(session("Plain", "RaisesUnprintable"))
    assert result.end_reason == "error"
    assert "Unprintable" in result.error


def test_a_negotiator_that_cannot_be_made_ends_its_session() -> None:
    actions, result = played(session("Plain", "RaisesAtBirth"))
    assert actions == []
    assert (result.end_reason, result.party, result.error) == ("error", 1, "ValueError: not today")
    assert result.utilities == (None, None)


def test_what_raises_when_it_is_told_of_an_offer_is_named_and_nobody_acts_twice() -> None:
    actions, result = played(session("Plain", "RaisesWhenToldOfAnOffer"))
    assert (result.end_reason, result.party, result.error) == ("error", 1, "TypeError: told of an offer")
    assert [(action.party, action.response) for action in actions] == [(0, "offer")]


def test_memory_that_runs_out_is_passed_on() -> None:
    with pytest.raises(MemoryError):
        played(session("Plain", "RaisesMemoryError"))


@pytest.mark.parametrize(
    "kind", ["OffersNothing", "OffersText", "OffersWhatIsNotThere", "OffersTooMuch", "OffersANumber"]
)
def test_what_is_no_outcome_is_no_offer_and_ends_the_session(kind: str) -> None:
    actions, result = played(session("Plain", kind))
    assert (result.end_reason, result.party) == ("ended", 1)
    assert (actions[-1].response, actions[-1].outcome, actions[-1].utilities) == ("reject", None, ())


@pytest.mark.parametrize(("kind", "told"), NONSENSE.items())
def test_what_is_no_response_is_an_error(kind: str, told: str) -> None:
    actions, result = played(session("Plain", kind))
    assert (result.end_reason, result.party) == ("error", 1)
    assert told in result.error
    assert actions[-1].response == "error"


@pytest.mark.parametrize(
    ("kind", "response"), [("Ends", "end"), ("Leaves", "leave"), ("CallsNothing", "none")]
)
def test_a_party_may_end_a_session(kind: str, response: str) -> None:
    actions, result = played(session("Plain", kind))
    assert (result.end_reason, result.party, actions[-1].response) == ("ended", 1, response)


def test_the_others_go_on_when_one_of_three_leaves() -> None:
    actions, result = played(session("Plain", "Leaves", "Plain", on="kitchen_yaml", n_steps=6))
    assert result.end_reason == "steps"
    assert [action.party for action in actions].count(1) == 3


def test_accepting_before_anything_was_offered_ends_the_session() -> None:
    actions, result = played(session("AcceptsNothingAtAll", "Plain"))
    assert (result.end_reason, result.party) == ("ended", 0)
    assert (actions[0].response, actions[0].outcome) == ("accept", None)


def test_waiting_for_ever_comes_to_an_end() -> None:
    actions, result = played(session("Plain", "Waits"))
    assert (result.end_reason, result.party) == ("ended", 1)
    assert {action.response for action in actions[1:]} == {"wait"}

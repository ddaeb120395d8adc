"""Seats that a language model holds: what is made of its answers, and of its failures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from negotiations.engine.offer_texts import MOST_WORDS
from negotiations.engine.room_specs import (
    BUYER,
    ModelAnswer,
    ModelFailed,
    RoomDecision,
    RoomSpec,
    Said,
    SeatKind,
    SeatView,
    Verdict,
)
from negotiations.engine.rooms import play_round
from tests.engine.rooms import Scripted, rest_of, room, three


def with_model(seat: int = 1) -> RoomSpec:
    sellers = [replace(each, kind=SeatKind.MODEL) if at == seat else each for at, each in enumerate(three())]
    return room(*sellers)


def answer_of(answer: ModelAnswer) -> Said:
    items = [
        each for each in play_round(with_model(), [], Scripted(lambda view: answer)) if isinstance(each, Said)
    ]
    return next(each for each in items if each.seat == 1)


@pytest.mark.parametrize(
    ("answer", "price", "quantity"),
    [
        (ModelAnswer('<think>least 13</think>I offer 15 each for 5. {"price": 15, "quantity": 5}'), 15.0, 5),
        (ModelAnswer("take it", 15.0, 5), 15.0, 5),
        (ModelAnswer("for you 1 each"), 13.0, 5),
        (ModelAnswer("99 each for 500"), 22.0, 8),
        (ModelAnswer("hello there"), None, None),
        (ModelAnswer("none", float("nan"), -3), None, None),
        (ModelAnswer("none", float("inf"), 0), None, None),
    ],
)
def test_its_offer_is_read_and_clamped(
    answer: ModelAnswer, price: float | None, quantity: int | None
) -> None:
    said = answer_of(answer)
    assert (said.price, said.quantity, said.is_fallback) == (price, quantity, False)


def test_its_words_are_cleaned_cut_and_never_empty() -> None:
    assert answer_of(ModelAnswer("<think>13 is my floor</think>Hello!\0")).text == "Hello!"
    assert len(answer_of(ModelAnswer("a" * 10**6)).text) == MOST_WORDS
    assert answer_of(ModelAnswer('{"price": 15}')).text == "15.00 each for 5."
    assert answer_of(ModelAnswer("")).text == "Bo gives no answer this time."


def test_it_is_shown_what_its_seat_may_know_and_nothing_else() -> None:
    speak = Scripted(lambda view: ModelAnswer("15 each for 5", tokens=7, input_tokens=6, seconds=0.5))
    said, _ = rest_of(with_model(), speak=speak)
    assert {view.seat for view in speak.views} == {1}
    for view in speak.views:
        assert (view.cost, view.least, view.high, view.budget) == (11.0, 13.0, None, None)
        assert {each.seat for each in view.messages} <= {BUYER, 1}
    mine = [each for each in said if each.seat == 1]
    assert {(each.tokens, each.input_tokens, each.seconds) for each in mine} == {(7, 6, 0.5)}


def test_one_that_fails_is_replaced_by_neutral_words_and_the_others_go_on() -> None:
    def fails(view: SeatView) -> ModelAnswer:
        raise ModelFailed("LLM_TIMEOUT", "30 s are over", "at 10.0.0.7", tokens=3, seconds=30.0)

    said, end = rest_of(with_model(), speak=fails)
    mine = [each for each in said if each.seat == 1]
    assert {(each.text, each.is_fallback, each.error, each.tokens) for each in mine} == {
        ("Bo gives no answer this time.", True, "LLM_TIMEOUT: 30 s are over", 3)
    }
    assert isinstance(end, RoomDecision)
    assert end.verdict == Verdict.DEAL
    assert end.seller != 1


def test_without_a_language_model_the_seat_says_nothing() -> None:
    said, _ = rest_of(with_model())
    assert {each.error for each in said if each.seat == 1} == {
        "LLM_DISABLED: No language model is switched on."
    }


def buying(*answers: str, max_rounds: int = 3) -> tuple[list[Said], RoomDecision, Scripted]:
    script = iter(answers)
    speak = Scripted(lambda view: ModelAnswer(next(script), tokens=1))
    spec = room(buyer={"kind": SeatKind.MODEL}, max_rounds=max_rounds, min_rounds=1)
    said, end = rest_of(spec, speak=speak)
    assert isinstance(end, RoomDecision)
    return said, end, speak


def test_a_model_that_buys_is_asked_once_a_round_and_ends_the_room_by_accepting() -> None:
    said, end, speak = buying("I think of 12 each for 5", "@Cy come to 12.50", "ACCEPT @Cy")
    assert (end.verdict, end.seller, end.quantity, end.round) == (Verdict.DEAL, 2, 5, 2)
    assert [view.can_accept for view in speak.views] == [False, True, True]
    mine = [each for each in said if each.seat == BUYER]
    assert [(each.round, each.price, each.to) for each in mine] == [
        (1, 12.0, ()),
        (2, 12.5, (2,)),
        (2, None, (2,)),
    ]
    assert mine[-1].text == "I accept your offer, @Cy."
    assert end.price == [each.price for each in said if each.seat == 2][-1]


def test_a_model_that_never_accepts_has_no_deal_after_the_last_round() -> None:
    _, end, speak = buying("Hello", "CONTINUE", "I will not accept that", "hm", max_rounds=3)
    assert (end.verdict, end.round) == (Verdict.NO_DEAL, 3)
    assert len(speak.views) == 4


def test_who_says_nothing_at_the_end_parts_with_words_and_asks_for_no_more_offers() -> None:
    said, _, _ = buying("Hello", "CONTINUE", "CONTINUE", "CONTINUE", max_rounds=3)
    assert said[-1].text == "We do not come together this time."


def test_a_model_that_buys_and_was_cut_off_goes_on_as_if_it_had_not_been() -> None:
    texts = ["I think of 12 each for 5", "@Cy come to 12.50", '{"decision": "accept", "seller": "Cy"}']
    said, end, _ = buying(*texts)
    spec = room(buyer={"kind": SeatKind.MODEL}, max_rounds=3, min_rounds=1)
    for length in range(len(said) + 1):
        asked = sum(each.seat == BUYER for each in said[:length])
        script = iter(texts[asked:])
        assert rest_of(
            spec, said[:length], lambda view, script=script: ModelAnswer(next(script), tokens=1)
        ) == (said, end)


def test_what_goes_on_by_its_first_word_accepts_nothing() -> None:
    """M-21: the word is not for the sellers, but it counts."""
    said, end, _ = buying("12 each for 5?", "CONTINUE. I'd accept 12 each.", "CONTINUE", "CONTINUE")
    assert (end.verdict, end.round) == (Verdict.NO_DEAL, 3)
    mine = [each.text for each in said if each.seat == BUYER]
    assert mine[:3] == ["12 each for 5?", "I'd accept 12 each.", "Please tell me your best offer."]


def test_the_last_words_of_a_room_without_a_deal_accept_nothing_when_they_are_read_again() -> None:
    """M-21, J-10: they are what is known of the decision after a kill."""
    said, end, _ = buying("12 each for 5?", "CONTINUE 12?", "CONTINUE 12?", "CONTINUE. I accept @Cy.")
    assert (end.verdict, said[-1].text) == (Verdict.NO_DEAL, "I accept @Cy.")
    spec = room(buyer={"kind": SeatKind.MODEL}, max_rounds=3, min_rounds=1)
    assert rest_of(spec, said) == (said, end)


def test_what_somebody_else_bought_meanwhile_is_not_accepted_and_the_room_goes_on() -> None:
    said, end, _ = buying("12 each for 5?", "CONTINUE 12?", "ACCEPT @Cy")
    assert (end.seller, end.round) == (2, 2)
    spec = room(buyer={"kind": SeatKind.MODEL}, max_rounds=3, min_rounds=1)
    sold = replace(spec, sellers=(*spec.sellers[:2], replace(spec.sellers[2], stock=0)))
    more, last = rest_of(sold, said, Scripted(lambda view: ModelAnswer("CONTINUE and cheaper")))
    assert isinstance(last, RoomDecision)
    assert (last.verdict, last.round) == (Verdict.NO_DEAL, 3)
    assert len(more) > len(said)

"""A seat of a room that a language model speaks for."""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from negotiations.engine.acceptances import accepts, without_going_on
from negotiations.engine.model_prompts import (
    buyer_prompt,
    highest_bid,
    lowest_ask,
    most_sold,
    seller_prompt,
)
from negotiations.engine.model_settings import FOREVER, ModelCode, ModelSettings
from negotiations.engine.offer_texts import MOST_WORDS, clean_words, offer_in, spoken
from negotiations.engine.room_specs import BUYER, ModelAnswer, ModelFailed, SeatView
from negotiations.engine.worded_offers import Offered


def client() -> Any:
    """The calls, and with them the package that makes them: half a second and 40 MB that only who asks a model pays."""
    try:
        return importlib.import_module("negotiations.engine.model_calls")
    except ModuleNotFoundError as error:
        if error.name not in ("openai", "httpx2"):
            raise
        told = (
            "A language model is switched on, but the extra is not installed. Run: pip install 'parley[llm]'"
        )
        raise ModelFailed(ModelCode.MISSING.value, told) from None


class LanguageModel:
    """Speaks for seats: asks up to `tries` times, and offers within what the prompt allows, whatever the model says."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._calls = client()
        self._failed_in = 0

    @property
    def longest(self) -> float:
        """Seconds that one answer may take."""
        return self._settings.longest

    def __call__(self, view: SeatView) -> ModelAnswer:
        """What is answered at last, with the tokens of all tries: who runs Parley pays for each."""
        began, failures = time.monotonic(), list[ModelFailed]()
        for pause in (0.0, *self._pauses(view.round)):
            time.sleep(pause)
            try:
                answer = self._answer(view)
            except ModelFailed as failure:
                failures.append(failure)
                if failure.code in FOREVER:
                    break
            else:
                return replace(answer, **_tokens([answer, *failures]), seconds=_since(began))
        self._failed_in = view.round
        last, tokens = failures[-1], _tokens(failures)
        raise ModelFailed(last.code, last.message, last.detail, **tokens, seconds=_since(began))

    def _pauses(self, round: int) -> tuple[float, ...]:
        """Once a seat has tried in vain the others of its round do not wait as long again."""
        return () if self._failed_in == round else self._settings.pauses

    def _answer(self, view: SeatView) -> ModelAnswer:
        told, conversation = buyer_prompt(view) if view.seat == BUYER else seller_prompt(view)
        messages = [{"role": "system", "content": told}, {"role": "user", "content": conversation}]
        completion = self._calls.chat(self._settings, messages, 1000 * view.round + view.seat + 1)
        answer = bid(view, completion.text) if view.seat == BUYER else held(view, completion.text)
        tokens = _tokens([completion])
        if not answer.text:
            told = "The language model said nothing that could be shown."
            raise ModelFailed(ModelCode.BAD_RESPONSE.value, told, **tokens)
        # At the end, since what is taken out of a text may have parted the key.
        return replace(answer, text=self._settings.without_key(answer.text), **tokens)


def held(view: SeatView, text: str) -> ModelAnswer:
    """What may be shown of a seller's text, and its offer within what the seat may do this round.

    The words say what binds where they said something else, or nothing.
    """
    words, offered = clean_words(text), offer_in(text)
    if offered.price is None:
        return ModelAnswer(words)
    price = min(max(offered.price, lowest_ask(view)), view.selling or offered.price)
    quantity = min(offered.quantity or view.quantity, most_sold(view))
    if not words:
        words = f"{quantity} at {price:.2f} each."
    elif not _is_said(words, offered, price, quantity):
        words = f"{words[: MOST_WORDS - 60].rstrip()} (What binds me: {quantity} at {price:.2f} each.)"
    return ModelAnswer(words, price, quantity)


def bid(view: SeatView, text: str) -> ModelAnswer:
    """What may be shown of a buyer's text, and its bid, which binds nobody, up to what it may pay this round.

    A text that takes an offer stays as it is: what it takes is read in it.
    """
    if view.can_accept and accepts(text, view.sellers):
        return ModelAnswer(spoken(text))
    words, offered = clean_words(text), offer_in(text)
    if offered.price is None:
        return ModelAnswer(words)
    price, quantity = min(offered.price, highest_bid(view)), view.quantity
    if not without_going_on(words) or not _is_said(words, offered, price, None):
        words = f"{words[: MOST_WORDS - 60].rstrip()} I bid {price:.2f} each for {quantity}.".strip()
    return ModelAnswer(words, price, quantity)


def _is_said(words: str, offered: Offered, price: float, quantity: int | None) -> bool:
    """Whether words that name a price or a quantity at all name what counts; None is any quantity."""
    named = offer_in(words)
    is_price = offered.price == price and named.price in (None, price)
    is_quantity = quantity is None or quantity == (offered.quantity or quantity) == (
        named.quantity or quantity
    )
    return is_price and is_quantity


def _tokens(of: Sequence[Any]) -> dict[str, Any]:
    """All of them together, by the names of fields: of completions, answers and failures alike."""
    return {name: sum(getattr(each, name) for each in of) for name in ("tokens", "input_tokens")}


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)

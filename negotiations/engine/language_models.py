"""A seat of a room that a language model speaks for."""

from __future__ import annotations

import importlib
import re
import time
from dataclasses import replace
from typing import Any

from negotiations.engine.model_prompts import (
    buyer_prompt,
    highest_bid,
    lowest_ask,
    most_sold,
    seller_prompt,
)
from negotiations.engine.model_settings import FOREVER, ModelCode, ModelSettings
from negotiations.engine.offer_texts import MOST_WORDS, clean_words, offer_in
from negotiations.engine.room_specs import BUYER, ModelAnswer, ModelFailed, SeatView


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
        began = time.monotonic()
        # Once a seat has tried in vain the others of its round do not wait as long again.
        pauses = () if self._failed_in == view.round else self._settings.pauses
        for pause in (*pauses, None):
            try:
                answer = self._answer(view)
            except ModelFailed as failed:
                if pause is None or failed.code in FOREVER:
                    self._failed_in = view.round
                    failed.seconds = _since(began)
                    raise
                time.sleep(pause)
            else:
                return replace(answer, seconds=_since(began))
        raise AssertionError("the last try has no pause")

    def _answer(self, view: SeatView) -> ModelAnswer:
        told, conversation = buyer_prompt(view) if view.seat == BUYER else seller_prompt(view)
        messages = [{"role": "system", "content": told}, {"role": "user", "content": conversation}]
        completion = self._calls.chat(self._settings, messages, 1000 * view.round + view.seat + 1)
        answer = bid(view, completion.text) if view.seat == BUYER else held(view, completion.text)
        if not answer.text:
            said = f"The language model at {self._settings.place} said nothing that could be shown."
            raise ModelFailed(ModelCode.BAD_RESPONSE.value, said, completion.tokens)
        return replace(answer, tokens=completion.tokens)


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
    elif price != offered.price or quantity != (offered.quantity or quantity):
        words = f"{words[: MOST_WORDS - 60].rstrip()} (What binds me: {quantity} at {price:.2f} each.)"
    return ModelAnswer(words, price, quantity)


def bid(view: SeatView, text: str) -> ModelAnswer:
    """What may be shown of a buyer's text, and its bid, which binds nobody, up to what it may pay this round."""
    words, offered = _GOES_ON.sub("", clean_words(text)), offer_in(text)
    if offered.price is None:
        return ModelAnswer(words)
    price, quantity = min(offered.price, highest_bid(view)), view.quantity
    if not words or price != offered.price:
        words = f"{words[: MOST_WORDS - 60].rstrip()} I bid {price:.2f} each for {quantity}.".strip()
    return ModelAnswer(words, price, quantity)


_GOES_ON = re.compile(r"^CONTINUE\b[\s.,:;!-]*")
"""The word that it was told to begin with is not for the sellers; without it, it goes on as well."""


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)

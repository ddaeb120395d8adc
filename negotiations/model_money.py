"""What language models take in rooms, and what that costs: tokens at the prices that held as a run began (B-25)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from negotiations.engine.model_prompts import MOST_PROMPT

PRICED_TOKENS = 1_000_000
"""Prices are told for so many."""
LEAST_SHOWN = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class TokenPrices:
    """For a million tokens that are read (`input`) and written (`output`); both 0 where nobody told them."""

    input: Decimal
    output: Decimal
    currency: str

    @property
    def are_known(self) -> bool:
        return bool(self.input or self.output)

    @property
    def fields(self) -> dict[str, Any]:
        """Of a run that begins now."""
        return {"input_price": self.input, "output_price": self.output, "currency": self.currency}

    def money(self, tokens: int, input_tokens: int) -> Decimal:
        """Of `tokens`, of which `input_tokens` were read."""
        return (self.input * input_tokens + self.output * (tokens - input_tokens)) / PRICED_TOKENS


def prices_now() -> TokenPrices:
    return TokenPrices(settings.LLM_INPUT_PRICE, settings.LLM_OUTPUT_PRICE, settings.LLM_CURRENCY)


@dataclass(frozen=True, slots=True)
class ModelUse:
    """`tokens` were read or written, `input_tokens` of them read.

    `money` has an amount for each currency; `unpriced` are tokens of runs that began before anybody told prices.
    """

    tokens: int = 0
    input_tokens: int = 0
    seconds: float = 0.0
    money: tuple[tuple[str, Decimal], ...] = ()
    unpriced: int = 0

    @property
    def told(self) -> str:
        """4,321 tokens, 12.3 s, 0.0021 USD."""
        return f"{self.tokens:,} {self.beside}"

    @property
    def beside(self) -> str:
        """What stands behind the number of tokens in `told`."""
        money = [f"{shown(amount)} {currency}" for currency, amount in self.money]
        rest = [f"{self.unpriced:,} of them without a price"] if money and self.unpriced else []
        return ", ".join(["tokens", f"{self.seconds:,.1f} s", *money, *rest])

    def to_dict(self) -> dict[str, Any]:
        return {
            "tokens": self.tokens,
            "input_tokens": self.input_tokens,
            "seconds": round(self.seconds, 3),
            "money": [{"currency": currency, "amount": float(amount)} for currency, amount in self.money],
            "unpriced_tokens": self.unpriced,
        }


def use_of(runs: Iterable[Any]) -> ModelUse | None:
    """Of runs of rooms, together; None where no language model was asked."""
    money: dict[str, Decimal] = defaultdict(Decimal)
    tokens = input_tokens = unpriced = 0
    seconds = 0.0
    for run in runs:
        tokens, input_tokens = tokens + run.tokens, input_tokens + run.input_tokens
        seconds += run.model_seconds
        prices = run.token_prices
        if prices.are_known and run.tokens:
            money[prices.currency] += prices.money(run.tokens, run.input_tokens)
        else:
            unpriced += run.tokens
    if not tokens and not seconds:
        return None
    return ModelUse(tokens, input_tokens, seconds, tuple(sorted(money.items())), unpriced)


def shown(amount: Decimal) -> str:
    """Two decimals, below one two figures that count; never nothing where something was spent."""
    if amount >= 1 or not amount:
        return f"{amount:,.2f}"
    if amount < LEAST_SHOWN:
        return f"under {LEAST_SHOWN}"
    return f"{amount:.{max(2, 1 - amount.adjusted())}f}"


# --- Before the start -----------------------------------------------------------------------------------------


def most_answers(rounds: int, n_sellers: int, buys: bool) -> int:
    """That language models give in a room: each of `n_sellers` one a round, one that buys another after the last."""
    return rounds * n_sellers + (rounds + 1 if buys else 0)


def outlook(answers: int) -> str:
    """What so many answers take at most, the end of a sentence; empty where there are none.

    A bound and no forecast: each prompt as long as one may be, a token for each character of it, each answer as long
    as LLM_TOKENS allows. English takes a quarter of that.
    """
    if not answers:
        return ""
    read, written = answers * MOST_PROMPT, answers * settings.LLM_TOKENS
    prices = prices_now()
    money = f", {shown(prices.money(read + written, read))} {prices.currency}" if prices.are_known else ""
    many = "1 answer" if answers == 1 else f"{answers:,} answers"
    return f"at most {many}, {read + written:,} tokens{money}, where each comes at the first try."

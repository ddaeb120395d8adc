"""What language models take and cost (B-25): prices that stay those of the start, sums, and a bound before it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from negotiations.engine.model_prompts import MOST_PROMPT, buyer_prompt, seller_prompt
from negotiations.engine.room_specs import BUYER, MOST, MOST_SELLERS, Said, SeatView
from negotiations.model_money import ModelUse, TokenPrices, most_answers, outlook, prices_now, shown, use_of

FREE = TokenPrices(Decimal(0), Decimal(0), "USD")
DOLLARS = TokenPrices(Decimal("0.15"), Decimal("0.60"), "USD")
EUROS = TokenPrices(Decimal(1), Decimal(2), "EUR")


@dataclass
class Took:
    tokens: int = 0
    input_tokens: int = 0
    model_seconds: float = 0.0
    token_prices: TokenPrices = field(default=FREE)


@pytest.fixture
def priced(settings: Any) -> None:
    settings.LLM_INPUT_PRICE, settings.LLM_OUTPUT_PRICE = Decimal("0.15"), Decimal("0.60")
    settings.LLM_CURRENCY, settings.LLM_TOKENS = "USD", 1000


def test_tokens_that_are_read_and_written_have_their_own_prices() -> None:
    assert DOLLARS.money(1_500_000, 1_000_000) == Decimal("0.45")
    assert TokenPrices(Decimal(0), Decimal(1), "USD").are_known


def test_where_no_language_model_was_asked_there_is_nothing_to_tell() -> None:
    assert use_of([]) is None
    assert use_of([Took(), Took(token_prices=DOLLARS)]) is None


def test_runs_add_up_with_an_amount_for_each_currency() -> None:
    runs = [
        Took(3000, 2000, 1.25, DOLLARS),
        Took(1000, 1000, 0.5, DOLLARS),
        Took(10, 4, 0.1, EUROS),
        Took(500, 0, 0.15),
        Took(0, 0, 0.0, EUROS),
    ]
    use = use_of(runs)
    assert use == ModelUse(
        4510, 3004, 2.0, (("EUR", Decimal("0.000016")), ("USD", Decimal("0.00105"))), unpriced=500
    )
    assert use.told == "4,510 tokens, 2.0 s, under 0.0001 EUR, 0.0010 USD, 500 of them without a price"
    assert use.to_dict() == {
        "tokens": 4510,
        "input_tokens": 3004,
        "seconds": 2.0,
        "money": [{"currency": "EUR", "amount": 0.000016}, {"currency": "USD", "amount": 0.00105}],
        "unpriced_tokens": 500,
    }


def test_without_prices_no_money_is_told() -> None:
    use = use_of([Took(4321, 4000, 12.34)])
    assert use is not None
    assert (use.told, use.money, use.unpriced) == ("4,321 tokens, 12.3 s", (), 4321)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.5", "1,234.50"),
        ("1", "1.00"),
        ("0.25", "0.25"),
        ("0.0213", "0.021"),
        ("0.00213", "0.0021"),
        ("0.0001", "0.00010"),
        ("0.00009", "under 0.0001"),
        ("0", "0.00"),
    ],
)
def test_small_amounts_are_not_rounded_to_nothing(amount: str, text: str) -> None:
    assert shown(Decimal(amount)) == text


def test_the_prices_are_those_of_the_settings(priced: None) -> None:
    assert prices_now() == DOLLARS


def test_each_model_answers_once_a_round_and_one_that_buys_once_more() -> None:
    assert most_answers(10, 0, buys=False) == 0
    assert most_answers(10, 3, buys=False) == 30
    assert most_answers(10, 1, buys=True) == 21


def test_the_outlook_is_a_bound_in_tokens_and_money(priced: None) -> None:
    assert outlook(0) == ""
    read, written = 30 * MOST_PROMPT, 30 * 1000
    money = shown(DOLLARS.money(read + written, read))
    assert outlook(30) == (
        f"at most 30 answers, {read + written:,} tokens, {money} USD, where each comes at the first try."
    )


def test_without_prices_the_outlook_is_in_tokens_alone(settings: Any) -> None:
    assert "USD" not in outlook(1)
    assert outlook(1).startswith("at most 1 answer, ")


def test_no_prompt_is_longer_than_the_outlook_takes_it_to_be() -> None:
    name, item = "Ñ" * 50, "Ñ" * 100
    view = SeatView(
        seat=BUYER,
        item=item,
        quantity=MOST,
        buyer=name,
        sellers=(name,) * MOST_SELLERS,
        round=50,
        max_rounds=50,
        min_rounds=2,
        messages=tuple(Said(each, BUYER, "Ñ" * 10) for each in range(1, 500)),
        can_accept=True,
        low=0.0,
        high=float(MOST),
        least=0.0,
        selling=float(MOST),
        stock=MOST,
    )
    for told in (buyer_prompt(view), seller_prompt(replace(view, seat=0))):
        assert sum(map(len, told)) <= MOST_PROMPT

"""Offers in texts: JSON first, then numbers in words."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiations.engine.offer_texts import MOST_WORDS, clean_words, offer_in
from negotiations.engine.room_specs import MOST


@pytest.mark.parametrize(
    ("text", "price", "quantity"),
    [
        ("12 each for 5", 12.0, 5),
        ("5 @ 12.50", 12.5, 5),
        ("12.50 for 5", 12.5, 5),
        ("€12 for 5", 12.0, 5),
        ("5 units for 12", 12.0, 5),
        ("price 12 for 5 units", 12.0, 5),
        ("5 units for 12.50 each", 12.5, 5),
        ("I can sell you 5 units at 12.50", 12.5, 5),
        ("12.50 a piece, 7 pieces", 12.5, 7),
        ("price: 12.5, quantity: 5", 12.5, 5),
        ("we are 3 people: 20 units at $7.25 each", 7.25, 20),
        ("your 20 is too low, I offer 25.00 each for 4 units", 25.0, 4),
        ("round 3: my price is 14.00 per unit", 14.0, None),
        ("I will go down to 13", 13.0, None),
        ("€12", 12.0, None),
        ("12,50 €", 12.5, None),
        ("1,000.50", 1000.5, None),
        ("It is 12.50.", 12.5, None),
        ("0", 0.0, None),
        ("7 units", None, 7),
        ("I sell 5 units", None, 5),
        ("5 for 60 in total", 12.0, 5),
        ("10 units for 99.90 altogether", 9.99, 10),
        ("In round 3 of 10 I can do 12.50 within 2 days", 12.5, None),
        ("10% off, so 9 each", 9.0, None),
        ("No. 181.78 each for 50.", 181.78, 50),
        ("if you buy 100 I can do 12", 12.0, 100),
        ("of 3 sellers I ask 14 for one", 14.0, None),
        ("12.50 \u20ac/unit", 12.5, None),
        ("5 steel @ 12.50", 12.5, None),
        ("\uff11\uff12\uff0e\uff15\uff10 each", 12.5, None),
        ("1\u200d2 each", 12.0, None),
        ("For 10 units I ask 130 in total.", 13.0, 10),
        ("Total: 129 for 10 units.", 12.9, 10),
        ("I can't go below 12, so 12.20 is my final offer.", 12.2, None),
        ("I can't go below 12.", 12.0, None),
        ("My price dropped from 15 to 13.", 13.0, None),
        ("Since 1995 we have sold at fair prices: 12.60.", 12.6, None),
        ("A price of 2000 each", 2000.0, None),
        ("I could supply 10 pieces by 2026-12-01 at 12.70.", 12.7, 10),
        ("10 pieces by 1.12.2026, and 12.70 for one", 12.7, 10),
        ("Call me at 14:30. I can do 12.70.", 12.7, None),
        ("12.50EUR each for 10pcs", 12.5, 10),
    ],
)
def test_numbers_in_words_are_an_offer(text: str, price: float | None, quantity: int | None) -> None:
    assert (offer_in(text).price, offer_in(text).quantity) == (price, quantity)


@pytest.mark.parametrize(
    ("text", "price", "quantity"),
    [
        ('```json\n{"offer": {"price": 12, "quantity": 5}}\n```', 12.0, 5),
        ('Take it: {"price": 12.504, "quantity": 5} for 99', 12.5, 5),
        ('{"unit_price": "€1,200.00", "qty": "3 units"}', 1200.0, 3),
        ('{"Price": 12}', 12.0, None),
        ('{"price": NaN, "quantity": 5}', None, 5),
        ('{"price": 10, "quantity": 2.5}', 10.0, None),
        ('{"broken": 3} {"price": 4} {"price": 5}', 4.0, None),
        ('{"price": 10, cut', None, None),
        ('{"price": true, "quantity": [1]}', None, None),
        ('{"price": null} or 7', 7.0, None),
    ],
)
def test_json_comes_first(text: str, price: float | None, quantity: int | None) -> None:
    assert (offer_in(text).price, offer_in(text).quantity) == (price, quantity)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How are you?",
        "1e999",
        "NaN",
        "inf",
        "-5",
        "-5 each",
        "\u22125 each",
        '{"price": 1e999}',
        '{"price": -5}',
        "9" * 400,
        "1.000,50",
        "\0",
        "12a",
        "I deliver within 3 days",
        "a discount of 10 %",
        "this is round 4",
    ],
)
def test_what_is_no_number_is_no_offer(text: str) -> None:
    assert offer_in(text) == offer_in("")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("<think>99 <think>98</think> 97</think> I can do 13.20", 13.2),
        ("<THINK>never 12", None),
        ("say 12</think> ok 14", 14.0),
        ("<thinking>12</thinking> 15", 15.0),
    ],
)
def test_thoughts_are_no_offers(text: str, price: float | None) -> None:
    assert offer_in(text).price == price


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<think>x</think>\n\n\nHello {"price": 3}\n\n\n\nbye\0', "Hello\n\nbye"),
        ("```json\n{}\n``` only", "only"),
        ("```json\n{never closed", ""),
        ("secret</think>said", "said"),
        ("half \ud800 a pair", "half  a pair"),
        ("a\tb\x07c", "a\tbc"),
        ("x" * 5000, "x" * MOST_WORDS),
        ('Here: [{"price": 3}, {"price": 4}] and [sic].', "Here:   and [sic]."),
        ("<th\x07ink>secret</th\x07ink>said", "said"),
        ("<thi<think></think>nk>said", "<thi nk>said"),
        ("< Think >x</ think ><thought a='b'>y</thought> said<reasoning>z", "said"),
        ("<thinker> said", "<thinker> said"),
        ("1\u200b2 \u202e21\u202c a\u200db\r\nc\u2028d", "12 21 a\u200db\nc\nd"),
    ],
)
def test_words_are_shown_without_thoughts_and_json(text: str, words: str) -> None:
    assert clean_words(text) == words


HOSTILE = [
    "{", "<think>", "</think>", "1,", "9", '"', "price ", "for ", "1 @ ", "`", "\n ", '{"', '{"a":', "12 ",
    "each ", " ", "{}", "```a", '{\\"', "at you to ", "5 units ", "\u0661", "12.", "-1", "€",
]  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_hostile_texts_take_no_time(part: str) -> None:
    begun = time.process_time()
    offer_in(part * (10**6 // len(part)))
    clean_words(part * (10**6 // len(part)))
    assert time.process_time() - begun < 1


@given(
    st.text()
    | st.lists(st.sampled_from([*HOSTILE, "price", "quantity", ":", "5", "}", "NaN", "1e400"])).map("".join)
)
def test_any_text_gives_an_offer_within_bounds_or_none(text: str) -> None:
    offered = offer_in(text)
    assert offered.price is None or (math.isfinite(offered.price) and 0 <= offered.price <= MOST)
    assert math.copysign(1, offered.price or 0.0) == 1
    assert offered.quantity is None or 1 <= offered.quantity <= MOST
    shown = clean_words(text)
    assert len(shown) <= MOST_WORDS
    assert "\0" not in shown
    assert "{" not in shown
    shown.encode()

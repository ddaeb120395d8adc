"""Secrets that a message gives away, and offers that give none away."""

from __future__ import annotations

import time
from itertools import product

import pytest

from negotiations.engine.disclosures import disclosed
from negotiations.engine.room_offers import ceiling
from negotiations.engine.room_specs import Priority, Style
from negotiations.engine.room_words import Intent, buyer_words, seller_words
from tests.engine.rooms import room, seller

SECRETS = {"cost": 12.0, "least": 14.0, "high": 20.0, "budget": 1000.0}
TOLD = [
    ("my cost is 12", ("cost",)),
    ("€12.00 is what it costs me", ("cost",)),
    ("we paid 12.05 for it", ("cost",)),
    ("I can't go below 14.00", ("least",)),
    ("I won\u2019t go under 14,00.", ("least",)),
    ("I cannot sell it for less than 14", ("least",)),
    ("14 is my floor", ("least",)),
    ("my minimum price: $14", ("least",)),
    ('{"least": 14}', ("least",)),
    ("no less than 14.02", ("least",)),
    ("I can pay up to 20", ("high",)),
    ("I can't pay more than 20.05", ("high",)),
    ("our budget is 1,000.00 in all", ("budget",)),
    ("all I can afford is 1000", ("budget",)),
    ("at 14 I already lose money", ("least",)),
    ("I could go as high as 20", ("high",)),
    ("we have set aside 1000", ("budget",)),
    ("I have 1000 to spend", ("budget",)),
    ("I have 1000 left to spend", ("budget",)),
    ("I need at least 14", ("least",)),
    ("My cost is 12 and my floor is 14", ("cost", "least")),
    # Written with marks, scales and currencies.
    ("our budget is 1.000,00", ("budget",)),
    ("our budget is 1.000", ("budget",)),
    ("our budget is 1'000", ("budget",)),
    ("our budget is 1 000 euros", ("budget",)),
    ("our budget is 1k", ("budget",)),
    ("we can spend $1k, that is our budget: 1K", ("budget",)),
    ("all I can afford is 1 thousand", ("budget",)),
    ("my floor is 14€", ("least",)),
    ("my floor is EUR 14", ("least",)),
    ("my floor is 14EUR each", ("least",)),
    ("my floor is £14.00", ("least",)),
    ("US$14 is my floor", ("least",)),
    ("14 euros each is my floor", ("least",)),
    ("my minimum is \u20b914.-", ("least",)),
    # In words.
    ("my cost is twelve", ("cost",)),
    ("Twelve euros is what it costs me", ("cost",)),
    ("I cannot go below fourteen.", ("least",)),
    ("not a cent under fourteen dollars", ("least",)),
    ("fourteen is my floor", ("least",)),
    ("fourteen bucks a piece is my bottom line", ("least",)),
    ("I can pay up to twenty", ("high",)),
    ("my limit is twenty euros each", ("high",)),
    ("our budget is a thousand", ("budget",)),
    ("our budget is one thousand euros", ("budget",)),
    ("ten hundred is all we can afford: a budget of a grand", ("budget",)),
    ("my lowest price for these two is 14", ("least",)),
    ("my minimum, and I mean it, is fourteen", ("least",)),
]
TOLD_OF_ODD = [
    ("my cost is one hundred and twenty-three dollars", ("cost",)),
    ("it cost me a hundred twenty three", ("cost",)),
    ("my floor is two hundred and thirty-four fifty", ("least",)),
    ("my floor is 234 and a half", ("least",)),
    ("nothing under two hundred thirty-four point five", ("least",)),
    ("234 dollars and 50 cents is my minimum", ("least",)),
    ("I can go as high as three hundred", ("high",)),
    ("at most three hundred pounds", ("high",)),
    ("our budget is twelve thousand five hundred", ("budget",)),
    ("our budget is 12.5k", ("budget",)),
    ("our budget is 12 500 CHF", ("budget",)),
    ("we have 12.500,00 € to spend", ("budget",)),
    ("we set aside 12\u202f500", ("budget",)),
]
ODD = {"cost": 123.0, "least": 234.5, "high": 300.0, "budget": 12_500.0}
HARMLESS = [
    "My offer is 14.00 each",
    "14 for one, 5 units",
    "I would sell at 14.",
    "it costs you 12 each",
    "I cannot go below 13, but 14.00 is my offer",
    "no less than 14.2",
    "14% off my lowest",
    "My cost. 12 is the price",
    "20 each",
    "1000 units",
    "my cost is none of your business",
    "the floor is clean",
    "",
    # Counts, days, rounds and shares are no prices.
    "I can deliver up to 20 pieces",
    "at most 20 units fit on a pallet",
    "I need at least 14 days",
    "at least fourteen days, please",
    "up to twenty of them are ready",
    "the most in stock: up to 1,000 items",
    "no profit before round 14",
    "that is 12 percent above the cost",
    "I lowered it by 20 %, that is my limit",
    "our 14 sellers never go under the list",
    "my budget is checked by 1000 people",
    # Near, and not the figure.
    "my cost is 1.2",
    "my cost is 12k",
    "my cost is twelve hundred",
    "my cost is one twenty",
    "my floor is forty",
    "my floor is fourteen hundred",
    "my floor is 14 and a half",
    "my floor is fourteen fifty",
    "my limit is two hundred and twenty",
    "our budget is 100,000",
    "our budget is 10k",
    "our budget is a hundred",
    "my minimum is 14.12.2026",
    "my floor is on the 14th",
    "the lamps cost 12kg of steel",
    # Words that are none of a price.
    "the lowest one gets it",
    "one of us has to move, at least one",
    "I am at my limit, give me a second",
    "nobody goes lower than me, believe me",
    "Fourteen each, that is my offer for forty.",
    "twenty is fine, shall we say twenty?",
    "You ask for more than the others. I propose 12.00 each for 20.",
    "that is more than I want to pay. I propose fourteen each.",
]


@pytest.mark.parametrize(("text", "names"), TOLD)
def test_a_secret_called_by_its_name_is_marked(text: str, names: tuple[str, ...]) -> None:
    """X-02"""
    assert disclosed(text, SECRETS) == names


@pytest.mark.parametrize(("text", "names"), TOLD_OF_ODD)
def test_figures_are_read_however_they_are_written(text: str, names: tuple[str, ...]) -> None:
    """X-02"""
    assert disclosed(text, ODD) == names


@pytest.mark.parametrize("text", HARMLESS)
def test_an_offer_is_no_disclosure(text: str) -> None:
    assert disclosed(text, SECRETS) == ()


@pytest.mark.parametrize("style", list(Style))
def test_what_negotiators_say_is_no_disclosure_whatever_they_offer(style: Style) -> None:
    """Nor where the offer is the least price, or the bid the highest."""
    spec = room(seller("Sam", style=style, priority=Priority.PROFIT))
    sam, buyer = spec.sellers[0], spec.buyer
    for seed, intent, price in product(range(6), Intent, (sam.least, sam.cost)):
        words = seller_words(spec, sam, intent, (price, buyer.quantity), seed)
        assert disclosed(words, {"cost": sam.cost, "least": sam.least}) == ()
    for seed, mood in product(range(6), ("leader", "rival", "only", "last")):
        for price in (buyer.high, ceiling(buyer)):
            words = buyer_words(spec, mood, price, (0,), seed)
            assert disclosed(words, {"high": (buyer.high, ceiling(buyer)), "budget": buyer.budget}) == ()


def test_what_is_no_secret_or_unknown_is_not_told() -> None:
    assert disclosed("my budget is 12", {"budget": None, "shoe size": 12.0}) == ()
    assert disclosed("my cost is 0", {"cost": 0.0}) == ("cost",)
    assert disclosed("my cost is 0.01", {"cost": 0.0}) == ()


def test_a_secret_may_have_several_figures() -> None:
    budget = {"budget": (1000.0, 640.0, None)}
    assert (
        disclosed("we have 640 to spend", budget) == disclosed("our budget was 1000", budget) == ("budget",)
    )
    assert disclosed("we have 700 to spend", budget) == ()


@pytest.mark.parametrize(
    "part",
    ["cost ", "cost 12 ", "12 is my my my ", "not a a ", "not ", "my ", "12 ", "\0", "1,", "1'1", "1 000 ", "one ",
     "hundred and ", "12 dollars and ", "twelve point ", "€ ", "a "],
)  # fmt: skip
def test_hostile_texts_take_no_time(part: str) -> None:
    begun = time.process_time()
    disclosed(part * (10**6 // len(part)), dict.fromkeys(SECRETS, 12.4))
    assert time.process_time() - begun < 1

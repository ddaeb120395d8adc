"""Secrets that a message gives away, and offers that give none away."""

from __future__ import annotations

import time

import pytest

from negotiations.engine.disclosures import disclosed

SECRETS = {"cost": 12.0, "least": 14.0, "high": 20.0, "budget": 1000.0}


@pytest.mark.parametrize(
    ("text", "names"),
    [
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
        ("I need at least 14", ("least",)),
        ("My cost is 12 and my floor is 14", ("cost", "least")),
    ],
)
def test_a_secret_called_by_its_name_is_marked(text: str, names: tuple[str, ...]) -> None:
    assert disclosed(text, SECRETS) == names


@pytest.mark.parametrize(
    "text",
    [
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
    ],
)
def test_an_offer_is_no_disclosure(text: str) -> None:
    assert disclosed(text, SECRETS) == ()


def test_what_is_no_secret_or_unknown_is_not_told() -> None:
    assert disclosed("my budget is 12", {"budget": None, "shoe size": 12.0}) == ()
    assert disclosed("my cost is 0", {"cost": 0.0}) == ("cost",)
    assert disclosed("my cost is 0.01", {"cost": 0.0}) == ()


@pytest.mark.parametrize(
    "part", ["cost ", "cost 12 ", "12 is my my my ", "not a a ", "not ", "my ", "12 ", "\0"]
)
def test_hostile_texts_take_no_time(part: str) -> None:
    begun = time.process_time()
    disclosed(part * (10**6 // len(part)), dict.fromkeys(SECRETS, 12.4))
    assert time.process_time() - begun < 1

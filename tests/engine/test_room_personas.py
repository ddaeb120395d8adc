"""Personas: what they concede and how they talk differs measurably."""

from __future__ import annotations

from itertools import pairwise, product
from statistics import mean

import pytest

from negotiations.engine.disclosures import disclosed
from negotiations.engine.room_sellers import offer_of, outcome_space_of
from negotiations.engine.room_specs import BUYER, Priority, RoomSpec, Said, Style
from tests.engine.rooms import decided, rest_of, room, seller


def alone(priority: str, style: str, seed: int) -> RoomSpec:
    return room(seller(priority=priority, style=style), seed=seed, buyer={"budget": None})


def reached(priority: str, style: str = Style.PLAIN) -> float:
    return mean(decided(alone(priority, style, seed)).price or 0 for seed in range(8))


def words_of(style: str) -> float:
    said = [
        each
        for priority, seed in product(Priority, range(4))
        for each in rest_of(alone(priority, style, seed))[0]
        if each.seat == 0
    ]
    return mean(len(each.text.split()) for each in said)


def test_who_cares_for_profit_reaches_more_than_who_cares_for_balance_and_that_more_than_for_the_customer() -> (
    None
):
    profit, balance, customer = (reached(priority) for priority in Priority)
    assert profit > balance + 0.2 > customer + 0.4, (profit, balance, customer)


def test_a_warm_seller_gives_way_further_than_a_blunt_one() -> None:
    for priority in Priority:
        warm, plain, blunt = (offer_at_end(priority, style) for style in Style)
        assert warm < plain < blunt


def offer_at_end(priority: str, style: str) -> float:
    offers = [offer_of(alone(priority, style, seed), 0, 9, []) for seed in range(8)]
    return mean(offer[0] for offer in offers if offer)


def test_a_warm_seller_says_more_than_a_plain_one_and_that_more_than_a_blunt_one() -> None:
    counts = [words_of(style) for style in Style]
    assert all(more > 1.3 * less for more, less in pairwise(counts)), counts


def test_a_balanced_seller_gives_way_as_the_buyer_does_and_one_for_profit_does_not_care() -> None:
    def heard(step: float) -> list[Said]:
        return [Said(round, BUYER, "", 12.5 + step * round, 5) for round in range(1, 8)]

    for priority, cares in ((Priority.BALANCE, True), (Priority.PROFIT, False)):
        spec = alone(priority, Style.PLAIN, 3)
        kind, stubborn = (offer_of(spec, 0, 7, heard(step)) for step in (0.25, 0.0))
        assert kind and stubborn
        assert (kind[0] < stubborn[0]) is cares


def test_no_persona_gives_away_what_it_must_not() -> None:
    for priority, style, seed in product(Priority, Style, range(4)):
        spec = alone(priority, style, seed)
        each = spec.sellers[0]
        secrets = {"cost": each.cost, "least": each.least, "high": spec.buyer.high, "budget": 100.0}
        for said in rest_of(spec)[0]:
            assert disclosed(said.text, secrets) == ()
            if said.price is not None:
                assert disclosed(said.text, dict.fromkeys(secrets, said.price)) == ()


@pytest.mark.parametrize("stock", [1, 7, 10**6])
@pytest.mark.parametrize(("least", "selling"), [(0.01, 0.02), (1.0, 1_000_000.0), (12.0, 13.0)])
def test_however_far_prices_and_stock_reach_few_outcomes_are_gone_through(
    stock: int, least: float, selling: float
) -> None:
    space = outcome_space_of(seller(least=least, selling=selling, stock=stock), 10**6)
    assert 1 <= space.cardinality <= 65 * 3

"""Who gains what in a room, and what happened in it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiations.engine.negmas_markets import is_feasible, room_of
from negotiations.engine.room_analysis import Tactic, analysis_of
from negotiations.engine.room_economy import competitive_price, economy_of, servers
from negotiations.engine.room_specs import BUYER, RoomDecision, RoomSpec, Said, Verdict
from tests.engine.rooms import rest_of, room, seller

SPEC = room(
    seller("Ana", 12.0),
    seller("Bo", 14.0),
    seller("Cy", 11.0, stock=4),
    seller("Di", 30.0, 40.0),
    buyer={"budget": None},
)
"""Cy has too little and Di asks too much."""


def deal(seat: int, price: float, round: int = 3) -> RoomDecision:
    return RoomDecision(round, Verdict.DEAL, seat, price, 5, "")


def test_the_competitive_price_is_the_second_lowest_least_price_of_those_who_can_serve() -> None:
    assert [each.name for each in servers(SPEC)] == ["Ana", "Bo"]
    assert competitive_price(SPEC) == 14.0
    assert (
        competitive_price(room(seller("Ana", 12.0))) == 19.0
    )  # alone: all that the budget of 95 for 5 can pay
    assert (
        competitive_price(room(seller("Ana", 2.0, 9.0), seller("Bo", 3.0, 9.0))) == 8.0
    )  # not below the price range
    assert competitive_price(room(seller("Di", 30.0, 40.0))) is None


def test_a_deal_is_split_and_held_against_the_competitive_and_the_best_price() -> None:
    found = economy_of(SPEC, [], deal(0, 15.0))
    assert (found.buyer_surplus, found.seller_surplus, found.profit) == (25.0, 15.0, 25.0)
    assert (found.buyer_share, found.efficiency, found.most_surplus) == (0.625, 1.0, 40.0)
    assert (found.over_competitive, found.buyer_regret, found.seller_regret) == (5.0, 15.0, 25.0)
    assert (found.best_price, found.is_final, found.seller) == (12.0, True, 0)


def test_a_deal_with_another_than_the_best_seller_is_less_efficient() -> None:
    found = economy_of(SPEC, [], deal(1, 15.0))
    assert found.efficiency == 0.75
    assert found.buyer_surplus == 25.0


def test_before_the_decision_the_best_offer_on_the_table_counts() -> None:
    said = [Said(1, BUYER, ""), Said(1, 0, "", 21.0, 5), Said(1, 1, "", 18.0, 5), Said(1, 2, "", 11.0, 4)]
    found = economy_of(SPEC, said)
    assert (found.seller, found.price, found.is_final) == (1, 18.0, False)
    assert economy_of(SPEC, said[:2]).price is None
    assert economy_of(SPEC, said[:2]).efficiency is None


def test_no_deal_has_no_efficiency_where_one_was_feasible_and_the_buyer_regrets_it() -> None:
    none = RoomDecision(10, Verdict.NO_DEAL)
    found = economy_of(SPEC, [], none)
    assert (found.efficiency, found.buyer_regret, found.price) == (0.0, 40.0, None)
    nothing = economy_of(room(seller("Di", 30.0, 40.0)), [], none)
    assert (nothing.is_feasible, nothing.efficiency, nothing.buyer_regret) == (False, None, None)


@given(st.integers(0, 3000))
def test_numbers_of_any_room_are_finite_and_hang_together(seed: int) -> None:
    spec = room_of(seed)
    for each in servers(spec):
        found = economy_of(spec, [], deal(spec.sellers.index(each), max(each.least, spec.buyer.low)))
        assert found.efficiency is None or 0 <= found.efficiency <= 1 + 1e-6
        assert found.buyer_share is None or 0 <= found.buyer_share <= 1 + 1e-6
        assert found.buyer_regret is not None and found.buyer_regret >= 0
        assert all(math.isfinite(value) for value in (found.buyer_surplus or 0, found.seller_regret or 0))
        competitive = competitive_price(spec)
        assert competitive is not None and spec.buyer.low <= competitive <= spec.buyer.high
    assert bool(servers(spec)) is is_feasible(spec)


def test_a_played_room_is_told_in_numbers() -> None:
    spec = room()
    said, end = rest_of(spec)
    assert isinstance(end, RoomDecision)
    found = analysis_of(spec, said, end)
    assert found.rounds == end.round == len(found.best_offers)
    assert found.messages == len(said)
    assert found.best_offers[-1] == end.price
    assert [each.seat for each in found.seats] == [BUYER, 0, 1, 2]
    profit, _, customer = found.seats[1:]
    assert profit.tactic == Tactic.LATE
    assert customer.tactic != Tactic.LATE
    assert customer.conceded is not None and profit.conceded is not None
    assert customer.conceded > profit.conceded
    rounds = [each.round for each in found.turning_points]
    assert rounds == sorted(rounds) and 1 <= len(rounds) <= 5
    assert found.turning_points[0].before is None
    assert found.turning_points[-1].price >= end.price  # type: ignore[operator]
    assert {each.code for each in found.facts} & {"competitive", "over_competitive"}


@pytest.mark.parametrize(
    ("said", "decision", "codes"),
    [
        ([], None, set()),
        ([], RoomDecision(10, Verdict.NO_DEAL), {"missed"}),
        ([], deal(1, 13.0), {"early_deal", "competitive", "inefficient"}),
        ([], deal(0, 15.0, round=10), {"over_competitive", "efficient"}),
        ([Said(1, 0, "my floor is 12.00", 20.0, 5)], None, {"disclosures", "unmoved"}),
        ([Said(1, 1, "", is_fallback=True), Said(2, 1, "", is_fallback=True)], None, {"fallbacks"}),
        ([Said(1, 0, "", 20.0, 5), Said(2, 0, "", 18.0, 5)], None, {"largest_move"}),
        ([Said(1, 9, "nobody sits there", 1.0, 5)], None, set()),
    ],
)
def test_facts_say_what_went_well_and_badly(
    said: list[Said], decision: RoomDecision | None, codes: set[str]
) -> None:
    assert {each.code for each in analysis_of(SPEC, said, decision).facts} == codes


def test_a_room_in_which_no_deal_was_feasible_is_no_failure() -> None:
    spec: RoomSpec = room(seller("Di", 30.0, 40.0))
    facts = analysis_of(spec, [], RoomDecision(10, Verdict.NO_DEAL)).facts
    assert [(each.code, each.is_good) for each in facts] == [("rightly_none", True)]

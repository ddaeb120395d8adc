"""A room, round by round."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiations.engine import room_sellers, rooms, wire
from negotiations.engine.mentions import mentioned
from negotiations.engine.negmas_markets import is_feasible, room_of
from negotiations.engine.offer_texts import offer_in
from negotiations.engine.room_offers import ceiling, takeable_offers
from negotiations.engine.room_specs import (
    BUYER,
    Priority,
    RoomDecision,
    RoomSpec,
    Said,
    SeatKind,
    SeatsAwaited,
    Verdict,
)
from negotiations.engine.room_turns import addressed, answered
from negotiations.engine.rooms import play_round
from negotiations.engine.worded_offers import Offered
from tests.engine.rooms import decided, rest_of, room, said_in, seller, three


def test_the_same_seed_gives_the_same_transcript_and_another_seed_another() -> None:
    assert rest_of(room(seed=7)) == rest_of(room(seed=7))
    assert rest_of(room(seed=7))[0] != rest_of(room(seed=8))[0]


@pytest.mark.parametrize(("seed", "max_rounds"), [(7, 10), (8, 4), (9, 5)])
def test_a_room_cut_off_after_any_message_goes_on_as_if_it_had_not_been(seed: int, max_rounds: int) -> None:
    spec = room(seed=seed, max_rounds=max_rounds)
    said, end = rest_of(spec)
    assert len(said) > 4 * max_rounds - 8
    for length in range(len(said) + 1):
        assert rest_of(spec, said[:length]) == (said, end)


def test_what_a_seller_answers_depends_on_what_it_may_see_alone() -> None:
    """Other sellers, their figures and their words make no difference to it while the buyer says the same to it."""
    spec = room()
    others = replace(spec, sellers=(spec.sellers[0], seller("Zoe", 9.0), seller("Yan", 9.5)))
    words = [Said(1, BUYER, "What is your offer?", 10.0, 5)]
    said = [list(play_round(each, words))[0] for each in (spec, others)]
    assert said[0] == said[1]


def test_rounds_are_played_one_a_call_and_all_messages_cross_a_wire() -> None:
    spec = room()
    first = list(play_round(spec, []))
    assert [(each.round, each.seat) for each in first if isinstance(each, Said)] == [
        (1, BUYER),
        (1, 0),
        (1, 1),
        (1, 2),
    ]
    second = list(play_round(spec, [each for each in first if isinstance(each, Said)]))
    assert {each.round for each in second} == {2}
    items = [*first, *second, decided(spec), SeatsAwaited(1, (BUYER,)), spec]
    assert wire.take(bytearray(b"".join(wire.encode(each) for each in items))) == items


def test_offers_bind_are_never_raised_and_lie_between_least_and_selling_price_and_within_the_stock() -> None:
    for seed in range(20):
        spec = room_of(seed)
        said, _ = rest_of(spec)
        for seat, each in enumerate(spec.sellers):
            offers = [message for message in said if message.seat == seat and message.price is not None]
            prices = [message.price or 0 for message in offers]
            assert prices == sorted(prices, reverse=True)
            assert all(each.least <= price <= each.selling for price in prices)
            assert all(1 <= (message.quantity or 0) <= each.stock for message in offers)


def test_what_negotiators_say_names_their_offers_and_whom_they_address() -> None:
    for seed in range(10):
        spec = room_of(seed)
        names = [each.name for each in spec.sellers]
        for message in rest_of(spec)[0]:
            assert not message.error
            if message.price is not None:
                assert offer_in(message.text) == Offered(message.price, message.quantity), message.text
            assert mentioned(message.text, names) == (message.to, ())


def test_bids_stay_below_the_best_offer_and_rise_unless_one_was_taken() -> None:
    for seed in range(20):
        spec = room_of(seed)
        said, _ = rest_of(spec)
        earlier = 0.0
        for at, bid in enumerate(said):
            if bid.seat == BUYER and bid.price is not None:
                offers = takeable_offers(spec, [each for each in said[:at] if each.round < bid.round])
                best = offers[0].price if offers else ceiling(spec.buyer) + 0.01
                assert spec.buyer.low <= bid.price <= max(spec.buyer.low, round(best - 0.01, 2))
                assert bid.price >= min(earlier, round(best - 0.01, 2))
                earlier = bid.price


def test_exactly_one_deal_is_made_wherever_one_is_feasible_and_none_elsewhere() -> None:
    for seed in range(300, 330):
        spec = room_of(seed)
        end = decided(spec)
        assert (end.verdict == Verdict.DEAL) is is_feasible(spec)
        if end.verdict == Verdict.DEAL:
            assert end.price is not None
            assert spec.buyer.low <= end.price <= spec.buyer.high
            assert end.quantity == spec.buyer.quantity
            assert spec.buyer.budget is None or end.price * end.quantity <= spec.buyer.budget + 1e-6
            assert end.seller is not None and spec.sellers[end.seller].stock >= end.quantity


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3000), st.integers(1, 2000), st.integers(1, 3000), st.integers(0, 40)), min_size=1, max_size=4
    ),
    st.integers(0, 3000),
    st.integers(1, 3000),
    st.integers(1, 30),
    st.none() | st.integers(0, 10**5),
    st.integers(1, 6),
)  # fmt: skip
def test_any_figures_give_one_end_and_a_deal_only_and_always_where_it_is_feasible(
    figures: list[tuple[int, int, int, int]], low: int, width: int, need: int, budget: int | None, rounds: int
) -> None:
    sellers = tuple(
        replace(
            seller(f"S{at}"),
            cost=cost / 100,
            least=(cost + a) / 100,
            selling=(cost + a + b) / 100,
            stock=stock,
        )
        for at, (cost, a, b, stock) in enumerate(figures)
    )
    buyer = {
        "quantity": need,
        "low": low / 100,
        "high": (low + width) / 100,
        "budget": budget and budget / 10,
    }
    spec = room(*sellers, buyer=buyer, max_rounds=rounds)
    end = decided(spec)
    assert (end.verdict == Verdict.DEAL) is is_feasible(spec)
    assert end.round <= rounds


def test_no_decision_comes_before_the_least_number_of_rounds() -> None:
    cheap = room(seller(least=2.0, selling=9.0), min_rounds=4)
    assert decided(cheap).round >= 4
    assert decided(replace(cheap, min_rounds=1)).round < 4
    assert decided(replace(cheap, min_rounds=4, max_rounds=2)).round == 2


def test_without_an_offer_that_fits_the_room_ends_after_its_last_round() -> None:
    end = decided(room(seller(least=30.0, selling=40.0), max_rounds=3))
    assert (end.verdict, end.round, end.price, end.seller) == (Verdict.NO_DEAL, 3, None, None)
    assert "After 3 of 3 rounds" in end.reason


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (room(buyer={"budget": 1.0}), "budget"),
        (room(buyer={"budget": 0.0}), "budget"),
        (room(seller(stock=4), seller(stock=0)), "enough"),
    ],
)
def test_a_room_that_cannot_end_well_ends_at_once(spec: RoomSpec, reason: str) -> None:
    said, end = rest_of(spec)
    assert said == []
    assert isinstance(end, RoomDecision)
    assert end.verdict == Verdict.NO_DEAL
    assert reason in end.reason


def test_stock_and_budget_that_shrink_between_rounds_count_at_once() -> None:
    spec = room(seller("Ana", 9.0), seller("Bo", 10.0))
    said: list[Said] = []
    for _ in range(3):
        said += said_in(spec, said)
    sold_out = replace(spec, sellers=(replace(spec.sellers[0], stock=0), spec.sellers[1]))
    assert decided(sold_out, said).seller == 1
    poor = replace(spec, buyer=replace(spec.buyer, budget=50.5))
    end = decided(poor, said)
    assert end.price is not None
    assert end.price <= 10.1


def test_a_seller_takes_a_bid_by_offering_just_that_and_the_buyer_still_decides() -> None:
    spec = room(
        seller("Ana", 12.0, priority=Priority.CUSTOMER), seller("Bo", 12.5, priority=Priority.CUSTOMER)
    )
    said = [Said(1, BUYER, "21 each for 5?", 21.0, 5, by_person=True)]
    answers = said_in(spec, said)
    assert [(each.seat, each.price, each.quantity) for each in answers[:2]] == [(0, 21.0, 5), (1, 21.0, 5)]
    lower = [Said(1, BUYER, "5 each?", 5.0, 5, by_person=True)]
    assert all((each.price or 0) > 12 for each in said_in(spec, lower))


def test_a_bid_for_another_quantity_is_answered_for_that_quantity() -> None:
    spec = room(seller("Ana", 12.0, priority=Priority.CUSTOMER))
    answers = list(play_round(spec, [Said(1, BUYER, "3 @ 10", 10.0, 3, by_person=True)]))
    assert isinstance(answers[0], Said)
    assert answers[0].quantity == 3


def test_only_those_whom_a_person_mentions_answer() -> None:
    spec = room()
    mine = Said(2, BUYER, "@Cy and you?", to=(2,), by_person=True)
    answers = said_in(spec, [*said_in(spec, []), mine])
    assert [(each.round, each.seat) for each in answers] == [(2, 2)]


def test_a_person_may_write_for_the_next_round_while_one_is_being_answered() -> None:
    """The round is finished first, no decision is made before the words are answered."""
    spec = room(seller("Ana", 2.0, 9.0), seller("Bo", 2.0, 9.0))
    said = said_in(spec, [])
    said += said_in(spec, said)[:2]
    mine = Said(3, BUYER, "And now?", by_person=True)
    rest, _ = rest_of(spec, [*said, mine])
    assert [(each.round, each.seat) for each in rest[len(said) + 1 :]][:3] == [(2, 1), (3, 0), (3, 1)]


def test_a_person_who_buys_is_awaited_for_words_and_for_the_decision() -> None:
    spec = room(buyer={"kind": SeatKind.PERSON}, max_rounds=2)
    assert list(play_round(spec, [])) == [SeatsAwaited(1, (BUYER,))]
    said = [Said(1, BUYER, "What is your offer?", by_person=True)]
    first, end = rest_of(spec, said)
    assert end == SeatsAwaited(1, (BUYER,))
    assert answered(1, first) == {0, 1, 2}
    second, end = rest_of(spec, [*first, Said(2, BUYER, "12 each for 5", 12.0, 5, by_person=True)])
    assert end == SeatsAwaited(2, (BUYER,))
    assert len(second) == 2 * 4


def test_a_person_who_sells_is_awaited_behind_the_others_and_its_offer_counts() -> None:
    ana, bo, cy = three()
    spec = room(ana, replace(bo, kind=SeatKind.PERSON), cy)
    said, end = rest_of(spec)
    assert end == SeatsAwaited(1, (1,))
    assert answered(1, said) == {0, 2}
    assert rest_of(spec, said) == (said, end)
    for round in range(1, 11):
        said, end = rest_of(spec, [*said, Said(round, 1, "8.50 each for 5", 8.5, 5, by_person=True)])
        if isinstance(end, RoomDecision):
            break
    assert isinstance(end, RoomDecision)
    assert (end.seller, end.price) == (1, 8.5)


def test_a_staff_member_may_answer_in_a_negotiators_place() -> None:
    spec = room()
    said = said_in(spec, [])[:1]
    mine = Said(1, 1, "15 each for 5", 15.0, 5, by_person=True)
    assert [each.seat for each in said_in(spec, [*said, mine])] == [0, 2]


def test_one_seller_that_fails_does_not_end_the_room_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    real = room_sellers.offer_of

    def fails(spec: RoomSpec, seat: int, round: int, heard: object) -> object:
        if seat == 1:
            raise ZeroDivisionError("on purpose")
        return real(spec, seat, round, heard)  # type: ignore[arg-type]

    monkeypatch.setattr(rooms, "offer_of", fails)
    said, end = rest_of(room())
    assert isinstance(end, RoomDecision)
    assert end.verdict == Verdict.DEAL
    failed = [each for each in said if each.seat == 1]
    assert all(each.is_fallback and each.price is None for each in failed)
    assert {each.error for each in failed} == {"ZeroDivisionError: on purpose"}
    assert "on purpose" not in failed[0].text


@given(st.lists(st.builds(Said, round=st.integers(1, 3), seat=st.integers(-1, 5), text=st.just(""), to=st.lists(st.integers(-3, 9), max_size=3).map(tuple))))  # fmt: skip
def test_nobody_is_addressed_who_is_not_there(said: list[Said]) -> None:
    assert set(addressed(1, said, 3)) <= {0, 1, 2}


@pytest.mark.parametrize(
    "name", ["{price}", "{0}{", "%s", "\0", "@all", "12.50 each for 3", "\u202e\ud83d", "x" * 50]
)
def test_names_and_words_of_people_may_hold_anything(name: str) -> None:
    sellers = tuple(replace(each, name=f"{name}{at}") for at, each in enumerate(three()))
    spec = replace(room(*sellers, buyer={"name": name}), item=name)
    said = [Said(1, BUYER, f"{name} @{name}" * 100_000, 10.0, 5, by_person=True)]
    rest, end = rest_of(spec, said)
    assert isinstance(end, RoomDecision)
    assert end.verdict == Verdict.DEAL
    assert not any(each.error for each in rest)

"""What a seat may know of a room: never another's figures or words."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from negotiations.engine.room_specs import BUYER, BuyerSpec, RoomSpec, Said, SellerSpec
from negotiations.engine.visibility import may_know, may_see, seen_by, view_of

N = 3
SPEC = RoomSpec(
    "steel",
    BuyerSpec("Bea", 7, 111.11, 222.22, 3333.33),
    tuple(
        SellerSpec(
            f"Seller {seat}", 1000.5 + seat, 2000.5 + seat, 4000.5 + seat, 9000 + seat, f"p{seat}", f"s{seat}"
        )
        for seat in range(N)
    ),
    seed=1,
)
MESSAGES = st.builds(
    Said,
    round=st.integers(1, 9),
    seat=st.integers(BUYER, N - 1),
    text=st.integers(0, 10**9).map("words {}".format),
    price=st.none() | st.integers(5000, 6000).map(float),
    to=st.lists(st.integers(0, N - 1), max_size=N).map(tuple),
    by_person=st.booleans(),
    error=st.sampled_from(["", "LLM_FAILED"]),
    tokens=st.integers(0, 9),
)
SECRETS: dict[int, set[object]] = {
    BUYER: {111.11, 222.22, 3333.33},
    **{
        seat: {1000.5 + seat, 2000.5 + seat, 4000.5 + seat, 9000 + seat, f"p{seat}", f"s{seat}"}
        for seat in range(N)
    },
}


@given(st.lists(MESSAGES, max_size=30), st.integers(BUYER, N - 1))
def test_a_view_never_holds_anothers_figures_or_words(transcript: list[Said], seat: int) -> None:
    view = view_of(seat, SPEC, transcript)
    figures = {value for name, value in asdict(view).items() if name not in ("messages", "sellers")}
    for other, secrets in SECRETS.items():
        assert (figures & secrets == set()) is (other != seat)
    for message in view.messages:
        assert message.seat in (seat, BUYER) or seat == BUYER
        assert seat == BUYER or message.seat == seat or not message.to or seat in message.to
        told = (message.round, message.seat, message.text, message.price, message.quantity, message.to)
        assert message == Said(*told), "who wrote it, what failed and what it took are for staff"


@given(st.lists(MESSAGES, max_size=30), st.integers(0, N - 1))
def test_a_seller_sees_all_that_is_said_to_it_and_nothing_else(transcript: list[Said], seat: int) -> None:
    to_it = [each for each in transcript if each.seat == BUYER and (each.to == () or seat in each.to)]
    own = [each for each in transcript if each.seat == seat]
    seen = seen_by(seat, transcript)
    assert sorted(map(id, seen)) == sorted(map(id, to_it + own))
    assert seen == [each for each in transcript if each in seen]


@given(st.lists(MESSAGES, max_size=30))
def test_the_buyer_and_staff_see_all_messages(transcript: list[Said]) -> None:
    assert seen_by(BUYER, transcript) == seen_by(None, transcript) == transcript


def test_staff_alone_knows_all_figures() -> None:
    seats = range(BUYER, N)
    assert all(may_know(None, owner) for owner in seats)
    assert [(seat, owner) for seat in seats for owner in seats if may_know(seat, owner)] == [
        (s, s) for s in seats
    ]


def test_a_seat_that_is_none_of_the_room_sees_what_is_said_to_all() -> None:
    assert may_see(7, Said(1, BUYER, "to all"))
    assert not may_see(7, Said(1, BUYER, "to one", to=(0,)))
    assert not may_see(7, Said(1, 0, "an answer"))

"""What a language model that buys may write to take an offer, and what takes none (M-21)."""

from __future__ import annotations

import time

import pytest

from negotiations.engine.acceptances import accepted_in
from negotiations.engine.room_offers import StandingOffer

NAMES = ("Ana", "Bo", "Cy Twombly", "Seller 2")
OFFERS = [StandingOffer(0, 10.0, 5, 1), StandingOffer(2, 11.0, 5, 1), StandingOffer(3, 11.5, 8, 2)]


def seat_in(text: str) -> int | None:
    found = accepted_in(text, NAMES, OFFERS, 5)
    return found.seat if found else None


@pytest.mark.parametrize(
    ("text", "seat"),
    [
        ("ACCEPT", 0),
        ("accept @Ana", 0),
        ("I accept @Cy Twombly.", 2),
        ("ACCEPT Cy Twombly", 2),
        ("@Cy Twombly, I accept your offer.", 2),
        ("Thank you all for your patience.\nACCEPT @Seller 2", 3),
        ("OK, deal. I accept Seller 2's offer of 11.50 each for 5.", 3),
        ("We accept your latest offer!", 0),
        ("I gladly accept it.", 0),
        ("I accept at 11 each.", 2),
        ("ACCEPT @Seller 2, 8 units", 3),
        ('ACCEPT @Ana\n{"price": 3, "quantity": 1}', 0),
        ('{"decision": "accept", "seller": "cy twombly"}', 2),
        ('```json\n{"action": "ACCEPT"}\n```', 0),
        ("<think>Is it good? Not sure.</think>ACCEPT @Ana", 0),
        ("I'll accept 11 each from Cy Twombly.", 2),
        ("Cy Twombly, I accept your offer.", 2),
        ("@Cy Twombly I accept your offer of 11.", 2),
        ("Thank you, Seller 2. I accept your offer.", 3),
        ("@Ana: ACCEPT", 0),
        ("I am happy to accept Ana's offer of €10, thank you all.", 0),
        ("We accept your bid, @Cy Twombly.", 2),
        ("ACCEPT @Ana, whose offer is the best.", 0),
        ("ACCEPT @Ana \u2013 this is the best offer.", 0),
        ("I accept the offer of 10. Bo, thank you for your time, and you, Ana.", 0),
    ],
)
def test_a_clear_word_accepts(text: str, seat: int) -> None:
    assert seat_in(text) == seat
    assert accepted_in(text, NAMES, [], 5) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CONTINUE",
        "CONTINUE. I'd accept 10 each.",
        "CONTINUE\nI accept @Ana",
        "accept or continue?",
        "accept @Bo",
        "accept @Zed",
        "accept @Ana @Cy Twombly",
        '{"decision": "accept", "seller": "Zed"}',
        '{"decision": "continue"}',
        "I cannot accept this",
        "I would accept 10.00",
        "I'd accept 10.00 each.",
        "Please accept 10 each.",
        "Can you accept 10?",
        "Accept my offer of 9 each.",
        "I accept your offer if you deliver today.",
        "I accept your offer, but only at 9.",
        "I accept @Ana at 9 each.",
        "I accept @Ana: 3 units.",
        "I accept that quality has its price, @Ana.",
        "I accept nothing above 10.",
        "It is hard to accept.",
        "ACCEPT Ana and Bo? No.",
        "<think>ACCEPT</think> let me see",
        "<think>ACCEPT @Ana",
        "ACCEPTABLE",
        "@Ana, accept this deal and we are done.",
        "Ana, accept this price.",
        "Accept this offer and we have a deal, @Ana.",
        "I accept the deal in principle, Ana, pending a better price.",
        "I accept your offer as a starting point, @Ana.",
        "I accept your offer is the best so far, Ana.",
        "I accept the offer is good. Let us see the others first.",
        "I accept Ana would rather sell 5 at 10.",
        "I accept Ana's concern about costs. My own stands at 9.",
        "Thank you, Ana and Cy Twombly. I accept your offer.",
        "ACCEPT. It is better than what Cy Twombly had.",
        "I accept your offer, Bo.",
    ],
)
def test_what_is_unclear_goes_on(text: str) -> None:
    assert seat_in(text) is None


def test_a_name_is_no_condition() -> None:
    """Sellers are called as they like."""
    names = ("Can Only Ltd", "Not If, But When")
    for seat, name in enumerate(names):
        offers = [StandingOffer(seat, 10.0, 5, 1)]
        assert accepted_in(f"ACCEPT @{name}", names, offers, 5) == offers[0]


@pytest.mark.parametrize(
    "part",
    [
        "accept ",
        "@",
        "I accept @",
        ".\n",
        "yes ",
        "@a,",
        '"seller":"',
        "accept Ana ",
        "Ana, I accept your.\n",
        "I accept it ",
    ],
)
def test_hostile_texts_take_no_time(part: str) -> None:
    begun = time.process_time()
    accepted_in(part * (200_000 // len(part)), NAMES, OFFERS, 5)
    assert time.process_time() - begun < 1

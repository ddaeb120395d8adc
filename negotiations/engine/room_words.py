"""What sellers and buyers that are negotiators say: prices and quantities in figures, by the style of the seat."""

from __future__ import annotations

import random
import re
from enum import StrEnum

from negotiations.engine.offer_texts import MOST_WORDS
from negotiations.engine.room_specs import Priority, RoomSpec, SellerSpec, Style


class Intent(StrEnum):
    """What a seller means by its offer."""

    OPEN = "open"
    LOWER = "lower"
    STAY = "stay"
    ACCEPT = "accept"
    SHORT = "short"
    NOTHING = "nothing"


class Mood(StrEnum):
    """How a buyer speaks to some sellers, after they have made offers."""

    LEADER = "leader"
    """Theirs are as good as any."""
    RIVAL = "rival"
    """Somebody else asks for less."""
    ONLY = "only"
    """There is nobody else."""
    LAST = "last"
    """It will not go on."""


_OFFER = "{price} each for {quantity}"
_SELLER: dict[Style, dict[Intent, tuple[str, ...]]] = {
    Style.WARM: {
        Intent.OPEN: (
            "Hello {buyer}, how good to hear from you! {why} I would gladly let you have it at " + _OFFER + ".",
            "Thank you so much for asking, {buyer}! {why} Shall we begin at " + _OFFER + "?",
        ),
        Intent.LOWER: (
            "Thank you for your patience, {buyer}. {why} I have found a way to come to you: " + _OFFER + ". I hope it helps!",
            "I would love to make this work for both of us! {why} Let us say " + _OFFER + ".",
        ),
        Intent.STAY: (
            "I understand you very well, {buyer}, and I am sorry: my offer is still " + _OFFER + ". I would be so happy if it suits you!",
            "Please believe that I try my best for you! For now it stays at " + _OFFER + ".",
        ),
        Intent.ACCEPT: (
            "With pleasure, {buyer}! Your price is fine with me: " + _OFFER + ". I look forward to working with you!",
            "Wonderful, we understand each other! You can have it at your price, " + _OFFER + ".",
        ),
        Intent.SHORT: (
            "I am so sorry, {buyer}, I have not got all that you need, but with joy I offer what there is: " + _OFFER + ".",
        ),
        Intent.NOTHING: ("I am truly sorry, {buyer}, there is nothing left on my shelves. Thank you for asking!",),
    },
    Style.PLAIN: {
        Intent.OPEN: ("{why} My offer is " + _OFFER + ".", "I can do " + _OFFER + ". {why}"),
        Intent.LOWER: ("I have lowered my offer to " + _OFFER + ". {why}", "A new offer: " + _OFFER + ". {why}"),
        Intent.STAY: ("My offer stays at " + _OFFER + ".", "No change: " + _OFFER + "."),
        Intent.ACCEPT: ("Agreed, at your price: " + _OFFER + ".", "Your price works. My offer is " + _OFFER + "."),
        Intent.SHORT: ("I do not have all of it. I can offer " + _OFFER + ".",),
        Intent.NOTHING: ("I have none left.",),
    },
    Style.BLUNT: {
        Intent.OPEN: (_OFFER + ". {why}", "Price: " + _OFFER + "."),
        Intent.LOWER: (_OFFER + ". Now decide.", "Fine. " + _OFFER + "."),
        Intent.STAY: ("No. " + _OFFER + ".", "Still " + _OFFER + "."),
        Intent.ACCEPT: ("Done. " + _OFFER + ".", "OK. " + _OFFER + "."),
        Intent.SHORT: ("Not enough here. " + _OFFER + ".",),
        Intent.NOTHING: ("Sold out.",),
    },
}  # fmt: skip
_WHY = {
    Priority.PROFIT: ("Good {item} has its price.", "You will not regret the quality."),
    Priority.BALANCE: ("It should be fair for both of us.", "If you move, so do I."),
    Priority.CUSTOMER: ("You matter more to me than the last coin.", "I want you to come back."),
}


def seller_words(
    spec: RoomSpec, seller: SellerSpec, intent: Intent, offer: tuple[float, int] | None, seed: int
) -> str:
    """What a seller says with an offer."""
    chance = random.Random(seed)
    by_intent = _SELLER[Style(seller.style)]
    why = chance.choice(_WHY[Priority(seller.priority)]).format(item=spec.item)
    price, quantity = offer or (0.0, 0)
    words = chance.choice(by_intent[intent]).format(
        buyer=spec.buyer.name, why=why, price=f"{price:.2f}", quantity=quantity
    )
    return words.strip()


_OPENING = (
    "Hello, I need {item}. What is your best offer? I think of {price} each for {quantity}.",
    "Good day. I am looking for {item} and think of {price} each for {quantity}. What do you say?",
)
_BUYER: dict[str, tuple[str, ...]] = {
    Mood.LEADER: (
        "you are among the best so far, but we are not there yet. I propose {price} each for {quantity}.",
        "of all that I have heard yours sounds good. Come to {price} each for {quantity}, and we are close.",
    ),
    Mood.RIVAL: (
        "I have a better price from somebody else. To stay with you I would need {price} each for {quantity}.",
        "others ask for less than you. I propose {price} each for {quantity}.",
    ),
    Mood.ONLY: (
        "thank you, but that is more than I want to pay. I propose {price} each for {quantity}.",
        "let us meet: {price} each for {quantity}.",
    ),
    Mood.LAST: (
        "this is my last word: {price} each for {quantity}.",
        "our time is over, and this is my final offer: {price} each for {quantity}. Take it or leave it.",
    ),
}


_LAST = re.compile(r"\b(?:last|final) (?:word|offer|price|bid)\b|\btake it or leave it\b", re.I)


def is_last_word(text: str) -> bool:
    """Whether a buyer says that it will not go on."""
    return bool(_LAST.search(text[:MOST_WORDS]))


def buyer_opening(spec: RoomSpec, price: float, seed: int) -> str:
    return _of_buyer(random.Random(seed).choice(_OPENING), spec, price)


def buyer_words(spec: RoomSpec, mood: str, price: float, to: tuple[int, ...], seed: int) -> str:
    """What the buyer says to some sellers, whom it mentions, or to all."""
    words = _of_buyer(random.Random(seed).choice(_BUYER[mood]), spec, price)
    names = ", ".join(f"@{spec.sellers[seat].name}" for seat in to)
    return f"{names}: {words}" if names else words[0].upper() + words[1:]


def _of_buyer(words: str, spec: RoomSpec, price: float) -> str:
    return words.format(item=spec.item, price=f"{price:.2f}", quantity=spec.buyer.quantity)


def silence(name: str) -> str:
    """What stands for a seat that could not answer."""
    return f"{name} gives no answer this time."


def waiting() -> str:
    """What the buyer says where its language model says nothing."""
    return "Please tell me your best offer."


def parting() -> str:
    """What it says last where that was nothing, and there is no deal."""
    return "We do not come together this time."


def plain_offer(price: float, quantity: int) -> str:
    return f"{price:.2f} each for {quantity}."

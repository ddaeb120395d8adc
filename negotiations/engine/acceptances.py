"""Whether what a language model that buys wrote takes an offer. An acceptance ends the room, so unclear is no (M-21)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from negotiations.engine.mentions import folded, mentioned
from negotiations.engine.offer_texts import offer_in, spoken
from negotiations.engine.room_offers import StandingOffer, cents
from negotiations.engine.worded_offers import Offered

_GOES_ON = re.compile(r"\bcontinue\b", re.I)
_GOES_ON_FIRST = re.compile(r"^CONTINUE\b[\s.,:;!-]*")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_ADDRESS = re.compile(r"@[^,:]{1,60}[,:]")
_BEGINS = re.compile(
    r"(?:\W{0,3}\b(?:yes|ok|okay|good|great|fine|deal|agreed|so|then)\b\W{1,3}){0,2}\W{0,3}"
    r"(?P<who>(?:i|we)(?:'ll)?\s(?:(?:hereby|gladly|happily|therefore|do|will|(?:am|are)\s(?:happy|glad|pleased)\sto)\s)?)?"
    r"(?P<word>accept(?:ed)?)\b",
    re.I,
)
_WHAT = re.compile(
    r"\W*$|\W{0,3}@|\W{0,3}[€$£¥]?\d|\W{1,3}(?:at|from|for)\b"
    r"|\W{1,3}(?:(?:your|the|this|that|best|last|latest|current|final|standing)\s){0,3}(?:offer|price|deal|terms|bid|quote|proposal|it)\b",
    re.I,
)
"""What may follow, beside a seller's name: to accept *my* offer, or that quality has its price, takes nothing."""
_STATES = re.compile(
    r"(?:(?!\b(?:which|who|whose|that|this|as|because|since|and|so|we|i)\b)[^,;:()\-\u2013\u2014]){0,80}?"
    r"\b(?:is|are|was|were|has|had|would|could|should|can|may|might|must|wants|needs)\b",
    re.I,
)
"""To accept *the offer is good* is to say so, not to take it."""
_YOURS = re.compile(r"\byours?\b", re.I)
_IS_OPEN = re.compile(
    r"\?|n't\b|\b(?:if|unless|when|once|but|only|provided|not|no|never|below|under|above|up to|at most|at least|though|however|except"
    r"|pending|in principle|starting point|concerns?|arguments?|reasoning|and (?:we have a|it is a|it's a) deal)\b",
    re.I,
)
_IN_JSON = re.compile(r'"(?:decision|action|response)"\s{0,5}:\s{0,5}"accept(?:ed)?"', re.I)
_SELLER = re.compile(r'"seller"\s{0,5}:\s{0,5}"([^"\n]{1,100})"')


def accepted_in(
    text: str, names: Sequence[str], offers: Sequence[StandingOffer], need: int
) -> StandingOffer | None:
    """The offer that a text takes, of those that may be taken, the best first.

    One seller may be named at most, and a price or a quantity only if it is the offer's.
    """
    taking = _taking(text, names)
    seats = None if taking is None else _named(text, names, taking.seats)
    if taking is None or seats is None:
        return None
    spoken_of = frozenset[int]() if seats else _spoken_of(text, names)
    if spoken_of and _YOURS.search(taking.sentence):  # whose it is the other sentences tell
        if len(spoken_of) > 1:
            return None
        seats = spoken_of
    told = offer_in(_nameless(taking.sentence, names))
    found = next((each for each in offers if _is_meant(each, seats, told, need)), None)
    return found if found and (not spoken_of or found.seat in spoken_of) else None


def accepts(text: str, names: Sequence[str]) -> bool:
    """Whether it takes an offer, whichever."""
    return _taking(text, names) is not None


def without_going_on(words: str) -> str:
    """The word CONTINUE, with which a model is told to begin, is not for the sellers."""
    return _GOES_ON_FIRST.sub("", words)


class _Taking(NamedTuple):
    """A sentence that accepts, empty where that stands in JSON, and the seller whose name follows the word."""

    sentence: str
    seats: tuple[int, ...] = ()


def _taking(text: str, names: Sequence[str]) -> _Taking | None:
    plain = spoken(text).replace("\u2019", "'")
    if _GOES_ON.search(plain):
        return None
    if _IN_JSON.search(plain):
        return _Taking("")
    for sentence in _SENTENCE.split(plain):
        rest, to = _addressed(sentence, names)
        begins = _BEGINS.match(rest)
        if not begins or _IS_OPEN.search(_nameless(sentence, names)):
            continue
        if rest != sentence and not begins["who"] and begins["word"] != "ACCEPT":
            continue  # the seller is asked to
        what = rest[begins.end() :]
        seats, _ = mentioned(f"@{what.strip().partition('@')[0]}", names)
        if (seats or _WHAT.match(what)) and not _STATES.match(_nameless(what, names)):
            return _Taking(sentence, seats or to)
    return None


def _addressed(sentence: str, names: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """What follows the name with which a sentence may begin, and whose it is, if it has no @ that tells it anyway."""
    if marked := _ADDRESS.match(sentence):
        return sentence[marked.end() :], ()
    plain = sentence.lstrip("@*_ ")
    for seat, name in sorted(enumerate(names), key=lambda each: -len(each[1])):
        rest = plain[len(name) :]
        if plain[: len(name)].casefold() == name.casefold() and not rest[:1].isalnum():
            return rest, (seat,)
    return sentence, ()


def _spoken_of(text: str, names: Sequence[str]) -> frozenset[int]:
    """The sellers whose names stand in a text, without an @."""
    plain = spoken(text)
    found = (re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain, re.I) for name in names)
    return frozenset(seat for seat, each in enumerate(found) if each)


def _nameless(sentence: str, names: Sequence[str]) -> str:
    """There are figures and words of all kinds in some names."""
    for name in sorted(names, key=len, reverse=True):
        sentence = re.sub(re.escape(name), " ", sentence, flags=re.I)
    return sentence


def _named(text: str, names: Sequence[str], seats: tuple[int, ...]) -> frozenset[int] | None:
    """The one seller that a text names, or nobody; None where it is unclear who is meant."""
    plain = spoken(text)
    mentions, unknown = mentioned(plain, names)
    told = {folded(found) for found in _SELLER.findall(plain)}
    chosen = {*seats, *mentions, *(seat for seat, name in enumerate(names) if folded(name) in told)}
    is_unclear = len(chosen) > 1 or (not chosen and (unknown or told))
    return None if is_unclear else frozenset(chosen)


def _is_meant(offer: StandingOffer, seats: frozenset[int], told: Offered, need: int) -> bool:
    if seats and offer.seat not in seats:
        return False
    if told.price is not None and cents(told.price) != cents(offer.price):
        return False
    return told.quantity in (None, need, offer.quantity)

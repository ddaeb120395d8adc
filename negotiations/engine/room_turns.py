"""Whose turn it is in a room, read from its transcript alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from negotiations.engine.room_specs import BUYER


class Message(Protocol):
    """What was said just now, or a row of it."""

    @property
    def round(self) -> Any: ...
    @property
    def seat(self) -> Any: ...
    @property
    def to(self) -> Any: ...


M = TypeVar("M", bound=Message)


def newest_round(transcript: Sequence[Message]) -> int:
    """0 where nobody has spoken."""
    return max((each.round for each in transcript), default=0)


def words_of_buyer(round: int, transcript: Sequence[M]) -> list[M]:
    """What the buyer said in a round, in order."""
    return [each for each in transcript if each.round == round and each.seat == BUYER]


def addressed(round: int, transcript: Sequence[Message], n_sellers: int) -> tuple[int, ...]:
    """The sellers that are to answer in a round, in the order of their seats."""
    words = words_of_buyer(round, transcript)
    if not words:
        return ()
    if any(not each.to for each in words):
        return tuple(range(n_sellers))
    return tuple(sorted({seat for each in words for seat in each.to if 0 <= seat < n_sellers}))


def answered(round: int, transcript: Sequence[Message]) -> frozenset[int]:
    return frozenset(each.seat for each in transcript if each.round == round and each.seat != BUYER)


def missing(round: int, transcript: Sequence[Message], n_sellers: int) -> tuple[int, ...]:
    """The sellers that were addressed in a round and have not answered."""
    there = answered(round, transcript)
    return tuple(seat for seat in addressed(round, transcript, n_sellers) if seat not in there)


def open_round(transcript: Sequence[Message], n_sellers: int) -> int:
    """The first round in which an answer is missing, or else the newest: 0 where nobody has spoken.

    A person may have written as the buyer for the round after it already.
    """
    newest = newest_round(transcript)
    rounds = range(1, newest + 1)
    return next((round for round in rounds if missing(round, transcript, n_sellers)), newest)


def is_finished(round: int, transcript: Sequence[Message], n_sellers: int) -> bool:
    """Whether the buyer has spoken in a round and all that it addressed have answered."""
    return bool(words_of_buyer(round, transcript)) and not missing(round, transcript, n_sellers)

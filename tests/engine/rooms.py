"""Rooms for tests, and a way to play them to their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from negotiations.engine.room_specs import (
    BuyerSpec,
    ModelAnswer,
    Priority,
    RoomDecision,
    RoomSpec,
    Said,
    SeatsAwaited,
    SeatView,
    SellerSpec,
    Style,
)
from negotiations.engine.rooms import play_round

BUYER_SPEC = BuyerSpec("Bea", 5, 8.0, 20.0, 95.0)


def seller(name: str = "Sam", least: float = 12.0, selling: float = 22.0, **given: Any) -> SellerSpec:
    return SellerSpec(name, least - 2, least, selling, **{"stock": 8, **given})


def room(*sellers: SellerSpec, seed: int = 7, **given: Any) -> RoomSpec:
    buyer = replace(BUYER_SPEC, **given.pop("buyer", {}))
    return RoomSpec("steel", buyer, sellers or three(), seed, **given)


def three() -> tuple[SellerSpec, ...]:
    return (
        seller("Ana", 12.0, priority=Priority.PROFIT, style=Style.WARM),
        seller("Bo", 13.0, priority=Priority.BALANCE, style=Style.PLAIN),
        seller("Cy", 14.0, priority=Priority.CUSTOMER, style=Style.BLUNT),
    )


def rest_of(
    spec: RoomSpec, before: Sequence[Said] = (), speak: Any = None
) -> tuple[list[Said], RoomDecision | SeatsAwaited]:
    """All that is said from here until a decision, or until persons are awaited."""
    said = list(before)
    for _ in range(spec.max_rounds + 2):
        for item in play_round(spec, said, speak):
            if not isinstance(item, Said):
                return said, item
            said.append(item)
    raise AssertionError("a room without an end")


def said_in(spec: RoomSpec, before: Sequence[Said]) -> list[Said]:
    """The messages that one call adds."""
    return [each for each in play_round(spec, before) if isinstance(each, Said)]


def decided(spec: RoomSpec, before: Sequence[Said] = (), speak: Any = None) -> RoomDecision:
    _, end = rest_of(spec, before, speak)
    assert isinstance(end, RoomDecision)
    return end


class Scripted:
    """A language model that says what it is told to, and remembers what it was shown."""

    def __init__(self, answer: Callable[[SeatView], ModelAnswer]) -> None:
        self.answer = answer
        self.views: list[SeatView] = []

    def __call__(self, view: SeatView) -> ModelAnswer:
        self.views.append(view)
        return self.answer(view)

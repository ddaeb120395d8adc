"""What happened in a room, in computed numbers: how each seat gave way, where it turned, what went well and badly.

For staff, as the economy: it knows every figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from negotiations.engine.disclosures import disclosed
from negotiations.engine.room_economy import Economy, economy_of
from negotiations.engine.room_offers import ceiling, takeable_offers
from negotiations.engine.room_specs import BUYER, RoomDecision, RoomSpec, Said, Verdict
from negotiations.engine.room_turns import newest_round

MOST_TURNS = 5
EARLY, LATE = 0.4, 0.65
"""Of the rounds: who has made half of its way before the one gave way early, after the other late."""


class Tactic(StrEnum):
    """When a seat gave way."""

    UNMOVED = "unmoved"
    EARLY = "early"
    STEADY = "steady"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class SeatPath:
    """How a seat moved. `conceded` is the share of its way from its first figure to its limit, None without a way.

    The limit is the least price of a seller and the highest of the buyer, whose figures are bids.
    """

    seat: int
    name: str
    first: float | None
    last: float | None
    moves: int
    conceded: float | None
    largest_move: float
    largest_round: int | None
    tactic: str
    fallbacks: int


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """A round that changed what the buyer could have: to `price`, by `seller`, from `before` where there was an offer."""

    round: int
    seller: int
    price: float
    before: float | None
    is_new_leader: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that went well or badly; `code` for programs, `text` for people."""

    is_good: bool
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class RoomAnalysis:
    """`best_offers` holds the best price that the buyer could have taken after each round."""

    rounds: int
    messages: int
    best_offers: tuple[float | None, ...]
    seats: tuple[SeatPath, ...]
    turning_points: tuple[TurningPoint, ...]
    facts: tuple[Fact, ...]
    economy: Economy


def analysis_of(
    spec: RoomSpec, transcript: Sequence[Said], decision: RoomDecision | None = None
) -> RoomAnalysis:
    rounds = newest_round(transcript)
    economy = economy_of(spec, transcript, decision)
    seats = tuple(_path(spec, seat, transcript, rounds) for seat in range(BUYER, len(spec.sellers)))
    turns = _turning_points(spec, transcript, rounds)
    best = tuple(_best_after(spec, transcript, round) for round in range(1, rounds + 1))
    return RoomAnalysis(
        rounds,
        len(transcript),
        tuple(each[1] if each else None for each in best),
        seats,
        turns,
        tuple(_facts(spec, transcript, decision, economy, seats)),
        economy,
    )


def _best_after(spec: RoomSpec, transcript: Sequence[Said], round: int) -> tuple[int, float] | None:
    offers = takeable_offers(spec, [each for each in transcript if each.round <= round])
    return (offers[0].seat, offers[0].price) if offers else None


def _path(spec: RoomSpec, seat: int, transcript: Sequence[Said], rounds: int) -> SeatPath:
    own = [each for each in transcript if each.seat == seat]
    by_round = {each.round: each.price for each in own if each.price is not None}
    figures = list(by_round.items())
    steps = [
        (round, abs(price - before))
        for (_, before), (round, price) in zip(figures, figures[1:], strict=False)
        if price != before
    ]
    limit = spec.buyer.high if seat == BUYER else spec.sellers[seat].least
    first, last = (figures[0][1], figures[-1][1]) if figures else (None, None)
    way = abs(limit - first) if first is not None else 0.0
    largest = max(steps, key=lambda step: step[1], default=(None, 0.0))
    return SeatPath(
        seat=seat,
        name=spec.buyer.name if seat == BUYER else spec.sellers[seat].name,
        first=first,
        last=last,
        moves=len(steps),
        conceded=round(abs((last or 0.0) - first) / way, 4) if first is not None and way else None,
        largest_move=round(largest[1], 2),
        largest_round=largest[0],
        tactic=_tactic(steps, rounds),
        fallbacks=sum(each.is_fallback for each in own),
    )


def _tactic(steps: Sequence[tuple[int, float]], rounds: int) -> str:
    """By when half of the way was made."""
    whole, done = sum(step for _, step in steps), 0.0
    for round, step in steps:
        done += step
        if done >= whole / 2:
            passed = (round - 1) / max(rounds - 1, 1)
            return Tactic.EARLY if passed < EARLY else Tactic.LATE if passed > LATE else Tactic.STEADY
    return Tactic.UNMOVED


def _turning_points(spec: RoomSpec, transcript: Sequence[Said], rounds: int) -> tuple[TurningPoint, ...]:
    """The first offer that the buyer could take, changes of who leads, and the largest falls, in order."""
    found: list[TurningPoint] = []
    before: tuple[int, float] | None = None
    for round in range(1, rounds + 1):
        now = _best_after(spec, transcript, round)
        if now and now != before:
            is_new = before is None or before[0] != now[0]
            found.append(TurningPoint(round, now[0], now[1], before and before[1], is_new))
        before = now
    weight = {each.round: (each.before is None, each.is_new_leader, _fall(each)) for each in found}
    most = sorted(found, key=lambda each: weight[each.round], reverse=True)[:MOST_TURNS]
    return tuple(sorted(most, key=lambda each: each.round))


def _fall(point: TurningPoint) -> float:
    return 0.0 if point.before is None else point.before - point.price


def _facts(
    spec: RoomSpec,
    transcript: Sequence[Said],
    decision: RoomDecision | None,
    economy: Economy,
    seats: Sequence[SeatPath],
) -> Iterator[Fact]:
    yield from _of_end(spec, decision, economy)
    yield from _of_seats(seats)
    told = sum(bool(_told(spec, each)) for each in transcript)
    if told:
        yield Fact(
            False,
            "disclosures",
            f"{told} {'message' if told == 1 else 'messages'} gave a secret figure away.",
        )


def _of_end(spec: RoomSpec, decision: RoomDecision | None, economy: Economy) -> Iterator[Fact]:
    if decision is None:
        return
    if decision.verdict != Verdict.DEAL:
        yield (
            Fact(False, "missed", "A deal was feasible and was not made.")
            if economy.is_feasible
            else Fact(True, "rightly_none", "No deal was feasible, and none was made.")
        )
        return
    if decision.round < spec.max_rounds:
        yield Fact(
            True, "early_deal", f"The deal was made after {decision.round} of {spec.max_rounds} rounds."
        )
    over = economy.over_competitive
    if over is not None and over > 0:
        yield Fact(
            False, "over_competitive", f"The buyer paid {over:.2f} more than at the competitive price."
        )
    elif over is not None:
        yield Fact(
            True,
            "competitive",
            f"The buyer paid {-over:.2f} less than at the competitive price."
            if over
            else "The buyer paid the competitive price.",
        )
    if economy.efficiency is not None:
        is_best = economy.efficiency > 0.9999
        text = (
            "a seller that can serve the need at the lowest price."
            if is_best
            else "not the one that can serve the need at the lowest price."
        )
        yield Fact(is_best, "efficient" if is_best else "inefficient", f"The deal went to {text}")


def _of_seats(seats: Sequence[SeatPath]) -> Iterator[Fact]:
    for path in seats:
        if path.fallbacks:
            yield Fact(False, "fallbacks", f"{path.name} could not answer {_times(path.fallbacks)}.")
        if path.seat != BUYER and path.tactic == Tactic.UNMOVED and path.first is not None:
            yield Fact(False, "unmoved", f"{path.name} never moved from {path.first:.2f}.")
    largest = max(
        (path for path in seats if path.seat != BUYER), key=lambda path: path.largest_move, default=None
    )
    if largest and largest.largest_move:
        yield Fact(
            True,
            "largest_move",
            f"{largest.name} made the largest move, {largest.largest_move:.2f} in round {largest.largest_round}.",
        )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _told(spec: RoomSpec, said: Said) -> tuple[str, ...]:
    if said.seat == BUYER:
        limits = spec.buyer.high, ceiling(spec.buyer)
        return disclosed(said.text, {"high": limits, "budget": spec.buyer.budget})
    if not 0 <= said.seat < len(spec.sellers):
        return ()
    seller = spec.sellers[said.seat]
    return disclosed(said.text, {"cost": seller.cost, "least": seller.least})

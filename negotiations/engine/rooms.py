"""A room, round by round: the buyer speaks, the sellers addressed answer, the buyer takes an offer or goes on.

Nothing is kept between two calls. What has been said tells where the room stands, and the same spec and transcript give
the same words in any process: a room that is cut off after any message goes on as if it had not been.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from negotiations.engine import room_turns as turns
from negotiations.engine.failures import clean
from negotiations.engine.room_buyer import cannot_buy, decision_of_negotiator, words_of_negotiator
from negotiations.engine.room_models import (
    closing_words,
    decision_in,
    decision_told,
    model_answers,
    model_opens,
    no_model,
)
from negotiations.engine.room_offers import standing_offers
from negotiations.engine.room_sellers import offer_of
from negotiations.engine.room_specs import (
    BUYER,
    ModelSpeaker,
    RoomDecision,
    RoomSpec,
    Said,
    SeatKind,
    SeatsAwaited,
    Verdict,
)
from negotiations.engine.room_words import Intent, seller_words, silence
from negotiations.engine.table import seed_of
from negotiations.engine.turns import SOMEBODY, Turn
from negotiations.engine.visibility import may_see

Item = Said | RoomDecision | SeatsAwaited


def play_round(
    spec: RoomSpec,
    transcript: Sequence[Said],
    speak: ModelSpeaker | None = None,
    turn: Turn | None = None,
) -> Iterator[Item]:
    """What is new: the rest of the open round, or the next one, and the decision if there is one after it.

    Call it again with all that was said until it yields a decision, or persons are awaited. A language model that
    buys may already open the round after.
    """
    room = _Room(spec, list(transcript), speak or no_model, turn or Turn())
    for item in room.play():
        if isinstance(item, Said):
            room.said.append(item)
        yield item


@dataclass(frozen=True)
class _Room:
    """A room in the midst of a round; `said` grows as it plays."""

    spec: RoomSpec
    said: list[Said]
    speak: ModelSpeaker
    turn: Turn

    @property
    def size(self) -> int:
        return len(self.spec.sellers)

    def play(self) -> Iterator[Item]:
        round = turns.open_round(self.said, self.size)
        if not round or turns.is_finished(round, self.said, self.size):
            if round and (yield from self.close(round)):
                return
            round += 1
        if (yield from self.open(round)):
            yield from self.answers(round)
            awaited = turns.missing(round, self.said, self.size)
            if awaited:
                yield SeatsAwaited(round, awaited)
            elif not turns.words_of_buyer(round + 1, self.said):  # or else a person goes on already
                yield from self.close(round)

    def open(self, round: int) -> Generator[Item, None, bool]:
        """The buyer's words, those that are missing; whether the sellers are to answer now."""
        words = turns.words_of_buyer(round, self.said)
        own = [each for each in words if not each.by_person]
        kind = self.spec.buyer.kind
        if words and (words[0].by_person or kind != SeatKind.NEGOTIATOR):
            return True
        if kind == SeatKind.PERSON:
            yield SeatsAwaited(round, (BUYER,))
            return False
        if not words and (reason := cannot_buy(self.spec)):
            yield RoomDecision(round, Verdict.NO_DEAL, reason=reason)
            return False
        self.turn.take(SOMEBODY)
        said = (
            [model_opens(self.spec, round, self.said, self.speak)[0]]
            if kind == SeatKind.MODEL
            else words_of_negotiator(self.spec, round, self.said)
        )
        self.turn.leave()
        yield from said[len(own) :]
        return True

    def answers(self, round: int) -> Iterator[Said]:
        """Of the sellers addressed that have not answered, in the order of their seats, but for persons."""
        for seat in turns.missing(round, self.said, self.size):
            kind = self.spec.sellers[seat].kind
            if kind == SeatKind.PERSON:
                continue
            self.turn.take(seat)
            said = (
                model_answers(self.spec, seat, round, self.said, self.speak)
                if kind == SeatKind.MODEL
                else _negotiator_answers(self.spec, seat, round, self.said)
            )
            self.turn.leave()
            yield said

    def close(self, round: int) -> Generator[Item, None, bool]:
        """The decision after a round; whether this is all for now."""
        kind = self.spec.buyer.kind
        if kind == SeatKind.PERSON:
            yield SeatsAwaited(round, (BUYER,))
            return True
        if kind == SeatKind.MODEL:
            return (yield from self.model_closes(round))
        decision = decision_of_negotiator(self.spec, round, self.said)
        if decision:
            yield decision
        return decision is not None

    def model_closes(self, round: int) -> Generator[Item, None, bool]:
        """It is asked once: to accept, or for the words of the next round."""
        if round < min(self.spec.min_rounds, self.spec.max_rounds):
            return False
        if not self.has_closed(round):
            self.turn.take(SOMEBODY)
            opening, text = model_opens(self.spec, round + 1, self.said, self.speak, can_accept=True)
            self.turn.leave()
            decision = decision_in(self.spec, round, self.said, text)
            if decision is None:
                yield opening
                return False
            yield closing_words(self.spec, decision, opening)
        decision = decision_told(self.spec, round, self.said)
        if decision:
            yield decision
        return decision is not None

    def has_closed(self, round: int) -> bool:
        """Whether its buyer's closing words were said before the room was cut off."""
        last = [each for each in self.said if each.round == round][-1]
        return last.seat == BUYER and bool(turns.answered(round, self.said))


def _negotiator_answers(spec: RoomSpec, seat: int, round: int, transcript: Sequence[Said]) -> Said:
    """A seller's answer: it depends on what that seat may see, and not on what others said in this round."""
    seller = spec.sellers[seat]
    heard = [each for each in transcript if each.round <= round and may_see(seat, each)]
    try:
        offer = offer_of(spec, seat, round, heard)
    except Exception as error:  # noqa: BLE001 one seller that fails must not end the room of the others
        told = clean(f"{type(error).__name__}: {error}")
        return Said(round, seat, silence(seller.name), is_fallback=True, error=told)
    words = seller_words(
        spec, seller, _intent(spec, seat, heard, offer), offer, seed_of(seed_of(spec.seed, seat), round)
    )
    return Said(round, seat, words, *(offer or (None, None)))


def _intent(spec: RoomSpec, seat: int, heard: Sequence[Said], offer: tuple[float, int] | None) -> Intent:
    if offer is None:
        return Intent.NOTHING
    bids = [each.price for each in heard if each.seat == BUYER and each.price is not None]
    earlier = standing_offers(spec, heard).get(seat)
    if bids and bids[-1] == offer[0]:
        return Intent.ACCEPT
    if offer[1] < spec.buyer.quantity:
        return Intent.SHORT
    if earlier is None:
        return Intent.OPEN
    return Intent.LOWER if offer[0] < earlier.price else Intent.STAY

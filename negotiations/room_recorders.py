"""From what is said in a room to rows: each message committed before the next is made, and one end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.utils import timezone

from negotiations.engine.room_specs import (
    BUYER,
    RoomDecision,
    RoomSpec,
    Said,
    SeatKind,
    SeatsAwaited,
    Verdict,
)
from negotiations.engine.room_turns import missing
from negotiations.engine.specs import LogLine
from negotiations.exceptions import Stopped
from negotiations.heart import Heart
from negotiations.models import Job, Market, RoomRun, RunEnd
from negotiations.models.room_messages import as_money
from negotiations.models.room_news import tell_of_turn
from negotiations.patience import patiently

Item = Said | RoomDecision | SeatsAwaited | LogLine | None
Play = Callable[[RoomSpec, list[Said]], Iterator[Item]]
MOST_IDLE = 3
"""Rounds in a row in which nothing may come of anything; more would go on for ever."""


@dataclass(frozen=True)
class Table:
    """What one call of the engine begins with."""

    spec: RoomSpec
    transcript: list[Said]
    conditions: dict[str, Any]


class RoomRecorder:
    """Plays round after round until the room is over, waits for people, or the worker has to stop."""

    def __init__(self, job: Job, run: RoomRun) -> None:
        self.job = job
        self.run = run
        self._heart = Heart(job)
        self._heart.step("Preparing")
        self._table: Table
        self._is_done = False
        self._is_outdated = False
        self._n_known = 0
        self._n_idle = 0

    def record(self, play: Play) -> None:
        """Raises Stopped, LostLease, and the child's ChildFailed."""
        self._beat(self._begin)
        self._heart.step("Negotiating")
        while not self._is_done:
            n_before = self._n_known
            self._beat(self._open)
            if not self._is_done:
                self._hear(play(self._table.spec, self._table.transcript))
            self._n_idle = 0 if self._n_known > n_before else self._n_idle + 1
            if self._n_idle > MOST_IDLE:
                raise RuntimeError("The engine comes to no end of a round.")

    def _hear(self, said: Iterator[Item]) -> None:
        self._is_outdated = False
        with closing(cast("Any", said)) as items:
            for item in items:
                if isinstance(item, LogLine):
                    self._heart.hear(item)
                elif item is not None:
                    self._take(item)
                elif self._heart.is_due(waiting=False):
                    self._beat(self._look_at_time)
                if self._is_done or self._is_outdated:
                    return

    def _take(self, item: Item) -> None:
        if isinstance(item, Said):
            self._beat(lambda: self._write(item))
        elif isinstance(item, RoomDecision):
            self._beat(lambda: self._decide(item))
        elif isinstance(item, SeatsAwaited):
            self._beat(lambda: self._wait_for(item))

    def _beat(self, rows: Callable[[], None]) -> None:
        """One transaction, behind the fence. Raises Stopped where the job is to stop, and it is not over with this."""
        total = self.run.room.market.max_rounds
        step = min(self.run.round, total)
        told = f"Round {step} of {total}" if step else "Before the first round"
        if self._heart.beat(rows, current_step=step, message=told) and not self._is_done:
            raise Stopped

    # --- What is written, each behind the lock of the run's row -------------------------------------------------

    def _begin(self) -> None:
        self._lock()
        if self.run.deadline is None:
            self.run.set(deadline=timezone.now() + timedelta(seconds=self.run.seconds_left))

    def _lock(self) -> None:
        self.run = RoomRun.objects.locked(self.run.pk)

    def _open(self) -> None:
        """The round that is open, or the next one where a person has written for it already."""
        self._look_at_time()
        if self._is_done:
            return
        self._lock()
        run = self.run
        messages = [message.to_said() for message in run.messages.order_by("seq")]
        spec = run.room.to_spec(run.room.conditions())
        silent = missing(run.round, messages, len(spec.sellers))
        if any(said.round > run.round for said in messages) and self._are_people(spec, silent):
            # The buyer has written again before they answered: the next round is theirs.
            messages += run.pass_over(silent)
            run.set(round=run.round + 1)
        if not (silent and _is_begun(spec, run.round, messages)) or not run.conditions:
            run.set(conditions=run.room.conditions())
        self._n_known = run.n_messages
        transcript = [said for said in messages if said.round <= run.round]
        self._table = Table(run.room.to_spec(run.conditions), transcript, run.conditions)

    def _are_people(self, spec: RoomSpec, seats: tuple[int, ...]) -> bool:
        return all(spec.sellers[seat].kind == SeatKind.PERSON for seat in seats)

    def _write(self, said: Said) -> None:
        """Unless a person was quicker: then the round goes as that person wrote."""
        self._lock()
        run = self.run
        if said.round > run.round:
            if run.messages.filter(round=said.round, seat=BUYER).exists():
                self._is_outdated = True
                return
            run.set(round=said.round, conditions=self._table.conditions)
        run.say(said)
        self._n_known += 1

    def _decide(self, decision: RoomDecision) -> None:
        """A deal takes from stock and budget. It is none where a person has written meanwhile, or another room was quicker."""
        Market.objects.locked(self.run.room.market_id)
        self._lock()
        run, is_deal = self.run, decision.verdict == Verdict.DEAL
        if run.messages.filter(round__gt=run.round).exists():
            self._is_outdated = True
            return
        if is_deal and not self._buy(decision):
            self._is_outdated = True
            self._take_up(run.room.conditions())
            return
        if is_deal:
            reason = RunEnd.DEAL
        else:
            reason = RunEnd.ROUNDS if run.round >= run.room.market.max_rounds else RunEnd.NO_OFFER
        self._end(reason, decision, decision.reason)

    def _take_up(self, left: dict[str, Any]) -> None:
        """With what is left the engine decides anew: as often as it becomes less."""
        if left != self.run.conditions:
            self._n_idle = 0
        self.run.set(conditions=left)

    def _buy(self, decision: RoomDecision) -> bool:
        price, quantity = as_money(decision.price), decision.quantity
        if decision.seller is None or price is None or quantity is None:
            raise ValueError("A deal without a seller, a price or a quantity.")
        return bool(self.run.room.take(decision.seller, price, quantity))

    def _wait_for(self, awaited: SeatsAwaited) -> None:
        """Give the worker back; unless an answer has come since the round was read."""
        self._lock()
        run = self.run
        if run.n_messages != self._n_known:
            self._is_outdated = True
            return
        run.set(awaits=list(awaited.seats))
        self._is_done = True
        self.job.wait_for_people(f"Round {max(1, run.round)} waits for {run.names_at(awaited.seats)}.")
        if self.job.awaits_since:
            tell_of_turn(run, awaited.seats)

    def _look_at_time(self) -> None:
        if self.run.deadline is not None and timezone.now() > self.run.deadline:
            Market.objects.locked(self.run.room.market_id)
            self._lock()
            self._end(RunEnd.TIME, None, self.run.told_of_time())

    def _end(self, reason: RunEnd, decision: RoomDecision | None, why: str) -> None:
        written = self.run.end(reason, decision, told=why)
        self._heart.step("Closing")
        self._is_done = True
        told = written.told if written.is_deal else f"No deal: {why.removeprefix('No deal: ')}"
        self.job.complete(told)

    def stop(self) -> None:
        """Cancelled, paused, or the worker shuts down."""
        job, round = self.job, self.run.round
        if job.cancel_requested_at:
            by = job.cancelled_by or "the administrator"
            job.stop_cancelled(f"Stopped by {by} in round {round}. What was said is kept.")
        elif job.hold:
            job.hand_back(f"Paused in round {round}.")
            self._lock()
            self.run.stop_clock()
        else:
            job.hand_back(f"The worker shuts down. The room goes on in round {max(1, round)}.")


def _is_begun(spec: RoomSpec, round: int, transcript: list[Said]) -> bool:
    """Whether anything in a round was said under its conditions: an answer, or the bids of a negotiator."""
    said = [each for each in transcript if each.round == round]
    bids = spec.buyer.kind == SeatKind.NEGOTIATOR and any(not each.by_person for each in said)
    return bids or any(each.seat != BUYER for each in said)


def run_of(job: Job) -> RoomRun:
    found = RoomRun.objects.select_related("job", "room__market__owner")
    return cast("RoomRun", patiently(lambda: found.get(job=job)))

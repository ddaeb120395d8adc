"""Play one session and say every action of every party, once, in order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from negotiations.engine import negotiators, scenarios
from negotiations.engine.exceptions import Awaited, Unseated
from negotiations.engine.failures import Failure
from negotiations.engine.specs import (
    Action,
    Awaiting,
    EndReason,
    Outcome,
    PartySpec,
    Result,
    SessionSpec,
    Utilities,
)
from negotiations.engine.table import Table, seed_everything, seed_of
from negotiations.engine.turns import SOMEBODY, Turn
from negotiations.engine.utilities import UtilityTable

__all__ = ["Session", "play", "seed_of"]

Item = Action | Awaiting | Result


def play(spec: SessionSpec, turn: Turn | None = None) -> Session:
    """Play a session: yields each action as the step that holds it is over, then exactly one result.

    Where it is the turn of a person whose answer is not in the script, the last item says so instead.
    What a negotiator does wrong (raises, exits, answers nonsense) ends in a result that names it; only MemoryError
    gets out, since little can be trusted after it.
    """
    return Session(spec, turn or Turn())


class Session(Iterator[Item]):
    """A session under way. With an `outlet` actions go there at once instead, even those of a step that never ends."""

    def __init__(self, spec: SessionSpec, turn: Turn) -> None:
        self.outlet: Callable[[Item], None] | None = None
        self._items = _items(self, spec, turn)

    def __next__(self) -> Item:
        return next(self._items)


def _items(session: Session, spec: SessionSpec, turn: Turn) -> Iterator[Item]:
    waiting: list[Item] = []
    turn.take(SOMEBODY)
    seed_everything(seed_of(spec.seed, 0))
    try:
        table = _seat(spec, turn, session.outlet or waiting.append)
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 a negotiator's constructor is other people's code
        yield _not_started(spec, turn, error)
        return
    running = True
    while running:
        running = step_on(table)
        turn.leave()
        yield from waiting
        waiting.clear()
    if table.awaits:
        yield table.awaits
        return
    table.close()
    yield _result(spec, table)


def _seat(spec: SessionSpec, turn: Turn, out: Callable[[Item], None]) -> Table:
    """The table with its parties, ready for the first step."""
    scenario = scenarios.load(spec.scenario)
    if len(scenario.ufuns) != len(spec.parties):
        needed, given = len(scenario.ufuns), len(spec.parties)
        raise Unseated(
            f"The scenario has {needed} utility functions but {given} parties were given. Seat {needed} parties."
        )
    if spec.mechanism.n_steps is None and spec.mechanism.seconds is None:
        raise Unseated("The session has neither a number of steps nor a time limit. Set one of them.")
    utilities = UtilityTable(scenario.ufuns)
    table = Table(spec, scenario.outcome_space, utilities, turn, out)
    for index, (party, ufun) in enumerate(zip(spec.parties, scenario.ufuns, strict=True)):
        turn.take(index)
        table.seat(born(party, str(index)), ufun, party)
    return table


def born(party: PartySpec, identity: str) -> Any:
    """Its negotiator. Who sits there instead of another leaves the others the random numbers that they were born with."""
    if party.instead_of is None:
        return negotiators.create(party, identity)
    negotiators.create(party.instead_of, identity)
    drawn = random.getstate(), np.random.get_state()
    negotiator = negotiators.create(party, identity)
    random.setstate(drawn[0])
    np.random.set_state(drawn[1])
    return negotiator


def step_on(table: Table) -> bool:
    """Go one step on; False when the session is over."""
    try:
        state = table.step()
    except MemoryError:
        raise
    except Awaited:
        return False
    except BaseException as error:  # noqa: BLE001 callbacks of negotiators run in here too
        table.fail(error)
        return False
    return bool(state.running)


def _not_started(spec: SessionSpec, turn: Turn, error: BaseException) -> Result:
    failure = Failure.of(error, turn.party)
    turn.leave()
    unknown = (None,) * len(spec.parties)
    return Result(EndReason.ERROR.value, 0, None, unknown, failure.party, failure.error, failure.traceback)


def _result(spec: SessionSpec, table: Table) -> Result:
    reason, party = end_of(spec, table)
    agreement: Outcome | None = None
    utilities: Utilities = table.utilities.reserved
    if reason == EndReason.AGREEMENT:
        agreement, utilities = table.utilities.of(table.state.agreement)
    failure = table.failure if reason == EndReason.ERROR else None
    error, trace = (failure.error, failure.traceback) if failure else ("", "")
    return Result(reason.value, table.state.step, agreement, utilities, party, error, trace)


def end_of(spec: SessionSpec, table: Table) -> tuple[EndReason, int | None]:
    """Why the session is over, and whose doing that is."""
    if table.failure:
        return EndReason.ERROR, table.failure.party
    if table.state.agreement is not None:
        return EndReason.AGREEMENT, None
    if table.ran_out_of_steps:
        return EndReason.STEPS, _first_to_leave(spec)
    if spec.mechanism.seconds is not None and table.time >= spec.mechanism.seconds:
        return EndReason.SECONDS, None
    return EndReason.ENDED, table.last.party if table.last else None


def _first_to_leave(spec: SessionSpec) -> int | None:
    """The party whose own number of steps ended the session, if one did."""
    own = [(party.n_steps, index) for index, party in enumerate(spec.parties) if party.n_steps is not None]
    if not own:
        return None
    steps, index = min(own)
    return index if spec.mechanism.n_steps is None or steps < spec.mechanism.n_steps else None

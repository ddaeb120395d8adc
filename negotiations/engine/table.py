"""NegMAS's alternating offers mechanism, watched: every action is noted as it is taken."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from types import TracebackType
from typing import Any

import numpy as np
from negmas.outcomes import OutcomeSpace
from negmas.sao import ResponseType, SAOMechanism, SAOResponse, SAOState

from negotiations.engine.exceptions import Awaited, NonsenseError, RoundFailed, Unscripted, Unseated
from negotiations.engine.failures import Failure, clean
from negotiations.engine.scripts import WORDS, answer_of
from negotiations.engine.specs import (
    PERSON,
    Action,
    Awaiting,
    Outcome,
    PartySpec,
    Response,
    ScriptedAction,
    SessionSpec,
    Utilities,
)
from negotiations.engine.states import copied, kept
from negotiations.engine.turns import SOMEBODY, Turn
from negotiations.engine.utilities import UtilityTable

MAX_TEXT = 2000
MAX_WAITS = 1000
"""A negotiator may answer WAIT for ever; each answer is an action, so an end is needed."""


def seed_of(seed: int, seq: int) -> int:
    """The 32-bit seed given to `random` and to numpy before action `seq`; 0 before the parties are made and greeted.

    NegMAS draws random numbers by the wall clock, so a stream that is seeded once would depend on the speed of the
    machine. Seeding each action makes a session the same on every replay.
    """
    return (seed * 1_000_003 + seq) % 2**32


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)


class Table(SAOMechanism):
    """One session's mechanism.

    Three things differ from NegMAS: the random generators are seeded before each action, each action is told to
    `out`, and states are copied faster. What the parties see and do is the same, but where there is a script: in a
    fork, and of what people answered. Where it has no answer of a person, `awaits` tells whose.
    """

    def __init__(
        self,
        spec: SessionSpec,
        outcome_space: OutcomeSpace,
        utilities: UtilityTable,
        turn: Turn,
        out: Callable[[Action], None],
    ) -> None:
        rules = spec.mechanism
        super().__init__(
            outcome_space=outcome_space,
            n_steps=rules.n_steps,
            time_limit=rules.seconds,
            sync_calls=True,
            offering_is_accepting=rules.offering_is_accepting,
            one_offer_per_step=rules.one_offer_per_step,
            check_offers=True,
            ignore_negotiator_exceptions=True,
            max_wait=MAX_WAITS,
            name="session",
        )
        self.utilities = utilities
        self.failure: Failure | None = None
        self.last: Action | None = None
        self.awaits: Awaiting | None = None
        self._seed = spec.seed
        self._script = {scripted.seq: scripted for scripted in spec.scripted}
        self._people = {index for index, party in enumerate(spec.parties) if party.type == PERSON}
        self._turn = turn
        self._out = out
        self._parties: dict[str, int] = {}
        self._copy_is_wanted = False

    def seat(self, negotiator: Any, ufun: Any, party: PartySpec) -> None:
        """Add a party; Unseated when it will not or may not join."""
        index = len(self._parties)
        self._parties[negotiator.id] = index
        if not self.add(negotiator, preferences=ufun, n_steps=party.n_steps):
            raise Unseated(
                f"{party.name} cannot join this session: its negotiator does not fit the mechanism or the scenario."
            )

    def close(self) -> None:
        """Note what NegMAS found wrong by itself."""
        if self.state.has_error and not self.failure:
            told = f"{self.state.error_details}. Seat at least one party that makes offers."
            self.failure = Failure(None, told, "")

    @property
    def ran_out_of_steps(self) -> bool:
        steps = self._internal_nmi.n_steps
        return bool(self.state.timedout) and steps is not None and self.state.step >= steps

    def fail(self, error: BaseException) -> None:
        """Note an error that came out of a step."""
        if isinstance(error, RoundFailed) and error.__cause__:
            error = error.__cause__
        self.failure = Failure.of(error, self._culprit(error.__traceback__))

    def _culprit(self, trace: TracebackType | None) -> int | None:
        """The party whose code is innermost in the traceback, or else whose turn it was."""
        party = self._turn.party
        while trace is not None:
            owner = trace.tb_frame.f_locals.get("self")
            for identity, negotiator in self._negotiator_map.items():
                if owner is negotiator:
                    party = self._parties[identity]
            trace = trace.tb_next
        return party

    def step(self, action: dict[str, SAOResponse] | None = None) -> SAOState:
        self._turn.take(SOMEBODY)
        return super().step(action)

    def __call__(self, state: SAOState, action: dict[str, SAOResponse] | None = None) -> Any:
        try:
            return super().__call__(state, action)
        except TypeError as error:
            # NegMAS would take a TypeError of a negotiator's callback for its own and play the whole round again.
            raise RoundFailed from error

    def _call(self, negotiator: Any, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """As NegMAS, which goes on when a callback raises, but for MemoryError."""
        self._turn.take(self._parties[negotiator.id])
        try:
            result = callback(*args, **kwargs)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 NegMAS ignores what callbacks raise
            result = None
        self._turn.take(SOMEBODY)
        return result

    def _safe_counter(
        self,
        negotiator: Any,
        state: SAOState,
        times: Any,
        action: Any,
        exceptions: dict[str, list[str]],
        *args: Any,
        **kwargs: Any,
    ) -> tuple[SAOResponse | None, bool]:
        party = self._parties[negotiator.id]
        seq = self.last.seq + 1 if self.last else 1
        self._stop_for_people(party, seq)
        seed_everything(seed_of(self._seed, seq))
        self._turn.take(party)
        try:
            answer, failed = super()._safe_counter(
                negotiator, state, times, action, exceptions, *args, **kwargs
            )
            if failed:
                self.failure = Failure.told(party, exceptions[negotiator.id][-1])
            elif answer is not None and type(answer.response) is not ResponseType:
                raise NonsenseError(f"It answered {answer.response!r:.100}, which is no response.")
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 SystemExit gets through NegMAS, and so does nonsense
            self.failure = Failure.of(error, party)
        if self.failure:
            if self.failure.error.partition(":")[0].endswith("MemoryError"):
                raise MemoryError(self.failure.error)
            answer, failed = END, True
        if self._script and seq in self._script:
            answer, failed = self._scripted(self._script[seq], party, state.current_offer)
        self._note(seq, party, answer, state.current_offer)
        return answer, failed

    def _stop_for_people(self, party: int, seq: int) -> None:
        """Go no further where a person has to answer first."""
        if party in self._people and seq not in self._script:
            self.awaits = Awaiting(party, seq, self._current_state.step)
            raise Awaited

    def _scripted(self, scripted: ScriptedAction, party: int, on_table: Any) -> tuple[SAOResponse, bool]:
        """What the party does in place of what its negotiator said or raised: that was asked for its state only."""
        try:
            answer = answer_of(scripted, party, on_table, self.outcome_space)
        except Unscripted as error:
            self.failure = Failure.of(error, None)
            return END, True
        self.failure = None
        return answer, False

    def _note(self, seq: int, party: int, answer: SAOResponse | None, offered: Any) -> None:
        self._turn.leave()
        outcome: Outcome | None = None
        utilities: Utilities = ()
        response = self._response(answer)
        if answer is not None and response in (Response.OFFER, Response.ACCEPT):
            on_table = answer.outcome if response == Response.OFFER else offered
            if on_table is not None:
                outcome, utilities = self.utilities.of(on_table)
        text = text_of(answer.data) if answer is not None and answer.data else ""
        time = round(self._relative_time_for(self._shared_nmi), 6)
        self.last = Action(seq, self._current_state.step, time, party, response, outcome, utilities, text)
        self._out(self.last)
        self._turn.take(1 - party if len(self._parties) == 2 else SOMEBODY)

    def _response(self, answer: SAOResponse | None) -> str:
        if self.failure:
            return Response.ERROR.value
        if answer is None:
            return Response.NONE.value
        if answer.response is ResponseType.REJECT_OFFER:
            return (Response.REJECT if answer.outcome is None else Response.OFFER).value
        return WORDS[answer.response]

    def checkpoint_on_step_started(self) -> None:
        # NegMAS copies the state next, and throws that copy away. It keeps the one made after the round.
        self._copy_is_wanted = False

    @property
    def state4history(self) -> Any:
        if self._copy_is_wanted:
            return kept(self._current_state)
        self._copy_is_wanted = True
        return None

    def _relative_time_for(self, nmi: Any) -> float:
        if self.time_limit == math.inf and nmi.n_steps is not None:
            # All that is left of NegMAS's formula.
            return min(1.0, (int(self._current_state.step) + 1) / (int(nmi.n_steps) + 1))
        relative: float = super()._relative_time_for(nmi)
        return relative

    def _state_for_nmi(self, nmi: Any) -> SAOState:
        state = copied(self._current_state)
        state.relative_time = self._relative_time_for(nmi)
        return state


END = SAOResponse(ResponseType.END_NEGOTIATION, None)


def text_of(data: Any) -> str:
    text = data.get("text") if isinstance(data, dict) else None
    return clean(text)[:MAX_TEXT] if isinstance(text, str) else ""

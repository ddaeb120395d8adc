"""The table of a match: for two parties that count steps, NegMAS's round with the same calls and half the work."""

from __future__ import annotations

import math
import random
import time
from typing import Any

from negmas.gb.components.base import GBComponent
from negmas.gb.negotiators.base import GBNegotiator
from negmas.gb.negotiators.modular.modular import GBModularNegotiator
from negmas.helpers import TimeoutError as NegMASTimeout
from negmas.helpers.strings import exception2str
from negmas.negotiators import Negotiator
from negmas.negotiators.components.component import Component
from negmas.negotiators.modular import ModularNegotiator
from negmas.outcomes.common import ExtendedOutcome
from negmas.sao import ResponseType, SAOResponse, SAOState

from negotiations.engine.exceptions import NonsenseError
from negotiations.engine.failures import Failure
from negotiations.engine.specs import Action, Response
from negotiations.engine.states import copied, kept
from negotiations.engine.table import END, Table, seed_everything, seed_of, text_of
from negotiations.engine.turns import SOMEBODY

OFFER, ACCEPT = Response.OFFER.value, Response.ACCEPT.value
MOST_VALID = 100_000
"""Outcomes that are remembered as valid."""
CALLBACKS = ("on_round_start", "on_round_end", "on_partner_response", "on_partner_proposal")


def _methods(*kinds: type[Any]) -> set[Any]:
    return {getattr(kind, name) for kind in kinds for name in CALLBACKS if hasattr(kind, name)}


_SILENT = _methods(Negotiator, GBNegotiator, Component, GBComponent)
"""Callbacks that do nothing."""
_PASSED_ON = _methods(ModularNegotiator, GBModularNegotiator) - _SILENT
"""Callbacks that do what a negotiator's components do."""


def listens(negotiator: Any, callback: str) -> bool:
    """Whether anything would happen if this callback was called."""
    if callback in getattr(negotiator, "__dict__", ()):
        return True
    does = getattr(type(negotiator), callback)
    if does in _PASSED_ON:
        return any(getattr(type(part), callback, None) not in _SILENT for part in negotiator._components)
    return does not in _SILENT


class MatchTable(Table):
    """A table whose steps are short where they may be.

    What is left out: copies of the state for callbacks that do nothing, checks of limits that nobody set, statistics
    that nobody reads. The first step and whatever is neither an offer nor an acceptance are NegMAS's own business.
    """

    _frozen_neg_list: list[int] | None

    def __init__(self, *args: Any, valid: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._valid = valid
        self._is_plain = False
        self._listening: dict[str, tuple[int, ...]] = {}
        self._answered: tuple[SAOResponse | None, bool] | None = None
        self._now = 0.0

    def step(self, action: dict[str, SAOResponse] | None = None) -> SAOState:
        if self._is_plain and self._can_be_short():
            return self._short_step()
        begins = not self._current_state.started
        state = super().step(action)
        if begins:
            self._learn()
        return state

    def _learn(self) -> None:
        """Once all have been told that it starts: whether steps may be short, and who listens to what."""
        limits: set[Any] = {nmi.n_steps for nmi in (self._internal_nmi, *self._nmis.values())}
        self._is_plain = (
            len(self._negotiators) == 2
            and len(limits) == 1
            and None not in limits
            and self._shared_nmi.time_limit == math.inf
            and not self._one_offer_per_step
            and all(one.capabilities.get("propose", False) for one in self._negotiators)
        )
        if self._is_plain:
            self._listening = {
                name: tuple(index for index, one in enumerate(self._negotiators) if listens(one, name))
                for name in CALLBACKS
            }

    def _can_be_short(self) -> bool:
        state = self._current_state
        return (
            state.running
            and not state.waiting
            and self._frozen_neg_list is None
            and self._last_checked_negotiator == 1
            and state.step < self._internal_nmi.n_steps
        )

    def _short_step(self) -> SAOState:
        """As negmas.mechanisms.Mechanism.step."""
        state = self._current_state
        self._turn.take(SOMEBODY)
        random.random()  # as NegMAS does, for those who draw when a round starts
        self._now = round(state.relative_time, 6)
        self._tell_all("on_round_start")
        self._short_round(state)
        if state.has_error:
            self.on_mechanism_error()
        if state.agreement is not None or state.broken or state.timedout:
            state.running = False
        if not state.waiting:
            history = kept(state)
            self._tell_all("on_round_end")
            self._history.append(history)
            state.step += 1
            state.time = self.time
            state.relative_time = self._relative_time_for(self._internal_nmi)
        if not state.running:
            self.on_negotiation_end()
        return state

    def _tell_all(self, callback: str) -> None:
        for index in self._listening[callback]:
            negotiator = self._negotiators[index]
            self._call(negotiator, getattr(negotiator, callback), state=copied(self._current_state))

    def _short_round(self, state: SAOState) -> None:
        """As SAOMechanism.__call__; what is neither offer nor acceptance is handed to it, answered."""
        state.new_offers, state.new_data = [], []
        for index in (0, 1):
            self._last_checked_negotiator = index
            negotiator, other = self._negotiators[index], self._negotiators[1 - index]
            answer, failed = self._asked(index, negotiator, other.id)
            if answer is None or failed or not self._is_usual(answer):
                self._answered = answer, failed
                self._frozen_neg_list = [0, 1][index:]
                self._last_start = time.perf_counter()
                self(state)
                return
            if state.current_offer is not None and 1 - index in self._listening["on_partner_response"]:
                other.on_partner_response(
                    state=copied(state),
                    partner_id=negotiator.id,
                    outcome=state.current_offer,
                    response=answer.response,
                )
            if answer.response is ResponseType.ACCEPT_OFFER:
                state.n_acceptances += 1
                if state.n_acceptances == 2:
                    state.agreement = state.current_offer
                    return
            else:
                self._put(index, negotiator, other, answer)

    def _is_usual(self, answer: SAOResponse) -> bool:
        """Whether it is an offer or an acceptance of one."""
        if answer.response is ResponseType.REJECT_OFFER:
            return answer.outcome is not None
        return answer.response is ResponseType.ACCEPT_OFFER and self._current_state.current_offer is not None

    def _put(self, index: int, negotiator: Any, other: Any, answer: SAOResponse) -> None:
        """An offer on the table."""
        state = self._current_state
        state.n_acceptances = 1 if self._internal_nmi.offering_is_accepting else 0
        if 1 - index in self._listening["on_partner_proposal"]:
            other.on_partner_proposal(partner_id=negotiator.id, offer=answer.outcome, state=state)
        state.current_offer, state.current_data = answer.outcome, answer.data
        self._current_proposer, state.current_proposer = negotiator, negotiator.id
        state.new_offers.append((negotiator.id, answer.outcome))
        state.new_data.append((negotiator.id, answer.data))
        state.last_negotiator = negotiator.name
        self._current_proposer_agent, state.new_offerer_agents = self._agent_info()

    def _asked(self, party: int, negotiator: Any, dest: str) -> tuple[SAOResponse | None, bool]:
        """As Table._safe_counter and NegMAS's: the party's answer, and whether it failed. The answer is noted."""
        state = self._current_state
        seq = self.last.seq + 1 if self.last else 1
        seed_everything(seed_of(self._seed, seq))
        given = copied(state)
        if negotiator is self._current_proposer and self._internal_nmi.offering_is_accepting:
            state.n_acceptances = 0
        self._turn.take(party)
        answer: SAOResponse | None = None
        try:
            answer = self._checked(self._called(party, negotiator, given, dest))
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 a negotiator may exit or answer nonsense
            self.failure = Failure.of(error, party)
        if self.failure:
            answer = END
        if answer is not None and not self.failure and self._is_usual(answer):
            self._note_usual(seq, party, answer)
        else:
            self._note(seq, party, answer, state.current_offer)
        return answer, self.failure is not None

    def _called(self, party: int, negotiator: Any, state: SAOState, dest: str) -> Any:
        """Its answer; NegMAS asks again in another way when it raises."""
        try:
            try:
                return negotiator(state=state, dest=dest)
            except Exception:  # noqa: BLE001 as NegMAS does
                return negotiator(state=state)
        except MemoryError:
            raise
        except NegMASTimeout:
            return None
        except Exception:  # noqa: BLE001 the negotiator is other people's code
            self.failure = Failure.told(party, exception2str())
            return None

    def _checked(self, answer: Any) -> SAOResponse | None:
        if answer is None:
            return None
        if isinstance(answer.outcome, ExtendedOutcome):
            answer = SAOResponse(answer.response, answer.outcome.outcome, answer.outcome.data)
        if answer.outcome is not None and not self._is_valid(answer.outcome):
            answer = SAOResponse(answer.response, None, answer.data)
        if type(answer.response) is not ResponseType:
            raise NonsenseError(f"It answered {answer.response!r:.100}, which is no response.")
        checked: SAOResponse = answer
        return checked

    def _is_valid(self, outcome: Any) -> bool:
        """By identity, as negotiators mostly offer from one list: equal outcomes may be of other types."""
        if self._valid.get(id(outcome)) is outcome:
            return True
        valid = bool(self.outcome_space.is_valid(outcome))
        if valid and type(outcome) is tuple and len(self._valid) < MOST_VALID:
            self._valid[id(outcome)] = outcome
        return valid

    def _note_usual(self, seq: int, party: int, answer: SAOResponse) -> None:
        word, on_table = OFFER, answer.outcome
        if answer.response is ResponseType.ACCEPT_OFFER:
            word, on_table = ACCEPT, self._current_state.current_offer
        outcome, utilities = self.utilities.of(on_table)
        text = text_of(answer.data) if answer.data else ""
        self.last = Action(seq, self._current_state.step, self._now, party, word, outcome, utilities, text)
        self._out(self.last)
        self._turn.take(1 - party)

    def _safe_counter(self, *args: Any, **kwargs: Any) -> tuple[SAOResponse | None, bool]:
        if self._answered is None:
            return super()._safe_counter(*args, **kwargs)
        answered, self._answered = self._answered, None
        return answered

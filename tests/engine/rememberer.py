"""A negotiator that remembers all it was told; by its type name, as `tests.engine.rememberer.Rememberer`."""

from __future__ import annotations

import random
from typing import Any

from negmas.sao import ResponseType, SAONegotiator


class Rememberer(SAONegotiator):
    """What it offers depends on every offer, answer and round before, and on random numbers of its making.

    One callback or one outcome more or less, and its next offer is another one.
    """

    def __init__(self, *args: Any, patience: int = 1000, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience = patience
        self.memory = random.randrange(1000)

    def remember(self, *what: Any) -> None:
        for word in map(str, what):
            self.memory = (self.memory * 31 + sum(map(ord, word)) + len(word)) % 1_000_003

    def on_partner_proposal(self, state: Any, partner_id: str, offer: Any) -> None:
        self.remember("proposal", partner_id, offer)

    def on_partner_response(self, state: Any, partner_id: str, outcome: Any, response: Any) -> None:
        self.remember("response", partner_id, outcome, response)

    def on_round_start(self, state: Any) -> None:
        self.remember("round", state.step)

    def propose(self, state: Any, dest: str | None = None) -> Any:
        outcomes = list(self.nmi.outcome_space.enumerate_or_sample())
        self.remember("asked", state.step, random.random())
        return outcomes[self.memory % len(outcomes)]

    def respond(self, state: Any, source: str | None = None) -> ResponseType:
        self.remember("respond", state.current_offer)
        return ResponseType.ACCEPT_OFFER if state.step >= self.patience else ResponseType.REJECT_OFFER

"""A negotiator whose every offer depends on the seed; by its type name, as `tests.engine.wanderer.Wanderer`."""

from __future__ import annotations

from typing import Any

from negmas.sao import ResponseType, SAONegotiator


class Wanderer(SAONegotiator):
    """Offers at random and never agrees: two of them use every step, and no two seeds look alike."""

    def propose(self, state: Any, dest: str | None = None) -> Any:
        return self.nmi.random_outcome()

    def respond(self, state: Any, source: str | None = None) -> ResponseType:
        return ResponseType.REJECT_OFFER

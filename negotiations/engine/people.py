"""Who sits in a person's seat at NegMAS's table."""

from __future__ import annotations

from typing import Any

from negmas.sao import ResponseType, SAONegotiator, SAOResponse, SAOState


class Person(SAONegotiator):
    """Says nothing by itself: what the person answers stands in the script, in place of this."""

    def __call__(self, state: SAOState, dest: str | None = None) -> SAOResponse:
        return SAOResponse(ResponseType.REJECT_OFFER, None)

    def propose(self, state: SAOState, dest: str | None = None) -> Any:
        return None

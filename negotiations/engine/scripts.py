"""Responses in our words and in NegMAS's, and what parties do by a script: in a fork, and what people answered."""

from __future__ import annotations

from typing import Any

from negmas.outcomes import OutcomeSpace
from negmas.sao import ResponseType, SAOResponse

from negotiations.engine.exceptions import Unscripted
from negotiations.engine.specs import Response, ScriptedAction

WORDS = {
    ResponseType.ACCEPT_OFFER: Response.ACCEPT.value,
    ResponseType.END_NEGOTIATION: Response.END.value,
    ResponseType.LEAVE: Response.LEAVE.value,
    ResponseType.WAIT: Response.WAIT.value,
    ResponseType.NO_RESPONSE: Response.NONE.value,
}
"""How rows name what NegMAS knows; its rejection is an offer or a bare rejection."""

_RESPONSES = {
    **{word: response for response, word in WORDS.items()},
    Response.OFFER.value: ResponseType.REJECT_OFFER,
    Response.REJECT.value: ResponseType.REJECT_OFFER,
}


def answer_of(scripted: ScriptedAction, party: int, on_table: Any, space: OutcomeSpace) -> SAOResponse:
    """The answer that NegMAS is given. Raises Unscripted where it cannot be given here."""
    if scripted.party != party:
        told = f"Action {scripted.seq} is written for seat {scripted.party + 1}, but it is the turn of seat {party + 1}."
        raise Unscripted(told)
    if scripted.response not in _RESPONSES:
        raise Unscripted(
            f"Action {scripted.seq} is {scripted.response!r:.40}, which nobody can be made to do."
        )
    outcome = None
    if scripted.response == Response.ACCEPT:
        if on_table is None:
            raise Unscripted(f"Action {scripted.seq} is to accept, but no offer is on the table.")
        outcome = on_table
    elif scripted.response == Response.OFFER:
        outcome = scripted.outcome
        if outcome is None or not space.is_valid(outcome):
            raise Unscripted(f"Action {scripted.seq} is to offer what is no outcome of the scenario.")
    # To NegMAS a bare rejection by one that could offer is the end of all, one with words is not.
    data = {"text": scripted.text} if scripted.text or scripted.response == Response.REJECT else None
    return SAOResponse(_RESPONSES[scripted.response], outcome, data)

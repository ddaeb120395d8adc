"""How a session ended, in the words that people read: what happened, to whom, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from negotiations.engine.specs import EndReason, Result

NORMAL = frozenset({EndReason.AGREEMENT, EndReason.STEPS, EndReason.SECONDS, EndReason.ENDED, EndReason.LATE})
"""Ends that complete a job; all others fail it."""


def who(names: Sequence[str], party: int | None) -> str:
    """A negotiator and its seat; of two of one name the seat tells them apart."""
    return "A negotiator" if party is None else f"{names[party]} (seat {party + 1})"


def kept(n_offers: int) -> str:
    if n_offers == 0:
        return "No offer was made before it."
    return "The offer before it is kept." if n_offers == 1 else f"The {n_offers:,} offers before it are kept."


def still_there(n_offers: int) -> str:
    return f"{n_offers:,} offer{'' if n_offers == 1 else 's'} kept."


def completed(names: Sequence[str], result: Result) -> str:
    if result.end_reason == EndReason.AGREEMENT:
        told = [f"{utility:z.2f}" for utility in result.utilities if utility is not None]
        return f"Agreement at {', '.join(told[:-1])} and {told[-1]}." if len(told) > 1 else "Agreement."
    if result.end_reason == EndReason.ENDED:
        return f"No agreement: {who(names, result.party)} ended the negotiation."
    if result.end_reason == EndReason.LATE:
        return f"No agreement: {who(names, result.party)} did not answer in time."
    if result.end_reason == EndReason.SECONDS:
        return "No agreement: the time is over."
    if result.party is not None:
        return f"No agreement: {who(names, result.party)} used all its {result.steps:,} steps."
    return f"No agreement: all {result.steps:,} steps used."


def failed(names: Sequence[str], reason: str, party: int | None, message: str) -> str:
    """Why a session failed, without what is kept."""
    name = who(names, party)
    match reason:
        case EndReason.ACTION_LIMIT:
            return f"{name} took longer than {settings.ACTION_SECONDS:g} s to answer."
        case EndReason.SESSION_LIMIT:
            turn = "" if party is None else f" It was the turn of {name}."
            return f"The session took longer than {settings.SESSION_SECONDS:g} s.{turn}"
        case EndReason.MEMORY_LIMIT:
            return f"{name} used more than {settings.CHILD_MEMORY_MB:,} MB of memory."
        case EndReason.EXITED:
            return f"{name} ended the process."
    subject = "The session" if party is None else name
    return f"{subject} stopped with an error: {message.rstrip('.')}."

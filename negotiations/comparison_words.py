"""One session in the words and figures of a comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from negotiations.engine.specs import EndReason
from negotiations.models import Party, Session
from negotiations.models.forks import What
from negotiations.offer_rows import value_text
from negotiations.results import AGAINST, Measured

NONE = "–"
RESPONSES = {"offer": "offers", "accept": "accepts", "reject": "rejects", "end": "ends it"}


def changed(session: Session) -> str:
    """What is different from a fork's row on."""
    fork = session.fork
    names = [party.name for party in session.parties.all()]
    if fork.what == What.STEPS:
        return f"{session.n_steps:,} steps"
    if fork.what == What.NEGOTIATOR:
        return f"{names[fork.party or 0]} takes the seat of party {(fork.party or 0) + 1}"
    done = fork.actions[-1]
    word = RESPONSES.get(done["response"], done["response"])
    offered = f" {values(done['outcome'])}" if done["outcome"] else ""
    return f"{names[done['party']]} {word}{offered}"


def last_of(session: Session) -> int:
    return getattr(session, "last_seq", None) or 0


def steps(session: Session) -> int:
    return session.steps if session.steps is not None else session.job.current_step


def seconds(session: Session) -> str:
    passed = session.job.seconds
    return NONE if passed is None else f"{passed:.1f}"


def ending(session: Session) -> str:
    if session.status != "completed":
        return session.status.capitalize()
    return "Agreement" if session.end_reason == EndReason.AGREEMENT else "No agreement"


def agreed(session: Session) -> Sequence[float | None] | None:
    return session.utilities if session.agreement is not None else None


def worth(session: Session) -> Sequence[float | None] | None:
    """What it was worth to each: the agreement, or the reserved values of a session that ended without."""
    return session.utilities if session.status == "completed" else None


def figure(
    worths: Sequence[float | None] | None, together: Callable[[list[float]], float] = math.fsum
) -> str:
    known = [worth for worth in worths or [] if worth is not None]
    return text(together(known)) if known and len(known) == len(worths or []) else NONE


def text(number: float | None) -> str:
    return NONE if number is None else f"{number:z.2f}".replace("-", "−")


def values(outcome: Sequence[Any] | None) -> str:
    return " · ".join(value_text(value) for value in outcome) if outcome else NONE


def value_at(outcome: Sequence[Any] | None, place: int) -> str:
    return value_text(outcome[place]) if outcome and place < len(outcome) else NONE


def parameters(seat: Party) -> str:
    given = [f"{name} {value}" for name, value in seat.parameters.items() if value is not None]
    return ", ".join(given).replace("_", " ") or "defaults"


def rules(session: Session) -> str:
    given = {"offering_is_accepting": True, **session.mechanism}
    return ", ".join(f"{name.replace('_', ' ')} {_said(value)}" for name, value in sorted(given.items()))


def _said(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def ran_with(session: Session) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(session.versions.items())) or NONE


def distances(session: Session) -> Mapping[str, float | None]:
    """How far its agreement lies from each point of its scenario; empty where that is not known."""
    known = [each for each in agreed(session) or () if each is not None]
    analysis: Measured | None = (
        session.scenario.analysis if known and len(known) == len(session.parties.all()) else None
    )
    far = analysis.distances(known) if analysis else {}
    return {f"Distance: {name}": far.get(key) for key, name in AGAINST.items() if far.get(key) is not None}

"""How a session stands or ended, in figures and in words: what its result card says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from negotiations.engine.specs import EndReason
from negotiations.models import Offer, Party, Session
from negotiations.models.session_seats import spoken
from negotiations.offer_rows import value_text


@dataclass(frozen=True)
class Issue:
    """An issue of the deal; `value` is empty while it is open."""

    name: str
    value: str


@dataclass(frozen=True)
class Standing:
    """One party's figure, and the line beneath it."""

    party: int
    name: str
    value: float | None
    detail: str


@dataclass(frozen=True)
class Measure:
    name: str
    value: str
    hint: str = ""


@dataclass(frozen=True)
class Result:
    title: str
    aside: str
    reason: str
    issues: tuple[Issue, ...]
    standings: tuple[Standing, ...]
    measures: tuple[Measure, ...]


class Measured(Protocol):
    """What tells how far an agreement lies from what could have been."""

    def distances(self, utilities: Sequence[float]) -> Mapping[str, float | None]: ...

    def optimality(self, utilities: Sequence[float]) -> Mapping[str, float | None]: ...


HOW = "Distance to it, and how optimal the agreement is against it"
# The names of what an agreement is measured against.
AGAINST = {
    "pareto": "Pareto frontier",
    "nash": "Nash point",
    "kalai": "Kalai point",
    "ks": "KS point",
    "welfare": "Max welfare",
    "relative_welfare": "Relative welfare",
}


def result_of(
    session: Session, parties: Sequence[Party], latest: dict[int, Offer], analysis: Measured | None = None
) -> Result:
    """`latest` is each party's newest offer; without `analysis` no distance is known."""
    if session.agreement is not None:
        return _agreed(session, parties, analysis)
    if session.job.is_active:
        return standing_of(session, parties, latest)
    return _ended(session, parties, latest)


def _agreed(session: Session, parties: Sequence[Party], analysis: Measured | None) -> Result:
    utilities = session.utilities or [None] * len(parties)
    return Result(
        title="Agreement",
        aside=f"in step {session.steps:,}" if session.steps else "",
        reason="",
        issues=_deal(session, session.agreement),
        standings=tuple(
            Standing(party.index, party.name, value, gain(value, party.reserved_value))
            for party, value in zip(parties, utilities, strict=False)
        ),
        measures=_shared(utilities) + _against(utilities, analysis),
    )


def _deal(session: Session, outcome: Sequence[str | int | float] | None) -> tuple[Issue, ...]:
    values = zip(session.scenario.issues, outcome or (), strict=False)
    return tuple(Issue(issue["name"], value_text(value)) for issue, value in values)


def _against(utilities: Sequence[float | None], analysis: Measured | None) -> tuple[Measure, ...]:
    """Distance to each point, and how close to it the agreement came."""
    known = [value for value in utilities if value is not None]
    if analysis is None or len(known) < len(utilities):
        return ()
    far, near = analysis.distances(known), analysis.optimality(known)
    names = [key for key in AGAINST if far.get(key) is not None]
    return tuple(Measure(AGAINST[key], _both(far[key], near.get(key)), HOW) for key in names)


def _both(distance: float | None, optimality: float | None) -> str:
    far = "–" if distance is None else f"{distance:.2f}"
    return far if optimality is None else f"{far} · {100 * optimality:.0f} %"


def standing_of(session: Session, parties: Sequence[Party], latest: dict[int, Offer]) -> Result:
    """How it stood when these were the newest offers."""
    offers = [latest[party.index] for party in parties if party.index in latest]
    return Result(
        title="No agreement yet",
        aside="latest offers" if latest else "",
        reason="",
        issues=_common(session, offers, len(parties)),
        standings=tuple(_asking(party, latest) for party in parties),
        measures=_between(session, offers) if len(parties) == len(offers) == 2 else (),
    )


def _ended(session: Session, parties: Sequence[Party], latest: dict[int, Offer]) -> Result:
    names = [party.name for party in parties]
    best = session.offers.best_for_all() if session.status == "completed" else None
    return Result(
        title="No agreement",
        aside="",
        reason=reason_of(session, names) + _best(best),
        issues=_deal(session, best.outcome) if best else (),
        standings=tuple(
            Standing(party.index, party.name, party.reserved_value, "reserved value") for party in parties
        )
        if session.job.status == "completed"
        else tuple(_asking(party, latest) for party in parties),
        measures=(),
    )


def reason_of(session: Session, names: Sequence[str]) -> str:
    """Why the session is over, as a sentence."""
    if session.status == "failed":
        return session.job.error or "The session failed without a reason. Run it again."
    if session.status == "cancelled":
        by = session.job.cancelled_by
        return f"Cancelled{f' by {by}' if by else ''} at step {session.job.current_step:,}."
    who = names[session.ended_by] if session.ended_by is not None and session.ended_by < len(names) else ""
    if session.end_reason == EndReason.STEPS:
        steps = session.steps or session.n_steps
        return f"{who} left after its own {steps:,} steps." if who else f"All {steps:,} steps used."
    if session.end_reason == EndReason.SECONDS:
        return "All seconds used."
    if session.end_reason == EndReason.LATE:
        return f"{who or 'Somebody'} did not answer within {spoken(session.turn_seconds or 0)}."
    return f"{who} ended the negotiation." if who else "A party ended the negotiation."


def gain(value: float | None, reserved: float | None) -> str:
    """How far a utility lies above the reserved value."""
    if value is None:
        return "utility unknown"
    if reserved is None:
        return "no reserved value"
    side = "above" if value >= reserved else "below"
    return f"{abs(value - reserved):.2f} {side} reserved {reserved:z.2f}"


def _asking(party: Party, latest: dict[int, Offer]) -> Standing:
    """What a party asks for itself, and what the newest offer of another gives it."""
    own = latest.get(party.index)
    others = [offer for index, offer in latest.items() if index != party.index]
    offered = max(others, key=lambda offer: offer.seq, default=None)
    worth = _worth(offered, party.index)
    asks = "asks this" if own else "has not asked yet"
    detail = asks if worth is None else f"{asks}, is offered {worth:z.2f}"
    return Standing(party.index, party.name, _worth(own, party.index), detail)


def _worth(offer: Offer | None, party: int) -> float | None:
    return offer.utilities[party] if offer and party < len(offer.utilities) else None


def _common(session: Session, offers: Sequence[Offer], parties: int) -> tuple[Issue, ...]:
    """The issues, ticked where all parties ask for the same value now."""
    outcomes = [offer.outcome for offer in offers if offer.outcome is not None]
    issues = []
    for index, issue in enumerate(session.scenario.issues):
        asked = {outcome[index] for outcome in outcomes}
        agreed = len(outcomes) == parties and len(asked) == 1
        issues.append(Issue(issue["name"], value_text(asked.pop()) if agreed else ""))
    return tuple(issues)


def _between(session: Session, offers: Sequence[Offer]) -> tuple[Measure, ...]:
    same = sum(1 for issue in _common(session, offers, 2) if issue.value)
    measures = [Measure("Issues in common", f"{same} of {len(session.scenario.issues)}")]
    one, two = (offer.utilities for offer in offers)
    if None not in one and None not in two:
        measures.append(Measure("Distance of offers", f"{math.dist(one, two):.2f}"))
    return tuple(measures)


def _shared(utilities: Sequence[float | None]) -> tuple[Measure, ...]:
    known = [value for value in utilities if value is not None]
    if not known or len(known) < len(utilities):
        return ()
    return Measure("Welfare", f"{sum(known):z.2f}"), Measure("Product", f"{math.prod(known):z.2f}")


def _best(best: Offer | None) -> str:
    """The rejected offer that would have been best for all together, and what each would have had."""
    if best is None:
        return ""
    worths = " and ".join(f"{value:z.2f}" for value in best.utilities)
    return f" The best rejected offer, in step {best.step + 1:,}, was worth {worths}."

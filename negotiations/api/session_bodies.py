"""A session and its offers as JSON (N-06)."""

from __future__ import annotations

from typing import Any

from negotiations.models import Offer, Session

MOST_OFFERS = 1000


def session_dict(session: Session) -> dict[str, Any]:
    """Outcomes are lists in the order of `outcome_space_data.issues`."""
    return {
        "id": str(session.pk),
        "status": session.status,
        "current_step": session.job.current_step,
        "n_steps": session.n_steps,
        "agreement": session.agreement,
        "final_utilities": session.utilities,
        "end_reason": session.end_reason,
        "error": session.job.error,
        "negotiator_names": [party.name for party in session.parties.all()],
        "outcome_space_data": {
            "issues": session.scenario.issues,
            "n_outcomes": session.scenario.n_outcomes,
        },
    }


def offers_dict(session: Session, after: int, most: int = MOST_OFFERS) -> dict[str, Any]:
    """Those after the one with this number, and whether there are more than these."""
    offers = list(session.offers.after(after)[: most + 1])
    names = [party.name for party in session.parties.all()]
    return {"offers": [_offer(offer, names) for offer in offers[:most]], "has_more": len(offers) > most}


def row_dict(session: Session) -> dict[str, Any]:
    """What a list says of a session."""
    job = session.job
    return {
        "id": str(session.pk),
        "status": session.status,
        "user": job.owner.username,
        "scenario": {"id": session.scenario_id, "name": session.scenario.name},
        "negotiator_names": [party.name for party in session.parties.all()],
        "tags": [tag.name for tag in session.tags.all()],
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "current_step": job.current_step,
        "n_steps": session.n_steps,
        "seed": session.seed,
        "n_offers": session.n_offers,
        "agreement": session.agreement,
        "final_utilities": session.utilities,
        "end_reason": session.end_reason,
        "error": job.error,
    }


def _offer(offer: Offer, names: list[str]) -> dict[str, Any]:
    return {
        "seq": offer.seq,
        "step": offer.step,
        "relative_time": offer.relative_time,
        "party": offer.party,
        "proposer": names[offer.party],
        "response": offer.response,
        "offer": offer.outcome,
        "utilities": offer.utilities,
        "text": offer.text,
    }

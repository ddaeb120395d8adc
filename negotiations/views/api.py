"""A session as JSON, for scripts and for other programs' pages (N-06)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from api.answers import answer, error
from negotiations.forms.queries import AfterForm
from negotiations.models import Offer, Session

MOST_OFFERS = 1000


@require_safe
def api_negotiation(request: HttpRequest, pk: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return error(401, "NOT_SIGNED_IN", "Sign in to read this session.")
    session = _find(request, pk)
    if session is None:
        return error(404, "SESSION_NOT_FOUND", "There is no such session, or it is not shared with you.")
    form = AfterForm(request.GET)
    if not form.is_valid():
        details = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
        return error(400, "VALIDATION_ERROR", "The query cannot be understood.", details)
    return answer(to_dict(session, form.cleaned_data["after"]))


def to_dict(session: Session, after: int) -> dict[str, Any]:
    """Outcomes are lists in the order of `outcome_space_data.issues`; at most 1,000 offers an answer."""
    offers = list(session.offers.after(after)[: MOST_OFFERS + 1])
    names = [party.name for party in session.parties.all()]
    return {
        "id": str(session.pk),
        "status": session.status,
        "current_step": session.job.current_step,
        "n_steps": session.n_steps,
        "offers": [_offer(offer, names) for offer in offers[:MOST_OFFERS]],
        "has_more": len(offers) > MOST_OFFERS,
        "agreement": session.agreement,
        "final_utilities": session.utilities,
        "end_reason": session.end_reason,
        "error": session.job.error,
        "negotiator_names": names,
        "outcome_space_data": {
            "issues": session.scenario.issues,
            "n_outcomes": session.scenario.n_outcomes,
        },
    }


def _find(request: HttpRequest, pk: str) -> Session | None:
    try:
        wanted = uuid.UUID(pk)
    except ValueError:
        return None
    sessions = Session.objects.visible_to(request.user).with_parties()
    found: Session | None = sessions.filter(pk=wanted).first()
    return found


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

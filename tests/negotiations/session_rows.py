"""Sessions in every state, as the pages' tests want them."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from negotiations.models import Job, Offer, Session, Status
from tests.factory import PRICES, SessionFactory

STATES = ("pending", "running", "paused", "completed", "failed", "cancelled")


def add_offers(session: Session, count: int, parties: int = 2) -> None:
    """`count` more offers: prices in turn, utilities of all parties."""
    first = session.offers.count() + 1
    Offer.objects.bulk_create(
        Offer(
            session=session,
            seq=seq,
            step=(seq - 1) // parties,
            relative_time=0.1,
            party=(seq - 1) % parties,
            response="offer",
            outcome=[PRICES[seq % 5], "yes"],
            utilities=[round(1 - seq % 5 / 4, 2), *[round(seq % 5 / 4, 2)] * (parties - 1)],
        )
        for seq in range(first, first + count)
    )
    Session.objects.filter(pk=session.pk).update(n_offers=first + count - 1)
    Job.objects.filter(pk=session.pk).update(current_step=(first + count - 2) // parties + 1)


def set_status(session: Session, status: Status, **fields: Any) -> None:
    now = timezone.now()
    fields["token"] = uuid.uuid4() if status == Status.PROCESSING else None
    if status not in (Status.QUEUED, Status.PROCESSING):
        fields["finished_at"] = now
    Job.objects.filter(pk=session.pk).update(status=status, started_at=now, **fields)


def make_session(state: str, offers: int = 6, **fields: Any) -> Session:
    """A session in `state`, one of STATES, with offers where that can be."""
    session: Session = SessionFactory(n_steps=fields.pop("n_steps", 1000), **fields)
    if state == "pending":
        return session
    add_offers(session, offers)
    if state == "completed":
        add_accept(session)
    set_status(session, _STATUSES[state], hold=state == "paused", error=_ERRORS.get(state, ""))
    return Session.objects.get(pk=session.pk)


def add_accept(session: Session) -> None:
    seq = session.offers.count() + 1
    last = {"step": (seq - 1) // 2, "relative_time": 0.1, "party": (seq - 1) % 2, "response": "accept"}
    session.offers.create(seq=seq, outcome=["high", "yes"], utilities=[0.625, 0.375], **last)
    Session.objects.filter(pk=session.pk).update(
        end_reason="agreement", steps=3, agreement=["high", "yes"], utilities=[0.625, 0.375]
    )


_STATUSES = {
    "running": Status.PROCESSING,
    "paused": Status.PROCESSING,
    "completed": Status.COMPLETED,
    "failed": Status.FAILED,
    "cancelled": Status.CANCELLED,
}
_ERRORS = {"failed": "BoulwareTBNegotiator took longer than 2 s to answer."}

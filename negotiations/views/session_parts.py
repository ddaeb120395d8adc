"""What the session page shows, part by part: the page and its live answers ask the same object."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from negotiations.charts import PLANE, POINTS, TIMELINE, Plane, Timeline, plane, timeline
from negotiations.models import Offer, Party, Session
from negotiations.models.offers import to_actions
from negotiations.models.owned import Visitor
from negotiations.offer_rows import OfferRow, offer_rows
from negotiations.results import Result, result_of
from notifications.live import version_of

ROWS = 200


class SessionPage:
    """A session with what is read of it; each part is read when a template asks for it, and once.

    `session` comes from `with_tail()`; rows begin after offer number `after`, by default with the newest 200.
    """

    def __init__(self, session: Session, user: Visitor, after: int | None = None) -> None:
        self.session = session
        self.last_seq: int = getattr(session, "last_seq", None) or 0
        self.after = max(0, self.last_seq - ROWS) if after is None else after
        self.may_change = session.may_be_changed_by(user)
        self.shows_traceback = user.is_staff

    # --- Rows ---------------------------------------------------------------------------------------------

    @cached_property
    def offers(self) -> list[Offer]:
        return list(self.session.offers.after(self.after)[:ROWS]) if self.last_seq > self.after else []

    @cached_property
    def rows(self) -> list[OfferRow]:
        if not self.offers:
            return []
        previous = Offer.objects.last_proposals(self.session, before=self.offers[0].seq)
        return offer_rows(self.offers, self.parties, previous)

    @property
    def is_behind(self) -> bool:
        """More rows are there than this answer brings."""
        return bool(self.offers) and self.offers[-1].seq < self.last_seq

    # --- People and figures -------------------------------------------------------------------------------

    @cached_property
    def parties(self) -> list[Party]:
        return list(self.session.parties.all())

    @cached_property
    def names(self) -> list[str]:
        return [party.name for party in self.parties]

    @cached_property
    def result(self) -> Result:
        return result_of(self.session, self.parties, Offer.objects.last_proposals(self.session))

    @property
    def ahead(self) -> int:
        """How many jobs wait longer for a worker than this one."""
        return getattr(self.session, "ahead", None) or 0

    @property
    def seconds_left(self) -> float | None:
        """At most this many: by its pace, or as fast as it was so far."""
        job = self.session.job
        if not job.current_step or not job.seconds:
            return None
        a_step = max(self.session.pace_ms / 1000, job.seconds / job.current_step)
        return (self.session.n_steps - job.current_step) * a_step

    @property
    def end_word(self) -> str:
        words = {"agreement": "agreement", "steps": "last step", "seconds": "time", "ended": "a party"}
        return words.get(self.session.end_reason, self.session.status)

    # --- Versions: what each part shows, hashed -------------------------------------------------------------

    @property
    def versions(self) -> dict[str, str]:
        """By the name of the part: its id with `_` for `-`."""
        job = self.session.job
        state = self.session.status, job.cancel_requested_at, job.error, self.session.end_reason
        return {
            "session_title": version_of(*state),
            "session_figures": version_of(*state, job.current_step, self.last_seq),
            # Apart from the figures: a button that is replaced each second loses clicks and the focus.
            "session_actions": version_of(*state),
            "session_progress": version_of(*state, job.current_step),
            "session_result": version_of(*state, self.last_seq),
            "session_waiting": version_of(self.session.status, self.last_seq == 0, self.ahead),
            "session_count": version_of(self.session.status, self.last_seq),
        }

    # --- Charts: for the page only, never in a poll -----------------------------------------------------------

    @cached_property
    def _sample(self) -> list[Any]:
        offers: QuerySet[Offer] = self.session.offers.sampled(self.last_seq, POINTS, len(self.parties))
        return to_actions(offers)

    @cached_property
    def timelines(self) -> dict[str, Timeline]:
        return {size: timeline(self._sample, self.names, self.session.n_steps, size) for size in TIMELINE}

    @cached_property
    def planes(self) -> dict[str, Plane]:
        """Empty where there are not two parties: there is no plane then."""
        if len(self.parties) != 2:
            return {}
        reserved = [party.reserved_value for party in self.parties]
        agreement = self.session.utilities if self.session.agreement is not None else None
        return {size: plane(self._sample, self.names, reserved, agreement, size) for size in PLANE}

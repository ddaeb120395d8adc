"""What the session page shows, part by part: the page and its live answers ask the same object."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse

from negotiations.chart_queries import ViewForm
from negotiations.charts import POINTS, Plane, Timeline, planes_of, timelines_of
from negotiations.charts.spaces import Analysis, Space, space_of
from negotiations.engine.specs import Action
from negotiations.models import Job, Offer, Party, Session
from negotiations.models.offers import to_actions
from negotiations.models.owned import Visitor
from negotiations.offer_rows import OfferRow, offer_rows
from negotiations.results import Result, result_of, standing_of
from notifications.live import version_of

ROWS = 200


class SessionPage:
    """A session with what is read of it; each part is read when a template asks for it, and once.

    `session` comes from `with_tail()`; rows begin after offer number `after`, by default with the newest 200.
    `view` says up to which step, and for which two parties, the charts are drawn.
    """

    def __init__(
        self, session: Session, user: Visitor, after: int | None = None, view: ViewForm | None = None
    ) -> None:
        self.session = session
        self.last_seq: int = getattr(session, "last_seq", None) or 0
        self.after = max(0, self.last_seq - ROWS) if after is None else after
        self.view = view or ViewForm({})
        self.may_change = session.may_be_changed_by(user)
        self.shows_traceback = user.is_staff

    # --- Where its parts are, for the templates that show matches of benchmarks, too ----------------------------

    noun = "session"
    result_template = "negotiations/_session_result.html"

    @cached_property
    def urls(self) -> dict[str, str]:
        names = ("offers", "tables", "chart", "replay", "space", "cloud")
        return {name: reverse(f"negotiations:session-{name}", args=[self.session.pk]) for name in names}

    @property
    def visit(self) -> str:
        """Under which name a browser keeps what was seen of it."""
        return f"session:{self.session.pk}"

    # --- Rows ---------------------------------------------------------------------------------------------

    @cached_property
    def offers(self) -> list[Offer]:
        return list(self.session.offers.after(self.after)[:ROWS]) if self.last_seq > self.after else []

    @cached_property
    def rows(self) -> list[OfferRow]:
        return rows_of(self.session, self.offers, self.parties)

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
        latest = Offer.objects.last_proposals(self.session)
        # Read at the end only: it is large, and polls come here each second.
        analysis = self.analysis if self.session.agreement is not None else None
        return result_of(self.session, self.parties, latest, analysis)

    @cached_property
    def ahead(self) -> int:
        """How many jobs wait longer for a worker than this one; asked for only while it waits."""
        return Job.objects.number_ahead_of(self.session.job)

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

    # --- The step shown: the end, or the one of the permalink -------------------------------------------------

    @property
    def is_replay(self) -> bool:
        return self.view.step_shown is not None

    @cached_property
    def standing(self) -> Result | None:
        """How it stood at the step of the permalink; None at the end, where the result stands."""
        if not self.is_replay or self.step == self.last_step:
            return None
        latest = Offer.objects.last_proposals(self.session, before=self.shown_seq + 1)
        return standing_of(self.session, self.parties, latest)

    @cached_property
    def newest(self) -> Offer | None:
        """The newest offer there is: most often the last of the page's rows."""
        if self.offers and not self.is_behind:
            return self.offers[-1]
        return self.session.offers.filter(seq=self.last_seq).first() if self.last_seq else None

    @property
    def last_step(self) -> int:
        return self.newest.step + 1 if self.newest else 0

    @property
    def step(self) -> int:
        asked = self.view.step_shown
        return self.last_step if asked is None else min(asked, self.last_step)

    @property
    def step_words(self) -> str:
        if not self.is_replay and self.session.job.is_active:
            return f"Following, step {self.step:,}"
        at_end = not self.session.job.is_active and self.step == self.last_step and self.last_step
        return f"Step {self.step:,}{', the end' if at_end and not self.is_replay else ''}"

    @cached_property
    def shown_seq(self) -> int:
        """The number of the last offer that is shown."""
        if not self.is_replay or self.step == self.last_step:
            return self.last_seq
        before = self.session.offers.filter(step__lt=self.step).order_by("-seq").values_list("seq", flat=True)
        return before.first() or 0

    @cached_property
    def replayed(self) -> list[OfferRow]:
        """The rows up to the step of the permalink."""
        if not self.is_replay:
            return []
        shown = self.session.offers.filter(seq__gt=self.shown_seq - ROWS, seq__lte=self.shown_seq)
        return rows_of(self.session, list(shown.order_by("seq")), self.parties)

    # --- Charts: for the page only, never in a poll -----------------------------------------------------------

    @cached_property
    def analysis(self) -> Analysis | None:
        """What a worker found out of the outcome space; None until then."""
        found: Analysis | None = getattr(self.session.scenario, "analysis", None)
        return found

    @cached_property
    def pair(self) -> tuple[int, int]:
        return self.view.pair(len(self.parties))

    @cached_property
    def space(self) -> Space:
        return space_of(self.analysis, self.session.scenario.outcomes, self.pair)

    @cached_property
    def _sample(self) -> list[Action]:
        return to_actions(self.session.offers.sampled(self.shown_seq, POINTS, len(self.parties)))

    @cached_property
    def timelines(self) -> dict[str, Timeline]:
        return timelines_of(self._sample, self.names, self.session.n_steps)

    @cached_property
    def planes(self) -> dict[str, Plane]:
        reserved = [party.reserved_value for party in self.parties]
        agreed = self.session.agreement is not None and self.shown_seq == self.last_seq
        agreement = self.session.utilities if agreed else None
        return planes_of(self._sample, self.names, reserved, agreement, self.pair, self.space)


def rows_of(session: Session, offers: list[Offer], parties: list[Party]) -> list[OfferRow]:
    """Lines for `offers`, which follow each other: what changed is told by the offers before them."""
    if not offers:
        return []
    previous = Offer.objects.last_proposals(session, before=offers[0].seq)
    return offer_rows(offers, parties, previous)

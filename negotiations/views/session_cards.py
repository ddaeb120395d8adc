"""What the session list shows: cards of what is in progress, a table of what is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, prefetch_related_objects
from django.urls import reverse

from negotiations.charts import SPARK_POINTS, Spark, spark
from negotiations.engine.specs import Action, Response
from negotiations.forms.session_filters import SessionFilterForm
from negotiations.models import Negotiator, Offer, Party, Scenario, Session
from negotiations.models.offers import evenly
from negotiations.models.owned import Visitor
from negotiations.models.sessions import IN_PROGRESS, SessionQuerySet
from notifications.live import QUIET, RUNNING, version_of

ROWS_A_PAGE = 25
MOST_CHOICES = 300
TEXTS = ("scenario__document", "scenario__issues", "scenario__preferences", "scenario__warnings")
CARDS = 30


@dataclass(frozen=True)
class Asking:
    party: Party
    asks: float | None


@dataclass(frozen=True)
class Card:
    session: Session
    version: str
    spark: Spark
    asking: tuple[Asking, ...]
    may_change: bool

    @property
    def id(self) -> str:
        return card_id(self.session)


class SessionList:
    """The list for one person and one choice of filters. Whether anything changed costs one query."""

    def __init__(self, user: Visitor, chosen: dict[str, Any]) -> None:
        self.user, self.chosen = user, chosen
        self.visible = Session.objects.visible_to(user)
        looked_at = Session.objects.in_progress_and_newest_over(user, CARDS)
        self.running = [session for session in looked_at if session.job.is_active]
        self.newest_over = next((session for session in looked_at if session.job.is_over), None)

    @property
    def live_url(self) -> str:
        return self.url("session-list-live")

    @property
    def bulk_url(self) -> str:
        return self.url("session-bulk")

    @property
    def interval(self) -> int:
        return RUNNING if self.running else QUIET

    # --- Versions -----------------------------------------------------------------------------------------

    @property
    def running_version(self) -> str:
        """Changes when a card comes or goes or its state does; what grows in a card has a version of its own.

        The card's button stays: what is replaced each second loses clicks and the focus.
        """
        states = [(one.pk, one.status, one.job.cancel_requested_at) for one in self.running]
        return version_of(states, sum(self.words.values()))

    @property
    def table_version(self) -> str:
        last = self.newest_over
        return version_of(self.chosen, last and (last.pk, last.job.finished_at, last.job.status))

    @property
    def summary_version(self) -> str:
        return version_of(self.summary)

    # --- What is in progress --------------------------------------------------------------------------------

    @property
    def summary(self) -> str:
        """2 running, 1 pending."""
        parts = [f"{count} {word}" for word, count in self.words.items() if count]
        return ", ".join(parts) + "." if parts else "Nothing is in progress."

    @cached_property
    def words(self) -> dict[str, int]:
        """How many are running, paused and pending, the cards that are not shown included."""
        return {word: getattr(self.running[0], f"n_{word}") if self.running else 0 for word in IN_PROGRESS}

    @property
    def more_running(self) -> int:
        return sum(self.words.values()) - len(self.running)

    @cached_property
    def cards(self) -> list[Card]:
        return self.cards_of(self.running)

    def changed(self, shown: dict[str, str]) -> list[Card]:
        """The cards whose version is not among those shown already."""
        return self.cards_of(
            [one for one in self.running if shown.get(f"v-{card_id(one)}") != card_version(one)]
        )

    def cards_of(self, sessions: Sequence[Session]) -> list[Card]:
        """Three queries, however many sessions there are."""
        if not sessions:
            return []
        prefetch_related_objects(list(sessions), "parties")
        actions = _samples(sessions)
        return [self._card(session, actions.get(session.pk, [])) for session in sessions]

    def _card(self, session: Session, actions: list[Action]) -> Card:
        parties = list(session.parties.all())
        return Card(
            session=session,
            version=card_version(session),
            spark=spark(actions, len(parties), session.n_steps),
            asking=tuple(Asking(party, _asks(actions, party.index)) for party in parties),
            may_change=session.may_be_changed_by(self.user),
        )

    # --- What is over ---------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> Page[Any]:
        rows = self.narrowed.that_ended(self.chosen["result"]).with_parties().prefetch_related("tags")
        lean = rows.select_related("job__cancelled_by").defer(*TEXTS).in_order(self.chosen["sort"])
        paginator = Paginator(lean, ROWS_A_PAGE)
        paginator.count = self.counts[self.chosen["result"] or "all"]  # the segments have counted already
        return paginator.get_page(self.chosen["page"])

    @cached_property
    def narrowed(self) -> SessionQuerySet:
        return self.visible.over().narrowed(self.chosen, self.user)

    @cached_property
    def counts(self) -> dict[str, int]:
        return self.narrowed.counts()

    @property
    def segments(self) -> list[tuple[str, str, int]]:
        """Value, word and number of each ending to choose from."""
        return [(value, word, self.counts[value or "all"]) for value, word in SessionFilterForm.ENDINGS]

    @property
    def newer(self) -> str:
        return self.url(page=self.table.previous_page_number())

    @property
    def older(self) -> str:
        return self.url(page=self.table.next_page_number())

    def url(self, name: str = "session-list", **changes: Any) -> str:
        return list_url(self.chosen | changes, name)

    @property
    def is_narrowed(self) -> bool:
        return any(value for name, value in self.chosen.items() if name not in ("page", "sort"))

    # --- What the filters offer: for the page only, never in a poll ------------------------------------------

    @property
    def form(self) -> SessionFilterForm:
        return SessionFilterForm()

    @property
    def has_more_filters(self) -> bool:
        """One of those that are folded away is set."""
        return any(value for name, value in self.chosen.items() if name not in ("q", "result", "page"))

    @property
    def scenarios(self) -> list[tuple[int, str]]:
        """The chosen one and as many as a list can be looked through; the search finds the others."""
        known = Scenario.objects.visible_to(self.user).order_by("name", "pk").values_list("pk", "name")
        return _with_chosen(list(known[:MOST_CHOICES]), known.filter(pk__in=_one(self.chosen["scenario"])))

    @property
    def negotiators(self) -> list[tuple[int, str]]:
        known = Negotiator.objects.usable().order_by("short_name", "pk").values_list("pk", "short_name")
        return _with_chosen(list(known[:MOST_CHOICES]), known.filter(pk__in=_one(self.chosen["negotiator"])))


def _one(pk: Any) -> list[Any]:
    """Without one nothing is asked."""
    return [pk] if pk else []


def _with_chosen(first: list[tuple[int, str]], chosen: Any) -> list[tuple[int, str]]:
    """Empty or a single row where it is not among the first."""
    return first + [row for row in chosen if row not in first]


def list_url(chosen: dict[str, Any], name: str = "session-list") -> str:
    """The list's address with this choice of filters."""
    query = {key: value for key, value in chosen.items() if value and (key, value) != ("page", 1)}
    return reverse(f"negotiations:{name}") + (f"?{urlencode(query)}" if query else "")


def card_id(session: Session) -> str:
    return f"session-{session.pk}"


def card_version(session: Session) -> str:
    job, last_seq = session.job, getattr(session, "last_seq", None)
    ahead = getattr(session, "ahead", None)
    return version_of(session.status, job.current_step, job.cancel_requested_at, last_seq, ahead)


def _samples(sessions: Sequence[Session]) -> dict[Any, list[Action]]:
    """Offers for the curves of all sessions, in one query."""
    wanted = Q(pk=None)
    for session in sessions:
        last, parties = getattr(session, "last_seq", None) or 0, len(session.parties.all())
        wanted |= Q(session=session.pk, seq__in=evenly(last, SPARK_POINTS, parties))
    actions: dict[Any, list[Action]] = {}
    for offer in Offer.objects.filter(wanted).order_by("session", "seq"):
        actions.setdefault(offer.session_id, []).append(offer.to_action())
    return actions


def _asks(actions: Sequence[Action], party: int) -> float | None:
    """What a party asked for itself last."""
    for action in reversed(actions):
        if action.party == party and action.response == Response.OFFER and action.utilities:
            return action.utilities[party]
    return None

"""What the session list shows: cards of what is in progress, a table of what is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Q, prefetch_related_objects

from negotiations.charts import SPARK_POINTS, Spark, spark
from negotiations.engine.specs import Action, Response
from negotiations.forms.session_filters import SessionFilterForm
from negotiations.models import Negotiator, Offer, Party, Scenario, Session, Status
from negotiations.models.offers import evenly
from negotiations.models.owned import is_seen_by
from negotiations.models.session_marks import marks_of
from negotiations.models.sessions import SessionQuerySet
from negotiations.models.work import Work
from negotiations.views.filtered import address
from negotiations.views.session_rows import CARDS, ROWS_A_PAGE, Row, Shown, card_version, row_version
from notifications.live import QUIET, RUNNING, version_of

MOST_CHOICES = 300
TEXTS = ("scenario__document", "scenario__issues", "scenario__preferences", "scenario__warnings")
# A session's word for what is in progress, and that of its job.
IN_PROGRESS = {"running": Status.PROCESSING, "paused": "paused", "pending": Status.QUEUED}


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
    """The list for one person and one choice of filters. Whether anything changed costs two queries.

    `query` is that of a poll: it says what its page shows already.
    """

    def __init__(
        self, user: User, chosen: dict[str, Any], query: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.user, self.chosen, self.shown = user, chosen, Shown(query)
        self.work = Work.of_sessions(user)
        named = marks_of(
            Session.objects.filter(deletion=None, pk__in=self.shown.keys).apart_from_seats_of(user)
        )
        groups = self.work.groups
        self.marks = {
            key: one for key, one in named.items() if is_seen_by(user, groups, one.owner, one.group)
        }

    @property
    def visible(self) -> SessionQuerySet:
        return Session.objects.visible_to(self.user)

    @cached_property
    def running(self) -> list[Session]:
        """The cards' sessions, made where one is to be shown."""
        newest = self.visible.in_progress().newest_first().values("pk")[:CARDS]
        return list(Session.objects.with_tail().with_ahead().filter(pk__in=newest).newest_first())

    @property
    def seats(self) -> list[Session]:
        """In which this person sits, as far as they go on."""
        _, number, _ = self.work.seats
        return list(Session.objects.seats_to_show(self.user)) if number else []

    @property
    def live_url(self) -> str:
        return self.url("session-list-live")

    @property
    def bulk_url(self) -> str:
        return self.url("session-bulk")

    @property
    def interval(self) -> int:
        return RUNNING if self.work.words else QUIET

    # --- Versions -----------------------------------------------------------------------------------------

    @property
    def running_version(self) -> str:
        """Changes when a card comes or goes or its state does; what grows in a card has a version of its own.

        The card's button stays: what is replaced each second loses clicks and the focus.
        """
        states = [(one.pk, one.status, one.job.cancel_requested_at) for one in self.running]
        return version_of(states, sum(self.words.values()))

    @property
    def seats_version(self) -> str:
        """Changes when a seat comes or goes, and with each turn."""
        return version_of(self.work.seats)

    @property
    def table_version(self) -> str:
        """Changes when a session ends; what changes in a row has a version of its own."""
        return version_of(self.chosen, self.work.others)

    @property
    def version(self) -> str:
        """Changes when something begins, ends or is put on hold, and with the queues."""
        return version_of(sorted(self.work.words.items()), self.work.others, self.work.queues)

    @property
    def has_same_cards(self) -> bool:
        """The page shows all that is in progress, as it is; to know this no card is made."""
        return self.shown.query.get("v-session-summary") == self.version and all(
            key in self.marks and card_version(self.marks[key].card, self.work.queues) == version
            for key, version in self.shown.cards.items()
        )

    # --- What is in progress --------------------------------------------------------------------------------

    @property
    def summary(self) -> str:
        """2 running, 1 pending."""
        parts = [f"{count} {word}" for word, count in self.words.items() if count]
        return ", ".join(parts) + "." if parts else "Nothing is in progress."

    @cached_property
    def words(self) -> dict[str, int]:
        """How many are running, paused and pending, the cards that are not shown included."""
        return {word: self.work.words[status] for word, status in IN_PROGRESS.items()}

    @property
    def more_running(self) -> int:
        return sum(self.words.values()) - len(self.running)

    @cached_property
    def cards(self) -> list[Card]:
        return self.cards_of(self.running)

    @property
    def changed_cards(self) -> list[Card]:
        known = self.shown.cards
        return self.cards_of([one for one in self.running if known.get(one.pk) != self.version_of_card(one)])

    def version_of_card(self, session: Session) -> str:
        job = session.job
        mark = job.status, job.hold, job.cancel_requested_at, job.current_step, session.n_offers
        return card_version((*mark, job.awaits_since), self.work.queues)

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
            version=self.version_of_card(session),
            spark=spark(actions, len(parties), session.n_steps),
            asking=tuple(Asking(party, _asks(actions, party.index)) for party in parties),
            may_change=session.may_be_changed_by(self.user),
        )

    # --- What is over ---------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> Page[Any]:
        lean = _lean(self.narrowed.that_ended(self.chosen["result"])).in_order(self.chosen["sort"])
        paginator = Paginator(lean, ROWS_A_PAGE)
        paginator.count = self.counts[self.chosen["result"] or "all"]  # the segments have counted already
        return paginator.get_page(self.chosen["page"])

    @property
    def rows(self) -> list[Row]:
        return [Row(session) for session in self.table]

    @property
    def has_lost_rows(self) -> bool:
        """The page shows one that has been deleted, or is no longer shared with this person."""
        return any(key not in self.marks for key in self.shown.rows)

    @property
    def changed_rows(self) -> list[Row]:
        rows = self.shown.rows.items()
        keys = [key for key, version in rows if row_version(self.marks[key].tags) != version]
        return [Row(session) for session in _lean(self.visible.filter(pk__in=keys))] if keys else []

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

    @cached_property
    def n_matching(self) -> int:
        """As many as `every_session.matching` finds, what goes on included; 0 where the page shows all of them."""
        if not (self.table.has_other_pages() or self.more_running):
            return 0
        ended = self.counts[self.chosen["result"] or "all"]
        if self.chosen["result"] or self.chosen["period"]:
            return ended
        return ended + self.visible.in_progress().narrowed(self.chosen, self.user).count()

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
        scenarios = Scenario.objects.known_to(self.user)
        known = scenarios.order_by("name", "pk").values_list("pk", "name")
        return _with_chosen(list(known[:MOST_CHOICES]), known.filter(pk__in=_one(self.chosen["scenario"])))

    @property
    def negotiators(self) -> list[tuple[int, str]]:
        known = Negotiator.objects.usable().order_by("short_name", "pk").values_list("pk", "short_name")
        return _with_chosen(list(known[:MOST_CHOICES]), known.filter(pk__in=_one(self.chosen["negotiator"])))


def _lean(sessions: SessionQuerySet) -> SessionQuerySet:
    """With all that rows say: no query a row."""
    rows = sessions.with_parties().prefetch_related("tags").select_related("job__cancelled_by")
    return rows.defer(*TEXTS)


def _one(pk: Any) -> list[Any]:
    """Without one nothing is asked."""
    return [pk] if pk else []


def _with_chosen(first: list[tuple[int, str]], chosen: Any) -> list[tuple[int, str]]:
    """Empty or a single row where it is not among the first."""
    return first + [row for row in chosen if row not in first]


def list_url(chosen: dict[str, Any], name: str = "session-list") -> str:
    """The list's address with this choice of filters."""
    return address(f"negotiations:{name}", chosen)


def card_id(session: Session) -> str:
    return f"session-{session.pk}"


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

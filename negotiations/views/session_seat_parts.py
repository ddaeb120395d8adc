"""What a person in a seat sees of a session: whose turn it is, their own utilities, the offers, and advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.contrib.auth.models import User
from django.utils import timezone

from negotiations.advice import Advice, advice_for, own_wishes, utility_of
from negotiations.engine.advice import Wishes
from negotiations.engine.specs import Outcome, Response
from negotiations.forms.moves import MoveForm
from negotiations.models import Offer, Party, Session
from negotiations.offer_rows import OfferRow, offer_rows, value_text
from negotiations.results import reason_of
from notifications.live import PROCESSING, RUNNING, version_of

ROWS = 200
VALUES_SHOWN = 40
MOST_FILLED = 100


@dataclass(frozen=True)
class Heard:
    """An offer, and what it is worth to the reader alone."""

    row: OfferRow
    is_own: bool
    utility: float | None


@dataclass(frozen=True)
class Interest:
    """One issue as the reader sees it: its weight, and what each value is worth within it."""

    name: str
    weight: float
    values: list[tuple[str, float]]
    n_hidden: int

    @property
    def percent(self) -> int:
        return round(100 * self.weight)


class SeatPage:
    """A session from one seat. `session` comes from `seated()` and `with_tail()`; rows begin after offer number `after`.

    Nothing here reads what another party wants, or what an offer is worth to it.
    """

    def __init__(self, session: Session, user: User, after: int | None = None, fill: str = "") -> None:
        self.session, self.user, self.fill = session, user, fill
        self.last_seq: int = getattr(session, "last_seq", None) or 0
        self.after = max(0, self.last_seq - ROWS) if after is None else after
        self.index: int = cast("Any", session).seat_index
        self.may_change = session.may_be_changed_by(user)

    # --- Whose turn it is -------------------------------------------------------------------------------------

    @property
    def is_going_on(self) -> bool:
        return self.session.job.is_active

    @property
    def is_mine(self) -> bool:
        """It is the reader's turn; they may answer while it is paused, too."""
        return self.is_going_on and self.session.awaits_party == self.index

    @property
    def seq(self) -> int | None:
        return self.session.awaits_seq if self.is_mine else None

    @property
    def awaited(self) -> Party | None:
        """The other person whose turn it is."""
        waits = self.is_going_on and self.session.awaits_party is not None and not self.is_mine
        return self.parties[self.session.awaits_party or 0] if waits else None

    @property
    def seconds_left(self) -> float | None:
        until = self.session.awaits_until
        return max(0.0, (until - timezone.now()).total_seconds()) if until else None

    @property
    def left(self) -> str:
        """Of the turn's time, in words; empty where there is no end to it."""
        return "" if self.seconds_left is None else clock(self.seconds_left)

    @property
    def step(self) -> int:
        return min(self.session.job.current_step + (1 if self.is_mine else 0), self.session.n_steps)

    @property
    def interval(self) -> int:
        return RUNNING if self.is_going_on and self.session.awaits_party is None else PROCESSING

    # --- Rows -------------------------------------------------------------------------------------------------

    @cached_property
    def offers(self) -> list[Offer]:
        return list(self.session.offers.after(self.after)[:ROWS]) if self.last_seq > self.after else []

    @cached_property
    def rows(self) -> list[Heard]:
        if not self.offers:
            return []
        before = Offer.objects.last_proposals(self.session, before=self.offers[0].seq)
        rows = offer_rows(self.offers, self.parties, before)
        return [Heard(row, row.party == self.index, worth_to(self.index, row.utilities)) for row in rows]

    @property
    def newest_first(self) -> list[Heard]:
        return self.rows[::-1]

    @property
    def is_behind(self) -> bool:
        return bool(self.offers) and self.offers[-1].seq < self.last_seq

    @cached_property
    def parties(self) -> list[Party]:
        return list(self.session.parties.all())

    @property
    def me(self) -> Party:
        return self.parties[self.index]

    @property
    def role(self) -> str:
        return str(self.session.scenario.preferences[self.index]["name"])

    # --- What it is worth to the reader -------------------------------------------------------------------------

    @cached_property
    def wishes(self) -> Wishes | None:
        return own_wishes(self.session, self.index)

    @property
    def interests(self) -> list[Interest]:
        preference = self.session.scenario.preferences[self.index]
        return [_interest(issue, preference) for issue in self.session.scenario.issues] if self.wishes else []

    @cached_property
    def on_table(self) -> Offer | None:
        return self.session.offers.on_table(self.index)

    @property
    def table_utility(self) -> float | None:
        return worth_to(self.index, self.on_table.utilities) if self.on_table else None

    @property
    def table_is_poor(self) -> bool:
        return self._is_poor(self.table_utility)

    @property
    def form_is_poor(self) -> bool:
        return self._is_poor(self.form_utility)

    def _is_poor(self, utility: float | None) -> bool:
        """Without an agreement the reader would have more."""
        least = self.me.reserved_value
        return utility is not None and least is not None and utility < least

    @property
    def table_values(self) -> list[tuple[str, str]]:
        return self._named(self.on_table.outcome or () if self.on_table else ())

    @property
    def on_table_name(self) -> str:
        return self.parties[self.on_table.party].name if self.on_table else ""

    @property
    def best_utility(self) -> float | None:
        """The most that any outcome gives; where that is no sum over the issues, it is 1 as of all that are stored."""
        return self.wishes.utility(self.wishes.best) if self.wishes else 1.0

    @cached_property
    def own_last(self) -> Offer | None:
        made = self.session.offers.filter(party=self.index, response=Response.OFFER)
        last: Offer | None = made.order_by("-seq").first()
        return last

    @property
    def own_utility(self) -> float | None:
        return worth_to(self.index, self.own_last.utilities) if self.own_last else None

    @cached_property
    def advice(self) -> Advice:
        return advice_for(self.session, self.parties, self.index, self.wishes, self.own_last)

    @property
    def suggestion_values(self) -> list[tuple[str, str]]:
        outcome = self.advice.suggestion.outcome if self.advice.suggestion else ()
        return self._named(outcome)

    def _named(self, outcome: Sequence[Any]) -> list[tuple[str, str]]:
        values = zip(self.session.scenario.issues, outcome, strict=False)
        return [(issue["name"], value_text(value)) for issue, value in values]

    @property
    def suggested(self) -> str:
        """The suggestion as the form's fields have it."""
        if self.advice.suggestion is None:
            return ""
        form = MoveForm.beginning(self.session.scenario.issues, self.advice.suggestion.outcome)
        return " ".join(str(field.data) for field in form.issue_fields)

    # --- The form -----------------------------------------------------------------------------------------------

    @cached_property
    def form(self) -> MoveForm:
        issues = self.session.scenario.issues
        if self.fill:
            given = {f"issue-{index}": text for index, text in enumerate(self.fill.split()[:MOST_FILLED])}
            return MoveForm(given, issues=issues)
        return MoveForm.beginning(issues, self._first)

    @property
    def _first(self) -> Sequence[Any]:
        """What the reader offered last, or the best there is for them; where nobody knows that, the first of all values."""
        if self.own_last and self.own_last.outcome:
            return list(self.own_last.outcome)
        if self.wishes:
            return self.wishes.best
        return [_first_of(issue) for issue in self.session.scenario.issues]

    @cached_property
    def filled(self) -> Outcome | None:
        """What the form holds; None as long as something is missing or wrong."""
        return self.form.outcome

    @cached_property
    def form_utility(self) -> float | None:
        return utility_of(self.session, self.index, self.wishes, self.filled) if self.filled else None

    # --- The end ------------------------------------------------------------------------------------------------

    @property
    def agreement(self) -> list[tuple[str, str]]:
        return self._named(self.session.agreement or ())

    @property
    def end_utility(self) -> float | None:
        return worth_to(self.index, self.session.utilities or ())

    @property
    def may_look(self) -> bool:
        """Whether the whole session is theirs to see now: it is over, and shared with them still."""
        return Session.objects.visible_to(self.user).filter(pk=self.session.pk).exists()

    @property
    def is_kept(self) -> bool:
        """Whether the scenario's page says no more than this one; its owner's does."""
        return self.is_going_on and self.session.scenario.owner_id != self.user.pk

    @property
    def reason(self) -> str:
        return reason_of(self.session, [party.name for party in self.parties])

    # --- Versions -----------------------------------------------------------------------------------------------

    @cached_property
    def versions(self) -> dict[str, str]:
        """By the name of the part: its id with `_` for `-`."""
        session, job = self.session, self.session.job
        state = session.status, job.cancel_requested_at, session.awaits_party, session.awaits_seq, job.error
        return {
            "session_seat_title": version_of(*state),
            "session_seat_turn": version_of(*state, self.last_seq),
            "session_seat_clock": version_of(*state, self.step, self.left),
            "session_seat_send": version_of(*state),
            "session_seat_advice": version_of(self.last_seq, self.is_going_on),
        }


def clock(seconds: float) -> str:
    """What is left of a turn, as coarse as is of use."""
    if seconds >= 2 * 86_400:
        return f"{seconds // 86_400:.0f} days"
    if seconds >= 2 * 3_600:
        return f"{seconds // 3_600:.0f} hours"
    if seconds >= 120:
        return f"{seconds // 60:.0f} minutes"
    return f"{seconds:.0f} seconds"


def _first_of(issue: dict[str, Any]) -> Any:
    """The first value, or the lowest; None where there is no such thing."""
    if issue["values"]:
        return issue["values"][0]
    return int(issue["low"]) if issue["kind"] == "integer" else issue["low"]


def worth_to(index: int, utilities: Sequence[float | None]) -> float | None:
    return utilities[index] if index < len(utilities) else None


def _interest(issue: dict[str, Any], preference: dict[str, Any]) -> Interest:
    shares = preference["values"][issue["name"]]
    listed = [(value_text(value), shares[str(value)]) for value in issue["values"][:VALUES_SHOWN]]
    return Interest(
        issue["name"], preference["weights"][issue["name"]], listed, len(issue["values"]) - len(listed)
    )

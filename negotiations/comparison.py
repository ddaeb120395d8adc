"""Sessions side by side: where their settings differ, how each ended, and their charts over one another (P-11)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from negotiations import comparison_words as words
from negotiations.compare_charts import LETTERS, Planes, Timelines, Track, planes, timelines
from negotiations.models import Party, Session
from negotiations.models.offers import evenly, to_actions
from negotiations.results import reason_of
from notifications.live import version_of

LEAST, MOST = 2, len(LETTERS)
# Rows that the charts of one page read, of all sessions together: a poll's answer stays below 30 kB.
ROWS = 900


@dataclass(frozen=True)
class Line:
    """One row of a table: a cell a session. `party` where it is about one; `differs` where the cells do."""

    name: str
    cells: tuple[str, ...]
    party: int | None = None
    is_number: bool = False

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


@dataclass(frozen=True)
class Column:
    """A session, with the letter and the dashes that stand for it."""

    style: int
    session: Session
    forked: str

    @property
    def letter(self) -> str:
        return LETTERS[self.style]


class Comparison:
    """Two to six sessions, from `with_tail().with_parties()`; the page and its live answers ask the same object."""

    def __init__(self, sessions: Sequence[Session]) -> None:
        self.sessions = list(sessions)
        scenarios = {session.scenario_id: session.scenario for session in self.sessions}
        for session in self.sessions:
            session.scenario = scenarios[session.scenario_id]  # one object: what is read of it is read once

    # --- Whom -------------------------------------------------------------------------------------------------

    @property
    def ids(self) -> str:
        return ",".join(str(session.pk) for session in self.sessions)

    @property
    def is_live(self) -> bool:
        return any(session.job.is_active for session in self.sessions)

    @property
    def is_of_one_scenario(self) -> bool:
        return len({session.scenario_id for session in self.sessions}) == 1

    @cached_property
    def parties(self) -> list[list[Party]]:
        return [list(session.parties.all()) for session in self.sessions]

    @property
    def n_parties(self) -> int:
        return max(len(seats) for seats in self.parties)

    @cached_property
    def columns(self) -> list[Column]:
        return [Column(style, one, self._forked(one)) for style, one in enumerate(self.sessions)]

    def _forked(self, session: Session) -> str:
        """Where it was forked, and what is different since."""
        if not session.forked_seq:
            return ""
        letters = {one.pk: LETTERS[style] for style, one in enumerate(self.sessions)}
        of = letters.get(session.forked_from_id, "") if session.forked_from_id else ""
        return f"Fork{f' of {of}' if of else ''} at offer {session.forked_seq:,}: {words.changed(session)}"

    # --- Settings: only those that differ -----------------------------------------------------------------------

    @cached_property
    def settings(self) -> list[Line]:
        lines = [
            self._line("Scenario", lambda one: one.scenario.name),
            *[line for index in range(self.n_parties) for line in self._seat_lines(index)],
            self._line("Steps", lambda one: f"{one.n_steps:,}"),
            self._line("Seed", lambda one: str(one.seed)),
            self._line("Pace", lambda one: f"{one.pace_ms:,} ms" if one.pace_ms else "full speed"),
            self._line("Rules", words.rules),
            self._line("Ran with", words.ran_with),
        ]
        return [line for line in lines if line.differs]

    def _line(self, name: str, tell: Callable[[Session], str], **more: Any) -> Line:
        return Line(name, tuple(tell(session) for session in self.sessions), **more)

    def _seat_lines(self, index: int) -> list[Line]:
        seats = [seats[index] if index < len(seats) else None for seats in self.parties]
        told: tuple[tuple[str, Callable[[Party], str]], ...] = (
            ("Negotiator", lambda seat: seat.name),
            ("Parameters", words.parameters),
            ("Own step limit", lambda seat: f"{seat.n_steps:,}" if seat.n_steps else "none"),
        )
        return [
            Line(name, tuple(tell(seat) if seat else words.NONE for seat in seats), party=index)
            for name, tell in told
        ]

    # --- Results --------------------------------------------------------------------------------------------------

    @cached_property
    def results(self) -> list[Line]:
        return [
            self._line("Result", words.ending),
            *self._reasons(),
            *self._agreements(),
            *[self._utility(index) for index in range(self.n_parties)],
            self._line("Welfare", lambda one: words.figure(words.worth(one), math.fsum), is_number=True),
            self._line("Product", lambda one: words.figure(words.worth(one), math.prod), is_number=True),
            *self._distances(),
            self._line("Steps", lambda one: f"{words.steps(one):,}", is_number=True),
            self._line("Offers", lambda one: f"{words.last_of(one):,}", is_number=True),
            self._line("Seconds", words.seconds, is_number=True),
        ]

    def _reasons(self) -> list[Line]:
        line = self._line("Why", self._why)
        return [line] if set(line.cells) != {words.NONE} else []

    def _why(self, session: Session) -> str:
        if session.agreement is not None or session.job.is_active:
            return words.NONE
        names = [party.name for party in self.parties[self.sessions.index(session)]]
        return reason_of(session, names)

    def _agreements(self) -> list[Line]:
        """A line an issue where all have the same issues, else one for the whole outcome."""
        if not self.is_of_one_scenario:
            return [self._line("Agreement", lambda one: words.values(one.agreement))]
        issues = [issue["name"] for issue in self.sessions[0].scenario.issues]
        return [
            Line(name, tuple(words.value_at(one.agreement, place) for one in self.sessions))
            for place, name in enumerate(issues)
        ]

    def _utility(self, index: int) -> Line:
        cells = (words.figure((words.worth(one) or [])[index : index + 1]) for one in self.sessions)
        names = {seats[index].name for seats in self.parties if index < len(seats)}
        name = names.pop() if len(names) == 1 else f"Party {index + 1}"
        return Line(f"Utility to {name}", tuple(cells), party=index, is_number=True)

    def _distances(self) -> list[Line]:
        """How far each agreement lies from the points of its scenario, where that has been analysed."""
        found = [words.distances(session) for session in self.sessions]
        names = dict.fromkeys(name for each in found for name in each)
        return [
            Line(name, tuple(words.text(each.get(name)) for each in found), is_number=True) for name in names
        ]

    # --- Charts: all of one scenario, each read once ----------------------------------------------------------------

    @cached_property
    def tracks(self) -> list[Track]:
        most = max(ROWS // len(self.sessions), 30 * self.n_parties)
        last = max(words.last_of(session) for session in self.sessions)
        common = set(evenly(last, most, self.n_parties))
        return [
            Track(style, self._sample(session, common), session.steps, words.agreed(session))
            for style, session in enumerate(self.sessions)
        ]

    def _sample(self, session: Session, common: set[int]) -> list[Any]:
        """The same rows of each, so that what is the same lies on the same line; and those about its fork and its end."""
        near = {*range(words.last_of(session) - self.n_parties + 1, words.last_of(session) + 1)}
        for one in self.sessions:
            if one.forked_seq:
                near |= {*range(one.forked_seq - self.n_parties, one.forked_seq + self.n_parties + 1)}
        return to_actions(session.offers.filter(seq__in=sorted(common | near)).order_by("seq"))

    @cached_property
    def timelines(self) -> list[Timelines]:
        if not self.is_of_one_scenario:
            return []
        n_steps = max(session.n_steps for session in self.sessions)
        return [
            timelines(self.tracks, index, self._name(index), n_steps, self.forks)
            for index in range(self.n_parties)
        ]

    @cached_property
    def plane(self) -> Planes | None:
        if not self.is_of_one_scenario or self.n_parties != LEAST:
            return None
        return planes(self.tracks, [self._name(0), self._name(1)])

    def _name(self, index: int) -> str:
        """The negotiator of a seat, or of several, in the order of the sessions."""
        return ", ".join(dict.fromkeys(seats[index].name for seats in self.parties))

    @property
    def forks(self) -> list[tuple[str, int]]:
        """The letters of those that were forked, and the step that they were forked in."""
        return [
            (LETTERS[style], session.fork.step)
            for style, session in enumerate(self.sessions)
            if session.forked_seq
        ]

    # --- Versions: what each part shows, hashed ---------------------------------------------------------------------

    @property
    def versions(self) -> dict[str, str]:
        state = [(one.status, one.end_reason, words.last_of(one), one.job.error) for one in self.sessions]
        seconds = [round(one.job.seconds or 0, 1) for one in self.sessions]
        return {
            "compare_heads": version_of([one.status for one in self.sessions]),
            "compare_settings": version_of([one.versions for one in self.sessions]),
            "compare_results": version_of(state, seconds),
            "compare_charts": version_of(state),
        }

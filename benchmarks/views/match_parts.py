"""What a match's page shows, part by part: the session viewer, fed from a transcript instead of rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from benchmarks.match_results import result_of
from benchmarks.models import Benchmark, Competitor, Match, MatchStatus, MatchTranscript
from negotiations.chart_queries import ViewForm
from negotiations.charts import POINTS, Plane, Timeline, planes_of, timelines_of
from negotiations.charts.spaces import Analysis, Space, space_of
from negotiations.engine.specs import Action, Response
from negotiations.engine.transcripts import Unreadable, read_transcript
from negotiations.models import Scenario
from negotiations.models.offers import evenly
from negotiations.models.owned import Visitor
from negotiations.offer_rows import OfferRow, offer_rows
from negotiations.results import Result

ROWS = 200
PARTS = ("offers", "tables", "chart", "replay", "space", "cloud")


@dataclass(frozen=True)
class Seat:
    """A competitor at its place at the table, and what the scenario gives it there."""

    index: int
    name: str
    reserved_value: float | None
    competitor: Competitor
    party: str


class MatchPage:
    """A match with what is read of it; its templates find here what they find of a session."""

    noun = "match"
    result_template = "benchmarks/_match_result.html"
    visit = ""
    after = 0
    ahead = 0

    def __init__(self, match: Match, user: Visitor, view: ViewForm | None = None) -> None:
        self.match = match
        self.benchmark: Benchmark = match.benchmark
        self.view = view or ViewForm({})
        self.shows_traceback = user.is_staff
        self.versions: dict[str, str] = {}

    @cached_property
    def urls(self) -> dict[str, str]:
        key = [self.benchmark.pk, self.match.index]
        return {name: reverse(f"benchmarks:match-{name}", args=key) for name in PARTS}

    # --- Who meets whom, where ------------------------------------------------------------------------------

    @cached_property
    def place(self) -> Any:
        """The scenario at its place in the benchmark; its name stays where the library has no such row."""
        chosen = self.benchmark.scenarios.select_related("scenario")
        return chosen.get(index=self.match.scenario)

    @property
    def scenario(self) -> Scenario | None:
        found: Scenario | None = self.place.scenario
        return found

    @cached_property
    def issues(self) -> list[dict[str, Any]]:
        return list(self.scenario.issues) if self.scenario else []

    @cached_property
    def parties(self) -> list[Seat]:
        numbers = self.match.numbers
        known = {each.index: each for each in self.benchmark.competitors.filter(index__in=numbers)}
        reserved = self.match.reserved or [None] * len(numbers)
        told = self.scenario.preferences if self.scenario else []
        return [
            Seat(seat, known[number].name, reserved[seat], known[number], self._party(told, seat))
            for seat, number in enumerate(numbers)
        ]

    def _party(self, preferences: list[dict[str, Any]], seat: int) -> str:
        return str(preferences[self.ufun(seat)]["name"]) if preferences else ""

    def ufun(self, seat: int) -> int:
        """The scenario's utility function that this seat has."""
        return (seat + self.match.rotation) % len(self.match.numbers)

    @cached_property
    def names(self) -> list[str]:
        return [party.name for party in self.parties]

    @cached_property
    def neighbours(self) -> dict[str, int | None]:
        """The matches before and after it in the plan."""
        index = self.match.index
        return {
            "previous": index - 1 if index else None,
            "next": index + 1 if index + 1 < self.benchmark.n_planned else None,
        }

    @property
    def cell_url(self) -> str:
        """The matches of these competitors in this scenario, on the benchmark's page."""
        first, *others = self.match.numbers
        cell = {
            "competitor": first,
            "opponent": others[0] if others else first,
            "scenario": self.match.scenario,
        }
        return f"{self.benchmark.get_absolute_url()}?{urlencode(cell)}#matches"

    # --- Its actions ----------------------------------------------------------------------------------------

    @cached_property
    def actions(self) -> list[Action]:
        stored = MatchTranscript.objects.filter(match=self.match.pk).values_list("actions", flat=True).first()
        try:
            return read_transcript(bytes(stored or b""))
        except Unreadable:
            return []

    @property
    def last_seq(self) -> int:
        return len(self.actions)

    @cached_property
    def n_steps(self) -> int:
        """To which step charts count: where only time was limited, the last there was."""
        return self.match.n_steps or max(1, self.last_step)

    def rows_between(self, first: int, last: int) -> list[OfferRow]:
        """Lines for the actions after number `first`, up to number `last`."""
        first = max(0, first)
        before = {each.party: each for each in self.actions[:first] if each.response == Response.OFFER}
        return offer_rows(self.actions[first:last], self.parties, before)

    @cached_property
    def rows(self) -> list[OfferRow]:
        return self.rows_between(self.last_seq - ROWS, self.last_seq)

    @property
    def result(self) -> Result:
        issues = [issue["name"] for issue in self.issues] or [
            f"Issue {number}" for number, _ in enumerate(self.match.agreement or (), start=1)
        ]
        return result_of(self.match, self.names, issues, self.actions)

    # --- The step shown ---------------------------------------------------------------------------------------

    @property
    def is_replay(self) -> bool:
        return self.view.step_shown is not None

    @property
    def last_step(self) -> int:
        return self.actions[-1].step + 1 if self.actions else 0

    @property
    def step(self) -> int:
        asked = self.view.step_shown
        return self.last_step if asked is None else min(asked, self.last_step)

    @property
    def step_words(self) -> str:
        return f"Step {self.step:,}{', the end' if self.last_step and not self.is_replay else ''}"

    @cached_property
    def shown_seq(self) -> int:
        if not self.is_replay or self.step == self.last_step:
            return self.last_seq
        return sum(1 for action in self.actions if action.step < self.step)

    @cached_property
    def replayed(self) -> list[OfferRow]:
        return self.rows_between(self.shown_seq - ROWS, self.shown_seq) if self.is_replay else []

    # --- Charts -----------------------------------------------------------------------------------------------

    @cached_property
    def pair(self) -> tuple[int, int]:
        return self.view.pair(len(self.match.numbers))

    @property
    def ufuns(self) -> tuple[int, int]:
        one, other = self.pair
        return self.ufun(one), self.ufun(other)

    @cached_property
    def analysis(self) -> Analysis | None:
        found: Analysis | None = self.scenario.analysis if self.scenario else None
        return found

    @cached_property
    def space(self) -> Space:
        space = space_of(self.analysis, self.scenario.outcomes if self.scenario else None, self.ufuns)
        turned = (replace(each, utilities=self._by_seat(each.utilities)) for each in space.solutions)
        # Without reserved values the points that rest on them lie elsewhere.
        kept = (each for each in turned if not self.benchmark.ignore_reserved or each.kind == "welfare")
        return replace(space, solutions=tuple(kept))

    def _by_seat(self, worths: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(worths[self.ufun(seat)] for seat in range(len(worths)))

    @cached_property
    def _sample(self) -> list[Action]:
        return [self.actions[seq - 1] for seq in evenly(self.shown_seq, POINTS, len(self.parties))]

    @cached_property
    def timelines(self) -> dict[str, Timeline]:
        return timelines_of(self._sample, self.names, self.n_steps)

    @cached_property
    def planes(self) -> dict[str, Plane]:
        reserved = [party.reserved_value for party in self.parties]
        agreed = self.match.agreement is not None and self.shown_seq == self.last_seq
        worths = self.match.utilities if agreed else None
        return planes_of(self._sample, self.names, reserved, worths, self.pair, self.space)


class Viewed:
    """A match in the place of a session, for the templates of the session viewer."""

    def __init__(self, page: MatchPage) -> None:
        match = page.match
        self.scenario = {"name": page.place.name, "issues": page.issues}
        self.short_id = f"match {match.index}"
        self.status = "pending" if match.status == MatchStatus.SKIPPED else match.status
        self.n_steps = page.n_steps
        self.agreement, self.utilities = match.agreement, match.utilities
        self.job = {"is_active": False, "traceback": match.traceback}
        self.get_absolute_url = match.get_absolute_url()

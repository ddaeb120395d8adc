"""A match as its row says it, and the list of them of one benchmark: the newest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from benchmarks.forms.benchmark_filters import MatchFilterForm
from benchmarks.models import Benchmark, Match
from benchmarks.models.match_lists import NARROWING
from benchmarks.templatetags.benchmarks import end_word
from negotiations.engine.specs import EndReason
from negotiations.space_charts import STAMP

ROWS = 100
SHOWN = (
    "index", "scenario", "rotation", "seats", "status", "finished_seq", "end_reason", "error", "steps", "utilities",
)  # fmt: skip


@dataclass(frozen=True)
class MatchRow:
    match: Match
    scenario: str
    names: Sequence[str]
    url: str
    stamp: str = ""

    @property
    def seq(self) -> int | None:
        return self.match.finished_seq

    @property
    def success(self) -> bool | None:
        """An agreement, a match that broke, neither (B-10)."""
        if self.match.status == "failed":
            return False
        return True if self.match.end_reason == EndReason.AGREEMENT else None

    @property
    def word(self) -> str:
        return {True: "OK", False: "FAIL", None: "—"}[self.success]

    @property
    def css(self) -> str:
        return {True: "ok", False: "bad", None: "muted"}[self.success]

    @property
    def why(self) -> str:
        return end_word(self.match.end_reason)

    @property
    def score(self) -> float | None:
        """Of who speaks first."""
        return self.match.utilities[0] if self.match.utilities else None

    @property
    def place(self) -> list[str] | None:
        """Where the agreement landed in the scenario's picture, whose axes are its first two utility functions."""
        utilities, n = self.match.utilities, len(self.match.utilities)
        if self.success is not True or n < 2 or None in utilities:
            return None
        one, other = (utilities[(function - self.match.rotation) % n] for function in (0, 1))
        return STAMP.place((one, other)).split()


class MatchList:
    """Of a benchmark for one choice of filters. `after` is the number of the last match that a page has already."""

    def __init__(
        self,
        benchmark: Benchmark,
        chosen: dict[str, Any],
        names: Sequence[str],
        scenarios: Sequence[str],
        pictures: Callable[[], Mapping[int, str]],
        after: int = 0,
    ) -> None:
        self.benchmark, self.chosen, self.after = benchmark, chosen, after
        self.names, self.scenarios, self._pictures = names, scenarios, pictures

    @property
    def page(self) -> int:
        return int(self.chosen["page"] or 1)

    @property
    def is_live(self) -> bool:
        """Older pages stand still."""
        return self.page == 1

    @cached_property
    def found(self) -> list[Match]:
        """One more than is shown tells whether there is another page."""
        first = (self.page - 1) * ROWS
        newest = self.benchmark.matches.between(self.after, self.benchmark.last_seq).narrowed(self.chosen)
        return list(newest.only("benchmark_id", *SHOWN)[first : first + ROWS + 1])

    @cached_property
    def rows(self) -> list[MatchRow]:
        pictures = self._pictures() if self.found else {}
        return [self.row_of(match, pictures.get(match.scenario, "")) for match in self.found[:ROWS]]

    def row_of(self, match: Match, stamp: str) -> MatchRow:
        names = [self.names[number] for number in match.numbers]
        return MatchRow(match, self.scenarios[match.scenario], names, self.url_of(match.index), stamp)

    def url_of(self, index: int) -> str:
        """The page of one match; made here, as a poll may bring a hundred."""
        return f"{self._base}matches/{index}/"

    @cached_property
    def _base(self) -> str:
        return reverse("benchmarks:benchmark-detail", args=[self.benchmark.pk])

    # --- Addresses ----------------------------------------------------------------------------------------------------

    def url(self, name: str = "benchmark-detail", **changes: Any) -> str:
        """This page with these filters changed; 0 is a place in a list."""
        wanted = self.chosen | changes
        query = {
            key: value
            for key, value in wanted.items()
            if value not in (None, "") and (key, value) != ("page", 1)
        }
        path = reverse(f"benchmarks:{name}", args=[self.benchmark.pk])
        return path + (f"?{urlencode(query)}" if query else "")

    @property
    def path(self) -> str:
        return self._base

    @property
    def here(self) -> str:
        """This page as it is asked for, loaded anew."""
        return self.url()

    @property
    def kept(self) -> list[tuple[str, Any]]:
        """The filters, for a form that chooses something else."""
        wanted = [(name, self.chosen[name]) for name in NARROWING]
        return [(name, value) for name, value in wanted if value is not None]

    @property
    def form(self) -> MatchFilterForm:
        return MatchFilterForm()

    @property
    def newer(self) -> str:
        return self.url(page=self.page - 1) + "#matches" if self.page > 1 else ""

    @property
    def older(self) -> str:
        return self.url(page=self.page + 1) + "#matches" if self.has_older else ""

    @property
    def has_older(self) -> bool:
        """Of the newest ones the benchmark's own count tells it: a poll reads only what is new."""
        if self.is_live and not self.is_narrowed:
            return self.benchmark.last_seq > ROWS
        return len(self.found) > ROWS

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen[name] is not None for name in NARROWING)

    @property
    def cleared(self) -> str:
        nothing: dict[str, Any] = dict.fromkeys(("page", *NARROWING))
        return self.url(**nothing) + "#matches"

"""What the page of a benchmark shows, part by part: the page and its live answers ask the same object."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count, Q, Window
from django.urls import reverse
from django.utils import timezone

from benchmarks.models import Benchmark
from benchmarks.views.benchmark_board import Board
from benchmarks.views.benchmark_events import events_of
from benchmarks.views.benchmark_grid import Grid
from benchmarks.views.benchmark_pace import Pace, pace_of
from benchmarks.views.benchmark_set_up import SetUp
from benchmarks.views.benchmark_versions import versions_of
from benchmarks.views.match_rows import MatchList, MatchRow
from negotiations.models import Job, Scenario, Status
from negotiations.models.job_states import Verb
from negotiations.models.owned import Visitor
from negotiations.views.job_parts import JobPage, Move
from negotiations.views.job_rows import MARKS, JobRow

JOBS = 5


class BenchmarkPage:
    """A benchmark of `for_pages()` with what is read of it; each part is read when a template asks for it, and once.

    `chosen` are the values of a `MatchFilterForm`; `after` is the number of the last match that the page has already;
    `order` the numbers of competitors as it shows them, and `place` where its reader is in the log.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        user: Visitor,
        chosen: dict[str, Any],
        after: int = 0,
        order: list[int] | None = None,
        place: tuple[int, str] | None = None,
    ) -> None:
        self.benchmark, self.job, self.user, self.chosen = benchmark, benchmark.job, user, chosen
        self.may_change = benchmark.may_be_changed_by(user)
        self.after, self.place = after, place
        # The end puts the rows in their order; until then they stay where they are.
        self.order = order or [] if self.job.is_active else []

    # --- Who and where --------------------------------------------------------------------------------------------

    @cached_property
    def competitors(self) -> list[tuple[str, bool]]:
        """Name, and whether it is an opponent only."""
        return list(self.benchmark.competitors.order_by("index").values_list("name", "is_opponent"))

    @cached_property
    def names(self) -> list[str]:
        return [name for name, _ in self.competitors]

    @property
    def numbered(self) -> list[tuple[int, str]]:
        return list(enumerate(self.names))

    @cached_property
    def scenarios(self) -> list[str]:
        return [name for name, _ in self._places]

    @cached_property
    def _places(self) -> list[tuple[str, int | None]]:
        """Name and key in the library of each scenario."""
        return list(self.benchmark.scenarios.order_by("index").values_list("name", "scenario"))

    def _pictures(self) -> dict[int, str]:
        """By the number of a scenario its stamp, where this reader may see it: a benchmark shows more than it shares."""
        keys = {key for _, key in self._places if key}
        visible = Scenario.objects.visible_to(self.user).order_by()
        seen = set(visible.filter(pk__in=keys).values_list("pk", flat=True))
        # The address is looked up once: each poll with new rows comes by here.
        url = reverse("negotiations:scenario-stamp", args=[0])
        return {
            number: url.replace("/0/", f"/{key}/")
            for number, (_, key) in enumerate(self._places)
            if key in seen
        }

    @property
    def numbered_scenarios(self) -> list[tuple[int, str]]:
        return list(enumerate(self.scenarios))

    @property
    def n_competitors(self) -> int:
        return sum(not is_opponent for _, is_opponent in self.competitors)

    @property
    def n_opponents(self) -> int:
        return len(self.competitors) - self.n_competitors

    @property
    def limits(self) -> str:
        """100 steps, 50 to 200 steps, 2 to 5 s."""
        one = self.benchmark
        told = [_span(one.steps_low, one.steps_high, "steps"), _span(one.seconds_low, one.seconds_high, "s")]
        return ", ".join(text for text in told if text)

    @property
    def set_up(self) -> SetUp:
        return SetUp(self.benchmark, self.user, self.limits)

    # --- Scores and matches -----------------------------------------------------------------------------------------

    @cached_property
    def board(self) -> Board:
        board = Board(self.benchmark, self.names, self.scenarios)
        board.order = self.order
        return board

    @cached_property
    def matches(self) -> MatchList:
        return MatchList(self.benchmark, self.chosen, self.names, self.scenarios, self._pictures, self.after)

    @cached_property
    def playing(self) -> list[MatchRow]:
        """What each lane is at."""
        found = self.benchmark.matches.first_held_by(self._jobs()) if self.status == "running" else []
        return [self.matches.row_of(match, "") for match in found]

    @property
    def scenario(self) -> int | None:
        """The one whose grid is shown; None: all."""
        asked = self.chosen["grid"]
        return asked if asked is not None and asked < len(self.scenarios) else None

    @cached_property
    def grids(self) -> Grid:
        return Grid(self.board, lambda: [row.match for row in self.playing])

    @cached_property
    def grid(self) -> Any:
        """Columns and rows."""
        return self.grids.of(self.scenario)

    @property
    def grid_query(self) -> str:
        """What the address of a row's or a column's matches has besides its competitor."""
        return "" if self.scenario is None else f"&scenario={self.scenario}&grid={self.scenario}"

    @property
    def live_url(self) -> str:
        """With the filters; the script adds the order of the competitors as it is shown."""
        return self.matches.url("benchmark-live")

    # --- Figures ----------------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        return self.benchmark.status

    @property
    def n_left(self) -> int:
        return self.benchmark.n_matches - self.benchmark.n_over - self.benchmark.n_skipped

    @property
    def percentage(self) -> int:
        n = self.benchmark.n_matches
        return 100 * (n - self.n_left) // n if n else 0

    @property
    def agreed(self) -> float | None:
        """Per cent of the matches that are over."""
        return _share(self.benchmark.n_agreed, self.benchmark.n_over)

    @property
    def steps_each(self) -> float | None:
        """Of a match that is over, on average; None where nothing is known of steps."""
        return self.benchmark.n_steps / self.benchmark.n_over if self.benchmark.n_steps else None

    @property
    def seconds_each(self) -> float | None:
        """Processor time of a match that is over, on average."""
        n, seconds = self.benchmark.n_over, self.benchmark.cpu_seconds
        return seconds / n if n and seconds else None

    @property
    def lease_age(self) -> int:
        """Seconds since its worker was last heard of, by the server's clock."""
        return max(0, int((timezone.now() - self.job.updated_at).total_seconds()))

    @property
    def n_without(self) -> int:
        """Over without an agreement, and nothing broke."""
        return self.benchmark.n_completed - self.benchmark.n_agreed

    @cached_property
    def pace(self) -> Pace | None:
        return pace_of(self.benchmark) if self.status == "running" else None

    @property
    def seconds_left(self) -> float | None:
        return self.pace.seconds_for(self.benchmark, self.n_left) if self.pace else None

    @property
    def verbs(self) -> dict[str, bool]:
        """By verb, whether its button is there; what is over may be run on where something is left."""
        may = {str(verb): self.may_change and self.job.may(verb) for verb in (Verb.PAUSE, Verb.RESUME)}
        can_go_on = self.job.is_over and (self.n_left > 0 or self.benchmark.n_failed > 0)
        return may | {"again": self.may_change and can_go_on and not self.benchmark.is_imported}

    # --- Jobs, log, events --------------------------------------------------------------------------------------------

    def _jobs(self) -> Any:
        mine = Job.objects.filter(Q(pk=self.job.pk) | Q(parent=self.job.pk))
        return mine.order_by("-created_at", "pk")

    @cached_property
    def job_marks(self) -> list[Any]:
        """What the rows of the newest show and may change, and in each how many of all are at work."""
        at_work = Window(Count("pk", filter=Q(status=Status.PROCESSING)))
        return list(self._jobs().values_list("pk", *MARKS, at_work)[:JOBS])

    @cached_property
    def jobs(self) -> list[JobRow]:
        found = self._jobs().for_pages().defer("session__scenario__document")
        return [JobRow(job, may_change=False) for job in found[:JOBS]]

    @property
    def n_lanes(self) -> int:
        """At work now, of all of them."""
        return int(self.job_marks[0][-1]) if self.job_marks else 0

    @cached_property
    def job_page(self) -> JobPage:
        return JobPage(self.job, self.user, self.place)

    @cached_property
    def events(self) -> list[Move]:
        return events_of(self)

    @cached_property
    def versions(self) -> dict[str, str]:
        """By the name of the part: its id with `_` for `-`."""
        return versions_of(self)


def _span(low: float | None, high: float | None, unit: str) -> str:
    if low is None:
        return ""
    return f"{low:,} {unit}" if high is None or low == high else f"{low:,} to {high:,} {unit}"


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None

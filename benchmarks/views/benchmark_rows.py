"""A benchmark as its row says it, and the list of them for one person and one choice of filters."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count

from benchmarks.forms.benchmark_filters import BenchmarkFilterForm
from benchmarks.models import Benchmark, Competitor
from benchmarks.models.benchmark_lists import MARKS
from negotiations.models.jobs import ACTIVE
from negotiations.models.sessions import WORDS as SESSION_WORDS
from negotiations.views.live_lists import LiveList
from notifications.live import PROCESSING, QUIET, version_of

ROWS_A_PAGE = 25


class BenchmarkRow:
    """A benchmark of `for_pages()`."""

    def __init__(self, benchmark: Benchmark, version: str, leader: str = "") -> None:
        self.benchmark, self.job, self.version, self.leader = benchmark, benchmark.job, version, leader

    @property
    def id(self) -> str:
        return f"benchmark-{self.benchmark.pk}"

    @property
    def percentage(self) -> int:
        """100 only where nothing is left."""
        one = self.benchmark
        return 100 * (one.n_over + one.n_skipped) // one.n_matches if one.n_matches else 0


class BenchmarkList(LiveList):
    """Two queries tell whether it changed, two more make its rows; none looks at a match."""

    pattern = "benchmarks:benchmark-list"
    noun, templates = "benchmark", "benchmarks/_benchmark"
    in_progress, statuses = ("running", "paused", "pending"), BenchmarkFilterForm.STATUSES

    def __init__(self, user: User, chosen: dict[str, Any]) -> None:
        self.user, self.chosen = user, chosen
        self.visible = Benchmark.objects.visible_to(user)
        first = (chosen["page"] - 1) * ROWS_A_PAGE
        wanted = self.visible.narrowed(chosen, user).newest_first()
        # One more than is shown tells whether there is another page.
        found = list(wanted.values_list("pk", *MARKS, "job__created_at")[first : first + ROWS_A_PAGE + 1])
        self.marks, self.has_older = found[:ROWS_A_PAGE], len(found) > ROWS_A_PAGE

    @property
    def versions(self) -> dict[Any, str]:
        return {mark[0]: version_of(mark) for mark in self.marks}

    @cached_property
    def rows(self) -> list[BenchmarkRow]:
        """Made where something is to be shown."""
        versions = self.versions
        found = Benchmark.objects.filter(pk__in=versions).for_pages().with_leader().newest_first()
        named = Competitor.objects.filter(benchmark__in=versions).values_list("benchmark", "index", "name")
        names = {(pk, index): name for pk, index, name in named}
        return [BenchmarkRow(one, versions[one.pk], names.get((one.pk, one.leader), "")) for one in found]

    # --- What is at work, of all that may be seen ---------------------------------------------------------------

    @cached_property
    def words(self) -> Counter[str]:
        active = (
            self.visible.filter(job__status__in=ACTIVE).order_by().values_list("job__status", "job__hold")
        )
        found: Counter[str] = Counter()
        for status, is_held, count in active.annotate(n=Count("pk")):
            found["paused" if is_held else SESSION_WORDS[status]] += count
        return found

    @property
    def interval(self) -> int:
        return PROCESSING if self.words["running"] else QUIET

    @property
    def form(self) -> BenchmarkFilterForm:
        return BenchmarkFilterForm()

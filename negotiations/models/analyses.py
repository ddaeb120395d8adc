"""What is known of a scenario's outcome space: computed once by a worker, read by pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from negotiations.engine.analysis_bytes import VERSION, from_bytes
from negotiations.engine.outcome_space import Analysis, frontier_words, words_of
from negotiations.models.jobs import ACTIVE, Job, Kind, Queue
from negotiations.models.owned import Visitor
from negotiations.models.scenarios import Scenario

if TYPE_CHECKING:  # it brings NegMAS, which no page needs
    from negotiations.engine.analysing import Stored

COLUMNS = (
    "method",
    "n_sampled",
    "n_frontier",
    "opposition",
    "rational_fraction",
    "points",
    "sketch",
)


class Variant(models.TextChoices):
    """Which utilities were analysed: so far those of the stored document, without discount."""

    PLAIN = "plain"


class ScenarioAnalysisQuerySet(models.QuerySet[Any]):
    def of_this_version(self) -> Self:
        """An analysis of an earlier version counts as none, and is made again."""
        return self.filter(version=VERSION)

    def completed(self) -> Self:
        """Those that a page can read."""
        return self.of_this_version().exclude(computed_at=None)

    def visible_to(self, user: Visitor) -> Self:
        """But for those of scenarios that are kept from this person: every figure tells of all parties."""
        return self.exclude(scenario__in=Scenario.objects.kept_from(user).values("pk"))

    def settled(self) -> Self:
        """Those that are completed, and those that came to nothing."""
        return self.completed() | self.exclude(job__status__in=ACTIVE)

    def without_arrays(self) -> Self:
        """For lists: the columns alone."""
        return self.defer("arrays")

    def start(self, scenario: Scenario, *, owner: User, retry_of: Job | None = None) -> ScenarioAnalysis:
        """Ring for a worker to analyse it, once that is committed. No limit counts it: nobody asked for it."""
        with transaction.atomic():
            job = Job.objects.enter(
                owner=owner, kind=Kind.SCENARIO_ANALYSIS, queue=Queue.BATCH, retry_of=retry_of
            )
            analysis = self._renewed(scenario, job=job)
            job.ring()
        return analysis

    def give_up(self, scenario: Scenario) -> None:
        """It was tried without a job, and cannot be done: it is not tried at every start."""
        self._renewed(scenario, job=None)

    def _renewed(self, scenario: Scenario, **fields: Any) -> ScenarioAnalysis:
        fields |= {"version": VERSION, "computed_at": None}
        analysis, _ = self.update_or_create(scenario=scenario, variant=Variant.PLAIN, defaults=fields)
        return cast("ScenarioAnalysis", analysis)

    def keep(self, scenario: Scenario, stored: Stored) -> ScenarioAnalysis:
        """What was computed, in the place of what was known before."""
        fields = {name: getattr(stored, name) for name in COLUMNS}
        fields |= {"arrays": stored.arrays.encode("latin-1")}
        fields |= {"version": VERSION, "computed_at": timezone.now()}
        analysis, _ = self.update_or_create(scenario=scenario, variant=Variant.PLAIN, defaults=fields)
        return cast("ScenarioAnalysis", analysis)


class ScenarioAnalysis(models.Model):
    """One a scenario and variant. Its job is gone when that is pruned, and none ever was for the library's scenarios."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="analyses")
    variant = models.CharField(max_length=20, choices=Variant, default=Variant.PLAIN)
    job = models.OneToOneField(Job, models.SET_NULL, null=True, blank=True, related_name="scenario_analysis")
    version = models.PositiveSmallIntegerField(default=VERSION, help_text="Of what the arrays hold.")
    method = models.CharField(max_length=20, blank=True, help_text="exact, frontier exact or sampled.")
    n_sampled = models.PositiveIntegerField(default=0)
    n_frontier = models.PositiveIntegerField(default=0)
    opposition = models.FloatField(null=True, blank=True)
    rational_fraction = models.FloatField(null=True, blank=True)
    points = models.JSONField(
        default=dict, help_text="Name of a solution: its utilities, its outcome, and how many are equal."
    )
    sketch = models.JSONField(default=dict, help_text="The first two parties' plane for a card.")
    arrays = models.BinaryField(
        null=True, help_text="Compressed; negotiations.engine.analysis_bytes reads it."
    )
    computed_at = models.DateTimeField(null=True, blank=True)

    objects = ScenarioAnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "scenario analyses"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scenario", "variant"], name="scenario_analysis_once")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.scenario.get_absolute_url()

    # --- What a job runs --------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return f"Analysis of {self.scenario}"

    @property
    def most_seconds(self) -> float:
        return float(settings.IMPORT_SECONDS)

    def close(self, status: str) -> None:
        """However it ended, there is nothing to tidy: what was computed before stays."""

    def again(self, by: User) -> ScenarioAnalysis:
        return ScenarioAnalysis.objects.start(self.scenario, owner=by, retry_of=self.job)

    # --- What pages read --------------------------------------------------------------------------------------

    @property
    def is_completed(self) -> bool:
        return self.computed_at is not None and self.version == VERSION

    @property
    def is_over(self) -> bool:
        """Nobody works on it, or will."""
        return self.job is None or self.job.is_over

    @property
    def words(self) -> str:
        """How it came about: exact, frontier exact, or sampled 200,000."""
        return words_of(self.method, self.n_sampled)

    @property
    def frontier_words(self) -> str:
        """How long the frontier is: 12 outcomes, or 5,000 outcomes found by sampling."""
        return frontier_words(self.method, self.n_frontier)

    @cached_property
    def space(self) -> Analysis:
        """All of it, unpacked; some milliseconds."""
        return from_bytes(bytes(self.arrays or b""))

    @property
    def frontier_utilities(self) -> list[tuple[float, ...]]:
        """The Pareto frontier of what is acceptable to all, the highest sum first; `frontier_words` says how long it really is."""
        return [tuple(point) for point in self.space.frontier.tolist()]

    @property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """The least and the most that each party can get."""
        return self.space.ranges

    def grid(self, i: int, j: int) -> Any:
        """A numpy array of 256 x 256 booleans, which cells hold an outcome: row 0 is the lowest of party `j`, column 0 of `i`."""
        return self.space.grid(i, j)

    def cloud(self, i: int, j: int) -> list[tuple[float, float]]:
        """At most 5,000 outcomes in the plane of parties `i` and `j`; all of them where there are no more."""
        return self.space.plane(i, j)

    def distances(self, utilities: Sequence[float]) -> dict[str, float | None]:
        """From an agreement's utilities to the frontier (`pareto`) and to each solution; None where there is none."""
        return self.space.distances(utilities)

    def optimality(self, utilities: Sequence[float]) -> dict[str, float | None]:
        """The same as shares of what is possible, 1 at the point."""
        return self.space.optimality(utilities)

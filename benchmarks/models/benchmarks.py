"""A benchmark: competitors, scenarios and the rules by which they meet."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from typing import Any, Self, cast

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.urls import reverse

from benchmarks.models.benchmark_lists import ListedBenchmarkQuerySet
from benchmarks.models.line_ups import BenchmarkScenario, Competitor, Entrant, named, refuse_misfits
from benchmarks.plan import Plan
from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models import Job, Kind, Queue, Scenario, Status
from negotiations.models.limits import hold_to_limits
from negotiations.models.owned import Visitor
from negotiations.models.sessions import WORDS

NOT_NEEDED = "Its benchmark is over: what it would have played is played, or is not wanted any more."
USUAL_RULES = {"offering_is_accepting": True, "one_offer_per_step": False}


class Metric(models.TextChoices):
    """What of a match counts, with NegMAS's names where it has one."""

    ADVANTAGE = "advantage"
    UTILITY = "utility"
    PARTNER_WELFARE = "partner_welfare"
    WELFARE = "welfare"
    AGREEMENT = "agreement", "agreement rate"
    NASH_OPTIMALITY = "nash_optimality", "Nash optimality"
    KALAI_OPTIMALITY = "kalai_optimality", "Kalai optimality"
    KS_OPTIMALITY = "ks_optimality", "Kalai-Smorodinsky optimality"
    MAX_WELFARE_OPTIMALITY = "max_welfare_optimality", "welfare optimality"
    PARETO_OPTIMALITY = "pareto_optimality", "Pareto optimality"


class Statistic(models.TextChoices):
    MEAN = "mean"
    MEDIAN = "median"
    STD = "std", "standard deviation"
    MIN = "min", "least"
    MAX = "max", "most"
    LOWER_QUARTILE = "25%", "lower quartile"
    UPPER_QUARTILE = "75%", "upper quartile"


class BenchmarkQuerySet(ListedBenchmarkQuerySet):
    def changeable_by(self, user: Visitor) -> Self:
        """A person's own, all for a superuser: those that are shared with a group are for the others to look at."""
        if user.is_superuser:
            return self
        return self.filter(job__owner=user) if user.is_authenticated else self.none()

    def start(
        self,
        *,
        owner: User,
        name: str,
        entrants: Sequence[Entrant],
        scenarios: Sequence[Scenario],
        group: Group | None = None,
        ring: bool = True,
        **options: Any,
    ) -> Benchmark:
        """Write a benchmark with its job, and ring for a worker once that is committed; the worker writes its matches.

        `options` are fields of Benchmark. Raises Unsuitable where somebody cannot negotiate there, TooMuch where there
        would be too many matches or the owner has reached a limit.
        """
        entrants = named(entrants)
        refuse_misfits(entrants, scenarios)
        with transaction.atomic():
            if ring:
                hold_to_limits(owner)
            job = Job.objects.enter(owner=owner, group=group, kind=Kind.BENCHMARK, queue=Queue.BATCH)
            benchmark = cast("Benchmark", self.create(job=job, name=name, **options))
            benchmark.fill(entrants, benchmark.in_order(scenarios))
            benchmark.freeze()
            if ring:
                job.ring()
        return benchmark


class Benchmark(models.Model):
    """Owner, group and status are its job's. A run that goes on after its end has a new job; the matches stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.OneToOneField(Job, models.CASCADE, related_name="benchmark")
    name = models.CharField(max_length=120)
    seed = models.BigIntegerField(default=0)
    repetitions = models.PositiveIntegerField(default=1)
    steps_low = models.PositiveIntegerField(null=True, blank=True, default=100)
    steps_high = models.PositiveIntegerField(null=True, blank=True, default=100)
    seconds_low = models.FloatField(null=True, blank=True)
    seconds_high = models.FloatField(null=True, blank=True)
    rotate = models.BooleanField(default=True)
    self_play = models.BooleanField(default=True)
    ignore_reserved = models.BooleanField(default=False)
    mechanism = models.JSONField(default=dict, help_text="offering_is_accepting and one_offer_per_step.")
    metric = models.CharField(max_length=30, choices=Metric, default=Metric.ADVANTAGE)
    statistic = models.CharField(max_length=10, choices=Statistic, default=Statistic.MEAN)
    n_lanes = models.PositiveSmallIntegerField(default=1)
    early_stop = models.BooleanField(
        default=False, help_text="Stop as soon as the ranking is settled (X-05)."
    )
    is_simulated = models.BooleanField(
        default=False, help_text="Made up for a demonstration, and marked so everywhere (B-26)."
    )
    is_imported = models.BooleanField(default=False, help_text="Played elsewhere (B-11).")
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="variants", help_text="Duplicated from."
    )
    deletion = models.ForeignKey(
        "benchmarks.BenchmarkDeletion", models.SET_NULL, null=True, blank=True, related_name="benchmarks"
    )
    plan_hash = models.CharField(max_length=64, blank=True)
    versions = models.JSONField(
        default=dict, help_text="What the first attempt ran with: package to version."
    )
    n_matches = models.PositiveIntegerField(default=0)
    n_planned = models.PositiveIntegerField(default=0, help_text="Matches whose rows are written.")
    n_completed = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)
    n_agreed = models.PositiveIntegerField(default=0)
    n_timed_out = models.PositiveIntegerField(default=0)
    n_skipped = models.PositiveIntegerField(default=0)
    last_seq = models.PositiveIntegerField(
        default=0, help_text="Given to finished matches under this row's lock."
    )
    cpu_seconds = models.FloatField(default=0)
    n_steps = models.PositiveBigIntegerField(default=0, help_text="Of all matches that are over.")
    n_bytes = models.PositiveBigIntegerField(default=0, help_text="Of the actions that are kept.")
    settled = models.JSONField(
        null=True, blank=True, help_text="Why and when it stopped early, and what that saved."
    )

    objects = BenchmarkQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("benchmarks:benchmark-detail", args=[self.pk])

    # --- Its plan -------------------------------------------------------------------------------------------------

    def in_order(self, scenarios: Sequence[Scenario]) -> list[Scenario]:
        """As given; drawn by lot where it may stop early, since the rule's error rate rests on that.

        The lot knows what they are, not how they were listed: a copy with the same seed plays them in the same order.
        """
        if not self.early_stop:
            return list(scenarios)
        order = sorted(scenarios, key=lambda scenario: (scenario.checksum, scenario.pk))
        random.Random(self.seed).shuffle(order)
        return order

    def fill(self, entrants: Sequence[Entrant], scenarios: Sequence[Scenario]) -> None:
        Competitor.objects.bulk_create(
            Competitor.of(entrant, number, benchmark=self) for number, entrant in enumerate(entrants)
        )
        BenchmarkScenario.objects.bulk_create(
            BenchmarkScenario(benchmark=self, index=number, scenario=scenario, name=scenario.name)
            for number, scenario in enumerate(scenarios)
        )

    def freeze(self) -> None:
        """Count and hash what will be played. Raises TooMuch."""
        plan = self.to_plan()
        self.n_matches, self.plan_hash = plan.count(), plan.digest
        if self.n_matches > settings.BENCHMARK_MATCHES:
            raise TooMuch(
                f"These are {self.n_matches:,} matches, and a benchmark may have {settings.BENCHMARK_MATCHES:,} "
                "(BENCHMARK_MATCHES). Nothing was started. Take fewer competitors, scenarios or repetitions."
            )
        if not self.n_matches:
            raise Unsuitable("Nobody would meet anybody. Add a competitor, or allow self-play.")
        self.save(update_fields=["n_matches", "plan_hash"])
        Job.objects.filter(pk=self.job_id).update(total_steps=self.n_matches)

    @property
    def rules(self) -> dict[str, bool]:
        """How parties take their turns; what was not chosen is as usual."""
        return {**USUAL_RULES, **self.mechanism}

    def to_plan(self) -> Plan:
        return Plan(
            competitors=tuple(each.to_plan() for each in self.competitors.all()),
            scenarios=tuple(each.to_plan() for each in self.scenarios.select_related("scenario")),
            repetitions=self.repetitions,
            steps=_range(self.steps_low, self.steps_high),
            seconds=_range(self.seconds_low, self.seconds_high),
            rotate=self.rotate,
            self_play=self.self_play,
            ignore_reserved=self.ignore_reserved,
            seed=self.seed,
            **self.rules,
        )

    # --- What a job runs ------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """The words of a session (N-08)."""
        return "paused" if self.job.hold and self.job.is_active else WORDS[Status(self.job.status)]

    @property
    def most_seconds(self) -> float:
        """Of one slice: then it goes to the end of the queue."""
        return float(settings.BENCHMARK_SLICE_SECONDS + settings.SESSION_SECONDS)

    def close(self, status: str) -> None:
        """Its lanes end with it; what was uploaded has been read, or is of no use."""
        apps.get_model("benchmarks", "ResultsUpload").objects.filter(benchmark=self.pk).delete()
        for lane in self.lanes.filter(job__status__in=("queued", "processing")).select_related("job"):
            lane.job.cancel(None, why=NOT_NEEDED)

    def again(self, by: User) -> Benchmark:
        """Go on with what is left, failed matches among it, under a new job. Unsuitable where nothing is left."""
        with transaction.atomic():
            mine: Benchmark = (
                Benchmark.objects.select_for_update(of=("self",)).select_related("job").get(pk=self.pk)
            )
            if mine.job.is_active:
                raise Unsuitable(f"{mine} is in progress. Nothing was started.")
            if mine.deletion_id:
                raise Unsuitable(f"{mine} is being deleted. Nothing was started.")
            if mine.is_imported:
                raise Unsuitable(f"{mine} was played elsewhere. To read its files again, import them again.")
            hold_to_limits(by)
            reopened = mine.matches.reopen_failed()
            if not reopened["n_failed"] and mine.n_over + mine.n_skipped >= mine.n_matches:
                raise Unsuitable(f"Nothing of {mine} is left to play, and no match of it failed.")
            job = Job.objects.enter(
                owner=by, group=mine.job.group, kind=Kind.BENCHMARK, queue=Queue.BATCH, retry_of=mine.job
            )
            Job.objects.filter(pk=job.pk).update(
                total_steps=mine.n_matches, current_step=mine.n_over - reopened["n_failed"]
            )
            mine.job = job
            for name, less in reopened.items():
                setattr(mine, name, getattr(mine, name) - less)
            mine.save(update_fields=["job", *reopened])
            job.ring()
        return mine

    def may_be_changed_by(self, user: Visitor) -> bool:
        return self.job.may_be_changed_by(user)

    @property
    def n_over(self) -> int:
        return self.n_completed + self.n_failed


def _range(low: Any, high: Any) -> Any:
    return None if low is None else (low, low if high is None else high)

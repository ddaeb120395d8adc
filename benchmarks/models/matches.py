"""The matches of benchmarks: the table is the queue that lanes take their work from."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import ClassVar, Self

from django.db import connection, models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Length
from django.urls import reverse

from benchmarks.models.match_lists import ListedMatchQuerySet
from benchmarks.plan import PlannedMatch
from negotiations.models import Job
from negotiations.models.jobs import JobQuerySet


class MatchStatus(models.TextChoices):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class MatchQuerySet(ListedMatchQuerySet):
    def pending(self) -> Self:
        return self.filter(status=MatchStatus.PENDING)

    def over(self) -> Self:
        return self.filter(status__in=(MatchStatus.COMPLETED, MatchStatus.FAILED))

    def plan(self, benchmark_id: uuid.UUID, planned: Iterable[PlannedMatch]) -> int:
        """Write rows for what was planned; how many."""
        rows = [self.model.planned(benchmark_id, match) for match in planned]
        return len(self.bulk_create(rows, batch_size=500))

    def unclaimed(self) -> Self:
        """Pending, and with no lane that still holds it: a lane that lost its lease has lost its matches with it."""
        holding = Job.objects.processing().exclude(token=None).values("token")
        return self.pending().filter(Q(token=None) | ~Q(token__in=holding))

    def claim(self, token: uuid.UUID, most: int, *, by_scenario: bool = False) -> list[Match]:
        """Take the next ones for the lane whose job has this token, in the plan's order or one scenario after the other."""
        chosen = self.unclaimed().order_by(*(["scenario"] if by_scenario else []), "index")
        if connection.features.has_select_for_update_skip_locked:
            chosen = chosen.select_for_update(skip_locked=True, of=("self",))
        ids = list(chosen.values_list("pk", flat=True)[:most])
        self.filter(pk__in=ids).unclaimed().update(token=token)
        return list(self.filter(pk__in=ids, token=token).pending().order_by("index"))

    def first_held_by(self, jobs: JobQuerySet) -> Self:
        """What the lanes among these jobs play now: each plays what it holds in the order of the plan, and writes soon."""
        held = self.pending().filter(token=OuterRef("token")).order_by("index").values("pk")[:1]
        first = jobs.processing().order_by().annotate(held=Subquery(held)).exclude(held=None)
        return self.filter(pk__in=list(first.values_list("held", flat=True))).order_by("index")

    def reopen_failed(self) -> dict[str, int]:
        """Failed ones are to be played again; by how much less the benchmark has of what it counts."""
        failed = self.filter(status=MatchStatus.FAILED)
        steps: dict[str, int] = failed.aggregate(n_steps=Coalesce(Sum("steps"), 0))
        transcripts = MatchTranscript.objects.filter(match__in=failed.values("pk"))
        kept: dict[str, int] = transcripts.aggregate(n_bytes=Coalesce(Sum(Length("actions")), 0))
        transcripts.delete()
        n: int = failed.update(
            status=MatchStatus.PENDING, token=None, finished_seq=None, finished_at=None, end_reason="", error="",
            traceback="", failed_seat=None,
        )  # fmt: skip
        return {"n_failed": n, **steps, **kept}

    def after(self, seq: int) -> Self:
        """Those that were over after the one with this number, in the order in which they ended."""
        return self.filter(finished_seq__gt=seq).order_by("finished_seq")

    def newest_first(self) -> Self:
        return self.order_by("-finished_seq", "index")


class Match(models.Model):
    """One negotiation of a benchmark, decided by the plan; numbers of scenario and seats are places in its lists."""

    benchmark = models.ForeignKey(
        "benchmarks.Benchmark", models.CASCADE, related_name="matches", db_index=False
    )
    index = models.PositiveIntegerField()
    scenario = models.PositiveIntegerField(help_text="Number of the benchmark's scenario.")
    rotation = models.PositiveSmallIntegerField(
        default=0, help_text="Seat p has the utility function (p + rotation) % parties."
    )
    seats = models.CharField(
        max_length=120, help_text="Numbers of the competitors in the order of speaking: 0,3"
    )
    repetition = models.PositiveIntegerField(default=0)
    seed = models.BigIntegerField()
    n_steps = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=MatchStatus, default=MatchStatus.PENDING)
    token = models.UUIDField(
        null=True, blank=True, editable=False, help_text="Of the job of the lane that plays it."
    )
    finished_seq = models.PositiveIntegerField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, blank=True)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    failed_seat = models.PositiveSmallIntegerField(null=True, blank=True)
    steps = models.PositiveIntegerField(default=0)
    relative_time = models.FloatField(null=True, blank=True)
    n_offers = models.PositiveIntegerField(default=0)
    cpu_seconds = models.FloatField(default=0)
    agreement = models.JSONField(null=True, blank=True)
    utilities = models.JSONField(
        default=list, help_text="By seat: of the agreement, else the reserved values."
    )
    reserved = models.JSONField(default=list, help_text="By seat.")
    best = models.JSONField(default=list, help_text="By seat: the most that each could get.")
    welfare = models.FloatField(null=True, blank=True)
    nash_optimality = models.FloatField(null=True, blank=True)
    kalai_optimality = models.FloatField(null=True, blank=True)
    ks_optimality = models.FloatField(null=True, blank=True)
    max_welfare_optimality = models.FloatField(null=True, blank=True)
    pareto_optimality = models.FloatField(null=True, blank=True)
    pareto_distance = models.FloatField(null=True, blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["benchmark", "index"]
        verbose_name_plural = "matches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["benchmark", "index"], name="match_once"),
            models.UniqueConstraint(
                fields=["benchmark", "scenario", "rotation", "seats", "repetition"], name="match_once_played"
            ),
            models.UniqueConstraint(fields=["benchmark", "finished_seq"], name="match_ended_once"),
            models.CheckConstraint(
                name="match_over_has_seq",
                condition=Q(status__in=["completed", "failed"], finished_seq__isnull=False)
                | Q(status__in=["pending", "skipped"], finished_seq__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            # The next work of a lane, however many are over.
            models.Index(fields=["benchmark", "index"], condition=Q(status="pending"), name="match_to_play"),
        ]

    def __str__(self) -> str:
        return f"Match {self.index}"

    def get_absolute_url(self) -> str:
        return reverse("benchmarks:match-detail", args=[self.benchmark_id, self.index])

    @classmethod
    def planned(cls, benchmark_id: uuid.UUID, match: PlannedMatch) -> Self:
        return cls(
            benchmark_id=benchmark_id,
            index=match.index,
            scenario=match.scenario,
            rotation=match.rotation,
            seats=seats_key(match.seats),
            repetition=match.repetition,
            seed=match.seed,
            n_steps=match.n_steps,
            seconds=match.seconds,
        )

    @property
    def numbers(self) -> tuple[int, ...]:
        """The competitors' numbers in the order of speaking."""
        return tuple(int(number) for number in self.seats.split(","))

    @property
    def is_over(self) -> bool:
        return self.finished_seq is not None

    @property
    def advantages(self) -> list[float | None]:
        """By seat: the share gained of what could be gained over the reserved value."""
        return [
            None if None in (worth, least, most) or most == least else (worth - least) / (most - least)
            for worth, least, most in zip(self.utilities, self.reserved, self.best, strict=True)
        ]


def seats_key(seats: Sequence[int]) -> str:
    return ",".join(str(number) for number in seats)


class MatchTranscript(models.Model):
    """All actions of a match, compressed, apart from what lists read; `negotiations.engine` has the codec."""

    match = models.OneToOneField(Match, models.CASCADE, primary_key=True, related_name="transcript")
    actions = models.BinaryField()

    def __str__(self) -> str:
        return f"Actions of match {self.pk}"

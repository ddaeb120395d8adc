"""Scenarios and negotiators: what a session is made of. Both are read from rows; no page touches NegMAS."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse

from negotiations.engine.specs import NegotiatorSpec, ScenarioSpec
from negotiations.exceptions import Unsuitable
from negotiations.models.jobs import Job, Kind, Status
from negotiations.models.limits import hold_to_limits
from negotiations.models.owned import OwnedQuerySet, Visitor


class ScenarioQuerySet(OwnedQuerySet):
    def visible_to(self, user: Visitor) -> Self:
        """As everything that is owned, and the library of the installation, which has no owner."""
        if not user.is_authenticated or user.is_superuser:
            return super().visible_to(user)
        return self.filter(Q(owner=None) | Q(owner=user) | Q(group__in=user.groups.all()))

    def named(self, name: str) -> Self:
        """Those that `name` or `source/name` means."""
        source, _, last = name.rpartition("/")
        return self.filter(name=last, source=source) if source else self.filter(name=name)

    def for_list(self) -> Self:
        """Without the columns that only a scenario's own page and its sessions need."""
        return self.defer("document", "issues", "preferences", "warnings")

    def keep(self, spec: ScenarioSpec, *, owner: User | None, **fields: Any) -> tuple[Scenario, bool]:
        """The row of this content, and whether it is new: what is there already stays as it is."""
        described = {
            "name": spec.name[:120],
            "document": spec.document,
            "n_parties": len(spec.preferences),
            "n_issues": len(spec.issues),
            "n_outcomes": "infinite" if spec.n_outcomes is None else str(spec.n_outcomes),
            "log10_outcomes": math.inf if spec.n_outcomes is None else math.log10(spec.n_outcomes),
            "issues": [asdict(issue) for issue in spec.issues],
            "preferences": [asdict(preference) for preference in spec.preferences],
            "warnings": list(spec.warnings),
        }
        return self.get_or_create(owner=owner, checksum=spec.checksum, defaults=described | fields)


class Scenario(models.Model):
    """Immutable: an edit is a new row. Without an owner it belongs to the installation's library."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list, blank=True)
    document = models.TextField(
        help_text="A YAML stream: the outcome space, then a utility function for each party."
    )
    checksum = models.CharField(max_length=64)
    n_parties = models.PositiveSmallIntegerField()
    n_issues = models.PositiveSmallIntegerField()
    n_outcomes = models.CharField(
        max_length=120, help_text="A whole number as text: it can have fifty digits."
    )
    log10_outcomes = models.FloatField()
    issues = models.JSONField(default=list)
    preferences = models.JSONField(default=list)
    warnings = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "source", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "checksum"], name="scenario_once_an_owner"),
            models.UniqueConstraint(
                fields=["checksum"], condition=Q(owner=None), name="scenario_once_in_the_library"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("negotiations:scenario-detail", args=[self.pk])

    @property
    def outcomes(self) -> int | None:
        """Number of outcomes; None where an issue is continuous."""
        return int(self.n_outcomes) if self.n_outcomes.isdigit() else None

    @property
    def size(self) -> str:
        """The number of outcomes as people read it: 3,024 or 10^10."""
        if self.outcomes is None:
            return "infinitely many"
        return f"{self.outcomes:,}" if self.outcomes < 10**9 else f"10^{self.log10_outcomes:.0f}"


class ScenarioImportQuerySet(models.QuerySet[Any]):
    def start(
        self,
        *,
        owner: User,
        group: Group | None,
        filename: str,
        archive: bytes,
        tags: list[str],
        retry_of: Job | None = None,
    ) -> ScenarioImport:
        """Keep the upload with its job, and ring for a worker once that is committed (P-02).

        Raises TooMuch where the owner has reached a limit.
        """
        with transaction.atomic():
            hold_to_limits(owner, more_bytes=len(archive))
            job = Job.objects.enter(owner=owner, group=group, kind=Kind.SCENARIO_IMPORT, retry_of=retry_of)
            upload = self.create(job=job, filename=filename[:200], archive=archive, tags=tags)
            job.ring()
        return cast("ScenarioImport", upload)

    def visible_to(self, user: Visitor) -> Self:
        """With their jobs and without their archives: no page shows a file's bytes."""
        return self.filter(job__in=Job.objects.visible_to(user)).select_related("job").defer("archive")

    def newest_first(self) -> Self:
        return self.order_by("-job__created_at")

    def forget_archives(self, before: datetime) -> int:
        """Empty those that nobody has retried since then; how many that were."""
        kept = self.filter(job__in=Job.objects.over().filter(finished_at__lt=before))
        return kept.exclude(archive=None).update(archive=None)


class ScenarioImport(models.Model):
    """An upload that a worker reads. The archive lives in the database, so any machine's worker can have it."""

    job = models.OneToOneField(
        Job, on_delete=models.CASCADE, primary_key=True, related_name="scenario_import"
    )
    filename = models.CharField(max_length=200)
    tags = models.JSONField(default=list, blank=True)
    archive = models.BinaryField(
        null=True, help_text="Emptied when the import is completed; a failed or cancelled one may be retried."
    )
    report = models.JSONField(
        default=list, help_text="One entry a scenario: path, verdict, reason, scenario."
    )

    objects = ScenarioImportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("negotiations:scenario-import", args=[self.pk])

    @property
    def most_seconds(self) -> float:
        return float(settings.IMPORT_SECONDS)

    def close(self, status: str) -> None:
        """A completed upload has done its duty; another keeps its archive for a retry, until it is pruned."""
        if status == Status.COMPLETED:
            ScenarioImport.objects.filter(pk=self.pk).update(archive=None)

    def again(self, by: User) -> ScenarioImport:
        """The same archive once more. Unsuitable where it has been deleted."""
        if self.archive is None:
            raise Unsuitable(f"The archive of {self} has been deleted since. Upload it again.")
        group = self.job.group if by.groups.filter(pk=self.job.group_id).exists() else None
        return ScenarioImport.objects.start(
            owner=by,
            group=group,
            filename=self.filename,
            archive=bytes(self.archive),
            tags=self.tags,
            retry_of=self.job,
        )


DESCRIBED = [field.name for field in dataclass_fields(NegotiatorSpec)]


class NegotiatorQuerySet(models.QuerySet[Any]):
    def usable(self) -> Self:
        """Those that can be given a seat as they are."""
        return self.filter(is_present=True, runs_alone=True)

    def synchronise(self, specs: Iterable[NegotiatorSpec]) -> tuple[int, int]:
        """Make the rows what is installed. What is gone stays, marked, for the sessions that had it. (new, gone)"""
        before = set(self.values_list("source", "type"))
        rows = [self.model(**asdict(spec), is_present=True) for spec in specs]
        fields = [name for name in DESCRIBED if name not in ("source", "type")]
        with transaction.atomic():
            self.update(is_present=False)
            self.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["source", "type"],
                update_fields=[*fields, "is_present"],
            )
        return len({(row.source, row.type) for row in rows} - before), self.filter(is_present=False).count()

    def values_of(self, column: str) -> models.QuerySet[Any, Any]:
        """What a filter offers: each value of this column once."""
        return self.exclude(**{column: ""}).order_by(column).values_list(column, flat=True).distinct()


class Negotiator(models.Model):
    """A row of the catalogue that `sync_negotiators` keeps. A type is only ever resolved through its row."""

    source = models.CharField(max_length=100)
    type = models.CharField(max_length=200)
    short_name = models.CharField(max_length=100)
    family = models.CharField(max_length=60, blank=True)
    tags = models.JSONField(default=list, blank=True)
    description = models.TextField(blank=True)
    parameters = models.JSONField(default=list, blank=True)
    max_outcomes = models.BigIntegerField(null=True, blank=True)
    max_parties = models.PositiveSmallIntegerField(null=True, blank=True)
    proposes = models.BooleanField(default=True)
    runs_alone = models.BooleanField(default=True)
    deterministic = models.BooleanField(default=False)
    is_present = models.BooleanField(default=True, help_text="Found at the last synchronisation.")

    objects = NegotiatorQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["short_name", "source"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "type"], name="negotiator_once"),
        ]

    def __str__(self) -> str:
        return self.short_name

    def get_absolute_url(self) -> str:
        return reverse("negotiations:negotiator-detail", args=[self.pk])

    def misfit(self, scenario: Scenario) -> str:
        """Why this negotiator cannot take a seat in this scenario; empty where it can."""
        if not (self.is_present and self.runs_alone):
            return f"{self} cannot run by itself. Choose another negotiator."
        if self.max_parties and scenario.n_parties > self.max_parties:
            return f"{self} negotiates with one partner only; {scenario} has {scenario.n_parties} parties."
        if self.max_outcomes and (scenario.outcomes is None or scenario.outcomes > self.max_outcomes):
            return f"{self} goes through all outcomes; {scenario.size} are too many."
        return ""

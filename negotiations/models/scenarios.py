"""Scenarios and negotiators: what a session is made of. Both are read from rows; no page touches NegMAS."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import models, transaction
from django.db.models import Prefetch, Q
from django.urls import reverse

from negotiations.engine.specs import ScenarioSpec
from negotiations.exceptions import Unsuitable
from negotiations.models.jobs import ACTIVE, Job, Kind, Status
from negotiations.models.kept_scenarios import KeptScenarioQuerySet, WithSecrets
from negotiations.models.limits import hold_to_limits
from negotiations.models.owned import Visitor

if TYPE_CHECKING:
    from negotiations.models.analyses import ScenarioAnalysis


class ScenarioQuerySet(KeptScenarioQuerySet):
    def named(self, name: str) -> Self:
        """Those that `name` or `source/name` means."""
        source, _, last = name.rpartition("/")
        return self.filter(name=last, source=source) if source else self.filter(name=name)

    def for_list(self) -> Self:
        """Without the columns that only a scenario's own page and its sessions need."""
        return self.defer("document", "issues", "preferences", "warnings")

    def with_analyses(self) -> Self:
        """With the columns of each one's analysis, for cards and lists: one query more, whatever their number."""
        light = (
            apps.get_model("negotiations", "ScenarioAnalysis").objects.without_arrays().select_related("job")
        )
        return self.prefetch_related(Prefetch("analyses", queryset=light))

    def awaiting_analysis(self) -> Self:
        """Those whose `analysis_standing` is `waiting`."""
        settled = apps.get_model("negotiations", "ScenarioAnalysis").objects.settled()
        return self.exclude(pk__in=settled.values("scenario"))

    def unanalysed(self, *, again: bool = False) -> Self:
        """Those that nobody has tried to analyse; with `again` also those where it came to nothing."""
        analyses = apps.get_model("negotiations", "ScenarioAnalysis").objects
        tried = analyses.of_this_version()
        if again:
            tried = analyses.completed() | tried.filter(job__status__in=ACTIVE)
        return self.exclude(pk__in=tried.values("scenario"))

    def keep(self, spec: ScenarioSpec, *, owner: User | None, **fields: Any) -> tuple[Scenario, bool]:
        """The row of this content, and whether it is new: what is there already stays as it is.

        A worker analyses what is new and somebody's; the library's are analysed by the commands that fill it.
        """
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
        with transaction.atomic():
            scenario, is_new = self.get_or_create(
                owner=owner, checksum=spec.checksum, defaults=described | fields
            )
            if is_new and owner:
                scenario.analyses.start(scenario, owner=owner)
        return scenario, is_new


class Scenario(WithSecrets, models.Model):
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
    version_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="versions",
        help_text="What it was edited from.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name", "source", "id"]
        # What is kept from who sits at a table is looked up by what it says.
        indexes: ClassVar = [models.Index(fields=["checksum"], name="scenario_checksum")]
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

    @cached_property
    def analysis(self) -> ScenarioAnalysis | None:
        """What is known of its outcome space; None until that is computed. `with_analyses` has it for many at once."""
        if self.is_kept:
            return None
        found = (
            self.analyses.all()
            if "analyses" in getattr(self, "_prefetched_objects_cache", {})
            else self.analyses.completed()
        )
        return next((each for each in found if each.is_completed), None)

    @property
    def analysis_standing(self) -> str:
        """`done`, `waiting`, or `failed` where it was tried in vain; `kept` where it is a secret."""
        if self.is_kept:
            return "kept"
        if self.analysis:
            return "done"
        tried = [each for each in self.analyses.all() if each.is_over]
        return "failed" if tried else "waiting"

    @property
    def outcomes(self) -> int | None:
        """Number of outcomes; None where an issue is continuous."""
        return int(self.n_outcomes) if self.n_outcomes.isdigit() else None

    @property
    def size(self) -> str:
        """The number of outcomes as people read it: 3,024 or 10^10."""
        return size_of(self.outcomes)


def size_of(outcomes: int | None) -> str:
    """A number of outcomes: 3,024 or 10^10."""
    if outcomes is None:
        return "infinitely many"
    return f"{outcomes:,}" if outcomes < 10**9 else f"10^{math.log10(outcomes):.0f}"


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
    def name(self) -> str:
        return self.filename

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

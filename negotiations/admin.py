"""The admin is for looking: what the jobs do, why one failed, what it left. What it does is what people may ask of jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince
from django_q import admin as queue_admin

from negotiations import library_admin, market_admin  # noqa: F401 (they register their own)
from negotiations.job_changes import outcome_of
from negotiations.models import (
    AuditEntry,
    Job,
    JobLog,
    JobProgress,
    Market,
    Move,
    Negotiator,
    Offer,
    Party,
    Scenario,
    ScenarioImport,
    Session,
    Worker,
)
from negotiations.models.job_states import Verb
from negotiations.models.session_lists import seen_from_a_seat
from notifications.admin import NotificationAdmin, ReadOnly, ReadOnlyInline
from notifications.models import Notification

# Their own pages let any staff user edit Schedule.func, which is code that the workers then run.
for unsafe in (queue_admin.Schedule, queue_admin.Success, queue_admin.Failure, queue_admin.OrmQ):
    if admin.site.is_registered(unsafe):
        admin.site.unregister(unsafe)

admin.site.unregister(Notification)
admin.site.site_header = admin.site.site_title = "Parley administration"

LINES_SHOWN = 100


class RunAdmin(ReadOnly):
    """What a job runs: whose it is and since when stand on the job."""

    @admin.display(description="owner", ordering="job__owner__username")
    def owner(self, run: Session | ScenarioImport) -> str:
        return str(run.job.owner)

    @admin.display(description="created", ordering="job__created_at")
    def created(self, run: Session | ScenarioImport) -> Any:
        return run.job.created_at


class JobProgressInline(ReadOnlyInline):
    model = JobProgress
    fields = readonly_fields = ("seq", "created_at", "status", "percentage", "step", "step_name", "message")


class JobLogInline(ReadOnlyInline):
    """The last lines; the page of the job has them all."""

    model = JobLog
    fields = readonly_fields = ("seq", "created_at", "attempt", "level", "text", "detail")
    ordering = ("-seq",)
    verbose_name_plural = f"last {LINES_SHOWN} lines of the log"

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobLog]:
        rows: Any = super().get_queryset(request)
        # Not a slice: the admin narrows these to one job afterwards.
        newest = JobLog.objects.filter(job=OuterRef("job")).order_by("-seq").values("pk")[:LINES_SHOWN]
        last: QuerySet[JobLog] = rows.filter(pk__in=newest).readable_by(request.user)
        return last


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = (
        "__str__", "status", "hold", "age", "attempt", "lease", "progress", "short_error", "owner", "link", "worker",
    )  # fmt: skip
    list_filter = ("status", "kind", "hold", "attempt", ("created_at", admin.DateFieldListFilter))
    list_select_related = (
        "owner", "session__scenario", "scenario_import", "scenario_analysis__scenario", "room_run__room__market",
    )  # fmt: skip
    search_fields = ("id__startswith", "owner__username", "error", "worker")
    date_hierarchy = "created_at"
    inlines = (JobProgressInline, JobLogInline)
    actions = ("cancel", "pause", "resume", "retry")
    readonly_fields = ("link", "lease")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        # The archive of an import may have megabytes; a list of jobs shows its name only.
        kept = Market.objects.kept_from(request.user)
        every: Any = super().get_queryset(request).exclude(room_run__room__market__in=kept.values("pk"))
        rows: QuerySet[Job] = every.apart_from_tables_of(request.user)
        return rows.defer(
            "traceback",
            "session__scenario__document",
            "scenario_import__archive",
            "scenario_analysis__arrays",
        )

    @admin.display(description="age", ordering="created_at")
    def age(self, job: Job) -> str:
        return timesince(job.created_at)

    @admin.display(description="lease")
    def lease(self, job: Job) -> str:
        """Seconds that are left of it; a negative number is a job whose worker is gone."""
        if not job.lease_until:
            return "–"
        return f"{(job.lease_until - timezone.now()).total_seconds():.0f} s"

    @admin.display(description="progress", ordering="percentage")
    def progress(self, job: Job) -> str:
        return f"{job.percentage} % ({job.current_step}/{job.total_steps})"

    @admin.display(description="error")
    def short_error(self, job: Job) -> str:
        return job.error[:80]

    @admin.display(description="what it runs")
    def link(self, job: Job) -> str:
        thing: Any = job.run
        return format_html('<a href="{}">{}</a>', thing.get_absolute_url(), thing) if thing else "–"

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("negotiations.change_job")

    @admin.action(description="Cancel the selected jobs", permissions=["ask"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self._ask(request, jobs, Verb.CANCEL)

    @admin.action(description="Pause the selected jobs", permissions=["ask"])
    def pause(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self._ask(request, jobs, Verb.PAUSE)

    @admin.action(description="Resume the selected jobs", permissions=["ask"])
    def resume(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self._ask(request, jobs, Verb.RESUME)

    @admin.action(description="Retry the selected jobs", permissions=["ask"])
    def retry(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        self._ask(request, jobs, Verb.RETRY)

    def _ask(self, request: HttpRequest, jobs: Any, verb: Verb) -> None:
        assert isinstance(request.user, User)  # as the permission saw to
        chosen = Job.objects.filter(pk__in=jobs.values("pk"))
        text, is_whole = outcome_of(chosen, verb, request.user, chosen.count())
        (messages.info if is_whole else messages.warning)(request, text)


class PartyInline(ReadOnlyInline):
    model = Party
    fields = readonly_fields = ("index", "name", "type", "parameters", "n_steps", "reserved_value")


class MoveInline(ReadOnlyInline):
    model = Move
    fields = readonly_fields = ("seq", "party", "response", "outcome", "text", "by", "is_late", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Move]:
        return super().get_queryset(request).select_related("by")


@admin.register(Session)
class SessionAdmin(RunAdmin):
    list_display = ("__str__", "state", "owner", "n_offers", "n_steps", "end_reason", "seed", "created")
    list_filter = ("job__status", "end_reason")
    list_select_related = ("job__owner", "scenario")
    search_fields = ("job__id__startswith", "scenario__name", "job__owner__username")
    inlines = (PartyInline, MoveInline)
    ordering = ("-job__created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        every: Any = super().get_queryset(request)
        rows: QuerySet[Session] = every.apart_from_seats_of(request.user)
        return rows.defer("scenario__document", "scenario__issues", "scenario__preferences")

    @admin.display(description="status", ordering="job__status")
    def state(self, session: Session) -> str:
        return session.status


@admin.register(Offer)
class OfferAdmin(ReadOnly):
    """Offers of one session at a time: there may be millions, and a list of them all would count them all."""

    list_display = ("session_id", "seq", "step", "party", "response", "outcome", "utilities")
    search_fields = ("=session__job__id",)
    search_help_text = "The whole id of a session: the list is empty without one."
    ordering = ("session", "seq")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        return super().get_queryset(request).exclude(seen_from_a_seat(request.user, "session__"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Offer], search_term: str
    ) -> tuple[QuerySet[Offer], bool]:
        if not search_term:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(Scenario)
class ScenarioAdmin(ReadOnly):
    list_display = ("name", "source", "n_parties", "n_issues", "n_outcomes", "owner", "group", "created_at")
    list_filter = ("n_parties", "source")
    list_select_related = ("owner", "group")
    search_fields = ("name", "source", "checksum__startswith")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scenario]:
        every: Any = super().get_queryset(request)
        rows: QuerySet[Scenario] = every.exclude(pk__in=Scenario.objects.kept_from(request.user).values("pk"))
        return rows.defer("document", "issues", "preferences")


@admin.register(ScenarioImport)
class ScenarioImportAdmin(RunAdmin):
    list_display = ("filename", "state", "owner", "created")
    list_filter = ("job__status",)
    list_select_related = ("job__owner",)
    search_fields = ("filename", "job__owner__username", "job__id__startswith")
    exclude = ("archive",)
    ordering = ("-job__created_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScenarioImport]:
        return super().get_queryset(request).defer("archive")

    @admin.display(description="status", ordering="job__status")
    def state(self, upload: ScenarioImport) -> str:
        return upload.job.status


@admin.register(Negotiator)
class NegotiatorAdmin(ReadOnly):
    list_display = (
        "short_name", "source", "family", "max_outcomes", "max_parties", "runs_alone", "deterministic", "is_present",
    )  # fmt: skip
    list_filter = ("source", "family", "runs_alone", "is_present")
    search_fields = ("short_name", "type")


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = ("name", "host", "cluster", "pid", "memory_mb", "started_at", "seen_at", "is_stale")
    list_filter = ("host", "cluster")
    search_fields = ("name",)

    @admin.display(description="stale", boolean=True)
    def is_stale(self, worker: Worker) -> bool:
        return worker.is_stale


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("created_at", "by", "deed", "thing", "thing_id", "detail")
    list_filter = ("deed", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("by",)
    search_fields = ("thing", "=thing_id", "by__username")
    date_hierarchy = "created_at"


@admin.register(Notification)
class ToldAdmin(NotificationAdmin):
    """Who sits at a table reads their own alone: others are told at what utilities their sessions ended."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notification]:
        rows: QuerySet[Notification] = super().get_queryset(request)
        is_seated = Party.objects.of(request.user).going_on().exists()
        return rows.filter(user=request.user.pk) if is_seated else rows

"""For looking: benchmarks, their lanes and their matches. What is done with them is done on their pages."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from benchmarks.models import Benchmark, BenchmarkDeletion, Lane, Match
from notifications.admin import ReadOnly


@admin.register(Benchmark)
class BenchmarkAdmin(ReadOnly):
    list_display = (
        "name", "state", "owner", "n_matches", "n_planned", "n_completed", "n_failed", "n_skipped", "n_lanes", "created",
    )  # fmt: skip
    list_filter = ("job__status", "metric", "early_stop", "is_simulated", "is_imported")
    list_select_related = ("job__owner",)
    search_fields = ("name", "job__owner__username", "=id")
    ordering = ("-job__created_at",)

    @admin.display(description="status", ordering="job__status")
    def state(self, benchmark: Benchmark) -> str:
        return benchmark.status

    @admin.display(ordering="job__owner")
    def owner(self, benchmark: Benchmark) -> str:
        return str(benchmark.job.owner)

    @admin.display(ordering="job__created_at")
    def created(self, benchmark: Benchmark) -> object:
        return benchmark.job.created_at


@admin.register(Lane)
class LaneAdmin(ReadOnly):
    list_display = ("name", "number", "state", "message", "worker")
    list_filter = ("job__status",)
    list_select_related = ("job", "benchmark")
    search_fields = ("benchmark__name", "=job__id")
    ordering = ("-job__created_at",)

    @admin.display(description="status", ordering="job__status")
    def state(self, lane: Lane) -> str:
        return lane.job.status

    @admin.display
    def message(self, lane: Lane) -> str:
        return lane.job.message

    @admin.display
    def worker(self, lane: Lane) -> str:
        return lane.job.worker


@admin.register(Match)
class MatchAdmin(ReadOnly):
    """There may be millions: the list is empty until one benchmark is named."""

    list_display = (
        "index", "scenario", "rotation", "seats", "repetition", "status", "end_reason", "utilities", "steps", "n_offers",
        "finished_seq",
    )  # fmt: skip
    search_fields = ("=benchmark__id",)
    search_help_text = "The whole id of a benchmark: the list is empty without one."
    ordering = ("benchmark", "index")
    sortable_by = ()
    exclude = ("traceback",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        kept = Benchmark.objects.kept_from(request.user)
        return super().get_queryset(request).exclude(benchmark__in=kept.values("pk"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Match], search_term: str
    ) -> tuple[QuerySet[Match], bool]:
        if not search_term:
            return queryset.none(), False
        return super().get_search_results(request, queryset.defer("traceback", "error"), search_term)


@admin.register(BenchmarkDeletion)
class BenchmarkDeletionAdmin(ReadOnly):
    list_display = ("name", "n_matches", "state", "owner")
    list_filter = ("job__status",)
    list_select_related = ("job__owner",)
    search_fields = ("name", "=key", "job__owner__username")
    ordering = ("-job__created_at",)

    @admin.display(description="status", ordering="job__status")
    def state(self, deletion: BenchmarkDeletion) -> str:
        return deletion.job.status

    @admin.display(ordering="job__owner")
    def owner(self, deletion: BenchmarkDeletion) -> str:
        return str(deletion.job.owner)

"""The admin of what people keep beside their sessions: presets, tags, negotiators of their own, analyses, forks, deletions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from negotiations.models import (
    Component,
    ConfiguredNegotiator,
    Deletion,
    Fork,
    Preset,
    ScenarioAnalysis,
    SessionTag,
)
from notifications.admin import ReadOnly


@admin.register(ScenarioAnalysis)
class ScenarioAnalysisAdmin(ReadOnly):
    list_display = (
        "scenario", "variant", "method", "n_sampled", "n_frontier", "opposition", "rational_fraction", "version", "computed_at",
    )  # fmt: skip
    list_filter = ("method", "version", ("computed_at", admin.EmptyFieldListFilter))
    list_select_related = ("scenario",)
    search_fields = ("scenario__name", "job__id__startswith")
    exclude = ("arrays", "sketch")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScenarioAnalysis]:
        every: Any = super().get_queryset(request)
        rows: QuerySet[ScenarioAnalysis] = every.visible_to(request.user)
        return rows.defer(
            "arrays", "sketch", "scenario__document", "scenario__issues", "scenario__preferences"
        )


@admin.register(Preset)
class PresetAdmin(ReadOnly):
    list_display = ("name", "owner", "group", "scenario", "seated", "n_steps", "pace_ms", "created_at")
    list_select_related = ("owner", "group", "scenario")
    search_fields = ("name", "owner__username", "scenario__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Preset]:
        rows = super().get_queryset(request)
        return rows.defer("scenario__document", "scenario__issues", "scenario__preferences")

    @admin.display(description="seats")
    def seated(self, preset: Preset) -> str:
        return ", ".join(name or "–" for name in preset.names)


@admin.register(ConfiguredNegotiator)
class ConfiguredNegotiatorAdmin(ReadOnly):
    list_display = ("name", "owner", "group", "negotiator", "stands_parties", "tried_version", "updated_at")
    list_filter = ("stands_parties",)
    list_select_related = ("owner", "group", "negotiator")
    search_fields = ("name", "owner__username", "negotiator__short_name", "negotiator__type")


@admin.register(Component)
class ComponentAdmin(ReadOnly):
    list_display = ("name", "slot", "family", "needs")
    list_filter = ("slot", "family")
    search_fields = ("name",)


@admin.register(SessionTag)
class SessionTagAdmin(ReadOnly):
    list_display = ("name", "session_id", "owner")
    list_select_related = ("session__job__owner",)
    search_fields = ("name", "session__job__id__startswith", "session__job__owner__username")
    ordering = ("name", "pk")

    @admin.display(description="owner")
    def owner(self, tag: SessionTag) -> str:
        return str(tag.session.job.owner)


@admin.register(Fork)
class ForkAdmin(ReadOnly):
    list_display = ("session_id", "what", "forked_from", "forked_seq", "step", "party", "owner")
    list_filter = ("what",)
    list_select_related = ("session__job__owner",)
    search_fields = ("session__job__id__startswith", "session__job__owner__username")
    ordering = ("-session__job__created_at",)

    @admin.display(description="forked from")
    def forked_from(self, fork: Fork) -> Any:
        return fork.session.forked_from_id or "–"

    @admin.display(description="at row", ordering="session__forked_seq")
    def forked_seq(self, fork: Fork) -> Any:
        return fork.session.forked_seq

    @admin.display(description="owner")
    def owner(self, fork: Fork) -> str:
        return str(fork.session.job.owner)


@admin.register(Deletion)
class DeletionAdmin(ReadOnly):
    list_display = ("name", "status", "owner", "created")
    list_filter = ("job__status",)
    list_select_related = ("job__owner",)
    search_fields = ("job__id__startswith", "job__owner__username")
    ordering = ("-job__created_at",)

    @admin.display(description="status", ordering="job__status")
    def status(self, deletion: Deletion) -> str:
        return deletion.job.status

    @admin.display(description="owner", ordering="job__owner__username")
    def owner(self, deletion: Deletion) -> str:
        return str(deletion.job.owner)

    @admin.display(description="created", ordering="job__created_at")
    def created(self, deletion: Deletion) -> Any:
        return deletion.job.created_at

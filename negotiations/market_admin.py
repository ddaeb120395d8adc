"""The admin of markets: for looking, and for ending what runs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from negotiations.exceptions import Refused
from negotiations.models import (
    Market,
    Room,
    RoomDecision,
    RoomLog,
    RoomMessage,
    RoomRun,
    RoomSeller,
    RoomStatus,
    Seller,
    Stock,
)
from notifications.admin import ReadOnly, ReadOnlyInline


class OfMarkets(ReadOnly):
    """Whoever sits in a market sees it from their seat alone, here too."""

    market = "market"
    """Where the market stands, seen from a row."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        kept = Market.objects.kept_from(request.user)
        return super().get_queryset(request).exclude(**{f"{self.market}__in": kept.values("pk")})


class SellerInline(ReadOnlyInline):
    model = Seller
    fields = readonly_fields = ("index", "name", "priority", "style", "kind", "person")


class RoomInline(ReadOnlyInline):
    model = Room
    fields = readonly_fields = ("index", "item", "quantity", "low", "high", "status")


@admin.register(Market)
class MarketAdmin(OfMarkets):
    market = "pk"
    list_display = ("name", "status", "owner", "group", "buyer_name", "budget", "spent", "seed", "created_at")
    list_filter = ("status", "is_sample", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("owner", "group")
    search_fields = ("name", "buyer_name", "owner__username", "id__startswith")
    inlines = (SellerInline, RoomInline)


@admin.register(Stock)
class StockAdmin(OfMarkets):
    market = "seller__market"
    list_display = ("item", "seller", "cost", "least", "selling", "quantity", "remaining")
    list_select_related = ("seller",)
    search_fields = ("item", "seller__name", "seller__market__name", "seller__market__id__startswith")


class PlaceInline(ReadOnlyInline):
    model = RoomSeller
    fields = readonly_fields = ("seller", "seat", "skip_reason", "skip_detail")


@admin.register(Room)
class RoomAdmin(OfMarkets):
    list_display = ("item", "market", "status", "quantity", "low", "high")
    list_filter = ("status",)
    list_select_related = ("market",)
    search_fields = ("item", "market__name", "id__startswith", "market__id__startswith")
    inlines = (PlaceInline,)
    ordering = ("-market__created_at", "index")
    actions = ("stop",)

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("negotiations.change_job")

    @admin.action(description="Stop the selected rooms", permissions=["ask"])
    def stop(self, request: HttpRequest, rooms: QuerySet[Room]) -> None:
        assert isinstance(request.user, User)  # as the permission saw to
        for room in rooms.filter(status=RoomStatus.ACTIVE).select_related("market__owner"):
            try:
                room.stop(request.user)
            except Refused as refusal:
                messages.warning(request, str(refusal))
        messages.info(request, "What waits ends at once, what runs within two seconds.")


@admin.register(RoomRun)
class RoomRunAdmin(OfMarkets):
    market = "room__market"
    list_display = ("__str__", "state", "round", "n_messages", "end_reason", "took")
    list_filter = ("end_reason", "job__status")
    list_select_related = ("job", "room__market")
    search_fields = ("job__id__startswith", "room__item", "room__market__name")
    ordering = ("-job__created_at",)

    @admin.display(description="job", ordering="job__status")
    def state(self, run: RoomRun) -> str:
        return run.job.word

    @admin.display(description="language models", ordering="tokens")
    def took(self, run: RoomRun) -> str:
        use = run.model_use
        return use.told if use else ""


@admin.register(RoomMessage)
class RoomMessageAdmin(OfMarkets):
    """Of one run at a time, as the offers of sessions."""

    market = "run__room__market"
    list_display = (
        "run_id",
        "seq",
        "round",
        "seat",
        "price",
        "quantity",
        "text",
        "is_fallback",
        "error",
        "disclosed",
    )
    search_fields = ("=run__job__id",)
    search_help_text = "The whole id of a run: the list is empty without one."
    ordering = ("run", "seq")
    sortable_by = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RoomMessage], search_term: str
    ) -> tuple[QuerySet[RoomMessage], bool]:
        if not search_term:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(RoomDecision)
class RoomDecisionAdmin(OfMarkets):
    market = "room__market"
    list_display = ("room", "verdict", "seller", "price", "quantity", "round", "reason", "forced_by", "at")
    list_filter = ("verdict",)
    list_select_related = ("room__market", "seller", "forced_by")
    search_fields = ("room__item", "room__market__name", "seller__name")
    ordering = ("-at",)


@admin.register(RoomLog)
class RoomLogAdmin(ReadOnly):
    """For those who saw the market: of those who sat in it no row is left that could tell."""

    list_display = ("item", "market_name", "number", "owner", "deleted_at")
    list_select_related = ("owner",)
    search_fields = ("market_name", "item", "owner__username")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        kept = RoomLog.objects.visible_to(request.user)
        return super().get_queryset(request).filter(pk__in=kept.values("pk")).defer("document")

"""For looking: what was told to whom, and whether a page of theirs has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from api.admin import Looked
from notifications.models import Inbox, LiveMinute, Notification

# Generic for the type checker only: at run time these classes take no parameters.
if TYPE_CHECKING:
    Inspected: TypeAlias = admin.ModelAdmin[Any]
    InspectedInline: TypeAlias = admin.TabularInline[Any, Any]
else:
    Inspected = admin.ModelAdmin
    InspectedInline = admin.TabularInline


class ReadOnly(Inspected):
    """Nothing here is written by hand: rows come from the pages, the commands and the workers."""

    # A count of all rows beside each search would read millions of them.
    show_full_result_count = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Looked

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(InspectedInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Notification)
class NotificationAdmin(ReadOnly):
    list_display = ("title", "user", "kind", "level", "created_at", "delivered_at", "seen_at", "dismissed_at")
    list_filter = ("level", "kind", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("title", "user__username")
    ordering = ("-created_at",)


@admin.register(Inbox)
class InboxAdmin(ReadOnly):
    list_display = ("user", "last_seq", "delivered_seq", "changes", "muted")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("user__username",)


@admin.register(LiveMinute)
class LiveMinuteAdmin(ReadOnly):
    """What was counted; the report of the live layer makes figures of it."""

    list_display = (
        "minute", "page", "process", "polls", "empty", "failed", "rows", "bytes", "dropped", "missed",
    )  # fmt: skip
    list_filter = ("page", ("minute", admin.DateFieldListFilter))
    ordering = ("-minute",)

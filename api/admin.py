"""For looking at whose programs have a key, and for taking it away; nobody can read or make one here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest

from api.models import ApiToken, ApiTokenQuerySet

# Generic for the type checker only: at run time these classes take no parameters.
if TYPE_CHECKING:
    Inspected: TypeAlias = admin.ModelAdmin[Any]
else:
    Inspected = admin.ModelAdmin


class Looked(ChangeList):
    """Of what an address asks for, some is only found to be nothing while the rows are read: the year 0."""

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error


@admin.register(ApiToken)
class ApiTokenAdmin(Inspected):
    list_display = ("name", "user", "prefix", "scope", "standing", "created_at", "expires_at", "last_used_at")
    list_filter = ("scope", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("name", "prefix", "user__username")
    exclude = ("hashed",)
    ordering = ("-created_at",)
    actions = ("revoke",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Looked

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Revoke selected tokens", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: ApiTokenQuerySet) -> None:
        assert request.user.is_authenticated  # as the admin saw to
        n = queryset.revoke_all(request.user)
        self.message_user(request, f"{n} of {queryset.count()} revoked.", messages.SUCCESS)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

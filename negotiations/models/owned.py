"""Who may see what: one QuerySet method that every view, fragment, export and form choice starts from."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import models
from django.db.models import Q

Visitor = User | AnonymousUser


class OwnedQuerySet(models.QuerySet[Any]):
    owned_by = ""
    """Where owner and group stand, seen from here: `job__` for what a job runs."""

    def visible_to(self, user: Visitor) -> Self:
        """Rows of their own, and rows shared with one of their groups; all of them for a superuser."""
        if user.is_superuser:
            return self
        if not user.is_authenticated:
            return self.none()
        mine = Q(**{f"{self.owned_by}owner": user})
        return self.filter(mine | Q(**{f"{self.owned_by}group__in": user.groups.all()}))


def is_seen_by(user: User, groups: Container[int], owner: int, group: int | None) -> bool:
    """The same of one row, by its keys and those of the user's groups: where a query with a condition would take too long."""
    return user.is_superuser or owner == user.pk or group in groups


class Owned(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(
        Group,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Shared with this group.",
    )

    class Meta:
        abstract = True

"""Who did what to whose work: written in the transaction of the deed, never changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import models
from django.dispatch import receiver

from api.models import ApiToken, token_changed


class Deed(models.TextChoices):
    CANCEL = "cancelled"
    PAUSE = "paused"
    RESUME = "resumed"
    RETRY = "retried"
    DELETE = "deleted"
    SHARE = "shared"
    CREATE = "created"
    REVOKE = "revoked"


class AuditQuerySet(models.QuerySet[Any]):
    def note(self, by: User | None, deed: str, thing: models.Model, detail: str = "") -> None:
        """`by` is None for the command line."""
        self.note_all(by, deed, [(thing, detail)])

    def note_all(self, by: User | None, deed: str, things: Iterable[tuple[models.Model, str]]) -> None:
        """The same of many, each with its detail."""
        self.bulk_create(
            self.model(by=by, deed=deed, thing=str(thing)[:200], thing_id=str(thing.pk), detail=detail[:500])
            for thing, detail in things
        )


class AuditEntry(models.Model):
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    deed = models.CharField(max_length=20, choices=Deed)
    thing = models.CharField(max_length=200)
    thing_id = models.CharField(max_length=40, db_index=True)
    detail = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.by or 'the command line'} {self.deed} {self.thing}"


@receiver(token_changed)
def note_token(token: ApiToken, by: User, deed: str, **kwargs: Any) -> None:
    detail = f"{token.prefix}… of {token.user}, may {token.scope}"
    AuditEntry.objects.note(by, deed, token, detail=detail)

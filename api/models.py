"""Tokens: what a program has in place of a person's password. Only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

MOST_TOKENS = 50
"""Of one person that are in use: each has a name to be told apart by."""
SHOWN = 12
NOTED_EVERY = timedelta(minutes=1)

token_changed = Signal()
"""Sent with `token`, `by` and `deed` in the transaction of the deed, for the audit of an app above."""


class Scope(models.TextChoices):
    READ = "read", "Read: look at everything that you may see"
    RUN = "run", "Run: read, and start, change and cancel what is yours"


class ApiTokenQuerySet(models.QuerySet[Any]):
    def make(
        self, user: User, name: str, scope: str, expires_at: datetime | None = None
    ) -> tuple[ApiToken, str]:
        """A new token and its secret, which nobody can read again."""
        secret = f"parley_{secrets.token_urlsafe(32)}"
        with transaction.atomic():
            token: ApiToken = self.create(
                user=user,
                name=name,
                scope=scope,
                expires_at=expires_at,
                prefix=secret[:SHOWN],
                hashed=hash_of(secret),
            )
            token_changed.send(ApiToken, token=token, by=user, deed="created")
        return token, secret

    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def unrevoked(self) -> Self:
        return self.filter(revoked_at=None)

    def usable(self) -> Self:
        """Neither revoked nor expired, of a person who may still sign in."""
        in_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.unrevoked().filter(in_time, user__is_active=True)

    def with_secret(self, secret: str) -> ApiToken | None:
        found: ApiToken | None = self.usable().select_related("user").filter(hashed=hash_of(secret)).first()
        return found

    def revoke_all(self, by: User) -> int:
        return sum(token.revoke(by) for token in self.unrevoked())


class ApiToken(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    hashed = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=SHOWN, help_text="How the secret begins, to tell tokens apart.")
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            # A page that is loaded again would else make a second one.
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(revoked_at=None), name="token_name_once_a_user"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> str:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "usable"

    @property
    def may_run(self) -> bool:
        return self.scope == Scope.RUN

    def revoke(self, by: User) -> bool:
        """False where it is revoked already."""
        now = timezone.now()
        with transaction.atomic():
            if not ApiToken.objects.unrevoked().filter(pk=self.pk).update(revoked_at=now):
                return False
            self.revoked_at = now
            token_changed.send(ApiToken, token=self, by=by, deed="revoked")
        return True

    def note_use(self) -> None:
        """A write a minute at most, however often it is used."""
        now = timezone.now()
        if self.last_used_at and now - self.last_used_at < NOTED_EVERY:
            return
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=self.pk).update(last_used_at=now)


def hash_of(secret: str) -> str:
    """No salt and no slow hash: the secret has 256 random bits, which nobody guesses."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()

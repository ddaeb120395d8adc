"""One row a person: the numbers of their notifications are given under its lock, and a poll looks at nothing else."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser, User
from django.db import models


class InboxQuerySet(models.QuerySet[Any]):
    def locked(self, user: User) -> Inbox:
        """This person's, locked to the end of the transaction; made where there is none yet.

        Whoever locks a job locks it before this: in one order no two wait for each other.
        """
        found = self.select_for_update().filter(user=user).first()
        if found is None:
            self.bulk_create([self.model(user=user)], ignore_conflicts=True)
            found = self.select_for_update().get(user=user)
        return cast("Inbox", found)


class Inbox(models.Model):
    """`last_seq` numbers the newest notification, `changes` counts whatever happened to any of them."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="inbox")
    last_seq = models.PositiveBigIntegerField(default=0)
    changes = models.PositiveBigIntegerField(default=0)
    delivered_seq = models.PositiveBigIntegerField(
        default=0, help_text="Up to here a page has said that it has them."
    )
    muted = models.JSONField(default=list, blank=True, help_text="Kinds that are kept without telling.")

    objects = InboxQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"inbox of {self.user}"

    @staticmethod
    def of(user: User | AnonymousUser) -> Inbox:
        """As it came with the user, without a query (`notifications.backends`); an empty one where there is none."""
        if not user.is_authenticated:
            return Inbox()
        return cast("Inbox", getattr(user, "inbox", None) or Inbox(user=user))

    @property
    def key(self) -> str:
        """Names the numbers: the cursor of another person, or of a database that was made anew, is none of ours."""
        since = self.user.date_joined.isoformat().encode()
        return f"{self.user_id}-{hashlib.blake2b(since, digest_size=4).hexdigest()}"

    def next_seq(self) -> int:
        """The number of a new notification. Only for who holds the lock."""
        self.change(last_seq=self.last_seq + 1)
        return self.last_seq

    def change(self, **fields: Any) -> None:
        """Every page of this person looks anew, once this is committed. Only for who holds the lock."""
        for name, value in (fields := {"changes": self.changes + 1, **fields}).items():
            setattr(self, name, value)
        Inbox.objects.filter(pk=self.pk).update(**fields)

    def mute(self, kinds: list[str]) -> None:
        self.change(muted=sorted(set(kinds)))

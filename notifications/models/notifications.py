"""What people are told: written once, in the transaction of what it tells of, and numbered for its reader."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from notifications.messages import MESSAGES
from notifications.models.inboxes import Inbox

MOST_UNREAD = 100
"""Counting stops here: the badge says 99+."""
# What a notification is about, the narrowest first, and its page.
PAGES = {
    "session_id": "negotiations:session-detail",
    "benchmark_id": "benchmarks:benchmark-detail",
    "job_id": "negotiations:job-detail",
}

log = logging.getLogger(__name__)


class Level(models.TextChoices):
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"

    @classmethod
    def of(cls, word: str) -> Level:
        """What is unknown is no more than information (F-11)."""
        return cls(word) if word in cls.values else cls.INFO


class NotificationQuerySet(models.QuerySet[Any]):
    def add(
        self,
        user: User,
        kind: str,
        *,
        words: dict[str, Any],
        context: dict[str, Any] | None = None,
        dedupe_key: str = "",
        is_known: bool = False,
    ) -> Notification | None:
        """Tell `user`, once for each `dedupe_key`; None where they were told before (F-20).

        `words` fill in the message of `kind`. What is muted, or known since they did it themselves, is kept without
        telling. Belongs into the transaction of what it tells of, after all other locks. What has no words, and a row
        that the database refuses, are logged and stop nothing (F-26).
        """
        try:
            with transaction.atomic():
                return self._add(user, kind, words, context or {}, dedupe_key, is_known)
        except (DataError, IntegrityError, LookupError, OverflowError):
            log.exception("%s could not be told of %s.", user, kind)
            return None

    def _add(
        self, user: User, kind: str, words: dict[str, Any], context: dict[str, Any], key: str, is_known: bool
    ) -> Notification | None:
        inbox = Inbox.objects.locked(user)
        if key and self.filter(user=user, dedupe_key=key).exists():
            return None
        message, now = MESSAGES[kind], timezone.now()
        new = self.model(user=user, seq=inbox.next_seq(), kind=kind, level=Level.of(message.level))
        new.title, new.text = message.title_with(words), message.text_with(words)
        new.context, new.dedupe_key = context, key or str(new.pk)
        new.expires_at = now + timedelta(settings.KEEP_NOTIFICATIONS_DAYS)
        new.seen_at = now if is_known or kind in inbox.muted else None
        new.save(force_insert=True)
        return cast("Notification", new)

    # --- Which ------------------------------------------------------------------------------------------------

    def of(self, user: Any) -> Self:
        """What there is to show of somebody's own. Nobody sees another's, superusers neither."""
        return self.filter(user=user, dismissed_at=None, expires_at__gt=timezone.now())

    def after(self, seq: int) -> Self:
        return self.filter(seq__gt=seq).order_by("seq")

    def newest_first(self) -> Self:
        return self.order_by("-seq")

    def unread(self) -> Self:
        return self.filter(seen_at=None)

    def count_unread(self) -> int:
        """At most `MOST_UNREAD`, however many there are."""
        return self.unread().order_by()[:MOST_UNREAD].count()

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())

    # --- What their reader does with them -----------------------------------------------------------------------

    def see(self, user: User) -> int:
        """Mark all of these as read; how many were not yet."""
        return self._mark(user, "seen_at")

    def dismiss(self, user: User) -> int:
        """Take all of these out of sight; how many were not yet."""
        return self._mark(user, "dismissed_at")

    def _mark(self, user: User, moment: str) -> int:
        with transaction.atomic():
            inbox = Inbox.objects.locked(user)
            fresh = self.model._default_manager.filter(user=user, pk__in=self.order_by().values("pk"))
            marked: int = fresh.filter(**{moment: None}).update(**{moment: timezone.now()})
            if marked:
                inbox.change()
            return marked

    def deliver(self, user_id: int, seq: int) -> None:
        """A page of theirs has all up to this number, as its cursor says."""
        if Inbox.objects.filter(user=user_id, delivered_seq__lt=seq, last_seq__gte=seq).update(
            delivered_seq=seq
        ):
            self.filter(user=user_id, seq__lte=seq, delivered_at=None).update(delivered_at=timezone.now())


class Notification(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=60)
    level = models.CharField(max_length=10, choices=Level, default=Level.INFO)
    title = models.CharField(max_length=200)
    text = models.CharField(max_length=1000, blank=True)
    context = models.JSONField(default=dict, blank=True, help_text="What it is about: ids, and href.")
    dedupe_key = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["user", "-seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "seq"], name="notification_seq_once"),
            models.UniqueConstraint(fields=["user", "dedupe_key"], name="notification_told_once"),
        ]
        indexes: ClassVar = [
            # The badge counts what is unread, and nothing else of a long history.
            models.Index(
                fields=["user", "seq"],
                condition=Q(seen_at=None, dismissed_at=None),
                name="notification_unread",
            ),
            models.Index(fields=["expires_at"], name="notification_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unread(self) -> bool:
        return self.seen_at is None

    @property
    def href(self) -> str:
        """Where it leads: `href` of the context, else the page of what it is about (F-12). Empty unless in this house."""
        link = str(self.context.get("href") or self._page())
        is_ours = link.startswith("/") and url_has_allowed_host_and_scheme(link, allowed_hosts=None)
        return link if is_ours else ""

    def _page(self) -> str:
        about = next((name for name in PAGES if self.context.get(name)), "")
        try:
            return reverse(PAGES[about], args=[self.context[about]]) if about else ""
        except NoReverseMatch:
            return ""

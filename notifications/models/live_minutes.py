"""What the polls of one page came to in one minute, as one web process counted them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

COUNTS = ("polls", "empty", "failed", "rows", "bytes", "dropped", "missed")


class LiveMinuteQuerySet(models.QuerySet[Any]):
    def write(self, minutes: Iterable[LiveMinute]) -> None:
        """All in one statement. A row says what its minute has come to by now, so writing it twice counts nothing twice."""
        self.bulk_create(
            minutes,
            update_conflicts=True,
            unique_fields=["minute", "page", "process"],
            update_fields=[*COUNTS, "times"],
        )

    def since(self, moment: datetime) -> LiveMinuteQuerySet:
        return self.filter(minute__gte=moment)


class LiveMinute(models.Model):
    """Counts and a histogram: `times` has how many answers took how long, by the step of `notifications.meter`."""

    minute = models.DateTimeField()
    page = models.CharField(max_length=100, help_text="The name of the URL that was polled.")
    process = models.CharField(max_length=120)
    polls = models.PositiveIntegerField(default=0)
    empty = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    times = models.JSONField(default=dict, blank=True)

    objects = LiveMinuteQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["minute", "page", "process"], name="live_minute_once"),
        ]

    def __str__(self) -> str:
        return f"{self.page} at {self.minute:%H:%M}"

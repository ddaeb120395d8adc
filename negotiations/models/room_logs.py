"""What is kept of the rooms of a deleted market: the log of each run as a document, for some days (M-03, M-12)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from negotiations.models.owned import Owned, OwnedQuerySet


class RoomLogQuerySet(OwnedQuerySet):
    def of_room(self, market_id: Any, room_id: Any) -> RoomLog | None:
        """Of its last run."""
        return self.filter(market_id=market_id, room_id=room_id).order_by("-number").first()


class RoomLog(Owned):
    """No keys of other rows: those are gone."""

    market_id = models.UUIDField()
    room_id = models.UUIDField()
    number = models.PositiveSmallIntegerField(default=1)
    market_name = models.CharField(max_length=100)
    item = models.CharField(max_length=100)
    document = models.JSONField(default=dict)
    deleted_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = RoomLogQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-deleted_at", "market_id", "room_id", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["market_id", "room_id", "number"], name="room_log_once")
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.market_name}, run {self.number}"

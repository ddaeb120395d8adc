"""What is kept of the rooms of a deleted market: the log of each run as a document, for some days (M-03, M-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.db import models
from django.utils import timezone

from negotiations.models.owned import Owned, OwnedQuerySet


class RoomLogQuerySet(OwnedQuerySet):
    def of_room(self, market_id: Any, room_id: Any) -> RoomLog | None:
        """Of its last run."""
        found = self.filter(market_id=market_id, room_id=room_id)
        return cast("RoomLog | None", found.order_by("-number").first())

    def keep(self, market: Any) -> int:
        """The log of every run of a market that is about to go, for those who see it now; how many these are."""
        runs = [run for room in market.rooms.all() for run in room.runs.select_related("job", "room__market")]
        self.bulk_create(
            self.model(
                owner=market.owner,
                group=market.group_of_jobs,
                market_id=market.pk,
                room_id=run.room_id,
                number=run.number,
                market_name=market.name,
                item=run.room.item,
                document=run.room.log(None, run),
            )
            for run in runs
        )
        return len(runs)

    def outlived(self) -> Self:
        return self.filter(deleted_at__lt=timezone.now() - timedelta(settings.MARKET_LOG_DAYS))


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

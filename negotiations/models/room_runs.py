"""A run of a room: one job, its messages and how it ended. A room that came to no deal may be run again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from negotiations.models.jobs import Job
from negotiations.models.rooms import Room


class RunEnd(models.TextChoices):
    """How a run ended."""

    DEAL = "deal"
    NO_DEAL = "no_deal", "no deal, as was decided"
    ROUNDS = "rounds", "all rounds used"
    TIME = "time", "the time was over"
    STOPPED = "stopped"
    FAILED = "failed"


class RoomRunQuerySet(models.QuerySet[Any]):
    pass


class RoomRun(models.Model):
    """Owner, group and status are its job's; nothing of a run is known to the next one (M-29)."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="room_run")
    room = models.ForeignKey(Room, models.CASCADE, related_name="runs", db_index=False)
    number = models.PositiveSmallIntegerField(default=1)
    round = models.PositiveSmallIntegerField(
        default=0, help_text="The round that is open; 0 before the first."
    )
    n_messages = models.PositiveIntegerField(default=0)
    conditions = models.JSONField(
        default=dict, blank=True, help_text="The budget and the stock that were left as the round opened."
    )
    seconds_left = models.FloatField(default=1800)
    deadline = models.DateTimeField(null=True, blank=True, help_text="While its time runs.")
    awaits = models.JSONField(default=list, blank=True, help_text="The seats of persons whose turn it is.")
    turn_deadline = models.DateTimeField(null=True, blank=True, help_text="By when they are to answer.")
    end_reason = models.CharField(max_length=10, choices=RunEnd, blank=True)
    tokens = models.PositiveIntegerField(default=0)
    model_seconds = models.FloatField(default=0)

    objects = RoomRunQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["room", "number"]
        verbose_name = "room run"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "number"], name="room_run_once"),
            # Two clicks, two workers: the database lets one run of a room be open.
            models.UniqueConstraint(
                fields=["room"], condition=Q(end_reason=""), name="room_runs_one_at_a_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["deadline"], condition=Q(deadline__isnull=False), name="room_run_by_deadline"
            ),
            models.Index(
                fields=["turn_deadline"],
                condition=Q(turn_deadline__isnull=False),
                name="room_run_by_turn_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room}, run {self.number}"

    def get_absolute_url(self) -> str:
        return self.room.get_absolute_url()

"""What people answered when it was their turn in a session: each replay takes it from here, as a script."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import models

from negotiations.engine.specs import Response, ScriptedAction

MOST_TEXT = 1000
ANSWERS = (Response.OFFER, Response.ACCEPT, Response.END)


class MoveQuerySet(models.QuerySet[Any]):
    def to_script(self) -> tuple[ScriptedAction, ...]:
        return tuple(move.to_scripted() for move in self.order_by("seq"))

    def late(self) -> Move | None:
        """The one that stands for an answer which did not come in time."""
        return self.filter(is_late=True).first()


class Move(models.Model):
    """An answer, for good: it is the action `seq` of the session, whoever plays it and however often."""

    session = models.ForeignKey(
        "negotiations.Session", on_delete=models.CASCADE, related_name="moves", db_index=False
    )
    seq = models.PositiveIntegerField()
    party = models.PositiveSmallIntegerField()
    response = models.CharField(max_length=10, choices=[(answer.value, answer.value) for answer in ANSWERS])
    outcome = models.JSONField(null=True, blank=True)
    text = models.CharField(max_length=MOST_TEXT, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_late = models.BooleanField(default=False, help_text="Nobody answered in time.")
    at = models.DateTimeField(auto_now_add=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["session", "seq"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "seq"], name="move_once"),
            models.CheckConstraint(
                name="move_by_somebody_or_late",
                condition=models.Q(is_late=True, by=None) | models.Q(is_late=False, by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}: party {self.party} {self.response}"

    def to_scripted(self) -> ScriptedAction:
        outcome = None if self.outcome is None else tuple(self.outcome)
        return ScriptedAction(self.seq, self.party, self.response, outcome, self.text)

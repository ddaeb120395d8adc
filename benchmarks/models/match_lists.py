"""Matches as a benchmark's page lists them: the newest first, narrowed by what a reader asks for."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

NARROWING = ("scenario", "competitor", "opponent", "result", "reason", "error")
AGREED = Q(end_reason="agreement")
RESULTS = {"ok": AGREED, "fail": Q(status="failed"), "none": Q(status="completed") & ~AGREED}
"""OK is an agreement, FAIL a match that broke; one that ended without either is none of the two (B-10)."""


class ListedMatchQuerySet(models.QuerySet[Any]):
    def between(self, after: int, last: int) -> Self:
        """Those that were over after one number and up to another, the newest first."""
        return self.filter(finished_seq__gt=after, finished_seq__lte=last).order_by("-finished_seq")

    def narrowed(self, chosen: dict[str, Any]) -> Self:
        """By the values of a `MatchFilterForm`."""
        found = self.that_seat(chosen["competitor"], chosen["opponent"])
        if chosen["scenario"] is not None:
            found = found.filter(scenario=chosen["scenario"])
        if chosen["reason"]:
            found = found.filter(end_reason=chosen["reason"])
        if chosen["error"]:
            found = found.filter(error__contains=chosen["error"])
        return found.filter(RESULTS.get(chosen["result"], Q()))

    def that_seat(self, competitor: int | None, opponent: int | None) -> Self:
        """Those of one or both of these numbers; of the same number twice where one meets itself."""
        found = self
        if competitor is not None and competitor == opponent:
            return found.filter(seats__regex=rf"(^|,){competitor},(.*,)?{competitor}(,|$)")
        for number in (competitor, opponent):
            if number is not None:
                found = found.filter(seats__regex=rf"(^|,){number}(,|$)")
        return found

"""Jobs as pages list them: with what they run, narrowed by what a reader asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, cast

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, Subquery

from negotiations.models.job_history import JobProgress
from negotiations.models.job_states import ACTIVE, Kind, Status
from negotiations.models.owned import OwnedQuerySet, Visitor

# Columns that may weigh megabytes; a page of jobs shows none of them.
HEAVY = (
    "traceback", "session__scenario__document", "session__scenario__issues", "session__scenario__preferences",
    "session__mechanism", "session__versions", "deletion__ids", "scenario_import__archive", "scenario_import__report",
    "scenario_analysis__arrays", "scenario_analysis__points", "scenario_analysis__sketch",
    "scenario_analysis__scenario__document", "scenario_analysis__scenario__issues",
    "scenario_analysis__scenario__preferences",
)  # fmt: skip


class ListedJobQuerySet(OwnedQuerySet):
    def visible_to(self, user: Visitor) -> Self:
        """As everything that is owned, but for what others negotiate on a scenario that is kept from this person."""
        return super().visible_to(user).apart_from_tables_of(user)

    def apart_from_tables_of(self, user: Visitor) -> Self:
        """But for sessions of others on the scenario that this person sits at a table with: a job says at what utilities it ended."""
        return self.exclude(_kept_from(user))

    def with_runs(self) -> Self:
        """With what each runs and whose it is: no query a row."""
        return self.select_related(
            "owner",
            "group",
            "session__scenario",
            "scenario_import",
            "deletion",
            "scenario_analysis__scenario",
            "benchmark",
            "lane__benchmark",
            "benchmark_deletion",
            "room_run__room__market",
        ).defer(*HEAVY)

    def with_last_progress(self) -> Self:
        """With `progressed_at`, when its last line of history was written."""
        newest = JobProgress.objects.filter(job=OuterRef("pk")).order_by("-seq").values("created_at")[:1]
        return self.annotate(progressed_at=Subquery(newest))

    def that_are(self, word: str) -> Self:
        """`word` is a status or "paused", which is what a reader calls an active job on hold; anything else takes all."""
        if word == "paused":
            return self.filter(status__in=ACTIVE, hold=True)
        if word in ACTIVE:
            awaits = Q(awaits_since__isnull=False)
            said = Q(status=word) | awaits if word == Status.PROCESSING else Q(status=word) & ~awaits
            return self.filter(said, hold=False)
        return self.filter(status=word) if word in Status.values else self

    def matching(self, words: str) -> Self:
        """Those with every word in the name of what they run or of their owner, or at the start of their id."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(session__scenario__name__icontains=word)
                | Q(scenario_import__filename__icontains=word)
                | Q(scenario_analysis__scenario__name__icontains=word)
                | Q(benchmark__name__icontains=word)
                | Q(lane__benchmark__name__icontains=word)
                | Q(benchmark_deletion__name__icontains=word)
                | Q(room_run__room__item__icontains=word)
                | Q(room_run__room__market__name__icontains=word)
                | Q(owner__username__icontains=word)
                | Q(pk__startswith=word)
            )
        return found

    def newest(self, user: Visitor, groups: Iterable[int], count: int) -> Self:
        """At least the `count` newest that this person, of these groups, may see.

        They are looked up by whose they are, so that history may grow.
        """
        ordered = self.order_by("-created_at", "pk")
        if user.is_superuser or not user.is_authenticated:
            return ordered.visible_to(user)
        ordered = ordered.apart_from_tables_of(user)
        candidates = Q(pk__in=ordered.filter(owner=user).values("pk")[:count])
        for group in groups:
            candidates |= Q(pk__in=ordered.filter(group=group).values("pk")[:count])
        return cast("Self", self.model._default_manager.filter(candidates).order_by("-created_at", "pk"))

    def narrowed(self, chosen: dict[str, Any]) -> Self:
        """By the values of a `JobFilterForm`. Lanes are told of on the page of their benchmark: only who asks for them sees them."""
        exact = {name: chosen[name] for name in ("kind", "queue") if chosen[name]}
        if chosen["owner"]:
            exact["owner__username"] = chosen["owner"]
        listed = self if chosen["kind"] == Kind.LANE else self.exclude(kind=Kind.LANE)
        return listed.filter(**exact).that_are(chosen["status"]).matching(chosen["q"])


def _kept_from(user: Visitor) -> Q:
    """Asked of each job that is shown: a list of all sessions of a scenario may be as long as a class plays it often."""
    tables = {name: apps.get_model("negotiations", name).objects for name in ("Party", "Scenario", "Session")}
    scenarios = tables["Scenario"].kept_from(user).values("pk")
    session = tables["Session"].filter(pk=OuterRef("pk"), scenario__in=scenarios)
    seats = tables["Party"].of(user).going_on().values("session")
    return ~Q(owner=user.pk) & Q(Exists(session)) & ~Q(pk__in=seats)

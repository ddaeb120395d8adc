"""Benchmarks as pages list them: narrowed by what a reader asks for, and cheap marks that tell whether one changed."""

from __future__ import annotations

from typing import Any, Self

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import F, Q

from negotiations.models import Scenario
from negotiations.models.job_states import ACTIVE, Status
from negotiations.models.owned import OwnedQuerySet, Visitor

MARKS = (
    "job__status", "job__hold", "job__cancel_requested_at", "job_id", "n_matches", "n_completed", "n_failed", "name",
    "leaderboard__seq", "job__owner_id", "job__error",
)  # fmt: skip
"""What a row of a list shows and may change."""
# The words of `Benchmark.status`.
WORDS = {
    "pending": Q(job__status=Status.QUEUED, job__hold=False),
    "running": Q(job__status=Status.PROCESSING, job__hold=False),
    "paused": Q(job__status__in=ACTIVE, job__hold=True),
    **{str(status): Q(job__status=status) for status in (Status.COMPLETED, Status.FAILED, Status.CANCELLED)},
}


class ListedBenchmarkQuerySet(OwnedQuerySet):
    owned_by = "job__"

    def visible_to(self, user: Visitor) -> Self:
        """As everything that is owned, but for what is being deleted, and what a seat of theirs must not know."""
        return self.known_to(user).filter(~_kept_from(user))

    def one_visible_to(self, user: Visitor, pk: Any) -> Any:
        """The row with this key, or None, as `visible_to` has it; what is kept from its reader is asked only where it is not their
        own: a poll of its page has some milliseconds."""
        found = self.known_to(user).filter(pk=pk).order_by().first()
        if found is None or found.job.owner_id == user.pk:
            return found
        return None if self.model.objects.kept_from(user).filter(pk=pk).exists() else found

    def known_to(self, user: Visitor) -> Self:
        """The same with what is kept from them as long as they sit at a table."""
        return super().visible_to(user).filter(deletion=None)

    def kept_from(self, user: Visitor) -> Self:
        """Of others, with a scenario that is kept from them: its matches would say what every party of it wants."""
        return self.filter(_kept_from(user))

    def newest_first(self) -> Self:
        return self.order_by("-job__created_at", "pk")

    def for_pages(self) -> Self:
        """With their jobs and owners, without the scores, which may weigh a megabyte."""
        return self.select_related("job__owner", "leaderboard").defer("leaderboard__data", "job__traceback")

    def with_leader(self) -> Self:
        """With `leader`, the number of who stands first: looked up in the database, so that no list reads all scores."""
        return self.annotate(leader=F("leaderboard__data__rows__0__competitor"))

    def that_are(self, word: str) -> Self:
        """`word` is a status as readers call it; anything else takes all."""
        return self.filter(WORDS[word]) if word in WORDS else self

    def matching(self, words: str) -> Self:
        """Those with every word in the name, a competitor's or the owner's."""
        found = self
        for word in words.split():
            competing = self.model.objects.filter(competitors__name__icontains=word).values("pk")
            named = Q(name__icontains=word) | Q(job__owner__username__icontains=word)
            found = found.filter(named | Q(pk__in=competing))
        return found

    def whose(self, whose: str, user: User) -> Self:
        """`mine`, or `shared`: what others share with this person; anything else takes all."""
        if whose == "mine":
            return self.filter(job__owner=user)
        return self.exclude(job__owner=user) if whose == "shared" else self

    def narrowed(self, chosen: dict[str, Any], user: User) -> Self:
        """By the values of a `BenchmarkFilterForm`."""
        return self.that_are(chosen["status"]).matching(chosen["q"]).whose(chosen["whose"], user)


def _kept_from(user: Visitor) -> Q:
    scenarios = Scenario.objects.kept_from(user).values("pk")
    places = apps.get_model("benchmarks", "BenchmarkScenario").objects.filter(scenario__in=scenarios)
    return Q(pk__in=places.values("benchmark")) & ~Q(job__owner=user.pk)

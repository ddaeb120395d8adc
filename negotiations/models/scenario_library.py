"""How people look through the library of scenarios: words, tags, whose they are, how opposed their parties."""

from __future__ import annotations

import json
from typing import Any, Self

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.db.models import ExpressionWrapper, OuterRef, Q, Subquery
from django.db.models.functions import Length

from negotiations.models.owned import OwnedQuerySet, Visitor

INFINITE = Q(n_outcomes="infinite")


class LibraryQuerySet(OwnedQuerySet):
    def with_opposition(self, user: Visitor) -> Self:
        """`opposition` of each as far as it is analysed and this person may know it, None elsewhere; and whether it `was_discounted`."""
        analyses = apps.get_model("negotiations", "ScenarioAnalysis").objects.completed().visible_to(user)
        known = analyses.filter(scenario=OuterRef("pk")).values("opposition")[:1]
        discounted = Q(warnings__icontains="was discounted over time")
        return self.annotate(
            opposition=Subquery(known), was_discounted=ExpressionWrapper(discounted, models.BooleanField())
        )

    def searched(self, text: str) -> Self:
        """By name, source, tag, issue or value."""
        found = Q(name__icontains=text) | Q(source__icontains=text)
        for column in ("issues", "tags"):
            found |= _within(column, json.dumps(text)[1:-1]) | _within(column, text)
        return self.filter(found)

    def tagged(self, tag: str) -> Self:
        return self.filter(_within("tags", json.dumps(tag)) | _within("tags", f'"{tag}"'))

    def of_size(self, least: int | None, most: int | None) -> Self:
        """From so many outcomes to so many, both included; infinitely many are more than any number."""
        found = self.annotate(n_digits=Length("n_outcomes"))
        if least is not None:
            found = found.filter(INFINITE | _compared("gt", least))
        if most is not None:
            found = found.filter(_compared("lt", most)).exclude(INFINITE)
        return found

    def whose(self, which: str, user: User) -> Self:
        """`mine`, `shared` by others with a group of theirs, or the `library` of the installation."""
        if which == "mine":
            return self.filter(owner=user)
        if which == "library":
            return self.filter(owner=None)
        return self.filter(group__in=user.groups.all()).exclude(owner=user)

    def all_sources(self) -> list[str]:
        named = self.exclude(source="").order_by("source")
        return list(named.values_list("source", flat=True).distinct())

    def all_tags(self) -> list[str]:
        """Each tag once, in order."""
        return sorted(
            {str(tag) for tags in self.exclude(tags=[]).values_list("tags", flat=True) for tag in tags}
        )


def _compared(side: str, number: int) -> Q:
    """By how many digits there are, then digit by digit: exact where no column of numbers is wide enough."""
    text = str(number)
    equally_long = Q(n_digits=len(text), **{f"n_outcomes__{side}e": text})
    return equally_long | Q(**{f"n_digits__{side}": len(text)})


def _within(column: str, text: Any) -> Q:
    """SQLite keeps letters beyond ASCII escaped in JSON, PostgreSQL as they are."""
    return Q(**{f"{column}__icontains": text})

"""The query string of the scenario library: its filters and its order."""

from __future__ import annotations

import math
import re
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import F

from negotiations.engine.scenario_bounds import MAX_DIGITS
from negotiations.models.scenarios import ScenarioQuerySet

# Choice of the form: log10 of the number of outcomes is above the first and up to the second.
SIZES = {"small": (-1, 2), "medium": (2, 4), "large": (4, 6), "huge": (6, math.inf)}
ISSUES = {"1": (1, 1), "2": (2, 4), "5": (5, 9), "10": (10, 10_000)}
OPPOSITIONS = {"low": (-1.0, 0.25), "middle": (0.25, 0.5), "high": (0.5, 99)}
SORTS: dict[str, list[Any]] = {
    "name": ["name", "source", "pk"],
    "new": ["-pk"],
    "small": ["log10_outcomes", "name", "pk"],
    "large": ["-log10_outcomes", "name", "pk"],
    "calm": [F("opposition").asc(nulls_last=True), "name", "pk"],
    "fierce": [F("opposition").desc(nulls_last=True), "name", "pk"],
}
NARROWING = (
    "q",
    "parties",
    "source",
    "outcomes",
    "outcomes_from",
    "outcomes_to",
    "opposition",
    "whose",
    "tag",
    "issues",
    "discounted",
    "least",
    "most",
)


_COUNT = re.compile(r"(\d{1,100})(?:(?:\^|[eE]\+?)(\d{1,3}))?", re.ASCII)
_SPACES = re.compile(r"[\s,_']")


class CountField(forms.CharField):
    """A whole number as people write it, however large: 24, 10,000, 1e6, 10^10."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        written = _SPACES.sub("", str(super().clean(value)))
        if not written:
            return None
        match = _COUNT.fullmatch(written)
        if match is None:
            raise forms.ValidationError("Write a whole number: 10,000 or 10^6.")
        number, power = int(match[1]), int(match[2] or 0)
        count: int = number**power if "^" in written else number * 10**power
        if count >= 10**MAX_DIGITS:
            raise forms.ValidationError(f"No scenario has 10^{MAX_DIGITS} outcomes. Write a smaller number.")
        return count


class ScenarioFilterForm(forms.Form):
    """What it does not understand it leaves out."""

    q = forms.CharField(required=False, max_length=100)
    parties = forms.ChoiceField(required=False, choices=[("2", "2 parties"), ("3", "3 or more")])
    source = forms.CharField(required=False, max_length=200)
    tag = forms.CharField(required=False, max_length=100)
    whose = forms.ChoiceField(
        required=False,
        choices=[("", "Everybody's"), ("mine", "Mine"), ("shared", "Shared with me"), ("library", "Library")],
    )
    issues = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any issues"),
            ("1", "1 issue"),
            ("2", "2 to 4"),
            ("5", "5 to 9"),
            ("10", "10 or more"),
        ],
    )
    outcomes = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any number of outcomes"),
            ("small", "Up to 100 outcomes"),
            ("medium", "100 to 10,000"),
            ("large", "10,000 to 1,000,000"),
            ("huge", "More than 1,000,000"),
        ],
    )
    outcomes_from = CountField(required=False, max_length=200)
    outcomes_to = CountField(required=False, max_length=200)
    opposition = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any opposition"),
            ("low", "Up to 0.25"),
            ("middle", "0.25 to 0.5"),
            ("high", "More than 0.5"),
        ],
    )
    discounted = forms.ChoiceField(
        required=False,
        choices=[("", "Discounted or not"), ("no", "Without discount"), ("yes", "Was discounted")],
    )
    least = forms.FloatField(required=False)
    most = forms.FloatField(required=False)
    sort = forms.ChoiceField(
        required=False,
        choices=[
            ("name", "Sort: name"),
            ("new", "Sort: newest"),
            ("small", "Sort: fewest outcomes"),
            ("large", "Sort: most outcomes"),
            ("calm", "Sort: least opposition"),
            ("fierce", "Sort: most opposition"),
        ],
    )
    view = forms.ChoiceField(required=False, choices=[("list", "List")])

    def narrow(self, scenarios: ScenarioQuerySet, user: User) -> ScenarioQuerySet:
        self.full_clean()
        wanted = self.cleaned_data
        found = scenarios.with_opposition(user)
        if text := wanted.get("q"):
            found = found.searched(text)
        if source := wanted.get("source"):
            found = found.filter(source=source)
        if tag := wanted.get("tag"):
            found = found.tagged(tag)
        if whose := wanted.get("whose"):
            found = found.whose(whose, user)
        return _measured(found, wanted).order_by(*SORTS[wanted.get("sort") or "name"])

    @property
    def is_narrowing(self) -> bool:
        return any(self.cleaned_data.get(name) not in ("", None) for name in NARROWING)

    @property
    def wrong_counts(self) -> list[forms.BoundField]:
        """What was left out since it is no number: an address may say anything, a person is told."""
        return [self[name] for name in ("outcomes_from", "outcomes_to") if name in self.errors]

    @property
    def is_list(self) -> bool:
        return self.cleaned_data.get("view") == "list"


def _measured(found: ScenarioQuerySet, wanted: dict[str, Any]) -> ScenarioQuerySet:
    if parties := wanted.get("parties"):
        found = found.filter(**{"n_parties" if parties == "2" else "n_parties__gte": int(parties)})
    if issues := wanted.get("issues"):
        few, many = ISSUES[issues]
        found = found.filter(n_issues__gte=few, n_issues__lte=many)
    if size := wanted.get("outcomes"):
        above, up_to = SIZES[size]
        found = found.filter(log10_outcomes__gt=above, log10_outcomes__lte=up_to)
    found = found.of_size(wanted.get("outcomes_from"), wanted.get("outcomes_to"))
    if discounted := wanted.get("discounted"):
        found = found.filter(was_discounted=discounted == "yes")
    return _opposed(found, wanted)


def _opposed(found: ScenarioQuerySet, wanted: dict[str, Any]) -> ScenarioQuerySet:
    """By the choices of the form, and by any range that an address names (`least`, `most`)."""
    if opposition := wanted.get("opposition"):
        above, up_to = OPPOSITIONS[opposition]
        found = found.filter(opposition__gt=above, opposition__lte=up_to)
    for name, lookup in (("least", "opposition__gte"), ("most", "opposition__lte")):
        end = wanted.get(name)
        if end is not None and math.isfinite(end):
            found = found.filter(**{lookup: end})
    return found

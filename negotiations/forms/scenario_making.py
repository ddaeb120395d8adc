"""Forms that make scenarios: what is kept beside the tables of the editor, and the recipe of the generator."""

from __future__ import annotations

import random
import re
import threading
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.db import transaction

from negotiations.engine.exceptions import ScenarioRefused
from negotiations.engine.scenario_bounds import check_text
from negotiations.engine.scenario_generation import (
    MOST_ISSUES,
    MOST_PARTIES,
    MOST_VALUES,
    Made,
    Recipe,
    generate,
)
from negotiations.engine.specs import ScenarioSpec
from negotiations.exceptions import TooMuch
from negotiations.models import Scenario
from negotiations.models.limits import hold_to_limits
from negotiations.models.tags import tidy

WAIT = 1.0
"""Seconds; the largest scenario that may be asked for takes about as long."""
_one_at_a_time = threading.BoundedSemaphore(1)

_RANGE = re.compile(r"\s*([0-9.,]+)\s*(?:(?:to|-|–)\s*([0-9.,]+)\s*)?")


class KeepForm(forms.Form):
    """Under which name a made scenario is kept, and who else sees it."""

    name = forms.CharField(max_length=120, error_messages={"required": "A scenario needs a name."})
    tags = forms.CharField(
        required=False, max_length=200, help_text="Words to find it by, with commas between."
    )
    group = forms.ModelChoiceField(
        Group.objects.none(), required=False, label="Share with", empty_label="Nobody: only I see it"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["group"].queryset = user.groups.all()  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        try:
            check_text(name, "The name")
        except ScenarioRefused as refused:
            raise forms.ValidationError(refused.reason) from refused
        return name

    def clean_tags(self) -> list[str]:
        return tidy(self.cleaned_data["tags"])

    def keep(
        self, spec: ScenarioSpec, source: str, version_of: Scenario | None = None
    ) -> tuple[Scenario, bool]:
        """The row, and whether it is new: the same content is kept once for each owner. Raises TooMuch, as an upload does."""
        kept = {"group": self.cleaned_data["group"], "tags": self.cleaned_data["tags"], "source": source}
        with transaction.atomic():
            hold_to_limits(self.user, more_bytes=len(spec.document))
            return Scenario.objects.keep(spec, owner=self.user, version_of=version_of, **kept)


class GeneratorForm(KeepForm):
    parties = forms.IntegerField(initial=2, min_value=2, max_value=MOST_PARTIES)
    issues = forms.IntegerField(initial=4, min_value=1, max_value=MOST_ISSUES)
    values = forms.CharField(
        initial="3 to 5", max_length=20, label="Values of an issue", help_text="A number, or a range: 3 to 5."
    )
    opposition = forms.FloatField(
        initial=0.4,
        min_value=0,
        max_value=3,
        help_text="0: one outcome is best for all. Two parties reach 1 at most, more parties more.",
    )
    reserved = forms.CharField(
        required=False,
        max_length=20,
        label="Reserved values",
        help_text="A number from 0 to 1, or a range: 0.1 to 0.3. Empty: none.",
    )
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=2**63 - 1,
        help_text="The same seed makes the same scenario. Empty: one is drawn.",
    )

    field_order = ("name", "parties", "issues", "values", "opposition", "reserved", "seed", "tags", "group")

    def clean_values(self) -> tuple[int, int]:
        low, high = _range(self.cleaned_data["values"])
        if not (low.is_integer() and high.is_integer() and 2 <= low <= high <= MOST_VALUES):
            raise forms.ValidationError(f"Whole numbers from 2 to {MOST_VALUES}, the smaller one first.")
        return int(low), int(high)

    def clean_reserved(self) -> tuple[float, float] | None:
        if not self.cleaned_data["reserved"].strip():
            return None
        low, high = _range(self.cleaned_data["reserved"])
        if not 0 <= low <= high <= 1:
            raise forms.ValidationError("Numbers from 0 to 1, the smaller one first.")
        return low, high

    def clean_seed(self) -> int:
        seed = self.cleaned_data["seed"]
        return random.SystemRandom().randrange(10**6) if seed is None else int(seed)

    def make(self) -> Made:
        """One at a time in each web process, so that its other threads stay free for others. Raises ScenarioRefused and TooMuch."""
        if not _one_at_a_time.acquire(timeout=WAIT):
            raise TooMuch("Other scenarios are being generated. Nothing was kept. Try again in some seconds.")
        try:
            return generate(self.recipe)
        finally:
            _one_at_a_time.release()

    @property
    def recipe(self) -> Recipe:
        asked = {name: self.cleaned_data[name] for name in Recipe.__dataclass_fields__}
        return Recipe(**asked)


def _range(text: str) -> tuple[float, float]:
    match = _RANGE.fullmatch(text)
    try:
        low, high = (float(part.replace(",", ".")) for part in _ends(match))
    except ValueError as error:
        raise forms.ValidationError("Write a number, or a range: 3 to 5.") from error
    return low, high


def _ends(match: re.Match[str] | None) -> tuple[str, str]:
    return (match[1], match[2] or match[1]) if match else ("", "")

"""What the list of sessions is asked: filters, an order, the ticked rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from negotiations.forms.tags import TagsField
from negotiations.forms.ticks import TickedForm
from negotiations.models.tags import MOST_CHARACTERS, tidy

KEY_MAX = 2**63 - 1
MOST_IDS = 100
"""More than the rows and cards of one page; of more than that, all that match are changed."""
STANDS_FOR = timedelta(days=1)
"""A question that was left open for longer is asked anew: who agrees by now may think of other sessions."""
ASK_AGAIN = (
    "It was asked too long ago what to do with all that match. Nothing was changed: choose it once more."
)


class SessionFilterForm(forms.Form):
    """The list's filters. What cannot be understood is left out: a mistyped address still shows the list."""

    ENDINGS = (
        ("", "All"),
        ("agreement", "Agreement"),
        ("none", "No agreement"),
        ("failed", "Failed"),
        ("cancelled", "Cancelled"),
    )
    WHOSE = (("", "Anyone's"), ("mine", "Mine"), ("shared", "Shared with me"))
    PERIODS = (
        ("", "Any time"),
        ("day", "Last 24 hours"),
        ("week", "Last 7 days"),
        ("month", "Last 30 days"),
        ("year", "Last 365 days"),
    )
    SORTS = (
        ("", "Newest first"),
        ("oldest", "Oldest first"),
        ("scenario", "By scenario"),
        ("steps", "Most steps first"),
        ("offers", "Most offers first"),
    )

    q = forms.CharField(required=False, max_length=200)
    result = forms.ChoiceField(choices=ENDINGS, required=False)
    scenario = forms.IntegerField(required=False, min_value=1, max_value=KEY_MAX)
    negotiator = forms.IntegerField(required=False, min_value=1, max_value=KEY_MAX)
    tag = forms.CharField(required=False, max_length=2 * MOST_CHARACTERS)
    whose = forms.ChoiceField(choices=WHOSE, required=False)
    period = forms.ChoiceField(choices=PERIODS, required=False)
    sort = forms.ChoiceField(choices=SORTS, required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def chosen(self) -> dict[str, Any]:
        """Each filter's value, empty where it does not narrow."""
        self.is_valid()
        kept: dict[str, Any] = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        kept["tag"] = next(iter(tidy(kept["tag"])), "")
        kept["page"] = kept["page"] or 1
        return kept


class SessionBulkForm(TickedForm):
    """The ticked sessions, or `every` one that matches the list's filters, and the button that was pressed."""

    CHANGES = ("cancel", "again", "tag", "delete", "compare", "export")

    thing = "session"
    most = MOST_IDS
    change = forms.ChoiceField(choices=[(change, change) for change in CHANGES])
    tags = TagsField()
    every = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        kept = self.cleaned_data | {"ids": []} if self.cleaned_data.get("every") else super().clean()
        if kept.get("change") == "compare" and kept["every"]:
            raise forms.ValidationError("All sessions are too many to be compared. Tick two or more of them.")
        if kept.get("change") == "compare" and len(kept["ids"]) < 2:
            raise forms.ValidationError("One session cannot be compared. Tick two or more.")
        if kept.get("change") == "tag" and "tags" in kept and not kept["tags"]:
            raise forms.ValidationError("No tag was given. Write one beside the button, then press it again.")
        return kept


class EverySessionForm(forms.Form):
    """The answer to the question whether all that match are to be changed; `moment` is when it was asked."""

    CHANGES = ("cancel", "again", "tag", "delete")

    change = forms.ChoiceField(choices=[(change, change) for change in CHANGES])
    tags = TagsField()
    moment = forms.DateTimeField(error_messages={"required": ASK_AGAIN, "invalid": ASK_AGAIN})

    def clean_moment(self) -> datetime:
        """Nothing that comes after the answer is meant, whatever was sent."""
        moment: datetime = self.cleaned_data["moment"]
        now = timezone.now()
        if abs(now - moment) > STANDS_FOR:
            raise forms.ValidationError(ASK_AGAIN)
        return min(moment, now)


class DeleteForm(TickedForm):
    thing = "session"
    most = MOST_IDS

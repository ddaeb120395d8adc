"""What the list of benchmarks and the matches of one are asked."""

from __future__ import annotations

from typing import Any

from django import forms

from negotiations.forms.list_filters import ListFilterForm


class BenchmarkFilterForm(ListFilterForm):
    STATUSES = (
        ("", "All"),
        ("pending", "Pending"),
        ("running", "Running"),
        ("paused", "Paused"),
        ("completed", "Completed"),
        ("failed", "Failed"),
        ("cancelled", "Cancelled"),
    )

    status = forms.ChoiceField(choices=STATUSES, required=False)


class MatchFilterForm(forms.Form):
    """The filters of a benchmark's matches, with the places of scenario and competitors in its lists."""

    RESULTS = (("", "All"), ("ok", "OK"), ("fail", "FAIL"), ("none", "—"))
    REASONS = (
        ("", "Any end"),
        ("agreement", "Agreement"),
        ("steps", "All steps used"),
        ("seconds", "Time over"),
        ("ended", "Ended by a party"),
        ("error", "Error"),
        ("action_limit", "Too slow to answer"),
        ("session_limit", "Too long"),
        ("memory_limit", "Too much memory"),
        ("exited", "Process ended"),
    )

    scenario = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    competitor = forms.IntegerField(required=False, min_value=0, max_value=9999)
    opponent = forms.IntegerField(required=False, min_value=0, max_value=9999)
    result = forms.ChoiceField(choices=RESULTS, required=False)
    reason = forms.ChoiceField(choices=REASONS, required=False)
    error = forms.CharField(required=False, max_length=300)
    grid = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def chosen(self) -> dict[str, Any]:
        """Each filter's value, None where it does not narrow: 0 is the first in a list."""
        self.is_valid()
        kept: dict[str, Any] = {name: self.cleaned_data.get(name) for name in self.fields}
        return {name: None if value == "" else value for name, value in kept.items()}


MOST_IN_ORDER = 400


def order_in(text: str) -> list[int]:
    """The numbers of competitors in the order in which a page shows them: `2.0.1`."""
    parts = text.split(".")[:MOST_IN_ORDER]
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 5]

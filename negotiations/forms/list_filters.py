"""What lists of one's own and shared things are asked alike."""

from __future__ import annotations

from typing import Any

from django import forms


class ListFilterForm(forms.Form):
    """A list's filters; which words a status has is its own. What cannot be understood is left out: a mistyped address
    still shows the list."""

    WHOSE = (("", "Anyone's"), ("mine", "Mine"), ("shared", "Shared with me"))
    field_order = ("q", "status", "whose", "page")

    q = forms.CharField(required=False, max_length=200)
    whose = forms.ChoiceField(choices=WHOSE, required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=10_000)

    def chosen(self) -> dict[str, Any]:
        """Each filter's value, empty where it does not narrow."""
        self.is_valid()
        kept: dict[str, Any] = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        kept["page"] = kept["page"] or 1
        return kept

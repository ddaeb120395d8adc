"""What the list of markets and the page of a room are asked."""

from __future__ import annotations

from typing import Any

from django import forms

from negotiations.engine.room_specs import BUYER, MOST_SELLERS


class MarketFilterForm(forms.Form):
    """The list's filters. What cannot be understood is left out: a mistyped address still shows the list."""

    STATUSES = (("", "All"), ("draft", "Draft"), ("active", "Active"), ("completed", "Completed"))
    WHOSE = (("", "Anyone's"), ("mine", "Mine"), ("shared", "Shared with me"))

    q = forms.CharField(required=False, max_length=200)
    status = forms.ChoiceField(choices=STATUSES, required=False)
    whose = forms.ChoiceField(choices=WHOSE, required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=10_000)

    def chosen(self) -> dict[str, Any]:
        """Each filter's value, empty where it does not narrow."""
        self.is_valid()
        kept: dict[str, Any] = {name: self.cleaned_data.get(name) or "" for name in self.fields}
        kept["page"] = kept["page"] or 1
        return kept


def seat_of(text: str) -> int | None:
    """The seat that an address names: `buyer`, or a seller's number; None for anything else."""
    if text == "buyer":
        return BUYER
    is_number = text.isascii() and text.isdigit() and len(text) < 3
    return int(text) if is_number and int(text) < MOST_SELLERS else None


def seat_word(seat: int) -> str:
    """What an address says for a seat."""
    return "buyer" if seat == BUYER else str(seat)

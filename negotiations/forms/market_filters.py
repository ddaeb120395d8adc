"""What the list of markets and the page of a room are asked."""

from __future__ import annotations

from django import forms

from negotiations.engine.room_specs import BUYER, MOST_SELLERS
from negotiations.forms.list_filters import ListFilterForm


class MarketFilterForm(ListFilterForm):
    STATUSES = (("", "All"), ("draft", "Draft"), ("active", "Active"), ("completed", "Completed"))

    status = forms.ChoiceField(choices=STATUSES, required=False)


def seat_of(text: str) -> int | None:
    """The seat that an address names: `buyer`, or a seller's number; None for anything else."""
    if text == "buyer":
        return BUYER
    is_number = text.isascii() and text.isdigit() and len(text) < 3
    return int(text) if is_number and int(text) < MOST_SELLERS else None


def seat_word(seat: int) -> str:
    """What an address says for a seat."""
    return "buyer" if seat == BUYER else str(seat)

"""What people ask of a room: how it is looked at, a message, an answer of a seat, a decision."""

from __future__ import annotations

from typing import Any

from django import forms

from negotiations.engine.room_specs import MOST, Verdict
from negotiations.forms.queries import SEQ_MAX
from negotiations.forms.seats import whole

LONGEST = 1000
NO_TEXT = "Write something first."
TOO_LONG = f"At most {LONGEST:,} characters; this has more."
NO_PRICE = "Give a price such as 12.50."
VERDICTS = ((Verdict.DEAL.value, "Deal"), (Verdict.NO_DEAL.value, "No deal"))


def _text(**how: Any) -> forms.CharField:
    told = {"required": NO_TEXT, "max_length": TOO_LONG}
    return forms.CharField(max_length=LONGEST, error_messages=told, **how)


def _price(**how: Any) -> forms.DecimalField:
    told = dict.fromkeys(
        ("invalid", "required", "min_value", "max_value", "max_decimal_places", "max_digits"), NO_PRICE
    )
    widget = forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        min_value=0, max_value=MOST, decimal_places=2, error_messages=told, widget=widget, **how
    )


class LookForm(forms.Form):
    """Which try of a room is looked at, as which seat, and the last row that is known. Nonsense is left out."""

    run = forms.IntegerField(required=False, min_value=1, max_value=32_000)
    after = forms.IntegerField(required=False, min_value=0, max_value=SEQ_MAX)

    def chosen(self) -> dict[str, int]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or 0 for name in self.fields}


class MessageForm(forms.Form):
    text = _text()


class AnswerForm(forms.Form):
    """What a person says in a seller's seat: words, and an offer where there is a price."""

    round = forms.IntegerField(min_value=1, max_value=SEQ_MAX)
    price = _price(required=False)
    quantity = whole(1, MOST, required=False, label="Quantity")
    text = _text(required=False)

    def clean(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.cleaned_data
        if not self.errors and not kept.get("text") and kept.get("price") is None:
            self.add_error("text", "Make an offer, or write something.")
        return kept


class DecideForm(forms.Form):
    """A deal with a seller at a price, or none. Whether it may be is the room's to say."""

    verdict = forms.ChoiceField(choices=VERDICTS, error_messages={"required": "Choose one."})
    seller = forms.TypedChoiceField(
        coerce=int,
        required=False,
        empty_value=None,
        error_messages={"invalid_choice": "Choose a seller of this room."},
    )
    price = _price(required=False)
    quantity = whole(1, MOST, required=False, label="Quantity")

    def __init__(self, data: Any = None, *, sellers: list[tuple[int, str]], initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["seller"].choices = [("", "Choose a seller"), *sellers]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.cleaned_data
        if kept.get("verdict") == Verdict.DEAL:
            for name, why in (
                ("seller", "Choose a seller."),
                ("price", NO_PRICE),
                ("quantity", "Give a quantity."),
            ):
                if kept.get(name) is None and name not in self.errors:
                    self.add_error(name, why)
        return kept

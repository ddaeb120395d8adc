"""What stands in query strings, read with the same care as any other form."""

from __future__ import annotations

from django import forms

SEQ_MAX = 2**31 - 1
AFTER = "Give a whole number, 0 or more."


class AfterForm(forms.Form):
    """The cursor of a live list: the number of the last row that is known."""

    after = forms.IntegerField(
        min_value=0,
        max_value=SEQ_MAX,
        required=False,
        error_messages={"invalid": AFTER, "min_value": AFTER, "max_value": AFTER},
    )

    def clean_after(self) -> int:
        return self.cleaned_data.get("after") or 0

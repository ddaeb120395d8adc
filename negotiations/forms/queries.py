"""What stands in query strings, read with the same care as any other form."""

from __future__ import annotations

from typing import Any

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


class SessionFilterForm(forms.Form):
    """The list's filters. What cannot be understood is left out: a mistyped address still shows the list."""

    ENDINGS = (
        ("", "All"),
        ("agreement", "Agreement"),
        ("none", "No agreement"),
        ("failed", "Failed"),
        ("cancelled", "Cancelled"),
    )

    q = forms.CharField(required=False, max_length=200)
    result = forms.ChoiceField(choices=ENDINGS, required=False)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        kept = self.cleaned_data
        return {"q": kept.get("q") or "", "result": kept.get("result") or "", "page": kept.get("page") or 1}

"""The ticked rows of a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict


class TickedForm(forms.Form):
    """`ids` are those of the ticked rows: of at least one, and of no more than can be changed in one go."""

    thing = ""
    most = 0

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.given = data.getlist("ids")

    def clean(self) -> dict[str, Any]:
        if not self.given:
            raise forms.ValidationError(
                f"No {self.thing} was ticked. Tick those that you mean, then choose what to do."
            )
        if len(self.given) > self.most:
            raise forms.ValidationError(
                f"At most {self.most} {self.thing}s can be changed at once. Nothing was changed."
            )
        try:
            ids = [forms.UUIDField().clean(value) for value in self.given]
        except forms.ValidationError as wrong:
            raise forms.ValidationError(
                f"Those are not ids of {self.thing}s. Nothing was changed."
            ) from wrong
        return self.cleaned_data | {"ids": list(dict.fromkeys(ids))}

"""What a reader may ask of a session's charts in the address: up to which step, of which two parties or issues."""

from __future__ import annotations

from typing import Any

from django import forms

STEP_MAX = 2**31 - 1
PARTIES_MAX = 1000


class ViewForm(forms.Form):
    """What cannot be understood is left out: a mistyped address still shows the session."""

    step = forms.IntegerField(required=False, min_value=0, max_value=STEP_MAX)
    x = forms.IntegerField(required=False, min_value=0, max_value=PARTIES_MAX)
    y = forms.IntegerField(required=False, min_value=0, max_value=PARTIES_MAX)
    one = forms.IntegerField(required=False, min_value=0, max_value=PARTIES_MAX)
    other = forms.IntegerField(required=False, min_value=0, max_value=PARTIES_MAX)

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data

    @property
    def step_shown(self) -> int | None:
        """The step of the permalink; None follows the session."""
        step: int | None = self.chosen().get("step")
        return step

    def pair(self, count: int, names: tuple[str, str] = ("x", "y")) -> tuple[int, int]:
        """Two different ones of `count`; by default the first two."""
        one, other = (self.chosen().get(name) for name in names)
        one = one if one is not None and one < count else 0
        other = other if other is not None and other < count and other != one else None
        if other is None:
            other = next((index for index in (1, 0) if index != one and index < count), one)
        return one, other

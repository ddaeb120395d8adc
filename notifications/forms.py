"""What the activity page and the API are asked, read with the same care as any other form."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from notifications.feed import A_PAGE
from notifications.messages import MESSAGES
from notifications.models import Level

SEQ_MAX = 2**63 - 1


class ActivityForm(forms.Form):
    """The list's filters. What cannot be understood is left out: a mistyped address still shows the list."""

    LEVELS = (("", "All"), ("unread", "Unread"), *((level, level.capitalize()) for level in Level.values))

    show = forms.ChoiceField(choices=LEVELS, required=False)
    before = forms.IntegerField(required=False, min_value=1, max_value=SEQ_MAX)

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {"show": self.cleaned_data.get("show") or "", "before": self.cleaned_data.get("before")}


class MuteForm(forms.Form):
    """Which kinds are told; those left out are muted."""

    told = forms.MultipleChoiceField(
        choices=[(kind, message.label) for kind, message in MESSAGES.items()], required=False
    )

    def muted(self) -> list[str]:
        return [kind for kind in MESSAGES if kind not in self.cleaned_data["told"]]


class AfterIdForm(forms.Form):
    """`after_id` is the id or the number of the last notification that is known; `limit` is held to 1 to 100 (F-01)."""

    after_id = forms.CharField(required=False, max_length=40)
    limit = forms.CharField(required=False, max_length=40)

    def clean_after_id(self) -> int | uuid.UUID | None:
        text = self.cleaned_data["after_id"]
        if not text:
            return None
        if text.isascii() and text.isdigit():
            return min(int(text), SEQ_MAX)
        try:
            return uuid.UUID(text)
        except ValueError as error:
            raise forms.ValidationError("Give the id or the number of a notification.") from error

    def clean_limit(self) -> int:
        try:
            wanted = int(self.cleaned_data["limit"] or A_PAGE)
        except ValueError as error:
            raise forms.ValidationError("Give a whole number, 1 to 100.") from error
        return min(100, max(1, wanted))

from __future__ import annotations

from typing import Any

from django import forms

from negotiations.models.tags import MOST_CHARACTERS, MOST_TAGS, tidy

LONGEST = MOST_TAGS * (MOST_CHARACTERS + 2) * 2


class TagsField(forms.CharField):
    """Words with commas between them; the value is the list of tidied tags."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("label", "Tags")
        widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "none"})
        super().__init__(max_length=LONGEST, widget=widget, **kwargs)

    def clean(self, value: Any) -> Any:
        tags = tidy(super().clean(value))
        if len(tags) > MOST_TAGS:
            raise forms.ValidationError(f"{len(tags)} tags are too many. A session has at most {MOST_TAGS}.")
        if long := [tag for tag in tags if len(tag) > MOST_CHARACTERS]:
            raise forms.ValidationError(
                f"“{long[0][:MOST_CHARACTERS]}…” is too long. A tag has at most {MOST_CHARACTERS} characters."
            )
        return tags


class TagsForm(forms.Form):
    tags = TagsField()

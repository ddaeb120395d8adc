from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from api.models import MOST_TOKENS, ApiToken, Scope


class TokenForm(forms.Form):
    """A new token of one person."""

    DAYS = (
        ("7", "7 days"),
        ("30", "30 days"),
        ("90", "90 days"),
        ("365", "A year"),
        ("", "Until it is revoked"),
    )

    name = forms.CharField(
        max_length=60,
        help_text="What it is for, such as “notebook”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Give the token a name.",
            "max_length": "A name has at most 60 characters.",
        },
    )
    scope = forms.ChoiceField(choices=Scope, initial=Scope.READ, label="It may")
    days = forms.ChoiceField(choices=DAYS, required=False, initial="90", label="It holds for")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        mine = ApiToken.objects.of(self.user).unrevoked()
        if mine.filter(name=name).exists():
            raise forms.ValidationError(
                f"You have a token “{name}” already. Revoke it, or choose another name."
            )
        if mine.count() >= MOST_TOKENS:
            raise forms.ValidationError(
                f"You have {MOST_TOKENS} tokens, and no more may be kept. Revoke one first."
            )
        return name

    @property
    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None

    def make(self) -> tuple[ApiToken, str]:
        kept = self.cleaned_data
        return ApiToken.objects.make(self.user, kept["name"], kept["scope"], self.expires_at)

"""How the protocol of a session goes: parameters of NegMAS's stacked alternating offers (P-08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings

from negotiations.forms.seats import whole

SECONDS_MAX = 86_400
WITH_PACE = (
    "A pace and a limit of seconds do not go together: the delays would use up the time. Empty one of them."
)
WITH_PEOPLE = (
    "With a person in a seat there is no limit of seconds. Leave it empty, and give a person's turn a time."
)


class MechanismForm(forms.Form):
    """The part of a new session that is its mechanism's own, beside the number of steps."""

    seconds = whole(1, SECONDS_MAX, label="Seconds", required=False)
    offering_is_accepting = forms.BooleanField(required=False)
    one_offer_per_step = forms.BooleanField(required=False)

    def clean_seconds(self) -> int | None:
        seconds: int | None = self.cleaned_data["seconds"]
        if seconds and seconds > settings.SESSION_SECONDS:
            raise forms.ValidationError(
                f"A session may take {settings.SESSION_SECONDS:g} s here (SESSION_SECONDS). Give fewer seconds, or leave it empty."
            )
        return seconds

    def clean(self) -> dict[str, Any]:
        kept = super().clean() or self.cleaned_data
        if kept.get("seconds") and kept.get("pace_ms"):
            self.add_error("seconds", WITH_PACE)
        return kept

    def refuse_clock_for_people(self) -> None:
        """Who waits for a person replays the session with each answer, and a clock would go on meanwhile."""
        if self.cleaned_data.get("seconds"):
            self.add_error("seconds", WITH_PEOPLE)

    @property
    def mechanism(self) -> dict[str, Any]:
        """What is not as ever only, so that two sessions with the same rules say the same."""
        kept = self.cleaned_data
        chosen = {name: kept[name] for name in ("one_offer_per_step", "seconds") if kept[name]}
        return {"offering_is_accepting": kept["offering_is_accepting"], **chosen}


def rules_of(mechanism: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a mechanism; an empty text unticks a box."""
    return {
        "offering_is_accepting": "on" if mechanism.get("offering_is_accepting", True) else "",
        "one_offer_per_step": "on" if mechanism.get("one_offer_per_step") else "",
        "seconds": str(mechanism.get("seconds") or ""),
    }

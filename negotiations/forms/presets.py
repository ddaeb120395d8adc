"""Forms of presets: a name for a set-up, and with whom it is shared."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User

from negotiations.forms.session_new import NOT_A_GROUP, SessionForm
from negotiations.models import Preset, Session
from negotiations.models.parties import key_of
from negotiations.models.presets import MOST_PRESETS

NO_NAME = "Give the preset a name."


class NameForm(forms.Form):
    """The name of a new preset, or of one that is there already."""

    preset_name = forms.CharField(
        max_length=80,
        label="Name of the preset",
        error_messages={"required": NO_NAME, "max_length": "A name has at most 80 characters."},
    )

    def __init__(self, data: Any, *, user: User, preset: Preset | None = None) -> None:
        super().__init__(data)
        self.user, self.preset = user, preset

    def clean_preset_name(self) -> str:
        name = " ".join(str(self.cleaned_data["preset_name"]).split())
        others = Preset.objects.filter(owner=self.preset.owner if self.preset else self.user)
        if self.preset:
            others = others.exclude(pk=self.preset.pk)
        elif others.count() >= MOST_PRESETS:
            raise forms.ValidationError(
                f"You have {MOST_PRESETS} presets, and no more may be kept. Delete one first."
            )
        if others.filter(name=name).exists():
            raise forms.ValidationError(f"There is a preset “{name}” already. Choose another name.")
        return name

    @property
    def wrong(self) -> str:
        return " ".join(str(text) for texts in self.errors.values() for text in texts)


class PresetForm(NameForm):
    group = forms.ModelChoiceField(
        Group.objects.none(),
        required=False,
        empty_label="Nobody else",
        error_messages={"invalid_choice": NOT_A_GROUP},
    )

    def __init__(self, data: Any, *, user: User, preset: Preset) -> None:
        super().__init__(data, user=user, preset=preset)
        self.fields["group"].queryset = user.groups.order_by("name")  # type: ignore[attr-defined]

    def save(self) -> None:
        assert self.preset
        self.preset.keep(name=self.cleaned_data["preset_name"], group=self.cleaned_data["group"])


def preset_of_form(form: SessionForm, name: str) -> Preset | None:
    """Keep what the form has by now; None where something in it is wrong. What is still empty may stay so."""
    form.is_valid()
    if any(_errors_but_empty(part) for part in (form, *form.seats)):
        return None
    kept = form.cleaned_data
    seats = [_seat(seat) for seat in form.seats]
    preset: Preset = Preset.objects.create(
        owner=form.user,
        name=name,
        scenario=kept.get("scenario"),
        n_steps=kept["n_steps"],
        pace_ms=kept["pace_ms"],
        turn_seconds=kept["turn_seconds"],
        mechanism=form.mechanism,
        seats=seats,
    )
    return preset


def _errors_but_empty(form: forms.Form) -> bool:
    optional = ("scenario", "negotiator")
    wrong = form.errors.as_data()
    return any(
        name not in optional or any(error.code != "required" for error in errors)
        for name, errors in wrong.items()
    )


def _seat(seat: Any) -> dict[str, Any]:
    negotiator = seat.chosen
    given = {each.name: seat.cleaned_data.get(f"p-{each.name}") for each in seat.parameters}
    return _of_person(seat.person and seat.person.pk) | {
        "negotiator": negotiator and negotiator.pk,
        "name": str(negotiator or seat.person or ""),
        "parameters": {name: value for name, value in given.items() if value is not None},
        "n_steps": seat.cleaned_data.get("n_steps"),
    }


def _of_person(pk: int | None) -> dict[str, Any]:
    return {"person": key_of(pk)} if pk else {}


def preset_of_session(session: Session, owner: User, name: str) -> Preset:
    seats = [
        _of_person(party.person_id)
        | {
            "negotiator": party.negotiator_id,
            "name": party.name,
            "parameters": party.parameters,
            "n_steps": party.n_steps,
        }
        for party in session.parties.all()
    ]
    preset: Preset = Preset.objects.create(
        owner=owner,
        name=name,
        scenario_id=session.scenario_id,
        n_steps=session.n_steps,
        pace_ms=session.pace_ms,
        turn_seconds=session.turn_seconds,
        mechanism=session.mechanism,
        seats=seats,
    )
    return preset

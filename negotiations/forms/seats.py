"""One party's seat in a new session: a negotiator, its parameters, its own step limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms

from negotiations.engine.parameters import check_parameters
from negotiations.engine.specs import ParameterSpec
from negotiations.models import Negotiator, Scenario, Seat

NOT_A_NEGOTIATOR = "This negotiator is not one of the available choices. Choose another."
YES = {"true": True, "1": True, "yes": True, "on": True}
NO = {"false": False, "0": False, "no": False, "off": False}
LONGEST = 200


def whole(least: int, most: int, **kwargs: Any) -> forms.IntegerField:
    """A whole number in plain words: whatever is wrong with it, the text says what would be right."""
    text = f"Give a whole number from {least:,} to {most:,}."
    if not kwargs.get("required", True):
        text = f"{text[:-1]}, or leave it empty."
    words = dict.fromkeys(("invalid", "required", "min_value", "max_value"), text)
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(min_value=least, max_value=most, error_messages=words, widget=widget, **kwargs)


class SentField(forms.BoundField):
    """A field that is marked as wrong once the form was sent, not while it is being filled in."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        if not self.is_told:
            for name in ("aria-invalid", "aria-describedby"):
                built.pop(name, None)
        return built

    @property
    def is_told(self) -> bool:
        return bool(getattr(self.form, "is_sent", False) and self.errors)


class ParameterField(forms.CharField):
    """A negotiator's parameter: text in, a value of its kind out; empty takes the default."""

    def __init__(self, parameter: ParameterSpec) -> None:
        self.parameter = parameter
        super().__init__(
            required=False,
            max_length=LONGEST,
            label=parameter.name.replace("_", " ").capitalize(),
            widget=_widget(parameter),
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text == "":
            return None
        typed = _typed(self.parameter.kind, text)
        wrong = check_parameters([self.parameter], {self.parameter.name: typed})
        if wrong:
            raise forms.ValidationError(_in_a_form(self.parameter, wrong[self.parameter.name]))
        return typed


class SeatForm(forms.Form):
    """Bound to the data of the whole form, with a prefix of its own."""

    bound_field_class = SentField
    n_steps = whole(1, 100_000, required=False, label="Own step limit")

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        index: int,
        scenario: Scenario,
        negotiators: Sequence[Negotiator],
        is_sent: bool = False,
    ) -> None:
        super().__init__(data, prefix=f"party-{index}")
        self.index, self.scenario, self.is_sent = index, scenario, is_sent
        self.by_id = {str(negotiator.pk): negotiator for negotiator in negotiators}
        self.fields["negotiator"] = forms.ChoiceField(
            choices=_by_family(negotiators),
            label=f"Negotiator of party {index + 1}",
            error_messages={"invalid_choice": NOT_A_NEGOTIATOR, "required": "Choose a negotiator."},
        )
        for parameter in self.parameters:
            self.fields[f"p-{parameter.name}"] = ParameterField(parameter)
        for name, field in self.fields.items():
            css = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
            field.widget.attrs["class"] = css
            if name == "n_steps":
                field.widget.attrs["placeholder"] = "none"

    @property
    def role(self) -> str:
        """The party's name in the scenario."""
        preferences = self.scenario.preferences
        return str(preferences[self.index]["name"]) if self.index < len(preferences) else ""

    @cached_property
    def chosen(self) -> Negotiator | None:
        return self.by_id.get(str(self.data.get(f"{self.prefix}-negotiator", "")))

    @cached_property
    def parameters(self) -> list[ParameterSpec]:
        if self.chosen is None:
            return []
        return [
            ParameterSpec(**entry | {"choices": tuple(entry.get("choices") or ())})
            for entry in self.chosen.parameters
        ]

    @property
    def misfit(self) -> str:
        return self.chosen.misfit(self.scenario) if self.chosen else ""

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[f"p-{parameter.name}"] for parameter in self.parameters]

    @property
    def is_open(self) -> bool:
        """Parameters show where one of them was given, or has to be corrected."""
        own = (self[name] for name in self.fields if name != "negotiator")
        return any(field.data or (self.is_sent and field.errors) for field in own)

    def clean_negotiator(self) -> Negotiator:
        negotiator = self.by_id[self.cleaned_data["negotiator"]]
        if why := negotiator.misfit(self.scenario):
            raise forms.ValidationError(why)
        return negotiator

    def to_seat(self) -> Seat:
        given = {parameter.name: self.cleaned_data[f"p-{parameter.name}"] for parameter in self.parameters}
        kept = {name: value for name, value in given.items() if value is not None}
        return Seat(self.cleaned_data["negotiator"], kept, self.cleaned_data["n_steps"])


def _by_family(negotiators: Sequence[Negotiator]) -> list[Any]:
    """Choices in groups of one family each."""
    families: dict[str, list[tuple[str, str]]] = {}
    for negotiator in negotiators:
        families.setdefault(negotiator.family or "others", []).append((str(negotiator.pk), str(negotiator)))
    return [("", "Choose a negotiator"), *[(name.capitalize(), rows) for name, rows in families.items()]]


def _widget(parameter: ParameterSpec) -> forms.Widget:
    shown = "none" if parameter.default is None else str(parameter.default)
    if parameter.kind == "bool":
        return forms.Select(choices=[("", f"default ({shown.lower()})"), ("true", "yes"), ("false", "no")])
    if parameter.kind == "choice":
        chosen = [(choice, choice) for choice in parameter.choices]
        return forms.Select(choices=[("", f"default ({shown})"), *chosen])
    return forms.TextInput(attrs={"placeholder": shown, "autocomplete": "off"})


def _typed(kind: str, text: str) -> Any:
    """The value that the text means for this kind, else the text itself: the check says what is wrong."""
    if kind == "bool":
        return YES.get(text.lower(), NO.get(text.lower(), text))
    if kind in ("int", "number_or_choice", "float"):
        return _number(text, whole=kind == "int")
    return text


def _number(text: str, *, whole: bool) -> Any:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return text


def _in_a_form(parameter: ParameterSpec, wrong: str) -> str:
    """The check's text with what to do beside a field."""
    way_out = (
        f"Leave it empty for the default ({parameter.default})." if parameter.default is not None else ""
    )
    return f"{wrong} {way_out or 'Leave it empty to go without.'}"

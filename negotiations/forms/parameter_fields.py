"""Fields for a negotiator's parameters, made from their types, defaults and words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from negotiations.engine.parameters import check_parameters
from negotiations.engine.specs import ParameterSpec

YES = {"true": True, "1": True, "yes": True, "on": True}
NO = {"false": False, "0": False, "no": False, "off": False}
LONGEST = 200
LONGEST_LIST = 2_000
NEEDED = "Needs a value."


class ParameterField(forms.CharField):
    """A negotiator's parameter: text in, a value of its kind out; empty takes the default."""

    def __init__(self, parameter: ParameterSpec) -> None:
        self.parameter = parameter
        slot, dot, name = parameter.name.rpartition(".")
        super().__init__(
            required=False,
            max_length=LONGEST_LIST if parameter.kind == "numbers" else LONGEST,
            label=f"{slot}{': ' if dot else ''}{name.replace('_', ' ')}".capitalize(),
            widget=_widget(parameter),
        )

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text == "":
            if not self.parameter.optional and self.parameter.default is None:
                raise forms.ValidationError(NEEDED)
            return None
        typed = _typed(self.parameter.kind, text)
        wrong = check_parameters([self.parameter], {self.parameter.name: typed})
        if wrong:
            raise forms.ValidationError(_in_a_form(self.parameter, wrong[self.parameter.name]))
        return typed


def add_parameters(form: forms.Form, parameters: Iterable[ParameterSpec]) -> None:
    """Give the form a field for each, called `p-` and its name."""
    for parameter in parameters:
        form.fields[f"p-{parameter.name}"] = ParameterField(parameter)


def dress(form: forms.Form) -> None:
    for field in form.fields.values():
        css = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        field.widget.attrs.setdefault("class", css)


def shown(value: Any) -> str:
    """A value as a person would write it."""
    if isinstance(value, list | tuple):
        return ", ".join(f"{each:g}" for each in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _widget(parameter: ParameterSpec) -> forms.Widget:
    default = "none" if parameter.default is None else shown(parameter.default)
    if parameter.kind == "bool":
        return forms.Select(choices=[("", f"default ({default})"), ("true", "yes"), ("false", "no")])
    if parameter.kind == "choice":
        chosen = [(choice, choice) for choice in parameter.choices]
        return forms.Select(choices=[("", f"default ({default})"), *chosen])
    attrs = {"placeholder": default, "autocomplete": "off"}
    if parameter.kind in ("int", "float"):
        attrs["inputmode"] = "numeric" if parameter.kind == "int" else "decimal"
    return forms.TextInput(attrs=attrs)


def _typed(kind: str, text: str) -> Any:
    """The value that the text means for this kind, else the text itself: the check says what is wrong."""
    if kind == "bool":
        return YES.get(text.lower(), NO.get(text.lower(), text))
    if kind in ("int", "number_or_choice", "float"):
        return _number(text, whole=kind == "int")
    if kind == "numbers":
        parts = text.strip("[]() ").replace(",", " ").split()
        return [_number(part, whole=False) for part in parts]
    return text


def _number(text: str, *, whole: bool) -> Any:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return text


def _in_a_form(parameter: ParameterSpec, wrong: str) -> str:
    """The check's text with what to do beside a field."""
    if parameter.kind == "numbers":
        wrong += " Write them with commas between."
    way_out = (
        f"Leave it empty for the default ({parameter.default})." if parameter.default is not None else ""
    )
    if not parameter.optional and not way_out:
        return wrong
    return f"{wrong} {way_out or 'Leave it empty to go without.'}"

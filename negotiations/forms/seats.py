"""One party's seat in a new session: a negotiator, its parameters, its own step limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User

from negotiations.engine.composition import COMPOSED, SLOTS
from negotiations.engine.specs import ParameterSpec
from negotiations.forms.parameter_fields import add_parameters, dress
from negotiations.models import ConfiguredNegotiator, Negotiator, Scenario, Seat
from negotiations.models.parties import key_of, may_sit

NOT_A_NEGOTIATOR = "This negotiator is not one of the available choices. Choose another."
OWN, PEOPLE = "Configured", "A person"
MOST_PEOPLE = 200


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
        configured: Sequence[ConfiguredNegotiator] = (),
        people: Sequence[User] = (),
        is_sent: bool = False,
    ) -> None:
        super().__init__(data, prefix=f"party-{index}")
        self.people = {key_of(person.pk): person for person in people}
        self.index, self.scenario, self.is_sent = index, scenario, is_sent
        self.by_key: dict[str, Negotiator | ConfiguredNegotiator] = {each.key: each for each in negotiators}
        self.by_key |= {each.key: each for each in configured}
        offered = (
            [*negotiators]
            if self.chosen is None or self.asked in self.by_key
            else [self.chosen, *negotiators]
        )
        self.fields["negotiator"] = forms.ChoiceField(
            choices=[("", "Choose a negotiator"), *_own(configured), *_people(people), *by_family(offered)],
            label=f"Negotiator of party {index + 1}",
            error_messages={"invalid_choice": NOT_A_NEGOTIATOR, "required": "Choose a negotiator."},
        )
        add_parameters(self, self.parameters)
        dress(self)
        self.fields["n_steps"].widget.attrs["placeholder"] = "none"

    @property
    def role(self) -> str:
        """The party's name in the scenario."""
        preferences = self.scenario.preferences
        return str(preferences[self.index]["name"]) if self.index < len(preferences) else ""

    @property
    def asked(self) -> str:
        return str(self.data.get(f"{self.prefix}-negotiator", ""))

    @cached_property
    def source(self) -> Negotiator | ConfiguredNegotiator | None:
        """What is chosen: a row of the catalogue, one that was configured, or what a session composed before."""
        found = self.by_key.get(self.asked)
        if found is None and self.asked.isascii() and self.asked.isdigit() and len(self.asked) < 10:
            found = Negotiator.objects.seatable().filter(type=COMPOSED, pk=self.asked).first()
        return found

    @property
    def person(self) -> User | None:
        return self.people.get(self.asked)

    @property
    def is_empty(self) -> bool:
        return self.source is None and self.person is None

    @property
    def chosen(self) -> Negotiator | None:
        return self.source.row if self.source else None

    @cached_property
    def parameters(self) -> list[ParameterSpec]:
        if self.source is None:
            return []
        named = {slot: self.data.get(f"{self.prefix}-p-{slot}") for slot in SLOTS}
        return self.source.parameter_specs({slot: name for slot, name in named.items() if name})

    @property
    def misfit(self) -> str:
        if self.person:
            return misfit_of_people(self.scenario)
        return self.source.misfit(self.scenario) if self.source else ""

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[f"p-{parameter.name}"] for parameter in self.parameters]

    @property
    def needs_values(self) -> bool:
        return any(each.default is None and not each.optional for each in self.parameters)

    @property
    def is_open(self) -> bool:
        """Parameters show where one of them was given, or has to be corrected."""
        own = (self[name] for name in self.fields if name != "negotiator")
        return any(field.data or (self.is_sent and field.errors) for field in own)

    def clean_negotiator(self) -> Negotiator | None:
        """None for a person."""
        if why := self.misfit:
            raise forms.ValidationError(why)
        return self.chosen

    def clean(self) -> dict[str, Any]:
        """What was configured holds where nothing else is given."""
        kept: dict[str, Any] = self.cleaned_data
        for name, value in (self.source.given if self.source else {}).items():
            if f"p-{name}" in kept and kept[f"p-{name}"] is None:
                kept[f"p-{name}"] = value
        if self.source and (why := self.source.disagreement(self._given())):
            self.add_error("p-acceptance", why)
        return kept

    def _given(self) -> dict[str, Any]:
        given = {
            parameter.name: self.cleaned_data.get(f"p-{parameter.name}") for parameter in self.parameters
        }
        return {name: value for name, value in given.items() if value is not None}

    def to_seat(self) -> Seat:
        name = self.source.name if isinstance(self.source, ConfiguredNegotiator) else ""
        kept = self.cleaned_data
        return Seat(kept["negotiator"], self._given(), kept["n_steps"], name, self.person)

    def refuse_person(self, owner: User, group: Group | None, taken: Sequence[User]) -> None:
        """Say so where the person may not sit here; `taken` are those who have a seat already."""
        if self.person is None:
            return
        if self.person in taken:
            self.add_error(
                "negotiator", f"{self.person} has a seat already. Choose somebody else for this one."
            )
        elif not may_sit(self.person, owner, group):
            where = f"in {group}" if group else "in a group that it is shared with"
            told = f"{self.person} is not {where}. Share the session with a group of theirs, or choose somebody else."
            self.add_error("negotiator", told)


def by_family(negotiators: Sequence[Negotiator]) -> list[Any]:
    """Choices in groups of one family each."""
    families: dict[str, list[tuple[str, str]]] = {}
    for negotiator in negotiators:
        families.setdefault(negotiator.family or "others", []).append((negotiator.key, str(negotiator)))
    return [(name.capitalize(), rows) for name, rows in families.items()]


def people_for(user: User, group: Group | None = None) -> list[User]:
    """Whom this person may give a seat: themselves, and who is in a group of theirs, or in this one."""
    groups = user.groups.all() if group is None else [group]
    others = User.objects.filter(is_active=True, groups__in=groups).exclude(pk=user.pk).distinct()
    return [user, *others.order_by("username")[:MOST_PEOPLE]]


def misfit_of_people(scenario: Scenario) -> str:
    """Why no person can sit in this scenario; empty where one can."""
    long = [
        each["name"] for each in scenario.issues if each["values"] is None and each["kind"] == "categorical"
    ]
    if not long:
        return ""
    return (
        f"The issue {long[0]} has more values than a form can list. Choose a negotiator, or another scenario."
    )


def _people(people: Sequence[User]) -> list[Any]:
    """Those who may be given a seat, the user first."""
    named = [(key_of(one.pk), f"{one} (you)" if one == people[0] else str(one)) for one in people]
    return [(PEOPLE, named)] if named else []


def _own(configured: Sequence[ConfiguredNegotiator]) -> list[Any]:
    """Those that were configured, in a group of their own that comes first."""
    return [(OWN, [(each.key, str(each)) for each in configured])] if configured else []

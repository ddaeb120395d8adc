"""The form of a new session: the whole, and one seat for each party of the chosen scenario."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User

from negotiations.forms.checks import Check, fit_checks, length_checks, problem_checks
from negotiations.forms.mechanism import MechanismForm
from negotiations.forms.seats import SeatForm, SentField, people_for, whole
from negotiations.forms.set_ups import Given, preset_seen_by, session_seen_by
from negotiations.forms.tags import TagsField
from negotiations.models import ConfiguredNegotiator, Negotiator, Preset, Scenario, Session
from negotiations.models.session_seats import spoken

SEED_MAX = 2**31 - 1
STEPS_MAX = 100_000
PACE_MAX = 10_000
SUGGESTED = 8
NOT_A_SCENARIO = "This scenario is not one of the available choices. Choose another."
NOT_A_GROUP = "This group is not one of the available choices. Choose one of yours, or nobody."

TURNS = [("", "Any time")] + [
    (str(seconds), spoken(seconds)) for seconds in (60, 300, 900, 3_600, 21_600, 86_400, 259_200, 604_800)
]


class ScenarioField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Of what the reader may see all of; of what they know of and may not use now it says why."""

    known = Scenario.objects.none()

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            asked = str(value)
            kept = self.known.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 19 else None
            if kept is None:
                raise
            raise forms.ValidationError(kept.why_not_used, code="kept") from None


CSS = {
    forms.TypedChoiceField: "form-select",
    forms.ModelChoiceField: "form-select",
    ScenarioField: "form-select",
    forms.BooleanField: "form-check-input",
}


class SessionForm(MechanismForm):
    """Always bound: to what was sent, or to `defaults`; so what is shown and what is checked are the same."""

    bound_field_class = SentField
    scenario = ScenarioField(
        Scenario.objects.none(),
        empty_label="Choose a scenario",
        error_messages={"invalid_choice": NOT_A_SCENARIO, "required": "Choose a scenario."},
    )
    n_steps = whole(1, STEPS_MAX, label="Steps")
    pace_ms = whole(0, PACE_MAX, label="Pace")
    seed = whole(0, SEED_MAX, label="Seed")
    turn_seconds = forms.TypedChoiceField(
        choices=TURNS,
        coerce=int,
        empty_value=None,
        required=False,
        label="Time for a person's turn",
        error_messages={"invalid_choice": "This is not one of the times. Choose one."},
    )
    group = forms.ModelChoiceField(
        Group.objects.none(),
        required=False,
        empty_label="Nobody else",
        error_messages={"invalid_choice": NOT_A_GROUP},
    )
    tags = TagsField()

    def __init__(self, data: Given, *, user: User, is_sent: bool = False) -> None:
        super().__init__(data)
        self.is_sent, self.user = is_sent, user
        self.scenarios = Scenario.objects.visible_to(user).for_list()
        self.fields["scenario"].queryset = self.scenarios  # type: ignore[attr-defined]
        self.fields["scenario"].known = Scenario.objects.known_to(user).for_list()  # type: ignore[attr-defined]
        self.fields["group"].queryset = user.groups.order_by("name")  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = CSS.get(type(field), "form-control")

    @cached_property
    def base(self) -> Session | None:
        """The session that is being changed, which the new one will point to."""
        return session_seen_by(self.user, self.data.get("again"))

    @cached_property
    def preset(self) -> Preset | None:
        """What it began with: its seats come in as soon as a scenario is chosen."""
        return preset_seen_by(self.user, self.data.get("preset"))

    # --- The chosen scenario, and a seat for each of its parties --------------------------------------------

    @cached_property
    def chosen(self) -> Scenario | None:
        """The scenario as far as it may be seen; the rest of the form depends on it."""
        try:
            found = self.fields["scenario"].clean(self.data.get("scenario"))
        except forms.ValidationError:
            return None
        return found if isinstance(found, Scenario) else None

    @cached_property
    def negotiators(self) -> list[Negotiator]:
        return list(Negotiator.objects.usable().order_by("family", "short_name"))

    @cached_property
    def configured(self) -> list[ConfiguredNegotiator]:
        return list(ConfiguredNegotiator.objects.visible_to(self.user).seatable())

    @cached_property
    def people(self) -> list[User]:
        return people_for(self.user)

    @cached_property
    def seats(self) -> list[SeatForm]:
        if self.chosen is None:
            return []
        return [
            SeatForm(
                self.data,
                index=index,
                scenario=self.chosen,
                negotiators=self.negotiators,
                configured=self.configured,
                people=self.people,
                is_sent=self.is_sent,
            )
            for index in range(self.chosen.n_parties)
        ]

    @cached_property
    def fitting(self) -> list[Negotiator]:
        """Negotiators to name beside one that does not fit."""
        if self.chosen is None:
            return []
        fits = [negotiator for negotiator in self.negotiators if not negotiator.misfit(self.chosen)]
        return fits[:SUGGESTED]

    def is_valid(self) -> bool:
        is_whole = all([super().is_valid(), *[seat.is_valid() for seat in self.seats]])
        taken: list[User] = []
        for seat in self.seats:
            seat.refuse_person(self.user, self.cleaned_data.get("group"), taken)
            taken += [seat.person] if seat.person else []
        if taken:
            self.refuse_clock_for_people()
        return is_whole and not self.errors and not any(seat.errors for seat in self.seats)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every field to correct: its id and its name. What is still empty counts once the form was sent."""
        parts: list[forms.Form] = [self, *self.seats]
        wrong = [part[name] for part in parts for name in part.errors if name in part.fields]
        return [(field.auto_id, str(field.label)) for field in wrong if self.is_sent or field.data]

    @property
    def checks(self) -> list[Check]:
        """Before it runs: who fits, how long it may get, what is to be corrected."""
        if self.has_error("scenario", code="kept"):
            return [Check("bad", str(self.errors["scenario"][0]))]
        if self.chosen is None:
            return [Check("note", "Choose a scenario, then a negotiator for each party.")]
        return [*fit_checks(self.chosen, self.seats), *self._length(), *problem_checks(self.problems)]

    def _length(self) -> list[Check]:
        """Each party makes at most one offer a step, or one of them does."""
        self.is_valid()
        kept = self.cleaned_data
        at_once = 1 if kept.get("one_offer_per_step") else len(self.seats)
        return length_checks(at_once, kept.get("n_steps"), kept.get("pace_ms"), kept.get("seconds"))

    def start(self, owner: User, *, ring: bool = True) -> Session:
        kept = self.cleaned_data
        return Session.objects.start(
            owner=owner,
            scenario=kept["scenario"],
            seats=[seat.to_seat() for seat in self.seats],
            seed=kept["seed"],
            n_steps=kept["n_steps"],
            pace_ms=kept["pace_ms"],
            turn_seconds=kept["turn_seconds"],
            mechanism=self.mechanism,
            group=kept["group"],
            tags=kept["tags"],
            based_on=self.base,
            ring=ring,
        )

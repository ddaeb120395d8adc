"""The form of a new session: the whole, and one seat for each party of the chosen scenario."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User

from negotiations.forms.checks import Check, fit_checks, length_checks, problem_checks
from negotiations.forms.seats import SeatForm, SentField, whole
from negotiations.models import Negotiator, Scenario, Seat, Session

SEED_MAX = 2**31 - 1
STEPS_MAX = 100_000
PACE_MAX = 10_000
SUGGESTED = 8
NOT_A_SCENARIO = "This scenario is not one of the available choices. Choose another."
NOT_A_GROUP = "This group is not one of the available choices. Choose one of yours, or nobody."

CSS = {forms.ModelChoiceField: "form-select", forms.BooleanField: "form-check-input"}

Given = Mapping[str, Any]


class SessionForm(forms.Form):
    """Always bound: to what was sent, or to `defaults`; so what is shown and what is checked are the same."""

    bound_field_class = SentField
    scenario = forms.ModelChoiceField(
        Scenario.objects.none(),
        empty_label="Choose a scenario",
        error_messages={"invalid_choice": NOT_A_SCENARIO, "required": "Choose a scenario."},
    )
    n_steps = whole(1, STEPS_MAX, label="Steps")
    pace_ms = whole(0, PACE_MAX, label="Pace")
    seed = whole(0, SEED_MAX, label="Seed")
    offering_is_accepting = forms.BooleanField(required=False)
    group = forms.ModelChoiceField(
        Group.objects.none(),
        required=False,
        empty_label="Nobody else",
        error_messages={"invalid_choice": NOT_A_GROUP},
    )

    def __init__(self, data: Given, *, user: User, is_sent: bool = False) -> None:
        super().__init__(data)
        self.is_sent = is_sent
        self.scenarios = Scenario.objects.visible_to(user).for_list()
        self.fields["scenario"].queryset = self.scenarios  # type: ignore[attr-defined]
        self.fields["group"].queryset = user.groups.order_by("name")  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = CSS.get(type(field), "form-control")

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
    def seats(self) -> list[SeatForm]:
        if self.chosen is None:
            return []
        return [
            SeatForm(
                self.data,
                index=index,
                scenario=self.chosen,
                negotiators=self.negotiators,
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
        return all([super().is_valid(), *[seat.is_valid() for seat in self.seats]])

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every field to correct: its id and its name. What is still empty counts once the form was sent."""
        parts: list[forms.Form] = [self, *self.seats]
        wrong = [part[name] for part in parts for name in part.errors if name in part.fields]
        return [(field.auto_id, str(field.label)) for field in wrong if self.is_sent or field.data]

    @property
    def checks(self) -> list[Check]:
        """Before it runs: who fits, how long it may get, what is to be corrected."""
        if self.chosen is None:
            return [Check("note", "Choose a scenario, then a negotiator for each party.")]
        return [*fit_checks(self.chosen, self.seats), *self._length(), *problem_checks(self.problems)]

    def _length(self) -> list[Check]:
        """Each party makes at most one offer a step."""
        self.is_valid()
        kept = self.cleaned_data
        return length_checks(len(self.seats), kept.get("n_steps"), kept.get("pace_ms"))

    def start(self, owner: User, *, ring: bool = True) -> Session:
        kept = self.cleaned_data
        return Session.objects.start(
            owner=owner,
            scenario=kept["scenario"],
            seats=[seat.to_seat() for seat in self.seats],
            seed=kept["seed"],
            n_steps=kept["n_steps"],
            pace_ms=kept["pace_ms"],
            mechanism={"offering_is_accepting": kept["offering_is_accepting"]},
            group=kept["group"],
            ring=ring,
        )


def defaults(user: User, given: Given) -> dict[str, Any]:
    """What a new form begins with, under what the address gives: `again`, `scenario`, `negotiator` and the fields."""
    began = _of_session(user, given["again"]) if given.get("again") else _fresh(given)
    if (
        "n_steps" in given
    ):  # the form itself was sent to be shown anew: an unticked box is not among its values
        began.pop("offering_is_accepting", None)
    return began | {name: given[name] for name in given}


def _fresh(given: Given) -> dict[str, Any]:
    began: dict[str, Any] = {
        "n_steps": "100", "pace_ms": "0", "seed": str(new_seed()), "offering_is_accepting": "on",
    }  # fmt: skip
    if chosen := given.get("negotiator"):
        began["party-0-negotiator"] = chosen
    return began


def _of_session(user: User, pk: str) -> dict[str, Any]:
    """The fields of a session that is to be run again; a new form where it cannot be seen."""
    try:
        session = Session.objects.visible_to(user).select_related("job").filter(pk=pk).first()
    except (ValueError, forms.ValidationError):
        session = None
    if session is None:
        return _fresh({})
    began = {
        "scenario": str(session.scenario_id), "n_steps": str(session.n_steps), "seed": str(session.seed),
        "pace_ms": str(session.pace_ms), "group": str(session.job.group_id or ""),
    }  # fmt: skip
    if session.mechanism.get("offering_is_accepting", True):
        began["offering_is_accepting"] = "on"
    for party in session.parties.all():
        began |= _of_seat(party.index, Seat(party.negotiator, party.parameters, party.n_steps))
    return began


def _of_seat(index: int, seat: Seat) -> dict[str, str]:
    prefix = f"party-{index}"
    fields = {
        f"{prefix}-p-{name}": "" if value is None else str(value) for name, value in seat.parameters.items()
    }
    fields[f"{prefix}-negotiator"] = str(seat.negotiator.pk) if seat.negotiator else ""
    fields[f"{prefix}-n_steps"] = str(seat.n_steps or "")
    return fields


def new_seed() -> int:
    return secrets.randbelow(1_000_000)

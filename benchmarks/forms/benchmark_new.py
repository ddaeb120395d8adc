"""The form of a new benchmark: who meets whom, where, how often, and what counts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.utils.datastructures import MultiValueDict

from benchmarks.forms.benchmark_begin import benchmark_seen_by
from benchmarks.forms.entrants import MOST_ENTRANTS, EntrantForm, Source, source_of, sources_for
from benchmarks.models import Benchmark, Metric, Statistic
from benchmarks.plan import Plan, PlannedCompetitor, PlannedScenario
from benchmarks.spec_values import SECONDS, STEPS
from negotiations.forms.seats import SentField, whole
from negotiations.forms.session_new import NOT_A_GROUP, SEED_MAX
from negotiations.models import Scenario

MOST_LANES = 64
MOST_REPETITIONS = 10_000
MOST_OPTIONS = 3_000
"""Scenarios that a list of choices holds; a file can name all."""
RULES = ("rotate", "self_play", "ignore_reserved")
MECHANISM = ("offering_is_accepting", "one_offer_per_step")
NO_COMPETITOR = "Choose at least one competitor."
NO_SCENARIO = "Choose at least one scenario."
GONE = "{} of what was chosen is not available any more and was left out. Look through the list."


def _seconds(label: str) -> forms.FloatField:
    wrong = f"Give a number of seconds above 0 and at most {SECONDS:,.0f}."
    errors = {"invalid": wrong, "min_value": wrong, "max_value": wrong}
    return forms.FloatField(
        min_value=0.01, max_value=SECONDS, required=False, label=label, error_messages=errors
    )


class BenchmarkForm(forms.Form):
    """Always bound: to what was sent, or to what it begins with; so what is shown and what is checked are the same."""

    bound_field_class = SentField
    name = forms.CharField(max_length=120, error_messages={"required": "Give it a name to find it by."})
    repetitions = whole(1, MOST_REPETITIONS, label="Repetitions")
    steps_low = whole(1, STEPS, required=False, label="Steps from")
    steps_high = whole(1, STEPS, required=False, label="to")
    seconds_low = _seconds("Seconds from")
    seconds_high = _seconds("to")
    rotate = forms.BooleanField(required=False)
    self_play = forms.BooleanField(required=False)
    ignore_reserved = forms.BooleanField(required=False)
    offering_is_accepting = forms.BooleanField(required=False)
    one_offer_per_step = forms.BooleanField(required=False)
    metric = forms.ChoiceField(choices=Metric.choices, label="Score")
    statistic = forms.ChoiceField(choices=Statistic.choices, label="Taken as")
    n_lanes = whole(1, MOST_LANES, label="Lanes")
    early_stop = forms.BooleanField(required=False)
    seed = whole(0, SEED_MAX, label="Seed")
    group = forms.ModelChoiceField(
        Group.objects.none(),
        required=False,
        label="Share with",
        empty_label="Nobody else",
        error_messages={"invalid_choice": NOT_A_GROUP},
    )

    def __init__(self, data: MultiValueDict[str, Any], *, user: User, is_sent: bool = False) -> None:
        super().__init__(data)
        self.user, self.is_sent = user, is_sent
        self.fields["group"].queryset = user.groups.order_by("name")  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            is_box = isinstance(field, forms.BooleanField)
            css = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs["class"] = "form-check-input" if is_box else css
            if name.startswith("seconds"):
                field.widget = forms.TextInput(
                    attrs={"class": css, "inputmode": "decimal", "autocomplete": "off"}
                )

    # --- What was chosen of the lists ---------------------------------------------------------------------------------

    def chosen_of(self, name: str) -> list[str]:
        """The values of a list, each once, in the order in which they were sent."""
        return list(dict.fromkeys(str(value) for value in self.data.getlist(name)))  # type: ignore[attr-defined]

    @cached_property
    def sources(self) -> dict[str, Source]:
        return sources_for(self.user)

    def _entrants(self, role: str) -> list[EntrantForm]:
        found = [(key, source_of(key, self.sources)) for key in self.chosen_of(f"{role}s")[:MOST_ENTRANTS]]
        return [
            EntrantForm(self.data, role=role, key=key, source=source, is_sent=self.is_sent)
            for key, source in found
            if source
        ]

    @cached_property
    def competitors(self) -> list[EntrantForm]:
        return self._entrants("competitor")

    @cached_property
    def opponents(self) -> list[EntrantForm]:
        return self._entrants("opponent")

    @property
    def entrants(self) -> list[EntrantForm]:
        return [*self.competitors, *self.opponents]

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """In the order chosen; long columns come in where somebody looks at them."""
        keys = [
            int(key)
            for key in self.chosen_of("scenarios")
            if key.isascii() and key.isdigit() and len(key) < 10
        ]
        found = Scenario.objects.visible_to(self.user).for_list().in_bulk(keys)
        return _with_preferences([found[key] for key in keys if key in found], self._smallest_limit())

    def _smallest_limit(self) -> int:
        limits = [each.source.row.max_outcomes for each in self.entrants if each.source.row.max_outcomes]
        return min(limits, default=10**18)

    @property
    def n_gone(self) -> int:
        """Of what was chosen, how much is not there."""
        wanted = sum(len(self.chosen_of(name)) for name in ("competitors", "opponents", "scenarios"))
        return wanted - len(self.entrants) - len(self.scenarios)

    @cached_property
    def base(self) -> Benchmark | None:
        """The benchmark that this one is a copy of."""
        return benchmark_seen_by(self.user, self.data.get("like"))

    # --- Is it right? -------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.cleaned_data
        for name in ("steps", "seconds"):
            low, high = kept.get(f"{name}_low"), kept.get(f"{name}_high")
            kept[f"{name}_low"], kept[f"{name}_high"] = (
                low if low is not None else high,
                high if high is not None else low,
            )
            if low is not None and high is not None and low > high:
                self.add_error(
                    f"{name}_high", f"This is less than {low:g}, from which it goes. Give that or more."
                )
        if not self.errors and kept["steps_low"] is None and kept["seconds_low"] is None:
            self.add_error(
                "steps_low", "Give a number of steps, or of seconds: without both a match need not end."
            )
        return kept

    @cached_property
    def missing(self) -> dict[str, str]:
        """What the lists lack, by their names."""
        found = {
            "competitors": "" if self.competitors else NO_COMPETITOR,
            "scenarios": "" if self.scenarios else NO_SCENARIO,
        }
        for name in ("competitors", "opponents", "scenarios"):
            if len(self.chosen_of(name)) > MOST_ENTRANTS and name != "scenarios":
                found[name] = f"A benchmark may have {MOST_ENTRANTS} of these. Take fewer."
        return {name: why for name, why in found.items() if why}

    @cached_property
    def misfits(self) -> list[tuple[EntrantForm, str, int]]:
        """Who cannot negotiate where: the first reason, and in how many scenarios."""
        found = [(each, each.misfits(self.scenarios)) for each in self.entrants]
        return [(each, reasons[0], len(reasons)) for each, reasons in found if reasons]

    def is_valid(self) -> bool:
        parts = [super().is_valid(), *[each.is_valid() for each in self.entrants]]
        return all(parts) and not self.missing and not self.misfits and not self.n_gone

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every field to correct: its id and its name. What is still empty counts once the form was sent."""
        parts: list[forms.Form] = [self, *self.entrants]
        wrong = [part[name] for part in parts for name in part.errors if name in part.fields]
        return [(field.auto_id, str(field.label)) for field in wrong if self.is_sent or field.data]

    # --- What it comes to ---------------------------------------------------------------------------------------------

    @cached_property
    def plan(self) -> Plan:
        """Of what is right so far: enough to count its matches."""
        self.is_valid()
        kept = self.cleaned_data
        return Plan(
            competitors=tuple(self._planned()),
            scenarios=tuple(
                PlannedScenario(each.name, each.checksum, each.n_parties) for each in self.scenarios
            ),
            repetitions=kept.get("repetitions") or 0,
            rotate=kept.get("rotate", True),
            self_play=kept.get("self_play", True),
        )

    def _planned(self) -> Sequence[PlannedCompetitor]:
        entered = [each.to_entrant() for each in self.entrants]
        return [
            PlannedCompetitor(each.name, each.negotiator.type, each.parameters, each.is_opponent)
            for each in entered
        ]

    @cached_property
    def n_matches(self) -> int:
        return self.plan.count()

    def start(self, owner: User) -> Benchmark:
        """Raises Unsuitable and TooMuch, as `Benchmark.objects.start`."""
        kept = {name: value for name, value in self.cleaned_data.items() if name not in MECHANISM}
        return Benchmark.objects.start(
            owner=owner,
            entrants=[each.to_entrant() for each in self.entrants],
            scenarios=self.scenarios,
            mechanism={name: self.cleaned_data[name] for name in MECHANISM},
            based_on=self.base,
            **kept,
        )


def _with_preferences(scenarios: list[Scenario], limit: int) -> list[Scenario]:
    """Those that are larger than somebody's limit are asked for their functions: together, not one by one."""
    large = [each for each in scenarios if each.outcomes is None or each.outcomes > limit]
    found = dict(Scenario.objects.filter(pk__in=[each.pk for each in large]).values_list("pk", "preferences"))
    for each in large:
        each.preferences = found[each.pk]
    return scenarios

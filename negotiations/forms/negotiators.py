"""Forms of the library of negotiators: the filters of its list, and a negotiator that is configured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.db.models import Q

from negotiations.engine.composition import SLOTS
from negotiations.engine.specs import ParameterSpec
from negotiations.forms.parameter_fields import add_parameters, dress
from negotiations.forms.seats import NOT_A_NEGOTIATOR, SentField, by_family
from negotiations.models import ConfiguredNegotiator, Negotiator, Scenario
from negotiations.models.configured import MOST_CONFIGURED, ConfiguredQuerySet
from negotiations.models.negotiators import NegotiatorQuerySet
from negotiations.tryout import Tried, try_out

OWN = "own"
STANDS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "large": ("1,000,000 outcomes", lambda facts: facts.get("outcomes", 0) >= 10**6),
    "huge": ("10^10 outcomes", lambda facts: facts.get("outcomes", 0) >= 10**10),
    "three": ("3 and more parties", lambda facts: facts.get("parties", 0) >= 3),
    "sure": ("Same offers with any seed", lambda facts: bool(facts.get("deterministic"))),
}
Given = Mapping[str, Any]


class NegotiatorFilterForm(forms.Form):
    """The query string of the negotiator list; what it does not understand it leaves out."""

    q = forms.CharField(required=False, max_length=100)
    family = forms.CharField(required=False, max_length=60)
    tag = forms.CharField(required=False, max_length=60)
    source = forms.CharField(required=False, max_length=100)
    stands = forms.ChoiceField(required=False, choices=[(key, label) for key, (label, _) in STANDS.items()])
    scenario = forms.ModelChoiceField(Scenario.objects.none(), required=False)

    def __init__(self, data: Given, *, user: User) -> None:
        super().__init__(data)
        self.scenarios = Scenario.objects.visible_to(user).for_list()
        self.fields["scenario"].queryset = self.scenarios  # type: ignore[attr-defined]
        self.full_clean()

    @property
    def wanted(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, negotiators: NegotiatorQuerySet) -> NegotiatorQuerySet | list[Negotiator]:
        """A list where each row has to be asked what it can stand."""
        wanted = self.wanted
        if wanted.get("source") == OWN:
            return negotiators.none()
        if text := wanted.get("q"):
            negotiators = negotiators.filter(Q(short_name__icontains=text) | Q(description__icontains=text))
        for name in ("family", "source"):
            if value := wanted.get(name):
                negotiators = negotiators.filter(**{name: value})
        rows = [row for row in negotiators if self._has(row)] if self._asks_rows else negotiators
        return rows

    def narrow_own(self, configured: ConfiguredQuerySet) -> list[ConfiguredNegotiator]:
        """Those that people configured, by the same filters."""
        wanted = self.wanted
        if wanted.get("source", OWN) != OWN:
            return []
        if text := wanted.get("q"):
            configured = configured.filter(
                Q(name__icontains=text) | Q(negotiator__short_name__icontains=text)
            )
        if family := wanted.get("family"):
            configured = configured.filter(negotiator__family=family)
        fits = wanted.get("scenario")
        found = [row for row in configured if self._has(row.negotiator)]
        return [row for row in found if not (fits and row.misfit(fits))]

    @property
    def _asks_rows(self) -> bool:
        return bool({"tag", "stands", "scenario"} & set(self.wanted))

    def _has(self, row: Negotiator) -> bool:
        wanted = self.wanted
        if (tag := wanted.get("tag")) and tag not in row.tags:
            return False
        if (stands := wanted.get("stands")) and not STANDS[stands][1](row.facts):
            return False
        return not (wanted.get("scenario") and row.misfit(wanted["scenario"]))

    @property
    def is_narrowing(self) -> bool:
        return bool(self.wanted)


class ConfiguredForm(forms.Form):
    """A negotiator, its parameters and a name. Always bound: to what was sent, or to what it begins with."""

    bound_field_class = SentField
    name = forms.CharField(
        max_length=60,
        error_messages={"required": "Give it a name.", "max_length": "A name has at most 60 characters."},
    )
    group = forms.ModelChoiceField(
        Group.objects.none(),
        required=False,
        label="Share with",
        empty_label="Nobody else",
        error_messages={
            "invalid_choice": "This group is not one of the available choices. Choose one of yours, or nobody."
        },
    )

    def __init__(
        self, data: Given, *, user: User, instance: ConfiguredNegotiator | None = None, is_sent: bool = False
    ) -> None:
        super().__init__(data)
        self.user, self.instance, self.is_sent = user, instance, is_sent
        self.negotiators = list(Negotiator.objects.seatable().for_list().order_by("family", "short_name"))
        self.fields["group"].queryset = user.groups.order_by("name")  # type: ignore[attr-defined]
        self.fields["negotiator"] = forms.ChoiceField(
            choices=[("", "Choose a negotiator"), *by_family(self.negotiators)],
            error_messages={"invalid_choice": NOT_A_NEGOTIATOR, "required": "Choose a negotiator."},
        )
        add_parameters(self, self.parameters)
        dress(self)

    @cached_property
    def chosen(self) -> Negotiator | None:
        asked = self.data.get("negotiator")
        return next((each for each in self.negotiators if each.key == asked), None)

    @cached_property
    def parameters(self) -> list[ParameterSpec]:
        named = {slot: self.data.get(f"p-{slot}") for slot in SLOTS}
        given = {slot: name for slot, name in named.items() if name}
        return self.chosen.parameter_specs(given) if self.chosen else []

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[f"p-{parameter.name}"] for parameter in self.parameters]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        owner = self.instance.owner if self.instance else self.user
        others = ConfiguredNegotiator.objects.filter(owner=owner)
        if self.instance:
            others = others.exclude(pk=self.instance.pk)
        elif others.count() >= MOST_CONFIGURED:
            raise forms.ValidationError(
                f"You have {MOST_CONFIGURED} configured negotiators, and no more may be kept. Delete one first."
            )
        if others.filter(name=name).exists():
            raise forms.ValidationError(f"There is a negotiator “{name}” already. Choose another name.")
        return name

    def clean(self) -> dict[str, Any]:
        kept: dict[str, Any] = self.cleaned_data
        if self.chosen and (why := self.chosen.disagreement(self.given)):
            self.add_error("p-acceptance", why)
        return kept

    @property
    def given(self) -> dict[str, Any]:
        values = {each.name: self.cleaned_data.get(f"p-{each.name}") for each in self.parameters}
        return {name: value for name, value in values.items() if value is not None}

    def save(self) -> ConfiguredNegotiator | None:
        """Try it, then keep it; None where the trial failed, which stands among the form's errors."""
        assert self.chosen  # as the field's choices saw to
        tried = try_out(self.chosen.type, self.given)
        if tried.how:
            self.add_error(None, f"It failed in a trial, so it is not saved: {tried.how}")
            return None
        return self._keep(self.chosen, tried)

    def _keep(self, chosen: Negotiator, tried: Tried) -> ConfiguredNegotiator:
        kept = self.instance or ConfiguredNegotiator(owner=self.user)
        kept.name, kept.group = self.cleaned_data["name"], self.cleaned_data["group"]
        kept.negotiator, kept.parameters = chosen, self.given
        kept.stands_parties, kept.tried_version = tried.parties, chosen.version
        kept.save()
        return kept


def fields_of(configured: ConfiguredNegotiator) -> dict[str, str]:
    """What the form begins with for one that is there already."""
    given = {f"p-{name}": str(value) for name, value in configured.parameters.items()}
    group = str(configured.group_id or "")
    return {"name": configured.name, "group": group, "negotiator": configured.negotiator.key, **given}

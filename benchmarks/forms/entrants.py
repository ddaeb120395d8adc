"""One competitor or opponent of a new benchmark: a negotiator, a name of its own, its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms

from benchmarks.models.line_ups import Entrant
from negotiations.engine.composition import COMPOSED
from negotiations.engine.specs import ParameterSpec
from negotiations.forms.parameter_fields import add_parameters, dress
from negotiations.forms.seats import SentField
from negotiations.models import ConfiguredNegotiator, Negotiator, Scenario

# A second one of the same negotiator, with other parameters, has a number behind a dot.
KEY = re.compile(r"(own-\d{1,9}|\d{1,9})(?:\.(\d{1,2}))?")
MOST_ENTRANTS = 200

Source = Negotiator | ConfiguredNegotiator


class EntrantForm(forms.Form):
    """Bound to the data of the whole form, with a prefix of its own."""

    bound_field_class = SentField
    name = forms.CharField(required=False, max_length=110, label="Name")

    def __init__(
        self, data: Mapping[str, Any], *, role: str, key: str, source: Source, is_sent: bool = False
    ) -> None:
        super().__init__(data, prefix=f"{role}-{key}")
        self.role, self.key, self.source, self.is_sent = role, key, source, is_sent
        add_parameters(self, self.parameters)
        dress(self)
        self.fields["name"].widget.attrs |= {"placeholder": self.usual_name, "autocomplete": "off"}

    @property
    def usual_name(self) -> str:
        return str(self.source)

    @property
    def title(self) -> str:
        return str(self.data.get(f"{self.prefix}-name") or self.usual_name)

    @cached_property
    def parameters(self) -> list[ParameterSpec]:
        return self.source.parameter_specs(self.source.given)

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[f"p-{parameter.name}"] for parameter in self.parameters]

    @property
    def n_given(self) -> int:
        return sum(bool(field.data) for field in self.parameter_fields)

    @property
    def is_open(self) -> bool:
        """Parameters show where one has to be corrected."""
        return self.is_sent and bool(self.errors)

    def misfits(self, scenarios: Iterable[Scenario]) -> list[str]:
        """Why it cannot negotiate in these, scenario by scenario; what it can stand is left out."""
        return [why for why in map(self.source.misfit, scenarios) if why]

    def clean(self) -> dict[str, Any]:
        """What was configured holds where nothing else is given."""
        kept: dict[str, Any] = self.cleaned_data
        for name, value in self.source.given.items():
            if f"p-{name}" in kept and kept[f"p-{name}"] is None:
                kept[f"p-{name}"] = value
        return kept

    def to_entrant(self) -> Entrant:
        values = {each.name: self.cleaned_data.get(f"p-{each.name}") for each in self.parameters}
        given = {name: value for name, value in values.items() if value is not None}
        name = self.cleaned_data.get("name") or self.usual_name
        return Entrant(self.source.row, given, name, is_opponent=self.role == "opponent")


def sources_for(user: Any) -> dict[str, Source]:
    """What can be chosen, by key: a person's own and shared ones, then the catalogue."""
    own = ConfiguredNegotiator.objects.visible_to(user).seatable()
    usable = Negotiator.objects.usable().order_by("family", "short_name")
    return {each.key: each for each in [*own, *usable]}


def source_of(key: str, sources: Mapping[str, Source]) -> Source | None:
    """What a key means; a composed negotiator that another benchmark had can be taken again."""
    found = KEY.fullmatch(key)
    if found is None:
        return None
    known = sources.get(found[1])
    if known is None and found[1].isdigit():
        known = Negotiator.objects.seatable().filter(type=COMPOSED, pk=found[1]).first()
    return known


def next_key(key: str, taken: Sequence[str]) -> str:
    """A key for one more of the same negotiator."""
    found = KEY.fullmatch(key)
    base = found[1] if found else key
    number = 2
    while f"{base}.{number}" in taken:
        number += 1
    return f"{base}.{number}" if base in taken else base

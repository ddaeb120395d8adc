"""What the form of a new benchmark begins with: a fresh one, another benchmark, a file, or what an address names."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.utils.datastructures import MultiValueDict

from benchmarks.forms.entrants import next_key
from benchmarks.models import Benchmark
from benchmarks.models.line_ups import Entrant
from benchmarks.spec_files import BenchmarkSpec
from negotiations.forms.parameter_fields import shown
from negotiations.forms.set_ups import new_seed
from negotiations.models import Scenario

Data = MultiValueDict[str, Any]

FIRST: dict[str, Any] = {
    "repetitions": 1, "steps_low": 100, "steps_high": 100, "rotate": True, "self_play": True, "n_lanes": 2,
    "offering_is_accepting": True, "metric": "advantage", "statistic": "mean",
}  # fmt: skip
COPIED = (
    "repetitions", "steps_low", "steps_high", "seconds_low", "seconds_high", "rotate", "self_play", "ignore_reserved",
    "metric", "statistic", "n_lanes", "early_stop", "seed",
)  # fmt: skip


def begun(user: User, given: Mapping[str, Any]) -> Data:
    """By what the address names: `like` a benchmark, `scenario`, `negotiator`."""
    if base := benchmark_seen_by(user, given.get("like")):
        return _of_benchmark(base)
    data = _data({**FIRST, "seed": new_seed()})
    for field, name in (("scenarios", "scenario"), ("competitors", "negotiator")):
        if given.get(name):
            data.setlist(field, [str(given[name])])
    return data


def benchmark_seen_by(user: User, pk: Any) -> Benchmark | None:
    """One that can be played again: of what was imported neither negotiators nor scenarios are here."""
    try:
        key = uuid.UUID(str(pk))
    except ValueError:
        return None
    found: Benchmark | None = Benchmark.objects.visible_to(user).filter(pk=key, is_imported=False).first()
    return found


def of_spec(spec: BenchmarkSpec) -> Data:
    """What a file asks for, to be looked at and changed before the start."""
    data = _data({**FIRST, "seed": new_seed(), "name": spec.name, **spec.options})
    _enter(data, spec.entrants)
    _choose(data, spec.scenarios)
    return data


def _of_benchmark(base: Benchmark) -> Data:
    """A copy with its seed; what is not in the catalogue any more is left out."""
    options = {name: getattr(base, name) for name in COPIED}
    data = _data({**FIRST, **options, **base.mechanism, "name": f"{base.name} again"[:120], "like": base.pk})
    competitors = base.competitors.select_related("negotiator")
    _enter(
        data,
        [
            Entrant(each.negotiator, each.parameters, each.name, each.is_opponent)
            for each in competitors
            if each.negotiator
        ],
    )
    chosen = base.scenarios.exclude(scenario=None).select_related("scenario")
    _choose(
        data,
        [
            each.scenario
            for each in chosen.defer("scenario__document", "scenario__preferences")
            if each.scenario
        ],
    )
    return data


def _data(values: Mapping[str, Any]) -> Data:
    """As a browser sends it: a box that is not ticked is not among the values."""
    sent = {name: "on" if value is True else value for name, value in values.items()}
    return MultiValueDict(
        {name: [str(value)] for name, value in sent.items() if value not in (None, False, "")}
    )


def _enter(data: Data, entrants: Iterable[Entrant]) -> None:
    for entrant in entrants:
        role = "opponent" if entrant.is_opponent else "competitor"
        key = next_key(entrant.negotiator.key, data.getlist(f"{role}s"))
        data.appendlist(f"{role}s", key)
        if entrant.name and entrant.name != entrant.negotiator.short_name:
            data[f"{role}-{key}-name"] = entrant.name
        for name, value in entrant.parameters.items():
            data[f"{role}-{key}-p-{name}"] = _text(value)


def _choose(data: Data, scenarios: Sequence[Scenario]) -> None:
    data.setlist("scenarios", [str(scenario.pk) for scenario in scenarios])


def _text(value: Any) -> str:
    """As the parameter's field has it."""
    return str(value).lower() if isinstance(value, bool) else shown(value)

"""What the lists of a new benchmark offer, in plain values: a library has thousands of scenarios."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from benchmarks.forms.benchmark_new import MOST_OPTIONS, BenchmarkForm
from benchmarks.forms.entrants import KEY
from negotiations.models import ConfiguredNegotiator, Scenario
from negotiations.models.scenarios import size_of


@dataclass(frozen=True)
class Choice:
    """An option: what it sends, what it says, and what a search finds it by."""

    key: str
    label: str
    more: str = ""
    words: str = ""
    is_competitor: bool = False
    is_opponent: bool = False
    is_chosen: bool = False
    n_parties: int = 0
    size: str = ""


def negotiator_choices(form: BenchmarkForm) -> list[tuple[str, list[Choice]]]:
    """By family, one's own first. What is chosen twice stands in the list twice."""
    wanted = {role: form.chosen_of(role) for role in ("competitors", "opponents")}
    copies = [entrant.key for entrant in form.entrants if entrant.key not in form.sources]
    groups: dict[str, list[Choice]] = {}
    for key in [*form.sources, *dict.fromkeys(copies)]:
        source = form.sources.get(key) or next(each.source for each in form.entrants if each.key == key)
        is_own = isinstance(source, ConfiguredNegotiator)
        family = "Configured" if is_own else (source.row.family or "others").capitalize()
        copy = KEY.fullmatch(key)
        more = f"number {copy[2]}" if copy and copy[2] else ("" if not is_own else str(source.row))
        groups.setdefault(family, []).append(
            Choice(
                key,
                str(source),
                more,
                f"{source.row.short_name} {source.row.source} {' '.join(source.row.tags)}",
                key in wanted["competitors"],
                key in wanted["opponents"],
            )
        )
    return list(groups.items())


def scenario_choices(form: BenchmarkForm) -> list[Choice]:
    """The chosen ones and as many others as a list can hold."""
    chosen = {scenario.pk for scenario in form.scenarios}
    columns = ("pk", "name", "source", "tags", "n_parties", "n_outcomes", "log10_outcomes")
    visible = Scenario.objects.visible_to(form.user).order_by("name", "source", "pk")
    rows = list(visible.values_list(*columns)[:MOST_OPTIONS])
    missing = chosen - {row[0] for row in rows}
    rows += visible.filter(pk__in=missing).values_list(*columns) if missing else []
    return [_scenario(row, chosen) for row in rows]


def _scenario(row: tuple[Any, ...], chosen: set[int]) -> Choice:
    pk, name, source, tags, n_parties, n_outcomes, log10 = row
    outcomes = size_of(int(n_outcomes) if n_outcomes.isdigit() else None)
    return Choice(
        str(pk),
        name,
        f"{n_parties} parties, {outcomes} outcomes{f', {source}' if source not in ('', 'builtin') else ''}",
        f"{source} {' '.join(tags)}",
        is_chosen=pk in chosen,
        n_parties=n_parties,
        size=_size(log10),
    )


def _size(log10: float) -> str:
    """As the library's filter has it."""
    if math.isinf(log10) or log10 > 6:
        return "huge"
    return "small" if log10 <= 2 else "medium" if log10 <= 4 else "large"

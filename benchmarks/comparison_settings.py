"""In what two benchmarks were set differently, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.comparison_sides import Side
from benchmarks.exports import SETTINGS

LISTED = 200
"""Characters of a list of competitors or scenarios that are shown."""
KNOWN_OF_IMPORTED = (
    "metric", "statistic", "least steps", "most steps", "competitors", "scenarios", "competitors in one only",
    "scenarios in one only",
)  # fmt: skip
WORDS = {"steps_low": "least steps", "steps_high": "most steps", "seconds_low": "least seconds",
         "seconds_high": "most seconds", "n_lanes": "lanes"}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    name: str
    values: tuple[str, str]


def differing(one: Side, other: Side, *, by_name: bool) -> list[Setting]:
    """With `by_name` without how it was played, which is not known of what was imported."""
    both = [_told(one, other), _told(other, one)]
    names = list(dict.fromkeys([*both[0], *both[1]]))
    if by_name:
        names = [name for name in names if name in KNOWN_OF_IMPORTED]
    lines = [Setting(name, (both[0].get(name, "–"), both[1].get(name, "–"))) for name in names]
    return [line for line in lines if line.values[0] != line.values[1]]


def _told(side: Side, other: Side) -> dict[str, str]:
    """What a benchmark was set to, as words; of long lists what the other has not."""
    benchmark = side.benchmark
    values = {name: getattr(benchmark, name) for name in SETTINGS if name != "mechanism"} | benchmark.rules
    told = {WORDS.get(name, name.replace("_", " ")): _said(value) for name, value in values.items()}
    told |= {"competitors": str(len(side.names)), "scenarios": str(len(side.places))}
    told["competitors in one only"] = _listed(_beyond(side.identities, other.identities, side.names))
    told["scenarios in one only"] = _listed(_beyond(side.scenarios, other.scenarios, side.places))
    told |= {f"version of {name}": str(version) for name, version in benchmark.versions.items()}
    return told | {"plan": benchmark.plan_hash[:12] or "–"}


def _beyond(mine: Sequence[str], theirs: Sequence[str], names: Sequence[str]) -> list[str]:
    known = set(theirs)
    return [name for each, name in zip(mine, names, strict=True) if each not in known]


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _listed(names: Sequence[str]) -> str:
    told = ", ".join(names) or "–"
    return told if len(told) <= LISTED else f"{told[:LISTED]}…"

"""How often each value, and each pair of values, was offered and by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from negotiations.offer_rows import value_text

# Of an issue with more values than this the most offered are shown.
MOST_VALUES = 24
Made = tuple[int, Sequence[str | int | float] | None]
"""Who offered, and what."""


@dataclass(frozen=True)
class ValueCount:
    value: str
    by_party: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.by_party)


@dataclass(frozen=True)
class IssueCounts:
    name: str
    values: tuple[ValueCount, ...]
    left_out: int

    @property
    def most(self) -> int:
        return max((each.total for each in self.values), default=0)


@dataclass(frozen=True)
class PairCount:
    one: str
    other: str
    by_party: tuple[int, ...]


def count_values(
    made: Iterable[Made], issues: Sequence[tuple[str, Sequence[str]]], n_parties: int
) -> tuple[IssueCounts, ...]:
    """For each issue, its values in their order with how often each party offered them.

    `issues` are names with the values there are, empty where they are too many to list.
    """
    counts: list[Counter[tuple[str, int]]] = [Counter() for _ in issues]
    for party, outcome in made:
        for issue, value in zip(counts, outcome or (), strict=False):
            issue[value_text(value), party] += 1
    return tuple(
        _issue(name, values, count, n_parties) for (name, values), count in zip(issues, counts, strict=True)
    )


def _issue(name: str, values: Sequence[str], count: Counter[tuple[str, int]], n_parties: int) -> IssueCounts:
    offered = dict.fromkeys([*values, *sorted({value for value, _ in count}, key=_order)])
    rows = [ValueCount(value, tuple(count[value, party] for party in range(n_parties))) for value in offered]
    if len(rows) <= MOST_VALUES:
        return IssueCounts(name, tuple(rows), 0)
    kept = {row.value for row in sorted(rows, key=lambda row: -row.total)[:MOST_VALUES]}
    return IssueCounts(name, tuple(row for row in rows if row.value in kept), len(rows) - len(kept))


def count_pairs(made: Iterable[Made], one: int, other: int, n_parties: int) -> tuple[PairCount, ...]:
    """The pairs of values of two issues that were offered, the most offered first."""
    counts: dict[tuple[str, str], list[int]] = {}
    for party, outcome in made:
        if outcome is not None and max(one, other) < len(outcome):
            pair = value_text(outcome[one]), value_text(outcome[other])
            counts.setdefault(pair, [0] * n_parties)[party] += 1
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1]), item[0]))
    return tuple(PairCount(*pair, tuple(each)) for pair, each in ordered)


def _order(text: str) -> tuple[float, str]:
    """Numbers by their size, words after them."""
    try:
        return float(text), text
    except ValueError:
        return float("inf"), text

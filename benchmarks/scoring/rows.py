"""Matches as columns: one row for each match and seat, like the lines of NegMAS's all_scores.csv."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from benchmarks.scoring.matches import Scored

Array = Any  # numpy comes without types here


@dataclass(frozen=True, slots=True, eq=False)
class SeatRows:
    """All seats of matches that are over, in the order of the plan, whatever order the matches came in."""

    matches: tuple[Scored, ...]
    #: Per row: the number of its match in `matches`, its seat there, who sat on it.
    match: Array
    seat: Array
    competitor: Array
    scenario: Array
    #: Number of the cell: the same scenario, rotation, line-up and seat; its repetitions share it.
    cell: Array
    #: Whether the row counts for its competitor: it is neither a copy nor that of a partner who was let down.
    counts: Array
    #: Whether this competitor failed here, or does not count since somebody else did.
    fails: Array
    left_out: Array
    _known: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, matches: Iterable[Scored]) -> SeatRows:
        """Of several matches with one index the last one counts: a failed one that was played again."""
        latest = {match.index: match for match in matches}
        return _columns(tuple(latest[index] for index in sorted(latest)))

    def plus(self, matches: Iterable[Scored]) -> SeatRows:
        """These and more; a match with a known index takes its place."""
        return SeatRows.of(chain(self.matches, matches))

    def __len__(self) -> int:
        return len(self.match)

    @property
    def competitors(self) -> tuple[int, ...]:
        return tuple(np.unique(self.competitor).tolist())

    @property
    def scenarios(self) -> tuple[int, ...]:
        return tuple(np.unique(self.scenario).tolist())

    def per_match(self, of: Callable[[Scored], float | None]) -> Array:
        """A number of each row's match, NaN where it has none."""
        return numbers([of(match) for match in self.matches])[self.match]

    def per_seat(self, of: Callable[[Scored], Sequence[float | None]]) -> Array:
        """A number of each row's seat; NaN where a match says nothing, as one may that failed before it began."""
        given = ((of(match), len(match.seats)) for match in self.matches)
        return numbers(
            list(chain.from_iterable(some if len(some) == n else (None,) * n for some, n in given))
        )

    def others(self, values: Array) -> Array:
        """For each row the mean of `values` over the other seats of its match; NaN for who sits alone."""
        n = len(self.matches)
        total = np.bincount(self.match, values, n)[self.match] - values
        seats = np.bincount(self.match, minlength=n)[self.match]
        return np.divide(total, seats - 1, out=np.full(len(values), np.nan), where=seats > 1)

    def remembered(self, name: str, make: Callable[[SeatRows], Array]) -> Array:
        if name not in self._known:
            self._known[name] = make(self)
        return self._known[name]

    def only(self, scenarios: Iterable[int]) -> SeatRows:
        wanted = set(scenarios)
        return _columns(tuple(match for match in self.matches if match.scenario in wanted))


def numbers(values: Sequence[float | None]) -> Array:
    """None becomes NaN."""
    return np.array(values, dtype=float)


def known(value: float) -> float | None:
    """A number that JSON can say, or None."""
    return float(value) if math.isfinite(value) else None


def _columns(matches: tuple[Scored, ...]) -> SeatRows:
    sizes = np.array([len(match.seats) for match in matches], dtype=int)
    place: Array = np.repeat(np.arange(len(matches)), sizes)
    seat = np.arange(len(place)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    failed = np.array([match.is_failed for match in matches], dtype=bool)[place]
    culprits = [-1 if match.failed_seat is None else match.failed_seat for match in matches]
    culprit = np.array(culprits, dtype=int)[place] == seat
    distinct = _distinct(matches)[place]
    return SeatRows(
        matches=matches,
        match=place,
        seat=seat,
        competitor=np.array(list(chain.from_iterable(match.seats for match in matches)), dtype=int),
        scenario=np.array([match.scenario for match in matches], dtype=int)[place],
        cell=_cells(matches)[place] * (sizes.max(initial=1)) + seat,
        counts=distinct & (culprit | ~failed),
        fails=distinct & failed & culprit,
        left_out=distinct & failed & ~culprit,
    )


def _cells(matches: Sequence[Scored]) -> Array:
    numbered: dict[tuple[object, ...], int] = {}
    return np.array(
        [
            numbered.setdefault((match.scenario, match.rotation, match.seats), len(numbered))
            for match in matches
        ],
        dtype=int,
    )


def _distinct(matches: Sequence[Scored]) -> Array:
    """False for a repetition that could not but repeat an earlier one."""
    seen: set[tuple[object, ...]] = set()
    return np.array([_is_new(match, seen) for match in matches], dtype=bool)


def _is_new(match: Scored, seen: set[tuple[object, ...]]) -> bool:
    if not match.deterministic:
        return True
    size = len(seen)
    seen.add(match.outcome)
    return len(seen) > size

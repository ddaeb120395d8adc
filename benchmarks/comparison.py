"""Two benchmarks side by side (B-28): settings that differ, matches in pairs, ranks that moved, tests on the pairs."""

from __future__ import annotations

import uuid
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from benchmarks import scoring
from benchmarks.comparison_settings import Setting, differing
from benchmarks.comparison_sides import Side
from benchmarks.models import Benchmark
from benchmarks.scoring import Scored, SeatRows
from benchmarks.scoring.comparisons import compared, corrected
from benchmarks.standings import NAMES


@dataclass(frozen=True)
class Move:
    """A competitor that is in one of the two, or both; `test` is of its scores in the paired matches."""

    name: str
    lines: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
    test: scoring.Comparison | None

    @property
    def ranks_up(self) -> int:
        """By how many ranks it is better in the second; 0 where it is not in both."""
        one, other = self.lines
        return one["rank"] - other["rank"] if one and other else 0

    @property
    def ranks_apart(self) -> int:
        return abs(self.ranks_up)


@dataclass(frozen=True)
class Pair:
    """The same match in both."""

    scenario: str
    names: tuple[str, ...]
    one: Scored
    other: Scored

    @property
    def differs(self) -> bool:
        return _ending(self.one) != _ending(self.other)

    @property
    def differences(self) -> tuple[float | None, ...]:
        """By seat: the second's utility less the first's."""
        worths = zip(self.one.utilities, self.other.utilities, strict=False)
        return tuple(None if a is None or b is None else b - a for a, b in worths)

    @property
    def words(self) -> tuple[str, str]:
        return _word(self.one), _word(self.other)


@dataclass(frozen=True)
class Mark:
    """What changes of a benchmark as its matches do."""

    key: uuid.UUID
    job: uuid.UUID
    last_seq: int
    n_failed: int


@dataclass(frozen=True)
class Kept:
    """What a comparison comes to, without the matches: some bytes a pair."""

    ones: array[int]
    """By place of a pair: the index of the first's match, and below of the second's."""
    others: array[int]
    changed: array[int]
    """The places of pairs that ended otherwise."""
    unpaired: tuple[int, int]
    tests: Mapping[str, scoring.Comparison]


@lru_cache(maxsize=16)
def kept_of(one: Mark, other: Mark) -> Kept:
    """Kept while neither changes: to pair 5,000 matches takes half a second, and to turn a page should not."""
    found = Benchmark.objects.in_bulk([one.key, other.key])
    return BenchmarkComparison(found[one.key], found[other.key]).reduced()


class BenchmarkComparison:
    """`kept`, and what comes of it, reads no match where neither benchmark has changed; `pairs` reads them all."""

    def __init__(self, one: Benchmark, other: Benchmark) -> None:
        self.benchmarks = (one, other)
        self.by_name = one.is_imported or other.is_imported
        self.one, self.other = (Side(each, by_name=self.by_name) for each in self.benchmarks)
        self.metric = one.metric

    # --- Settings ---------------------------------------------------------------------------------------------------

    @cached_property
    def settings(self) -> list[Setting]:
        """Those that differ."""
        return differing(self.one, self.other, by_name=self.by_name)

    # --- What is kept ---------------------------------------------------------------------------------------------

    @cached_property
    def kept(self) -> Kept:
        one, other = (Mark(each.pk, each.job_id, each.last_seq, each.n_failed) for each in self.benchmarks)
        return kept_of(one, other)

    def reduced(self) -> Kept:
        changed = (place for place, pair in enumerate(self.pairs) if pair.differs)
        return Kept(
            ones=array("L", (pair.one.index for pair in self.pairs)),
            others=array("L", (pair.other.index for pair in self.pairs)),
            changed=array("L", changed),
            unpaired=(len(self.one.matches) - len(self.pairs), len(self.other.matches) - len(self.pairs)),
            tests=self._tests(),
        )

    @property
    def n_pairs(self) -> int:
        return len(self.kept.ones)

    @property
    def n_changed(self) -> int:
        return len(self.kept.changed)

    @property
    def unpaired(self) -> tuple[int, int]:
        """Matches of each that the other has not played."""
        return self.kept.unpaired

    def places(self, *, changed_only: bool) -> Sequence[int]:
        """Of all pairs, or of those that ended otherwise."""
        return self.kept.changed if changed_only else range(self.n_pairs)

    def pairs_at(self, places: Sequence[int]) -> list[Pair]:
        """The pairs of a page."""
        keys = [(self.kept.ones[place], self.kept.others[place]) for place in places]
        ones, others = self.one.some([key for key, _ in keys]), self.other.some([key for _, key in keys])
        # One may have been opened again since.
        return [
            self._pair(ones[one], others[other]) for one, other in keys if one in ones and other in others
        ]

    # --- Pairs --------------------------------------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> list[Pair]:
        """In the first one's order."""
        theirs = self.other.matches
        return [self._pair(match, theirs[key]) for key, match in self.one.matches.items() if key in theirs]

    def _pair(self, one: Scored, other: Scored) -> Pair:
        names = tuple(self.one.names[number] for number in one.seats)
        return Pair(self.one.places[one.scenario], names, one, other)

    # --- Ranks and tests ----------------------------------------------------------------------------------------------

    @cached_property
    def moves(self) -> list[Move]:
        """The first one's leaderboard, then who is in the second's alone."""
        boards, tests = (self.one.board, self.other.board), self.kept.tests
        found = list(dict.fromkeys([*boards[0], *boards[1]]))
        names = self._names
        return [
            Move(names[each], (boards[0].get(each), boards[1].get(each)), tests.get(each)) for each in found
        ]

    @property
    def _names(self) -> dict[str, str]:
        """The first one's names, of each the first: who competes may be an opponent, too."""
        names: dict[str, str] = {}
        for side in (self.one, self.other):
            for who, name in zip(side.identities, side.names, strict=True):
                names.setdefault(who, name)
        return names

    def _tests(self) -> dict[str, scoring.Comparison]:
        """Each competitor's scenarios in the second less those in the first, over paired matches alone."""
        if not self.pairs:
            return {}
        one, theirs = self.one, set(self.other.identities)
        first = [number for number in one.ranked if one.number_of(one.roles[number]) == number]
        shared = [number for number in first if one.identities[number] in theirs]
        metric, n = NAMES.get(self.metric, self.metric), len(one.names)
        rows = SeatRows.of(self._both(n))
        blocks = scoring.blocks_of(rows, metric, [*(n + number for number in shared), *shared])
        found = corrected([compared(blocks, place, len(shared) + place) for place in range(len(shared))])
        return {self.one.identities[number]: test for number, test in zip(shared, found, strict=True)}

    def _both(self, n: int) -> Iterator[Scored]:
        """The pairs as matches of one tournament, in which the second's competitors stand `n` places later."""
        one, known = self.one, set(self.one.identities)
        ours = [one.number_of(role) for role in one.roles]
        theirs = [n + one.number_of(role) if role[0] in known else -1 for role in self.other.roles]
        for number, pair in enumerate(self.pairs):
            for match, numbers, index in ((pair.one, ours, 2 * number), (pair.other, theirs, 2 * number + 1)):
                seats = tuple(numbers[seat] for seat in match.seats)
                where = pair.one.scenario
                yield replace(match, index=index, scenario=where, seats=seats, deterministic=False)


def _ending(match: Scored) -> tuple[Any, ...]:
    return match.agreed, match.is_failed, match.utilities


def _word(match: Scored) -> str:
    return "FAIL" if match.is_failed else "OK" if match.agreed else "—"

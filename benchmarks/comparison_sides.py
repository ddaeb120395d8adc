"""One side of a comparison: a benchmark with its matches by what they are matches of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from benchmarks.models import Benchmark, Leaderboard
from benchmarks.scoring import Scored
from benchmarks.standings import Standings

Key = tuple[str, int, tuple[str, ...], int]
"""Scenario, rotation, who sits where, repetition."""


class Side:
    """One of the two. With `by_name` competitors and scenarios are what they are called: of an imported one no more is known."""

    def __init__(self, benchmark: Benchmark, *, by_name: bool) -> None:
        self.benchmark = benchmark
        competitors = list(benchmark.competitors.all())
        self.names = [each.name for each in competitors]
        self.identities = [each.name if by_name else each.to_plan().identity for each in competitors]
        self.ranked = [each.index for each in competitors if not each.is_opponent]
        self.roles = [
            (identity, each.is_opponent) for identity, each in zip(self.identities, competitors, strict=True)
        ]
        rows = benchmark.scenarios.values_list("name", "scenario__checksum")
        self.places = [name for name, _ in rows]
        self.scenarios = [name if by_name else checksum or name for name, checksum in rows]

    @cached_property
    def matches(self) -> dict[Key, Scored]:
        """Those that are over, by what they are matches of."""
        standings = Standings(self.benchmark)
        standings.read()
        return {self._key(match): match for match in standings.scored.values()}

    def some(self, indexes: Collection[int]) -> Mapping[int, Scored]:
        """These of them, by their index, without the others."""
        standings = Standings(self.benchmark)
        standings.take(self.benchmark.matches.over().filter(index__in=indexes))
        return standings.scored

    def number_of(self, role: tuple[str, bool]) -> int:
        """Who stands here for a competitor of either: the first that is the same, in the same role where there is one."""
        return self.roles.index(role) if role in self.roles else self.identities.index(role[0])

    def _key(self, match: Scored) -> Key:
        seats = tuple(self.identities[number] for number in match.seats)
        return self.scenarios[match.scenario], match.rotation, seats, match.repetition

    @cached_property
    def board(self) -> dict[str, dict[str, Any]]:
        """The lines of the leaderboard by who it is."""
        rows = Leaderboard.objects.filter(benchmark=self.benchmark)
        lines = rows.values_list("data__rows", flat=True).first() or []
        return {self.identities[line["competitor"]]: line for line in lines}

"""Matches in child processes: each comes to a result, whatever the negotiators in it do."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, cast

from django.conf import settings

from benchmarks.models import Benchmark, Match
from negotiations import endings
from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.match_specs import (
    MatchBegun,
    MatchResult,
    MatchRules,
    MatchSpec,
    ScenarioMaterial,
    died,
)
from negotiations.engine.matches import play_matches
from negotiations.engine.specs import EndReason, Limits, LogLine, PartySpec
from negotiations.engine.turns import Turn
from negotiations.models import ScenarioAnalysis
from negotiations.tasks import BATCH_NICE

MOST_KILLS = 3
"""A match whose process is killed so often by somebody else is held to be the cause."""
LONGEST_LOOK = 1.0
"""Seconds that count at most between two looks at the clock: a process that was stopped blames nobody."""
FRESH = frozenset({EndReason.MEMORY_LIMIT, EndReason.EXITED, EndReason.ERROR})
"""Ends of a child that matches played before in it may have brought about."""

Heard = MatchResult | LogLine | None


class Players:
    """The negotiators and scenarios of a benchmark as the engine wants them; scenarios are read as they are needed."""

    def __init__(self, benchmark: Benchmark) -> None:
        self._parties = [
            PartySpec(each.name, each.type, each.parameters) for each in benchmark.competitors.all()
        ]
        self._scenarios = dict(benchmark.scenarios.values_list("index", "scenario_id"))
        self._benchmark = benchmark
        self.material: dict[int, ScenarioMaterial] = {}

    def specs(self, matches: Sequence[Match]) -> list[MatchSpec]:
        """Of these, with the material of their scenarios at hand."""
        self._read({match.scenario for match in matches} - self.material.keys())
        return [self._spec(match) for match in matches]

    def names(self, spec: MatchSpec) -> list[str]:
        return [party.name for party in spec.parties]

    def _spec(self, match: Match) -> MatchSpec:
        return MatchSpec(
            index=match.index,
            scenario=match.scenario,
            rotation=match.rotation,
            parties=tuple(self._parties[number] for number in match.numbers),
            n_steps=match.n_steps,
            seconds=match.seconds,
            seed=match.seed,
        )

    def _read(self, numbers: set[int]) -> None:
        ids = [self._scenarios[number] for number in numbers]
        analyses = ScenarioAnalysis.objects.completed().filter(scenario__in=ids)
        arrays = dict(analyses.values_list("scenario_id", "arrays"))
        chosen = self._benchmark.scenarios.filter(index__in=numbers)
        for number, pk, document, checksum in chosen.values_list(
            "index", "scenario_id", "scenario__document", "scenario__checksum"
        ):
            stored = arrays.get(pk)
            self.material[number] = ScenarioMaterial(document, checksum, bytes(stored) if stored else None)


class Table:
    """Plays matches in child after child, as few as it takes."""

    def __init__(self, players: Players, rules: MatchRules) -> None:
        self._players = players
        self._rules = rules
        self._kills: Counter[int] = Counter()

    def played(self, specs: Sequence[MatchSpec]) -> Iterator[Heard]:
        """A result for each, in order; between them what the children say, and None where nothing comes for a while.

        Closing this iterator kills the child.
        """
        while specs:
            specs = yield from self._in_one_child(specs)

    def _in_one_child(self, specs: Sequence[MatchSpec]) -> Generator[Heard, None, list[MatchSpec]]:
        """What it played; returns those that are left."""
        sitting = _Sitting(specs)
        turn = Turn()
        matches = play_matches(self._players.material, specs, turn, self._rules)
        with closing(cast("Any", in_child(matches, _limits(), turn))) as items:
            try:
                for item in items:
                    if isinstance(item, MatchResult):
                        yield sitting.over(item)
                    else:
                        sitting.hear(item, turn)
                        yield item if isinstance(item, LogLine) else None
            except ChildFailed as failure:
                if result := self._lost(sitting, failure):
                    yield result
        return sitting.left

    def _lost(self, sitting: _Sitting, failure: ChildFailed) -> MatchResult | None:
        """The match that was played when the child died: its result, or None where it is to be tried again."""
        if not sitting.left:
            return None
        spec = sitting.left[0]
        if failure.was_killed:  # who did it is not known
            self._kills[spec.index] += 1
            if self._kills[spec.index] < MOST_KILLS:
                return None
        elif failure.reason in FRESH and len(sitting.left) < sitting.size:
            return None  # in a child of its own it shows whether it is to blame
        text = _told(self._players.names(spec), failure.reason, failure.party, failure.message)
        trace = failure.traceback or failure.message
        return sitting.over(died(spec, sitting.begun, failure.reason, failure.party, text, trace))


class _Sitting:
    """How far one child has come."""

    def __init__(self, specs: Sequence[MatchSpec]) -> None:
        self.left = list(specs)
        self.size = len(specs)
        self.begun: MatchBegun | None = None
        self._looked = time.monotonic()
        self._seconds = 0.0

    def over(self, result: MatchResult) -> MatchResult:
        self.left.pop(0)
        self.begun, self._seconds = None, 0.0
        return result

    def hear(self, item: MatchBegun | LogLine | None, turn: Turn) -> None:
        """Raises ChildFailed where the match takes too long."""
        if isinstance(item, MatchBegun):
            self.begun, self._seconds = item, 0.0
        now = time.monotonic()
        self._seconds += min(now - self._looked, LONGEST_LOOK)
        self._looked = now
        if self._seconds > settings.SESSION_SECONDS:
            raise ChildFailed(EndReason.SESSION_LIMIT.value, turn.party, "It took too long.")


def _limits() -> Limits:
    """Those of a match are held by its sitting: a child plays many."""
    return Limits(settings.ACTION_SECONDS, float("inf"), settings.CHILD_MEMORY_MB * 2**20, BATCH_NICE)


def _told(names: Sequence[str], reason: str, party: int | None, message: str) -> str:
    return endings.failed(names, reason, party, message).replace("The session", "The match", 1)


def rules_of(options: Mapping[str, Any], ignore_reserved: bool) -> MatchRules:
    return MatchRules(**{**options, "ignore_reserved": ignore_reserved})

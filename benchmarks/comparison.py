"""Two benchmarks side by side (B-28): settings that differ, matches in pairs, ranks that moved, tests on the pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from benchmarks import scoring
from benchmarks.exports import SETTINGS
from benchmarks.models import Benchmark, Leaderboard
from benchmarks.scoring import Scored, SeatRows
from benchmarks.scoring.comparisons import compared, corrected
from benchmarks.standings import NAMES, Standings
from negotiations.exports import csv_line, strict

FORMAT = 1
LISTED = 200
"""Characters of a list of competitors or scenarios that the table of settings shows."""
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
        rows = benchmark.scenarios.values_list("name", "scenario__checksum")
        self.places = [name for name, _ in rows]
        self.scenarios = [name if by_name else checksum or name for name, checksum in rows]

    @cached_property
    def matches(self) -> dict[Key, Scored]:
        """Those that are over, by what they are matches of."""
        standings = Standings(self.benchmark)
        standings.read()
        return {self._key(match): match for match in standings.scored.values()}

    def _key(self, match: Scored) -> Key:
        seats = tuple(self.identities[number] for number in match.seats)
        return self.scenarios[match.scenario], match.rotation, seats, match.repetition

    @cached_property
    def board(self) -> dict[str, dict[str, Any]]:
        """The lines of the leaderboard by who it is."""
        data = (
            Leaderboard.objects.filter(benchmark=self.benchmark).values_list("data", flat=True).first() or {}
        )
        return {self.identities[line["competitor"]]: line for line in data.get("rows", [])}


@dataclass(frozen=True)
class Setting:
    name: str
    values: tuple[str, str]


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


class BenchmarkComparison:
    def __init__(self, one: Benchmark, other: Benchmark) -> None:
        self.benchmarks = (one, other)
        self.by_name = one.is_imported or other.is_imported
        self.one, self.other = (Side(each, by_name=self.by_name) for each in self.benchmarks)
        self.metric = one.metric

    # --- Settings ---------------------------------------------------------------------------------------------------

    @cached_property
    def settings(self) -> list[Setting]:
        """Those that differ."""
        both = [_told(self.one, self.other), _told(self.other, self.one)]
        names = list(dict.fromkeys([*both[0], *both[1]]))
        if self.by_name:  # how it was played elsewhere is not known
            names = [name for name in names if name in KNOWN_OF_IMPORTED]
        lines = [Setting(name, (both[0].get(name, "–"), both[1].get(name, "–"))) for name in names]
        return [line for line in lines if line.values[0] != line.values[1]]

    # --- Pairs --------------------------------------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> list[Pair]:
        """In the first one's order."""
        theirs = self.other.matches
        return [
            Pair(
                scenario=self.one.places[match.scenario],
                names=tuple(self.one.names[number] for number in match.seats),
                one=match,
                other=theirs[key],
            )
            for key, match in self.one.matches.items()
            if key in theirs
        ]

    @cached_property
    def changed(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.differs]

    @property
    def unpaired(self) -> tuple[int, int]:
        """Matches of each that the other has not played."""
        return len(self.one.matches) - len(self.pairs), len(self.other.matches) - len(self.pairs)

    # --- Ranks and tests ----------------------------------------------------------------------------------------------

    @cached_property
    def moves(self) -> list[Move]:
        """The first one's leaderboard, then who is in the second's alone."""
        boards, tests = (self.one.board, self.other.board), self._tests
        found = list(dict.fromkeys([*boards[0], *boards[1]]))
        names = self._names
        return [
            Move(names[each], (boards[0].get(each), boards[1].get(each)), tests.get(each)) for each in found
        ]

    @property
    def _names(self) -> dict[str, str]:
        sides = (self.other, self.one)
        return {who: name for side in sides for who, name in zip(side.identities, side.names, strict=True)}

    @cached_property
    def _tests(self) -> dict[str, scoring.Comparison]:
        """Each competitor's scenarios in the second less those in the first, over paired matches alone."""
        if not self.pairs:
            return {}
        theirs = {identity: number for number, identity in enumerate(self.other.identities)}
        shared = [number for number in self.one.ranked if self.one.identities[number] in theirs]
        metric, n = NAMES.get(self.metric, self.metric), len(self.one.names)
        rows = SeatRows.of(self._both(theirs, n))
        blocks = scoring.blocks_of(rows, metric, [*(n + number for number in shared), *shared])
        found = corrected([compared(blocks, place, len(shared) + place) for place in range(len(shared))])
        return {self.one.identities[number]: test for number, test in zip(shared, found, strict=True)}

    def _both(self, theirs: Mapping[str, int], n: int) -> Iterator[Scored]:
        """The pairs as matches of one tournament, in which the second's competitors stand `n` places later."""
        ours = {theirs[who]: n + number for number, who in enumerate(self.one.identities) if who in theirs}
        for number, pair in enumerate(self.pairs):
            yield replace(pair.one, index=2 * number, deterministic=False)
            seats = tuple(ours[seat] for seat in pair.other.seats)
            place = {"index": 2 * number + 1, "scenario": pair.one.scenario, "deterministic": False}
            yield replace(pair.other, seats=seats, **place)  # type: ignore[arg-type]

    # --- As a file ----------------------------------------------------------------------------------------------------

    def csv_lines(self) -> Iterator[str]:
        """A row a paired match."""
        n = max((len(pair.names) for pair in self.pairs), default=2)
        seats = range(1, n + 1)
        worths = [f"{which} utility {seat}" for which in ("first", "second") for seat in seats]
        simulated = [f"simulated: {each.name}" for each in self.benchmarks if each.is_simulated]
        people = [f"competitor {seat}" for seat in seats]
        ends = ["first result", "second result", "differs"]
        yield csv_line(
            [
                "first match",
                "second match",
                "scenario",
                "rotation",
                "repetition",
                *people,
                *worths,
                *ends,
                *simulated,
            ]
        )
        for pair in self.pairs:
            place = [pair.one.index, pair.other.index, pair.scenario, pair.one.rotation, pair.one.repetition]
            columns = (pair.names, pair.one.utilities, pair.other.utilities)
            cells = [cell for column in columns for cell in _filled(column, n)]
            yield csv_line([*place, *cells, *pair.words, pair.differs, *["simulated" for _ in simulated]])

    def json_texts(self) -> Iterator[str]:
        told = {
            "format": "parley-comparison",
            "format_version": FORMAT,
            "benchmarks": [
                {
                    "id": str(each.pk),
                    "name": each.name,
                    "simulated": each.is_simulated,
                    "imported": each.is_imported,
                }
                for each in self.benchmarks
            ],
            "metric": self.metric,
            "settings": [{"name": line.name, "values": line.values} for line in self.settings],
            "paired": len(self.pairs),
            "unpaired": self.unpaired,
            "competitors": [_told_move(move) for move in self.moves],
        }
        head = strict(told, indent=1)
        yield head[: head.rindex("}")].rstrip() + ',\n "matches": ['
        comma = "\n  "
        for pair in self.pairs:
            yield comma + strict(_told_pair(pair))
            comma = ",\n  "
        yield "\n ]\n}\n"


def _told_move(move: Move) -> dict[str, Any]:
    ends = [
        line and {name: line[name] for name in ("rank", "score", "low", "high", "matches")}
        for line in move.lines
    ]
    test = move.test and {
        name: getattr(move.test, name) for name in ("scenarios", "difference", "low", "high", "p", "p_holm")
    }
    return {"name": move.name, "lines": ends, "test": test}


def _told_pair(pair: Pair) -> dict[str, Any]:
    return {
        "indexes": [pair.one.index, pair.other.index],
        "scenario": pair.scenario,
        "rotation": pair.one.rotation,
        "repetition": pair.one.repetition,
        "competitors": pair.names,
        "utilities": [pair.one.utilities, pair.other.utilities],
        "results": pair.words,
        "differs": pair.differs,
    }


KNOWN_OF_IMPORTED = (
    "metric", "statistic", "least steps", "most steps", "competitors", "scenarios", "competitors in one only",
    "scenarios in one only",
)  # fmt: skip
WORDS = {"steps_low": "least steps", "steps_high": "most steps", "seconds_low": "least seconds",
         "seconds_high": "most seconds", "n_lanes": "lanes"}  # fmt: skip


def _told(side: Side, other: Side) -> dict[str, str]:
    """What a benchmark was set to, as words; of long lists what the other has not."""
    benchmark = side.benchmark
    told = {WORDS.get(name, name.replace("_", " ")): _said(getattr(benchmark, name)) for name in SETTINGS}
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
    return "–" if value is None or value == {} else str(value)


def _listed(names: Sequence[str]) -> str:
    told = ", ".join(names) or "–"
    return told if len(told) <= LISTED else f"{told[:LISTED]}…"


def _ending(match: Scored) -> tuple[Any, ...]:
    return match.agreed, match.is_failed, match.utilities


def _word(match: Scored) -> str:
    return "FAIL" if match.is_failed else "OK" if match.agreed else "—"


def _filled(values: Sequence[Any], n: int) -> list[Any]:
    return [*values, *[None] * (n - len(values))][:n]

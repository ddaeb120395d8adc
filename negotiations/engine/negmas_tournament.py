"""A tournament as NegMAS plays it, as plain rows: what our matches are compared with, in scores and in cost."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import resource
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar

from negmas.sao import SAOMechanism
from negmas.tournaments.neg import cartesian_tournament
from negmas.tournaments.neg.simple.cartesian import make_scores

from negotiations.engine import scenario_documents
from negotiations.engine.match_specs import MatchResult, MatchSpec
from negotiations.engine.negotiators import given, kind_of
from negotiations.engine.specs import PartySpec
from negotiations.engine.table import seed_everything, seed_of

SERIAL = -1
"""NegMAS's word for no processes of its own."""
NAME = "scenario"

Key = tuple[int, int, tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class TournamentPlan:
    """What both play: documents by key, competitors by unique names, everybody against everybody on every seat."""

    documents: Mapping[int, str]
    competitors: tuple[PartySpec, ...]
    n_steps: int = 100
    rotate: bool = True
    self_play: bool = True
    repetitions: int = 1
    ignore_reserved: bool = False
    normalize: bool = True
    """Whether NegMAS normalises anew what is normalised already: it does by itself, and some ties break otherwise."""

    def matches(self) -> Iterator[MatchSpec]:
        """The same work as specs; the seed of each is its number."""
        by_name = {party.name: party for party in self.competitors}
        for index, (key, rotation, seats, _) in enumerate(self.keys()):
            parties = tuple(by_name[name] for name in seats)
            yield MatchSpec(index, key, rotation, parties, self.n_steps, None, index)

    def keys(self) -> Iterator[Key]:
        """In the order of `matches`."""
        names = [party.name for party in self.competitors]
        for key, document in self.documents.items():
            n = len(scenario_documents.load(document).ufuns)
            seatings = [seats for seats in itertools.product(names, repeat=n) if self._plays(seats)]
            rotations = range(n if self.rotate else 1)
            yield from itertools.product((key,), rotations, seatings, range(self.repetitions))

    def _plays(self, seats: tuple[str, ...]) -> bool:
        return self.self_play or len(set(seats)) > 1


@dataclass(frozen=True, slots=True)
class TournamentRow:
    """How one match ended; tuples by position. Numbers are None where they are NaN."""

    scenario: int
    rotation: int
    seats: tuple[str, ...]
    repetition: int
    steps: int
    agreement: tuple[Any, ...] | None
    has_error: bool
    utilities: tuple[float | None, ...]
    advantages: tuple[float | None, ...]
    optimality: Mapping[str, float | None]

    @property
    def key(self) -> Key:
        return self.scenario, self.rotation, self.seats, self.repetition


@dataclass(frozen=True, slots=True)
class TournamentRun:
    """The rows of a tournament and what it took, with all its processes."""

    rows: tuple[TournamentRow, ...]
    cpu_seconds: float
    wall_seconds: float


OPTIMALITY = (
    "welfare",
    "nash_optimality",
    "kalai_optimality",
    "ks_optimality",
    "max_welfare_optimality",
    "pareto_optimality",
)


class Seeded(SAOMechanism):
    """NegMAS's mechanism with our seeds before each action: then even who plays by chance plays the same."""

    seeds: ClassVar[dict[Key, int]] = {}
    seed: ClassVar[int] = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = 0

    def _safe_counter(self, *args: Any, **kwargs: Any) -> Any:
        self._asked += 1
        seed_everything(seed_of(self.seed, self._asked))
        return super()._safe_counter(*args, **kwargs)

    @classmethod
    def begin(cls, info: Any) -> None:
        """Called by NegMAS before it makes the negotiators of a match."""
        scenario, rotation = _place(info.s.outcome_space.name, len(info.partners))
        cls.seed = cls.seeds[scenario, rotation, tuple(info.partner_names), info.rep]
        seed_everything(seed_of(cls.seed, 0))


def run_negmas(
    plan: TournamentPlan, n_jobs: int = SERIAL, path: Path | None = None, *, seeded: bool = False
) -> TournamentRun:
    """Play the plan by `cartesian_tournament`; with a path it saves all that it saves by itself, but for pictures.

    `seeded` in this process only.
    """
    Seeded.seeds = {key: index for index, key in enumerate(plan.keys())} if seeded else {}
    tournament = [_named(document, f"{NAME}{key}") for key, document in plan.documents.items()]
    clock = Clock()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = cartesian_tournament(
            competitors=[kind_of(party) for party in plan.competitors],
            competitor_params=[given(party) for party in plan.competitors],
            competitor_names=[party.name for party in plan.competitors],
            scenarios=tournament,
            rotate_ufuns=plan.rotate,
            self_play=plan.self_play,
            n_repetitions=plan.repetitions,
            n_steps=plan.n_steps,
            save_scenario_figs=False,
            njobs=n_jobs,
            path=path,
            verbosity=0,
            randomize_runs=False,
            raise_exceptions=False,
            ignore_reserved=plan.ignore_reserved,
            normalize_ufuns=plan.normalize,
            mechanism_type=Seeded if seeded else SAOMechanism,
            before_start_callback=Seeded.begin if seeded else None,
        )
    cpu, wall = clock.spent()
    records = results.details.to_dict("records")
    return TournamentRun(tuple(_row(record) for record in records), cpu, wall)


class Clock:
    """Counts processor time of this process and of those it has waited for, and the time on the wall."""

    def __init__(self) -> None:
        self._cpu, self._wall = _cpu(), time.monotonic()

    def spent(self) -> tuple[float, float]:
        return _cpu() - self._cpu, time.monotonic() - self._wall


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _named(document: str, name: str) -> Any:
    scenario = scenario_documents.load(document)
    scenario.outcome_space = type(scenario.outcome_space)(issues=scenario.outcome_space.issues, name=name)
    return scenario


def _place(name: str, n: int) -> tuple[int, int]:
    """The key of a scenario and the rotation, from the name that NegMAS gives it."""
    known, _, turned = name.removeprefix(NAME).partition("-")
    return int(known), -int(turned or 0) % n  # NegMAS turns the other way


def _row(record: dict[str, Any]) -> TournamentRow:
    seats = tuple(record["partners"])
    scenario, rotation = _place(record["scenario"], len(seats))
    scores = make_scores(record)
    agreement = record["agreement"]
    return TournamentRow(
        scenario=scenario,
        rotation=rotation,
        seats=seats,
        repetition=record["rep"],
        steps=record["step"],
        agreement=None if agreement is None or agreement != agreement else tuple(agreement),
        has_error=bool(record["has_error"]),
        utilities=_numbers(score["utility"] for score in scores),
        advantages=_numbers(score["advantage"] for score in scores),
        optimality={key: _number(scores[0].get(key)) for key in OPTIMALITY},
    )


def _numbers(values: Iterable[Any]) -> tuple[float | None, ...]:
    return tuple(_number(value) for value in values)


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


# --- Ours ---------------------------------------------------------------------------------------------------------


def row_of(key: Key, result: MatchResult) -> TournamentRow:
    """One of our results as such a row."""
    scenario, rotation, seats, repetition = key
    return TournamentRow(
        scenario,
        rotation,
        seats,
        repetition,
        steps=result.steps,
        agreement=result.agreement,
        has_error=result.failed_party is not None or bool(result.error),
        utilities=result.utilities,
        advantages=result.advantages,
        optimality={name: getattr(result, name) for name in OPTIMALITY},
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One match that ended in another way."""

    negmas: TournamentRow | None
    ours: TournamentRow | None
    most: float


def differences(
    negmas: Iterable[TournamentRow], ours: Iterable[TournamentRow], tolerance: float = 1e-6
) -> list[Difference]:
    """The matches whose utilities, advantages or optimalities differ by more than that, the largest difference first."""
    theirs = {row.key: row for row in negmas}
    mine = {row.key: row for row in ours}
    found = [
        Difference(theirs.get(key), mine.get(key), _apart(theirs.get(key), mine.get(key)))
        for key in sorted({*theirs, *mine})
    ]
    return sorted((one for one in found if one.most > tolerance), key=attrgetter("most"), reverse=True)


def _apart(one: TournamentRow | None, other: TournamentRow | None) -> float:
    if one is None or other is None:
        return math.inf
    return max(map(_gap, _all(one), _all(other)))


def _all(row: TournamentRow) -> list[float | None]:
    return [*row.utilities, *row.advantages, *row.optimality.values()]


def _gap(one: float | None, other: float | None) -> float:
    if one is None or other is None:
        return 0.0 if one is other else math.inf
    return abs(one - other)

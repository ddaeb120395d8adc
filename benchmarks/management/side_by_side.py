"""What commands need to play the same tournament here and by NegMAS: scenarios from folders, competitors by type."""

from __future__ import annotations

import random
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from negotiations.engine import scenarios
from negotiations.engine.analysing import Stored, analyse_document
from negotiations.engine.exceptions import UnknownNegotiator
from negotiations.engine.match_specs import MatchResult, ScenarioMaterial
from negotiations.engine.matches import play_matches
from negotiations.engine.negmas_tournament import TournamentPlan, TournamentRow, row_of
from negotiations.engine.negotiators import kind_of
from negotiations.engine.specs import PartySpec, ScenarioSpec

NATIVE = "negmas.gb.negotiators."
COMPETITORS = (
    NATIVE + "micro.MiCRONegotiator",
    NATIVE + "timebased.BoulwareTBNegotiator",
    NATIVE + "timebased.ConcederTBNegotiator",
    NATIVE + "timebased.LinearTBNegotiator",
    NATIVE + "titfortat.NaiveTitForTatNegotiator",
    "negmas_genius_agents.negotiators.time_dependent.TimeDependentAgentBoulware",
)
SCENARIOS = Path(__file__).parents[2] / "negotiations" / "scenarios"
MOST_OUTCOMES = 10**6
N_STEPS = 100


@dataclass(frozen=True)
class Tournament:
    """The plan for both, with the scenarios that it is played on."""

    plan: TournamentPlan
    specs: tuple[ScenarioSpec, ...]
    stored: tuple[Stored, ...]

    def play(self) -> list[TournamentRow]:
        """All of it by the engine alone, in this process."""
        pairs = enumerate(zip(self.specs, self.stored, strict=True))
        material = {
            number: ScenarioMaterial(spec.document, spec.checksum, stored.arrays.encode("latin-1"))
            for number, (spec, stored) in pairs
        }
        played = play_matches(material, list(self.plan.matches()))
        results = (item for item in played if isinstance(item, MatchResult))
        return [row_of(key, result) for key, result in zip(self.plan.keys(), results, strict=True)]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", type=Path, default=[SCENARIOS], help="Folders of scenarios; ours."
    )
    parser.add_argument(
        "--competitor", dest="types", action="append", metavar="TYPE", help="Full type name; six unless told."
    )
    parser.add_argument("--steps", type=int, default=N_STEPS, help="Steps of each match.")
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument(
        "--most-outcomes", type=int, default=MOST_OUTCOMES, help="Larger scenarios are left out."
    )


def tournament(
    paths: list[Path],
    types: list[str] | None,
    steps: int,
    repetitions: int,
    most_outcomes: int,
    **options: Any,
) -> Tournament:
    """Of all additive scenarios for two in these folders. Raises CommandError."""
    if steps < 1 or repetitions < 1:
        raise CommandError("--steps and --repetitions are whole numbers from 1 on.")
    specs = tuple(spec for spec in _specs(paths) if _fits(spec, most_outcomes))
    if not specs:
        raise CommandError(
            "No additive scenario for two parties of this size was found. Name folders of scenarios."
        )
    plan = TournamentPlan(
        documents={number: spec.document for number, spec in enumerate(specs)},
        competitors=_competitors(types or list(COMPETITORS)),
        n_steps=steps,
        repetitions=repetitions,
        **options,
    )
    stored = tuple(next(analyse_document(spec.document)) for spec in specs)
    return Tournament(plan, specs, stored)


def _specs(paths: list[Path]) -> Iterator[ScenarioSpec]:
    for path in paths:
        if not path.is_dir():
            raise CommandError(f"{path} is no folder.")
        state = random.getstate()
        yield from (read.spec for read in scenarios.read_all(path) if read.spec)
        random.setstate(state)


def _fits(spec: ScenarioSpec, most_outcomes: int) -> bool:
    additive = all(party.weights for party in spec.preferences)
    return len(spec.preferences) == 2 and additive and 0 < (spec.n_outcomes or 0) <= most_outcomes


def _competitors(types: list[str]) -> tuple[PartySpec, ...]:
    parties = tuple(PartySpec(kind.rpartition(".")[2], kind) for kind in types)
    if len({party.name for party in parties}) < len(parties):
        raise CommandError("Two competitors have the same name. Name each type once.")
    try:
        for party in parties:
            kind_of(party)
    except UnknownNegotiator as error:
        raise CommandError(str(error)) from error
    return parties

"""Matches for the tests of the engine, on the scenarios of `scenes`."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from negotiations.engine import scenario_documents
from negotiations.engine.analysing import analyse
from negotiations.engine.analysis_bytes import to_bytes
from negotiations.engine.match_specs import MatchResult, MatchRules, MatchSpec, ScenarioMaterial
from negotiations.engine.matches import play_matches
from negotiations.engine.scenario_texts import dumped, parsed
from negotiations.engine.specs import Action, MechanismSpec, PartySpec, SessionSpec
from negotiations.engine.transcripts import read_transcript, transcript_bytes
from tests.engine.scenes import BOULWARE, HOSTILE, scenario

MICRO = "negmas.gb.negotiators.micro.MiCRONegotiator"
CONCEDER = "negmas.gb.negotiators.timebased.ConcederTBNegotiator"
NAIVE = "negmas.gb.negotiators.titfortat.NaiveTitForTatNegotiator"
RANDOM = "negmas.gb.negotiators.randneg.RandomNegotiator"
GENIUS = "negmas_genius_agents.negotiators.anac.y2011.hard_headed.HardHeaded"

ON = "laptop_xml"


@functools.cache
def material(on: str = ON) -> ScenarioMaterial:
    spec = scenario(on)
    stored = to_bytes(analyse(scenario_documents.load(spec.document)))
    return ScenarioMaterial(spec.document, spec.checksum, stored)


def parties(*types: str) -> tuple[PartySpec, ...]:
    return tuple(
        PartySpec(f"party {index}", kind if "." in kind else HOSTILE + kind)
        for index, kind in enumerate(types)
    )


def match(*types: str, index: int = 0, rotation: int = 0, seed: int = 7, **limits: Any) -> MatchSpec:
    given = {"n_steps": 20, "seconds": None, **limits}
    return MatchSpec(index, 1, rotation, parties(*types), given["n_steps"], given["seconds"], seed)


def results(specs: Sequence[MatchSpec], on: str = ON, rules: MatchRules | None = None) -> list[MatchResult]:
    """Played here, one after the other."""
    items = play_matches({1: material(on)}, specs, None, rules or MatchRules())
    return [item for item in items if isinstance(item, MatchResult)]


def actions(result: MatchResult) -> list[Action]:
    return read_transcript(transcript_bytes(result.transcript))


def as_session(spec: MatchSpec, on: str = ON) -> SessionSpec:
    """The same match as a session: the utility functions turned instead of numbered."""
    space, *ufuns = parsed(scenario(on).document)
    turned = [ufuns[(position + spec.rotation) % len(ufuns)] for position in range(len(ufuns))]
    document = "---\n".join(dumped(part) for part in (space, *turned))
    return SessionSpec(document, spec.parties, MechanismSpec(spec.n_steps, spec.seconds), spec.seed)


ALL = (BOULWARE, MICRO, CONCEDER, NAIVE, RANDOM, GENIUS)

"""A scenario made ready for many matches: parsed once, analysed once, sorted once."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from negmas.inout import Scenario
from negmas.outcomes import OutcomeSpace

from negotiations.engine import scenario_documents
from negotiations.engine.analysing import analyse
from negotiations.engine.analysis_bytes import Unreadable, from_bytes
from negotiations.engine.match_specs import MatchSpec, ScenarioMaterial
from negotiations.engine.match_ufuns import AllOutcomes, SharedUfun
from negotiations.engine.outcome_space import Analysis
from negotiations.engine.utilities import finite

LEAVERS = "negmas_genius_agents."


class MatchScenario:
    """What matches on one scenario share. Each is given utility functions of its own, since negotiators own theirs."""

    def __init__(self, material: ScenarioMaterial, ignore_reserved: bool = False) -> None:
        scenario = scenario_documents.load(material.document)
        if ignore_reserved:
            for ufun in scenario.ufuns:
                ufun.reserved_value = -math.inf
        self.analysis = _analysis(material, scenario, ignore_reserved)
        self.outcome_space: OutcomeSpace = scenario.outcome_space
        self.best = tuple(high for _, high in self.analysis.ranges)
        for ufun, (low, _) in zip(scenario.ufuns, self.analysis.ranges, strict=True):
            if finite(ufun.reserved_value) is None:
                ufun.reserved_value = low  # as NegMAS's tournaments do
        self.reserved = tuple(float(ufun.reserved_value) for ufun in scenario.ufuns)
        self.valid: dict[int, Any] = {}
        space = AllOutcomes(self.outcome_space)
        self.shared = tuple(SharedUfun(ufun, space) for ufun in scenario.ufuns)

    @property
    def n_parties(self) -> int:
        return len(self.shared)

    def order(self, rotation: int) -> tuple[int, ...]:
        """The number of the utility function at each position."""
        return tuple((position + rotation) % self.n_parties for position in range(self.n_parties))

    def ufuns(self, rotation: int) -> tuple[Any, ...]:
        """Fresh utility functions in the order of positions."""
        return tuple(self.shared[number].fresh() for number in self.order(rotation))

    def keep(self, match: MatchSpec, ufuns: Sequence[Any]) -> None:
        """What agents left on their functions for the next of their kind: only those of a package that is known to."""
        for party, number, ufun in zip(match.parties, self.order(match.rotation), ufuns, strict=True):
            if party.type.startswith(LEAVERS):
                self.shared[number].keep(ufun)


def _analysis(material: ScenarioMaterial, scenario: Scenario, ignore_reserved: bool) -> Analysis:
    """Without its pictures, which no match looks at."""
    try:
        known = None if ignore_reserved else from_bytes(material.analysis or b"")
    except Unreadable:
        known = None
    return replace(known or analyse(scenario), cloud=np.empty((0, 0)), grids=np.empty((0, 0)))


# --- Kept from one batch of matches to the next -------------------------------------------------------------------

KEPT = 32
_kept: OrderedDict[tuple[str, bool], MatchScenario] = OrderedDict()


def prepared(material: ScenarioMaterial, ignore_reserved: bool = False) -> MatchScenario:
    """The scenario, read once in this process and in those that are forked from it."""
    key = material.checksum, ignore_reserved
    if key not in _kept:
        _kept[key] = MatchScenario(material, ignore_reserved)
    _kept.move_to_end(key)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return _kept[key]

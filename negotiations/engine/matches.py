"""Play many matches of a tournament, one after the other in one process."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from negotiations.engine.exceptions import Unseated
from negotiations.engine.failures import Failure
from negotiations.engine.match_scenarios import MatchScenario, prepared
from negotiations.engine.match_specs import MatchBegun, MatchResult, MatchRules, MatchSpec, ScenarioMaterial
from negotiations.engine.match_table import MatchTable
from negotiations.engine.negotiators import kind_of
from negotiations.engine.outcome_space import Analysis
from negotiations.engine.sessions import born, end_of, step_on
from negotiations.engine.specs import Action, EndReason, MechanismSpec, PartySpec, Response, SessionSpec
from negotiations.engine.table import Table, seed_everything, seed_of
from negotiations.engine.transcripts import written
from negotiations.engine.turns import SOMEBODY, Turn
from negotiations.engine.utilities import UtilityTable

RULES = MatchRules()


def play_matches(
    scenarios: Mapping[int, ScenarioMaterial],
    matches: Sequence[MatchSpec],
    turn: Turn | None = None,
    rules: MatchRules = RULES,
) -> Iterator[MatchBegun | MatchResult]:
    """Yield a MatchBegun and then a MatchResult for each match, in order; to be run in `child.in_child`.

    What a negotiator does wrong ends its own match only. What ends the process does not come back: MemoryError comes
    out as it is, and whoever exits, crashes or never returns ends as a ChildFailed of `in_child` (give it the same
    `turn`), which names the party. Then the last MatchBegun without a result names the match: `match_specs.died` is its
    result, and the rest is played in a new child. If there is none, the next match died while its scenario was read.

    Negotiators are imported and analysed scenarios read before this returns, for all children of the caller.
    """
    if not rules.ignore_reserved:
        for key in {match.scenario for match in matches if scenarios[match.scenario].analysis}:
            prepared(scenarios[key])
    _import({party.type: party for match in matches for party in match.parties}.values())
    return _played(scenarios, matches, turn or Turn(), rules)


def _import(parties: Iterable[PartySpec]) -> None:
    for party in parties:
        try:
            kind_of(party)
        except Exception:  # noqa: BLE001 its matches will tell what is wrong with it
            continue


def _played(
    scenarios: Mapping[int, ScenarioMaterial], matches: Sequence[MatchSpec], turn: Turn, rules: MatchRules
) -> Iterator[MatchBegun | MatchResult]:
    for match in matches:
        scenario = prepared(scenarios[match.scenario], rules.ignore_reserved)
        order = scenario.order(match.rotation)
        reserved = tuple(scenario.reserved[number] for number in order)
        yield MatchBegun(match.index, reserved, tuple(scenario.best[number] for number in order))
        yield _Match(match, scenario, rules, turn).played()


class _Match:
    """One match, from seating to its result."""

    def __init__(self, match: MatchSpec, scenario: MatchScenario, rules: MatchRules, turn: Turn) -> None:
        self._match = match
        self._scenario = scenario
        self._turn = turn
        self._actions: list[Action] = []
        mechanism = MechanismSpec(
            match.n_steps, match.seconds, rules.offering_is_accepting, rules.one_offer_per_step
        )
        self._session = SessionSpec("", match.parties, mechanism, match.seed)

    def played(self) -> MatchResult:
        begun = time.process_time()
        self._turn.take(SOMEBODY)
        seed_everything(seed_of(self._match.seed, 0))
        try:
            table = self._seated()
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 a negotiator's constructor is other people's code
            told = self._not_started(error)
        else:
            while step_on(table):
                pass
            self._turn.leave()
            table.close()
            self._scenario.keep(self._match, self._ufuns)
            told = self._ended(table)
        return self._result(told, time.process_time() - begun)

    def _seated(self) -> Table:
        match, scenario = self._match, self._scenario
        if len(match.parties) != scenario.n_parties:
            raise Unseated(f"The scenario seats {scenario.n_parties} and {len(match.parties)} were given.")
        if match.n_steps is None and match.seconds is None:
            raise Unseated("The match has neither a number of steps nor a time limit. Set one of them.")
        self._ufuns = ufuns = scenario.ufuns(match.rotation)
        utilities = UtilityTable(
            [scenario.shared[number].original for number in scenario.order(match.rotation)]
        )
        table = MatchTable(
            self._session,
            scenario.outcome_space,
            utilities,
            self._turn,
            self._actions.append,
            valid=scenario.valid,
        )
        for index, (party, ufun) in enumerate(zip(match.parties, ufuns, strict=True)):
            self._turn.take(index)
            table.seat(born(party, str(index)), ufun, party)
        return table

    def _not_started(self, error: BaseException) -> dict[str, Any]:
        failure = Failure.of(error, self._turn.party)
        self._turn.leave()
        return {"end_reason": EndReason.ERROR.value, **_told(failure)}

    def _ended(self, table: Table) -> dict[str, Any]:
        reason, _ = end_of(self._session, table)
        told = {
            "end_reason": reason.value,
            "steps": table.state.step,
            "relative_time": float(table.state.relative_time),
        }
        if reason == EndReason.AGREEMENT:
            told["agreement"], told["utilities"] = table.utilities.of(table.state.agreement)
        if reason == EndReason.ERROR and table.failure:
            told.update(_told(table.failure))
        return told

    def _result(self, told: dict[str, Any], cpu_seconds: float) -> MatchResult:
        order = self._scenario.order(self._match.rotation)
        reserved = tuple(self._scenario.reserved[number] for number in order)
        utilities = told.pop("utilities", reserved)
        return MatchResult(
            index=self._match.index,
            utilities=utilities,
            reserved=reserved,
            best=tuple(self._scenario.best[number] for number in order),
            cpu_seconds=cpu_seconds,
            n_offers=sum(action.response == Response.OFFER for action in self._actions),
            transcript=written(self._actions, self._match.n_steps if self._match.seconds is None else None),
            **judged(self._scenario.analysis, order, utilities),
            **told,
        )


def _told(failure: Failure) -> dict[str, Any]:
    return {"failed_party": failure.party, "error": failure.error, "traceback": failure.traceback}


def judged(analysis: Analysis, order: tuple[int, ...], utilities: tuple[float | None, ...]) -> dict[str, Any]:
    """Where an end stands, from its utilities by position; nothing where one is missing."""
    by_ufun = dict(zip(order, utilities, strict=True))
    here = [value for number in sorted(order) if (value := by_ufun[number]) is not None]
    if len(here) != len(order):
        return {}
    shares = analysis.optimality(here)
    return {
        "welfare": sum(here) / len(here),
        "nash_optimality": shares["nash"],
        "kalai_optimality": shares["kalai"],
        "ks_optimality": shares["ks"],
        "max_welfare_optimality": shares["welfare"],
        "pareto_optimality": shares["pareto"],
        "pareto_distance": analysis.distances(here)["pareto"],
    }

"""What `play` tells is what NegMAS does (N-04, N-07)."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from negmas.sao import ResponseType, SAOMechanism

from negotiations.engine import negotiators, scenarios
from negotiations.engine.sessions import seed_of
from negotiations.engine.specs import Action, Result, SessionSpec
from tests.engine.scenes import BOULWARE, SCENARIOS, natives, played, session

pytestmark = pytest.mark.slow

WORDS = {
    ResponseType.ACCEPT_OFFER: "accept",
    ResponseType.END_NEGOTIATION: "end",
    ResponseType.LEAVE: "leave",
    ResponseType.NO_RESPONSE: "none",
}


class Witness(SAOMechanism):
    """Notes every answer by itself, re-seeded as the engine says it is."""

    def __init__(self, seed: int, **kwargs: Any) -> None:
        super().__init__(check_offers=True, ignore_negotiator_exceptions=True, **kwargs)
        self.seed = seed
        self.rows: list[tuple[Any, ...]] = []

    def _safe_counter(self, negotiator: Any, state: Any, *args: Any, **kwargs: Any) -> Any:
        seed = seed_of(self.seed, len(self.rows) + 1)
        random.seed(seed)
        np.random.seed(seed)
        on_table = state.current_offer
        answer, failed = super()._safe_counter(negotiator, state, *args, **kwargs)
        word, outcome = WORDS.get(answer.response, "reject"), None
        if word == "reject" and answer.outcome is not None:
            word, outcome = "offer", answer.outcome
        if word == "accept":
            outcome = on_table
        party = [one.id for one in self.negotiators].index(negotiator.id)
        self.rows.append((state.step, round(self.relative_time, 6), party, word, outcome))
        return answer, failed


def witnessed(spec: SessionSpec, make: Any) -> Any:
    """The same session at another mechanism."""
    scenario = scenarios.load(spec.scenario)
    random.seed(seed_of(spec.seed, 0))
    np.random.seed(seed_of(spec.seed, 0))
    mechanism = make(outcome_space=scenario.outcome_space, n_steps=spec.mechanism.n_steps)
    for index, (party, ufun) in enumerate(zip(spec.parties, scenario.ufuns, strict=True)):
        mechanism.add(negotiators.create(party, identity=str(index)), preferences=ufun)
    while mechanism.step().running:
        pass
    return mechanism, scenario.ufuns


def seats(kind: str, on: str) -> list[str]:
    """The negotiator first, Boulware on the other seats."""
    return [kind] + [BOULWARE] * (2 if on == "kitchen_yaml" else 1)


def told(actions: list[Action]) -> list[tuple[Any, ...]]:
    return [(one.step, one.relative_time, one.party, one.response, one.outcome) for one in actions]


def number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def assert_utilities(actions: list[Action], result: Result, mechanism: Any, ufuns: Any) -> None:
    for action in actions:
        if action.outcome is not None:
            assert action.utilities == tuple(number(ufun(action.outcome)) for ufun in ufuns)
    assert result.agreement == mechanism.agreement
    worth = [
        ufun.reserved_value if mechanism.agreement is None else ufun(mechanism.agreement) for ufun in ufuns
    ]
    assert result.utilities == tuple(number(value) for value in worth)


@pytest.mark.parametrize("on", SCENARIOS)
@pytest.mark.parametrize("kind", natives(), ids=lambda kind: kind.short_name)
def test_every_action_of_every_native_negotiator_is_what_negmas_did(kind: Any, on: str) -> None:
    """N-04, with two parties and with three."""
    spec = session(*seats(kind.type, on), on=on)
    actions, result = played(spec)
    mechanism, ufuns = witnessed(spec, lambda **rules: Witness(spec.seed, **rules))
    assert told(actions) == mechanism.rows
    assert [action.seq for action in actions] == list(range(1, len(actions) + 1))
    assert result.steps == mechanism.state.step
    assert_utilities(actions, result, mechanism, ufuns)


@pytest.mark.parametrize("on", SCENARIOS)
@pytest.mark.parametrize(
    "kind", [kind for kind in natives() if kind.deterministic], ids=lambda kind: kind.short_name
)
def test_offers_of_deterministic_negotiators_are_those_of_a_bare_run(kind: Any, on: str) -> None:
    """N-04: neither the seeding nor the quicker copies change anything."""
    spec = session(*seats(kind.type, on), on=on)
    actions, result = played(spec)
    mechanism, ufuns = witnessed(spec, SAOMechanism)
    offered = [
        (action.step, str(action.party), action.outcome) for action in actions if action.response == "offer"
    ]
    assert offered == [tuple(row) for row in mechanism.extended_trace]
    assert_utilities(actions, result, mechanism, ufuns)


@pytest.mark.parametrize("kind", natives(), ids=lambda kind: kind.short_name)
def test_a_replay_is_identical(kind: Any) -> None:
    spec = session(*seats(kind.type, "kitchen_yaml"), on="kitchen_yaml")
    first = played(spec)
    random.seed()
    np.random.seed()
    assert played(spec) == first


@pytest.mark.parametrize(
    "kind", [kind for kind in natives() if kind.deterministic], ids=lambda kind: kind.short_name
)
def test_a_negotiator_called_deterministic_does_not_look_at_the_seed(kind: Any) -> None:
    runs = [played(session(kind.type, BOULWARE, on="laptop_xml", seed=seed)) for seed in (1, 2, 3)]
    assert runs[0] == runs[1] == runs[2]

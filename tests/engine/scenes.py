"""Sessions for the tests of the engine: small scenarios of our own, parties by type name."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from negotiations.engine import scenarios
from negotiations.engine.catalogue import catalogue
from negotiations.engine.sessions import play
from negotiations.engine.specs import (
    Action,
    MechanismSpec,
    NegotiatorSpec,
    PartySpec,
    Result,
    ScenarioSpec,
    SessionSpec,
)

DATA = Path(__file__).parent.parent / "data"
HOSTILE = "tests.engine.hostile."
BOULWARE = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"
SCENARIOS = ("laptop_xml", "trip_json", "kitchen_yaml")


@functools.cache
def scenario(name: str) -> ScenarioSpec:
    return scenarios.read_folder(DATA / name)


@functools.cache
def natives() -> tuple[NegotiatorSpec, ...]:
    """The negotiators of NegMAS that run alone."""
    return tuple(spec for spec in catalogue() if spec.source == "negmas" and spec.runs_alone)


def session(
    *types: str, on: str = "laptop_xml", n_steps: int | None = 20, seed: int = 7, **rules: Any
) -> SessionSpec:
    """A session of these types, each seated once; short names are those of the hostile ones."""
    parties = tuple(
        PartySpec(f"party {index}", kind if "." in kind else HOSTILE + kind)
        for index, kind in enumerate(types)
    )
    return SessionSpec(scenario(on).document, parties, MechanismSpec(n_steps=n_steps, **rules), seed)


def played(spec: SessionSpec) -> tuple[list[Action], Result]:
    """All actions and the result, which has to be the last item and the only one of its kind."""
    *actions, result = play(spec)
    assert isinstance(result, Result)
    assert all(isinstance(action, Action) for action in actions)
    return [action for action in actions if isinstance(action, Action)], result

"""What hangs, exits or eats memory takes its own match with it; its parent knows which, and whose doing it was."""

from __future__ import annotations

from typing import Any

import pytest

from negotiations.engine.child import ChildFailed, in_child
from negotiations.engine.match_specs import MatchBegun, MatchResult, MatchSpec
from negotiations.engine.matches import play_matches
from negotiations.engine.specs import Limits
from negotiations.engine.turns import Turn
from tests.engine.bouts import MICRO, match, material, results
from tests.engine.scenes import BOULWARE

pytestmark = pytest.mark.workers

LIMITS = Limits(action_seconds=0.6, session_seconds=30, memory_bytes=512 * 2**20)


def played(specs: list[MatchSpec]) -> tuple[list[Any], ChildFailed | None]:
    """The items that came from a child, and how it failed."""
    turn = Turn()
    items: list[Any] = []
    try:
        for item in in_child(play_matches({1: material()}, specs, turn), LIMITS, turn):
            if isinstance(item, MatchBegun | MatchResult):
                items.append(item)
    except ChildFailed as failure:
        return items, failure
    return items, None


def test_matches_in_a_child_are_the_matches() -> None:
    specs = [match(MICRO, BOULWARE, index=index, seed=index) for index in range(5)]
    items, failure = played(specs)
    assert failure is None
    kept = [item.transcript for item in items if isinstance(item, MatchResult)]
    assert kept == [result.transcript for result in results(specs)]


@pytest.mark.parametrize(
    ("kind", "reason", "party"),
    [
        ("Loops", "action_limit", 1),
        ("Hangs", "action_limit", 1),
        ("HangsAtBirth", "action_limit", 1),
        ("HangsAtStart", "action_limit", 1),
        ("Exits", "exited", 1),
        ("KillsItself", "exited", 1),
        ("RaisesMemoryError", "memory_limit", 1),
    ],
)
def test_the_last_match_begun_is_the_one_that_died(kind: str, reason: str, party: int) -> None:
    items, failure = played(
        [match(MICRO, BOULWARE, index=0), match("Plain", kind, index=1), match(MICRO, BOULWARE, index=2)]
    )
    assert failure
    assert (failure.reason, failure.party) == (reason, party)
    assert [(type(item), item.index) for item in items] == [
        (MatchBegun, 0),
        (MatchResult, 0),
        (MatchBegun, 1),
    ]

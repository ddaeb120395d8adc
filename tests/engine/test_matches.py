"""Matches: what they tell is what the session of the same parties and seed tells, and one does not touch the next."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from negotiations.engine import wire
from negotiations.engine.analysis_bytes import from_bytes
from negotiations.engine.match_scenarios import MatchScenario, _kept
from negotiations.engine.match_specs import MatchBegun, MatchResult, MatchRules, advantage, died
from negotiations.engine.matches import judged, play_matches
from negotiations.engine.specs import PartySpec
from tests.engine.bouts import (
    ALL,
    CONCEDER,
    MICRO,
    RANDOM,
    actions,
    as_session,
    match,
    material,
    results,
)
from tests.engine.scenes import BOULWARE, natives, played

MISBEHAVING = (
    "Raises", "RaisesInLines", "RaisesSystemExit", "RaisesKeyboardInterrupt", "RaisesGeneratorExit", "RaisesUnprintable",
    "RaisesAtBirth", "RaisesWhenToldOfAnOffer", "OffersText", "OffersWhatIsNotThere", "OffersTooMuch", "OffersANumber",
    "AnswersText", "AnswersNothing", "CallsNothing", "CallsText", "AcceptsNothingAtAll", "OffersNothing", "Ends", "Leaves",
    "Speaks", "SpeaksNonsense", "Prints",
)  # fmt: skip


def assert_same(spec: Any, on: str = "laptop_xml") -> MatchResult:
    """The match is the session."""
    [result] = results([spec], on)
    told, session = played(as_session(spec, on))
    assert actions(result) == told
    assert (result.end_reason, result.steps, result.agreement) == (
        session.end_reason,
        session.steps,
        session.agreement,
    )
    reserved = zip(session.utilities, result.reserved, strict=True)
    assert result.utilities == tuple(least if value is None else value for value, least in reserved)
    assert result.error == session.error
    return result


@pytest.mark.parametrize("rotation", [0, 1])
@pytest.mark.parametrize("kinds", list(itertools.product(ALL, [MICRO, RANDOM])), ids=str)
def test_a_match_is_the_session_of_the_same_parties_and_seed(kinds: tuple[str, str], rotation: int) -> None:
    assert_same(match(*kinds, rotation=rotation, n_steps=30))


@pytest.mark.slow
@pytest.mark.parametrize("on", ["laptop_xml", "trip_json"])
@pytest.mark.parametrize("kind", natives(), ids=lambda kind: kind.short_name)
def test_every_native_negotiator_plays_as_in_a_session(kind: Any, on: str) -> None:
    assert_same(match(kind.type, BOULWARE), on)
    assert_same(match(CONCEDER, kind.type, rotation=1), on)


def test_three_parties_play_as_in_a_session_on_every_rotation() -> None:
    for rotation in range(3):
        assert_same(match(BOULWARE, MICRO, CONCEDER, rotation=rotation), "kitchen_yaml")


@pytest.mark.parametrize("kind", MISBEHAVING)
@pytest.mark.parametrize("seat", [0, 1])
def test_what_misbehaves_ends_its_own_match_as_it_ends_a_session(kind: str, seat: int) -> None:
    kinds = (kind, "Plain") if seat == 0 else ("Plain", kind)
    before, bad, after = results([match(MICRO, BOULWARE), match(*kinds), match(MICRO, BOULWARE)])
    assert_same(match(*kinds))
    assert (before.transcript, before.utilities) == (after.transcript, after.utilities)
    if kind.startswith("Raises"):
        assert (bad.end_reason, bad.failed_party) == ("error", seat)
        assert bad.utilities == bad.reserved
        assert bad.error
        assert bad.traceback


def test_a_party_that_waits_for_ever_ends_as_in_a_session() -> None:
    assert_same(match("Plain", "Waits", n_steps=3))


def test_an_own_number_of_steps_and_one_offer_a_step_are_kept() -> None:
    spec = match(BOULWARE, MICRO, n_steps=30)
    spec = type(spec)(0, 1, 0, (spec.parties[0], PartySpec("two", MICRO, n_steps=5)), 30, None, 7)
    assert assert_same(spec).steps <= 5
    [single] = results([match(BOULWARE, CONCEDER)], rules=MatchRules(one_offer_per_step=True))
    assert [action.step for action in actions(single)] == list(range(len(actions(single))))


def test_memory_that_runs_out_comes_out_as_it_is() -> None:
    with pytest.raises(MemoryError):
        results([match("Plain", "RaisesMemoryError")])


def test_each_match_is_announced_with_what_its_parties_can_get() -> None:
    begun, result = play_matches({1: material()}, [match(MICRO, BOULWARE, rotation=1)])
    assert isinstance(begun, MatchBegun)
    assert isinstance(result, MatchResult)
    assert (begun.index, begun.reserved, begun.best) == (result.index, result.reserved, result.best)
    assert result.reserved == (0.1, 0.25)


def test_a_match_that_died_gives_its_parties_what_they_have_without_agreement() -> None:
    spec = match(MICRO, BOULWARE)
    begun, _ = play_matches({1: material()}, [spec])
    assert isinstance(begun, MatchBegun)
    lost = died(spec, begun, "action_limit", 1, "It took too long.")
    assert (lost.utilities, lost.failed_party, lost.advantages) == ((0.25, 0.1), 1, (0.0, 0.0))
    assert died(spec, None, "memory_limit", None).utilities == (None, None)


def test_a_scenario_without_analysis_or_with_one_of_another_version_is_analysed_here() -> None:
    stored = material()
    known = MatchScenario(stored).analysis
    for analysis in (None, b"of another version"):
        made = MatchScenario(replace(stored, analysis=analysis)).analysis
        assert made.optimality([0.5, 0.5]) == known.optimality([0.5, 0.5])
        assert made.ranges == known.ranges


def test_what_is_shared_is_there_before_the_first_match() -> None:
    """So that children inherit it."""
    _kept.clear()
    play_matches({1: material()}, [match(MICRO, "no.such.Negotiator")])
    assert list(_kept) == [(material().checksum, False)]


def test_who_has_no_reserved_value_gets_its_least_without_agreement() -> None:
    """As in NegMAS's tournaments."""
    tough = "negmas.gb.negotiators.tough.ToughNegotiator"
    [result] = results([match(tough, tough)], rules=MatchRules(ignore_reserved=True))
    assert result.agreement is None
    assert result.utilities == result.reserved == (0.0, 0.0)


def test_results_cross_a_pipe_and_are_json() -> None:
    for item in play_matches({1: material()}, [match(MICRO, "Raises"), match(MICRO, BOULWARE)]):
        assert wire.take(bytearray(wire.encode(item))) == [item]
        assert json.dumps([getattr(item, name) for name in type(item).__slots__], allow_nan=False)


def test_an_advantage_is_the_share_of_what_could_be_gained() -> None:
    assert advantage(0.75, 0.5, 1.0) == 0.5
    assert advantage(0.5, 1.0, 1.0) == 0.0
    assert advantage(None, 0.5, 1.0) is None


SCRIPT = """
import sys
from tests.engine.bouts import ALL, match, results
specs = [match(one, other, index=index, rotation=index % 2, seed=index) for index, (one, other) in
         enumerate((one, other) for one in ALL for other in ALL)]
specs = specs if sys.argv[1] == "forwards" else specs[::-1]
for result in sorted(results(specs), key=lambda result: result.index):
    print(result.index, result.transcript, result.utilities, result.error)
"""


def test_equal_specs_give_equal_actions_in_any_process_and_in_any_order() -> None:
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, way], env=environment, capture_output=True, text=True, check=True
        ).stdout
        for way in ("forwards", "backwards")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].splitlines()) == len(ALL) ** 2


def test_another_seed_gives_other_actions_to_who_plays_by_chance() -> None:
    one, other = results([match(RANDOM, RANDOM, seed=1), match(RANDOM, RANDOM, seed=2)])
    assert one.transcript != other.transcript


def test_where_a_utility_is_no_number_nothing_is_judged_by_it() -> None:
    analysis = from_bytes(material().analysis or b"")
    assert judged(analysis, (1, 0), (None, 0.5)) == {}
    assert judged(analysis, (1, 0), (0.5, 0.5))["welfare"] == 0.5

"""How sessions go and end."""

from __future__ import annotations

import copy
import random
from dataclasses import replace

import pytest
from negmas.sao import SAOMechanism, SAOState

from negotiations.engine import scenarios, states
from negotiations.engine.sessions import play, seed_of
from negotiations.engine.specs import Action, Awaiting, MechanismSpec, PartySpec, Response, Result
from negotiations.engine.table import MAX_TEXT
from negotiations.engine.turns import Turn
from tests.engine.scenes import BOULWARE, played, session

ASPIRATION = "negmas.gb.negotiators.timebased.AspirationNegotiator"
RANDOM = "negmas.gb.negotiators.randneg.RandomNegotiator"
ACCEPTOR = "negmas.gb.negotiators.limited.LimitedOutcomesAcceptor"
TOUGH = "negmas.gb.negotiators.tough.ToughNegotiator"


def test_the_last_action_of_an_agreement_is_the_acceptance() -> None:
    actions, result = played(session(BOULWARE, BOULWARE, n_steps=100))
    assert result.end_reason == "agreement"
    assert actions[-1].response == Response.ACCEPT
    assert actions[-1].outcome == actions[-2].outcome == result.agreement
    assert actions[-1].utilities == result.utilities


def test_without_agreement_the_utilities_are_the_reserved_values() -> None:
    """N-06: minus infinity is None."""
    _, result = played(session(TOUGH, TOUGH, on="trip_json"))
    assert (result.end_reason, result.agreement, result.party) == ("steps", None, None)
    assert list(result.utilities) == [pytest.approx(0.18), None]


def test_a_negotiator_with_three_steps_leaves_at_three() -> None:
    """N-03: its own limit ends the session, and it is named."""
    spec = session(TOUGH, TOUGH, n_steps=20)
    spec = replace(spec, parties=(spec.parties[0], replace(spec.parties[1], n_steps=3)))
    actions, result = played(spec)
    assert (result.end_reason, result.steps, result.party) == ("steps", 3, 1)
    assert {action.step for action in actions} == {0, 1, 2}


def test_parameters_reach_the_negotiator() -> None:
    """N-03."""
    spec = session("negmas.gb.negotiators.timebased.TimeBasedConcedingNegotiator", BOULWARE, n_steps=50)
    quick = replace(spec.parties[0], parameters={"offering_curve": "conceder", "accepting_curve": None})
    _, slow = played(spec)
    _, soon = played(replace(spec, parties=(quick, spec.parties[1])))
    assert soon.steps < slow.steps


def test_three_parties_agree_only_when_all_accept() -> None:
    actions, result = played(session(BOULWARE, BOULWARE, BOULWARE, on="kitchen_yaml", n_steps=100))
    assert result.end_reason == "agreement"
    assert [action.response for action in actions[-2:]] == ["accept", "accept"]
    assert len(actions[-1].utilities) == 3


def test_a_step_can_be_one_offer() -> None:
    actions, _ = played(session(TOUGH, TOUGH, n_steps=6, one_offer_per_step=True))
    assert [action.step for action in actions] == [0, 1, 2, 3, 4, 5]


def test_offering_need_not_be_accepting() -> None:
    actions, result = played(session(BOULWARE, BOULWARE, n_steps=100, offering_is_accepting=False))
    assert result.end_reason == "agreement"
    assert [action.response for action in actions[-2:]] == ["accept", "accept"]


def test_seconds_end_a_session() -> None:
    spec = session(TOUGH, "Slow", n_steps=None, seconds=0.3)
    actions, result = played(spec)
    assert result.end_reason == "seconds"
    assert 0 < actions[0].relative_time < actions[-1].relative_time <= 1


def test_a_session_without_any_end_is_refused() -> None:
    _, result = played(session(TOUGH, TOUGH, n_steps=None))
    assert result.end_reason == "error"
    assert "neither a number of steps nor a time limit" in result.error


def test_a_session_needs_a_party_for_every_utility_function() -> None:
    _, result = played(session(TOUGH, TOUGH, on="kitchen_yaml"))
    assert result.error == "The scenario has 3 utility functions but 2 parties were given. Seat 3 parties."


def test_a_session_of_which_nobody_proposes_says_so() -> None:
    _, result = played(session(ACCEPTOR, ACCEPTOR))
    assert (result.end_reason, result.party) == ("error", None)
    assert "Seat at least one party that makes offers" in result.error


def test_an_unknown_negotiator_names_its_party() -> None:
    _, result = played(session(TOUGH, "os.system"))
    assert (result.end_reason, result.party, result.error) == ("error", 1, "'os.system' is no negotiator.")


def test_text_is_kept_with_offers_and_answers() -> None:
    """NUL and lone surrogates are taken out, and what is too long is cut."""
    actions, _ = played(session(TOUGH, "Speaks"))
    assert actions[1].text.startswith("no" * 100) and len(actions[1].text) == MAX_TEXT
    assert actions[-1].text == "a deal ?"
    actions, _ = played(session("Speaks", TOUGH))
    assert actions[0].text == "offer at 0"


def test_text_that_is_no_text_is_passed_over() -> None:
    actions, _ = played(session(TOUGH, "SpeaksNonsense"))
    assert {action.text for action in actions} == {""}


def test_the_seed_decides_what_random_negotiators_do() -> None:
    assert played(session(RANDOM, RANDOM, seed=1)) == played(session(RANDOM, RANDOM, seed=1))
    assert played(session(RANDOM, RANDOM, seed=1)) != played(session(RANDOM, RANDOM, seed=2))


def test_every_action_has_its_own_seed() -> None:
    assert len({seed_of(5, seq) for seq in range(1000)}) == 1000
    assert all(0 <= seed_of(2**62, seq) < 2**32 for seq in range(10))


def test_a_session_can_be_left_at_any_action() -> None:
    """The owner of the loop decides: what was yielded until then is the beginning of the whole."""
    whole = list(play(session(BOULWARE, ASPIRATION)))
    some = play(session(BOULWARE, ASPIRATION))
    assert [next(some) for _ in range(5)] == whole[:5]


def test_an_outlet_gets_actions_at_once_and_the_loop_the_result() -> None:
    spec = session(BOULWARE, BOULWARE)
    out: list[Action | Awaiting | Result] = []
    going = play(spec)
    going.outlet = out.append
    last = list(going)
    assert [*out, *last] == list(play(spec))
    assert len(last) == 1


def test_nobody_has_the_turn_between_actions() -> None:
    turn = Turn()
    for _ in play(session(BOULWARE, BOULWARE), turn):
        assert not turn.taken and turn.party is None


def test_sessions_share_nothing() -> None:
    """Two at once over one scenario are as two in turn."""
    spec = session(RANDOM, BOULWARE)
    alone = list(play(spec))
    one, two = play(spec), play(spec)
    both = list(zip(one, two, strict=True))
    assert [pair[0] for pair in both] == [pair[1] for pair in both] == alone


def test_the_quick_copy_of_a_state_is_negmas_own() -> None:
    scenario = scenarios.load(session(BOULWARE, BOULWARE).scenario)
    mechanism = SAOMechanism(outcome_space=scenario.outcome_space, n_steps=5)
    state: SAOState = mechanism.state
    state.new_offers = [("a", ("x", 1))]
    state.new_data = [("a", {"text": "hello", "deep": [1]})]
    state.left_negotiators = {"b"}
    state.current_data = {"deep": [1]}
    kept, own = states.kept(state), copy.deepcopy(state)
    assert kept.asdict() == own.asdict() == state.asdict()
    for name in (
        "new_offers",
        "new_data",
        "left_negotiators",
        "current_data",
        "threads",
        "new_offerer_agents",
    ):
        assert getattr(kept, name) is not getattr(state, name)
    state.new_data[0][1]["deep"].append(2)
    assert kept.asdict() == own.asdict()


def test_a_session_leaves_no_trace_in_a_party_spec() -> None:
    party = PartySpec("a", BOULWARE, {"starting_utility": 0.9})
    spec = replace(session(BOULWARE, BOULWARE), parties=(party, party), mechanism=MechanismSpec(n_steps=3))
    random.seed(1)
    list(play(spec))
    assert party.parameters == {"starting_utility": 0.9}

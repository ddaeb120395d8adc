"""Forks: what is scripted is done, and all before it is as it was (X-03)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from negotiations.engine.specs import Action, MechanismSpec, PartySpec, ScriptedAction, SessionSpec
from tests.engine.scenes import BOULWARE, natives, played, session
from tests.engine.wanderer import Wanderer
from tests.factory import DOCUMENT

REMEMBERER = "tests.engine.rememberer.Rememberer"
WANDERER = f"{Wanderer.__module__}.Wanderer"
TOUGH = "negmas.gb.negotiators.tough.ToughNegotiator"
ACCEPTOR = "negmas.gb.negotiators.limited.LimitedOutcomesAcceptor"
OUTCOME = ("fair", "no")


def bike(types: list[str], n_steps: int = 12, seed: int = 3, **rules: Any) -> SessionSpec:
    """The ten outcomes of the tests' bike, for as many parties as there are types."""
    space, buyer, seller = DOCUMENT.split("---\n")
    ufuns = [(buyer, seller)[index % 2] for index in range(len(types))]
    parties = tuple(PartySpec(f"party {index}", kind) for index, kind in enumerate(types))
    return SessionSpec("---\n".join([space, *ufuns]), parties, MechanismSpec(n_steps=n_steps, **rules), seed)


def at(action: Action, response: str, outcome: Any = None) -> ScriptedAction:
    return ScriptedAction(action.seq, action.party, response, outcome)


def followed(actions: Iterable[Action], *parties: int) -> tuple[ScriptedAction, ...]:
    """The script that these parties follow their rows."""
    return tuple(
        ScriptedAction(one.seq, one.party, one.response, one.outcome, one.text)
        for one in actions
        if one.party in parties
    )


MIXED = [REMEMBERER, BOULWARE, WANDERER]


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("where", [1, 2, 7, 17])
def test_another_offer_changes_nothing_before_it(parties: int, where: int) -> None:
    spec = bike([MIXED[index % 3] for index in range(parties)])
    before, _ = played(spec)
    change = at(before[where - 1], "offer", OUTCOME)
    after, _ = played(replace(spec, scripted=(change,)))
    assert after[: where - 1] == before[: where - 1]
    done = after[where - 1]
    assert (done.seq, done.party, done.response, done.outcome) == (where, change.party, "offer", OUTCOME)
    assert len(done.utilities) == parties
    assert after[where:] != before[where:]


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_the_same_action_once_more_changes_nothing(parties: int) -> None:
    spec = bike([REMEMBERER] * parties)
    before = played(spec)
    same = followed(before[0][10:11], *range(parties))
    assert played(replace(spec, scripted=same)) == before


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("seat", [0, 1])
def test_another_negotiator_from_there_on_changes_nothing_before_it(parties: int, seat: int) -> None:
    """The others remember every callback and were born of random numbers, and still say what they said."""
    spec = bike([REMEMBERER] * parties)
    before, _ = played(spec)
    where = 2 * parties + 3
    new = PartySpec("new", BOULWARE, instead_of=spec.parties[seat])
    others = (*spec.parties[:seat], new, *spec.parties[seat + 1 :])
    after, _ = played(replace(spec, parties=others, scripted=followed(before[: where - 1], seat)))
    assert after[: where - 1] == before[: where - 1]
    assert after[where - 1 :] != before[where - 1 :]


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_more_steps_from_there_on_keep_what_was_said(parties: int) -> None:
    """The clock is another one from the first step, so times differ, and nothing else."""
    spec = bike([BOULWARE] * parties)
    before, _ = played(spec)
    where = 2 * parties
    longer = replace(spec.mechanism, n_steps=40)
    script = followed(before[: where - 1], *range(parties))
    after, _ = played(replace(spec, mechanism=longer, scripted=script))
    assert [replace(one, relative_time=0) for one in after[: where - 1]] == [
        replace(one, relative_time=0) for one in before[: where - 1]
    ]
    assert [one.relative_time for one in after[:parties]] == [round(1 / 41, 6)] * parties
    assert after[where:] != before[where:]


@pytest.mark.parametrize("kind", natives(), ids=lambda kind: kind.short_name)
@pytest.mark.parametrize("on", ["laptop_xml", "kitchen_yaml"])
def test_every_native_negotiator_can_be_replaced_and_can_replace(kind: Any, on: str) -> None:
    rest = [BOULWARE] * (1 if on == "laptop_xml" else 2)
    for was, becomes in ((kind.type, BOULWARE), (WANDERER, kind.type)):
        spec = session(was, *rest, on=on)
        before, _ = played(spec)
        where = max(1, len(before) // 2)
        parties = (PartySpec("new", becomes), *spec.parties[1:])
        fork = replace(spec, parties=parties, scripted=followed(before[: where - 1], 0))
        assert played(fork)[0][: where - 1] == before[: where - 1]


def test_to_accept_where_it_offered_is_the_agreement() -> None:
    spec = bike([TOUGH, TOUGH])
    before, _ = played(spec)
    after, result = played(replace(spec, scripted=(at(before[5], "accept"),)))
    assert (result.end_reason, result.agreement) == ("agreement", before[4].outcome)
    assert (len(after), after[-1].response, after[-1].outcome) == (6, "accept", before[4].outcome)
    assert result.utilities == before[4].utilities


def test_to_go_on_where_it_accepted() -> None:
    spec = bike([BOULWARE, BOULWARE], n_steps=50)
    before, result = played(spec)
    assert result.end_reason == "agreement"
    for change in (at(before[-1], "offer", OUTCOME), at(before[-1], "reject")):
        after, _ = played(replace(spec, scripted=(change,)))
        assert after[: len(before) - 1] == before[:-1]
        assert after[len(before) - 1].response == change.response
        assert len(after) > len(before)


def test_to_end_it() -> None:
    spec = bike([BOULWARE, BOULWARE])
    before, _ = played(spec)
    after, result = played(replace(spec, scripted=(at(before[3], "end"),)))
    assert (result.end_reason, result.party, after[-1].response) == ("ended", 1, "end")
    assert len(after) == 4


def test_a_bare_rejection_is_not_the_end() -> None:
    spec = bike([BOULWARE, BOULWARE])
    before, _ = played(spec)
    after, _ = played(replace(spec, scripted=(at(before[3], "reject"),)))
    assert (after[3].response, after[3].outcome, after[3].text) == ("reject", None, "")
    assert after[4].response == "offer"


def test_one_that_could_not_offer_is_followed_by_one_that_can() -> None:
    """Its bare rejections are no end of the negotiation for the one that repeats them."""
    spec = bike([ACCEPTOR, BOULWARE, BOULWARE])
    before, _ = played(spec)
    assert before[0].response == "reject"
    parties = (PartySpec("new", BOULWARE), *spec.parties[1:])
    after, _ = played(replace(spec, parties=parties, scripted=followed(before[:8], 0)))
    assert after[:8] == before[:8]


def test_what_was_said_beside_an_offer_is_said_again() -> None:
    spec = session(TOUGH, "Speaks")
    before, _ = played(spec)
    assert before[1].text
    parties = (spec.parties[0], PartySpec("new", TOUGH))
    after, _ = played(replace(spec, parties=parties, scripted=followed(before[:4], 1)))
    assert after[:4] == before[:4]


def test_a_party_that_failed_can_be_made_to_act_instead() -> None:
    spec = session("Plain", "Raises")
    before, result = played(spec)
    assert (before[-1].response, result.end_reason) == ("error", "error")
    change = at(before[-1], "offer", before[0].outcome)
    after, _ = played(replace(spec, scripted=(change,)))
    assert after[:5] == before[:5]
    assert [one.response for one in after[5:7]] == ["offer", "offer"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (ScriptedAction(1, 0, "accept"), "Action 1 is to accept, but no offer is on the table."),
        (
            ScriptedAction(4, 1, "offer", ("free", "no")),
            "Action 4 is to offer what is no outcome of the scenario.",
        ),
        (ScriptedAction(4, 1, "offer", ("low",)), "Action 4 is to offer what is no outcome of the scenario."),
        (ScriptedAction(4, 1, "offer"), "Action 4 is to offer what is no outcome of the scenario."),
        (
            ScriptedAction(4, 0, "end"),
            "Action 4 is written for seat 1, but it is the turn of seat 2.",
        ),
        (ScriptedAction(4, 1, "error"), "Action 4 is 'error', which nobody can be made to do."),
    ],
)
def test_what_cannot_be_done_ends_it_with_the_reason(change: ScriptedAction, told: str) -> None:
    """And no negotiator is blamed."""
    spec = bike([BOULWARE, BOULWARE])
    before, _ = played(spec)
    after, result = played(replace(spec, scripted=(change,)))
    assert (result.end_reason, result.party, result.error) == ("error", None, told)
    assert after[: change.seq - 1] == before[: change.seq - 1]


def test_memory_that_runs_out_is_still_passed_on() -> None:
    spec = session("Plain", "RaisesMemoryError")
    scripted = tuple(ScriptedAction(seq, 1, "end") for seq in (6,))
    with pytest.raises(MemoryError):
        played(replace(spec, scripted=scripted))

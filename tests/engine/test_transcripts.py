"""Transcripts: every action comes back as it went in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from negotiations.engine.specs import Action, Response
from negotiations.engine.transcripts import Unreadable, packed, read_transcript, transcript_bytes, written
from tests.engine.scenes import BOULWARE, played, session

MICRO = "negmas.gb.negotiators.micro.MiCRONegotiator"


def one_of_each_kind() -> list[Action]:
    """Actions with all that may be in them: other responses, no outcome, no number, any text, any type of value."""
    outcomes = [("a", 1, 0.1), ("a", 1.0, 0.1), ("\u2028 'ä\"", 10**15, 1e-300), None]
    return [
        Action(
            seq=index + 1,
            step=index * 7,
            relative_time=index / 17,
            party=index % 3,
            response=str(response),
            outcome=outcomes[index % 4],
            utilities=(0.1 + 0.2, None, 1.0) if outcomes[index % 4] else (),
            text="\n=cmd \ufffd" * (index % 2),
        )
        for index, response in enumerate(Response)
    ]


def test_every_action_comes_back_as_it_was() -> None:
    actions = one_of_each_kind()
    back = read_transcript(packed(actions))
    assert back == actions
    assert repr(back) == repr(actions)


def test_a_transcript_crosses_as_text_and_is_stored_as_bytes() -> None:
    actions = one_of_each_kind()
    text = written(actions)
    assert text.isascii()
    assert transcript_bytes(text) == packed(actions)


@pytest.mark.parametrize("n_steps", [20, 7, None])
def test_relative_times_come_back_whether_or_not_steps_tell_them(n_steps: int | None) -> None:
    actions, _ = played(session(BOULWARE, MICRO, n_steps=20))
    assert read_transcript(packed(actions, n_steps)) == actions


def test_a_transcript_takes_few_bytes_an_action() -> None:
    actions, _ = played(session(BOULWARE, MICRO, n_steps=100))
    assert len(actions) > 100
    assert len(packed(actions, 100)) < 4 * len(actions)


def test_nothing_is_read_from_nothing() -> None:
    assert written([]) == ""
    assert read_transcript(transcript_bytes("")) == []


@pytest.mark.parametrize("stored", [b"x", packed(one_of_each_kind())[:-20], b"x\x9c" * 20])
def test_what_is_no_transcript_is_said_to_be_none(stored: bytes) -> None:
    with pytest.raises(Unreadable):
        read_transcript(stored)


def test_transcripts_and_specs_of_matches_are_read_without_negmas() -> None:
    code = (
        "import sys, negotiations.engine.transcripts, negotiations.engine.match_specs;"
        "sys.exit('negmas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

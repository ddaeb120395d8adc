"""All actions of a match in few bytes, for a column of the database; read without NegMAS.

Columns instead of rows, each different outcome once with its utilities, then zlib. `relative_time` is left out where the
step tells it.
"""

from __future__ import annotations

import binascii
import json
import zlib
from collections.abc import Sequence
from typing import Any

from negotiations.engine.specs import Action, Outcome, Response, Utilities

VERSION = 1
LEVEL = 6
MOST = 64 * 2**20
"""Bytes of a transcript that is unpacked; no match comes near."""
_RESPONSES = tuple(Response)
_CODES = {str(response): code for code, response in enumerate(_RESPONSES)}
_NOTHING = -1


class Unreadable(ValueError):
    """These bytes are no transcript of this version."""


def written(actions: Sequence[Action], n_steps: int | None = None) -> str:
    """The transcript of a match as text, which crosses a pipe; `transcript_bytes` makes of it what is stored."""
    return binascii.b2a_base64(packed(actions, n_steps), newline=False).decode()


def transcript_bytes(transcript: str) -> bytes:
    """What to store of a result's transcript."""
    return binascii.a2b_base64(transcript)


def packed(actions: Sequence[Action], n_steps: int | None = None) -> bytes:
    """The bytes of a transcript. `n_steps` is what the relative time counts to, where it does."""
    if not actions:
        return b""
    kinds = _Kinds()
    numbers = [kinds.number(action) for action in actions]
    steps = [action.step for action in actions]
    told: dict[str, Any] = {
        "version": VERSION,
        "n_steps": n_steps if _follows(actions, n_steps) else None,
        "steps": [steps[0], *(later - step for step, later in zip(steps, steps[1:], strict=False))],
        "parties": [action.party for action in actions],
        "responses": [_CODES[action.response] for action in actions],
        "outcomes": numbers,
        "kinds": kinds.all,
        "texts": {index: action.text for index, action in enumerate(actions) if action.text},
    }
    if told["n_steps"] is None:
        told["times"] = [action.relative_time for action in actions]
    return zlib.compress(json.dumps(told, separators=(",", ":")).encode(), LEVEL)


class _Kinds:
    """Outcomes with their utilities, numbered; by identity, since (1,) and (1.0,) are equal and not the same."""

    def __init__(self) -> None:
        self.all: list[tuple[Outcome, Utilities]] = []
        self._numbers: dict[tuple[int, int], int] = {}

    def number(self, action: Action) -> int:
        if action.outcome is None:
            return _NOTHING
        number = self._numbers.setdefault((id(action.outcome), id(action.utilities)), len(self.all))
        if number == len(self.all):
            self.all.append((action.outcome, action.utilities))
        return number


def _follows(actions: Sequence[Action], n_steps: int | None) -> bool:
    """Whether the step tells the relative time."""
    return n_steps is not None and all(
        action.relative_time == time_of(action.step, n_steps) for action in actions
    )


def time_of(step: int, n_steps: int) -> float:
    """The relative time of an action, as it is recorded where steps are counted and seconds are not."""
    return round(min(1.0, (step + 1) / (n_steps + 1)), 6)


def read_transcript(stored: bytes) -> list[Action]:
    """The actions of a match. Raises Unreadable."""
    if not stored:
        return []
    try:
        told = json.loads(zlib.decompressobj().decompress(stored, MOST))
        if told["version"] != VERSION:
            raise Unreadable(f"a transcript of version {told['version']}")
        return _actions(told)
    except (zlib.error, ValueError, KeyError, TypeError, IndexError) as error:
        raise Unreadable(str(error)) from error


def _actions(told: dict[str, Any]) -> list[Action]:
    kinds = [(tuple(outcome), tuple(utilities)) for outcome, utilities in told["kinds"]]
    step, n_steps, texts, actions = 0, told["n_steps"], told["texts"], []
    columns = zip(told["steps"], told["parties"], told["responses"], told["outcomes"], strict=True)
    for index, (more, party, response, number) in enumerate(columns):
        step += more
        time = told["times"][index] if n_steps is None else time_of(step, n_steps)
        outcome, utilities = (None, ()) if number == _NOTHING else kinds[number]
        word = _RESPONSES[response].value
        text = texts.get(str(index), "")
        actions.append(Action(index + 1, step, time, party, word, outcome, utilities, text))
    return actions

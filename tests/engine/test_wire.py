"""What a child sends is read as plain values, whatever it sends."""

from __future__ import annotations

import os
import pickle
from typing import Any

import pytest

from negotiations.engine import wire
from negotiations.engine.catalogue import catalogue
from negotiations.engine.pipe import PipeReader, pipe
from negotiations.engine.specs import Action, Result
from tests.engine.scenes import scenario

ACTION = Action(1, 0, 0.5, 1, "offer", ("a", 2, 0.25), (0.1, None), "hello \u00e9")
RESULT = Result("agreement", 3, ("a", 1), (0.5, 1.0))


def framed(body: bytes) -> bytearray:
    return bytearray(len(body).to_bytes(wire.HEADER, "big") + body)


@pytest.mark.parametrize(
    "item",
    [
        ACTION,
        RESULT,
        scenario("kitchen_yaml"),
        catalogue()[0],
        None,
        10**50,
        -0.0,
        "x",
        (),
        ((),),
        [],
        [(1, [2])],
        {"a": (1,)},
    ],
    ids=repr,
)
def test_items_cross_unchanged(item: Any) -> None:
    buffer = bytearray(wire.encode(item))
    assert wire.take(buffer) == [item]
    assert not buffer


def test_half_an_item_waits_for_its_other_half() -> None:
    whole = wire.encode(ACTION) + wire.encode(RESULT)
    for cut in range(len(whole)):
        buffer = bytearray(whole[:cut])
        first = wire.take(buffer)
        buffer += whole[cut:]
        assert first + wire.take(buffer) == [ACTION, RESULT]


class Runs:
    def __reduce__(self) -> Any:
        return os.system, ("true",)


@pytest.mark.parametrize(
    "body",
    [
        pickle.dumps(Runs()),
        pickle.dumps(os.system),
        pickle.dumps(ACTION),
        pickle.dumps({1, 2}),
        pickle.dumps(("Action", (1, 2))),
        pickle.dumps(("Limits", 1, 2, 3)),
        pickle.dumps(("nothing",)),
        pickle.dumps(()),
        b"",
        b"nonsense",
        pickle.dumps(1) + b"more",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.",
    ],
    ids=range(12),
)
def test_what_would_run_or_is_no_item_is_refused(body: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.take(framed(body))


def test_what_came_before_nonsense_is_not_lost() -> None:
    with pytest.raises(wire.WireError) as raised:
        wire.take(bytearray(wire.encode(ACTION) + wire.encode(RESULT)) + framed(b"nonsense"))
    assert raised.value.before == [ACTION, RESULT]


def test_a_pipe_gives_all_items_before_it_tells_of_nonsense() -> None:
    read, write = pipe()
    os.write(write, wire.encode(ACTION) + framed(b"nonsense") + wire.encode(RESULT))
    os.close(write)
    reader = PipeReader(read)
    assert reader.gulp(0) == [ACTION]
    for _ in range(2):
        with pytest.raises(wire.WireError):
            reader.gulp(0)
    assert list(reader.rest()) == []
    reader.close()


def test_a_length_that_cannot_be_is_refused() -> None:
    with pytest.raises(wire.WireError):
        wire.take(bytearray(b"\xff" * 8))


def test_what_is_not_plain_cannot_be_sent() -> None:
    with pytest.raises(TypeError, match="Runs cannot cross from a child"):
        wire.encode(Runs())

"""What a child says beside its items: it comes in order, changes no action, and cannot flood anybody."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from negotiations.engine.child import in_child
from negotiations.engine.sessions import play
from negotiations.engine.specs import Limits, LogLine
from negotiations.engine.speech import MOST_CHARACTERS, MOST_LINES
from negotiations.engine.turns import Turn
from tests.engine.scenes import BOULWARE, session

LIMITS = Limits(action_seconds=10, session_seconds=20, memory_bytes=512 * 2**20)


def said(*speaking: Callable[[], object]) -> list[Any]:
    """What comes out of a child that does these things, and says their numbers between them."""

    def items() -> Iterator[int]:
        for number, speak in enumerate(speaking, 1):
            speak()
            yield number

    return [item for item in in_child(items(), LIMITS) if item is not None]


def lines(*speaking: Callable[[], object]) -> list[tuple[str, str]]:
    return [(item.level, item.text) for item in said(*speaking) if isinstance(item, LogLine)]


def warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning("mind the step", UserWarning, "/far/away.py", 7)


def log() -> None:
    logger = logging.getLogger("negmas.test")
    logger.setLevel(logging.DEBUG)
    logger.info("going")
    logger.warning("slow: %s", 3)
    try:
        raise ValueError("boom")
    except ValueError:
        logger.exception("failed")


def test_prints_come_in_their_place_between_the_items() -> None:
    told = said(lambda: print("one"), lambda: None, lambda: print("two", file=sys.stderr))  # noqa: T201
    assert told == [LogLine("info", "one"), 1, 2, LogLine("warning", "two"), 3]


def test_warnings_and_log_records_keep_their_level() -> None:
    assert lines(warn) == [("warning", "UserWarning: mind the step (away.py:7)")]
    told = [item for item in said(log) if isinstance(item, LogLine)]
    assert [(line.level, line.text) for line in told] == [
        ("info", "negmas.test: going"),
        ("warning", "negmas.test: slow: 3"),
        ("error", "negmas.test: failed"),
    ]
    assert "ValueError: boom" in told[2].detail


def test_half_a_line_is_said_at_the_end() -> None:
    assert lines(lambda: sys.stdout.write("half "), lambda: sys.stdout.write("a line")) == [
        ("info", "half a line")
    ]


def test_what_is_endless_is_cut() -> None:
    def flood() -> None:
        for number in range(MOST_LINES * 3):
            print("x" * 5 * MOST_CHARACTERS if number == 0 else number)  # noqa: T201

    told = lines(flood)
    assert len(told) == MOST_LINES + 1
    assert len(told[0][1]) == MOST_CHARACTERS


def test_a_line_without_end_takes_no_memory() -> None:
    def flood() -> None:
        for _ in range(2000):
            sys.stdout.write("x" * 100_000)

    assert lines(flood) == [("info", "x" * MOST_CHARACTERS)]


@pytest.mark.parametrize(
    ("text", "expected"), [("a\0b", "ab"), ("\ud800!", "\\ud800!"), ("\u2713", "\u2713")]
)
def test_what_a_database_would_refuse_is_cleaned(text: str, expected: str) -> None:
    assert lines(lambda: print(text)) == [("info", expected)]  # noqa: T201


def test_the_servers_own_outputs_get_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    def shout() -> None:
        os.write(1, b"out")
        os.write(2, b"err")
        subprocess.run(["echo", "sub"], check=True)
        print("seen")  # noqa: T201

    assert lines(shout) == [("info", "seen")]
    assert capfd.readouterr() == ("", "")


def test_bytes_and_descriptors_of_the_outputs_are_there() -> None:
    def write() -> None:
        sys.stdout.buffer.write(b"raw \xff\n")
        print(sys.stdout.fileno(), sys.stderr.fileno(), sys.stdout.encoding, flush=True)  # noqa: T201

    assert lines(write) == [("info", "raw \ufffd"), ("info", "1 2 utf-8")]


def test_threads_that_all_speak_break_no_item() -> None:
    def chatter() -> None:
        text = "y" * MOST_CHARACTERS
        threads = [threading.Thread(target=lambda: [print(text) for _ in range(50)]) for _ in range(8)]  # noqa: T201
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    told = said(*[chatter] * 2)
    assert [item for item in told if not isinstance(item, LogLine)] == [1, 2]
    assert {item.text.strip("y") for item in told if isinstance(item, LogLine)} == {""}


def test_a_process_that_was_started_inside_has_no_say() -> None:
    def fork() -> None:
        pid = os.fork()
        if not pid:
            print("from below")  # noqa: T201
            os._exit(0)
        os.waitpid(pid, 0)

    assert lines(fork) == []


def test_a_negotiator_that_prints_plays_as_one_that_does_not() -> None:
    """N-06: order and content of the actions are those of the session played here."""
    spec = session(BOULWARE, "Prints")
    turn = Turn()
    items = [item for item in in_child(play(spec, turn), LIMITS, turn) if item is not None]
    told = [item.text for item in items if isinstance(item, LogLine)]
    assert [item for item in items if not isinstance(item, LogLine)] == list(play(session(BOULWARE, "Plain")))
    assert told[:2] == ["step 2", "step 3"]

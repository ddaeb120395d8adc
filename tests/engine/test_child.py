"""A child may hang, eat memory or die: its parent goes on, has all that was done, and knows whose doing it was."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from negotiations.engine import scenarios
from negotiations.engine.child import ChildFailed, _Watch, in_child
from negotiations.engine.sessions import play
from negotiations.engine.specs import Action, Limits, Result
from negotiations.engine.turns import Turn
from tests.engine.scenes import BOULWARE, DATA, session

pytestmark = pytest.mark.workers

LIMITS = Limits(action_seconds=0.6, session_seconds=20, memory_bytes=512 * 2**20)


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    yield
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before


def run(*types: str, limits: Limits = LIMITS, **rules: Any) -> tuple[list[Any], ChildFailed]:
    """The items that came, and how the child failed."""
    turn = Turn()
    items: list[Any] = []
    with pytest.raises(ChildFailed) as failed:
        for item in in_child(play(session(*types, **rules), turn), limits, turn):
            items.append(item)
    return items, failed.value


def test_a_session_in_a_child_is_the_session() -> None:
    spec = session(BOULWARE, BOULWARE, n_steps=200)
    turn = Turn()
    items = [item for item in in_child(play(spec, turn), LIMITS, turn) if item is not None]
    assert items == list(play(spec))
    assert isinstance(items[-1], Result)


@pytest.mark.parametrize("kind", ["Hangs", "HangsHoldingTheLock", "Loops"])
def test_what_hangs_is_killed_at_the_action_limit_and_named(kind: str) -> None:
    """Five actions were done: all five are there, those of the unfinished step too."""
    started = time.monotonic()
    items, failure = run("Plain", kind)
    assert (failure.reason, failure.party) == ("action_limit", 1)
    assert failure.message == "One action took more than 0.6 s, which is the limit."
    assert [item.seq for item in items if item] == [1, 2, 3, 4, 5]
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("kind", ["HangsAtBirth", "HangsAtStart"])
def test_what_hangs_before_the_first_action_is_named_too(kind: str) -> None:
    items, failure = run("Plain", kind)
    assert (failure.reason, failure.party) == ("action_limit", 1)
    assert not any(items)


def test_the_owner_is_asked_about_ten_times_a_second_while_a_child_hangs() -> None:
    items, _ = run("Plain", "Hangs", limits=Limits(1.5, 20, 2**29))
    assert 9 <= items.count(None) <= 25


def test_the_owner_may_leave_while_a_child_hangs() -> None:
    turn = Turn()
    going = in_child(play(session("Plain", "Hangs"), turn), Limits(60, 60, 2**29), turn)
    assert any(item is None for item in going)
    started = time.monotonic()
    going.close()
    assert time.monotonic() - started < 1


def test_a_long_session_is_ended_at_its_limit() -> None:
    items, failure = run("Slow", "Slow", limits=Limits(5, 0.5, 2**29), n_steps=1000)
    assert failure.reason == "session_limit"
    assert 4 < len([item for item in items if item]) < 20


def test_memory_is_limited_and_who_took_it_is_named() -> None:
    items, failure = run("Plain", "Allocates", limits=Limits(30, 60, 256 * 2**20))
    assert (failure.reason, failure.party) == ("memory_limit", 1)
    assert "256 MiB" in failure.message
    assert [item.seq for item in items if item] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("Exits", "exit status 7"),
        ("KillsItself", "SIGKILL"),
        ("Crashes", "SIGSEGV"),
        ("LeavesAProcessBehind", "status 5"),
    ],
)
def test_a_process_that_dies_loses_nothing_of_what_was_done(kind: str, told: str) -> None:
    items, failure = run("Plain", kind)
    assert (failure.reason, failure.party) == ("exited", 1)
    assert told in failure.message
    assert [item.seq for item in items if item] == [1, 2, 3, 4, 5]


def test_nonsense_in_the_pipe_is_no_item() -> None:
    items, failure = run("Plain", "WritesNonsense")
    assert (failure.reason, failure.party) == ("exited", 1)
    assert all(isinstance(item, Action) for item in items if item)


def test_an_error_of_the_generator_comes_with_its_traceback() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise LookupError("gone")

    items = []
    with pytest.raises(ChildFailed) as failed:
        for item in in_child(broken(), LIMITS):
            items.append(item)
    assert items == [1]
    assert (failed.value.reason, failed.value.message) == ("error", "LookupError: gone")
    assert "in broken" in failed.value.traceback


def test_the_first_item_comes_at_once() -> None:
    def early() -> Iterator[str]:
        yield "now"
        time.sleep(5)

    going = in_child(early(), LIMITS)
    started = time.monotonic()
    assert next(item for item in going if item) == "now"
    assert time.monotonic() - started < 0.5
    going.close()


def test_what_does_not_fit_the_pipe_waits_for_its_reader() -> None:
    """A slow owner is no fault of the child: its limits do not run while it waits."""

    def much() -> Iterator[str]:
        for number in range(60):
            yield f"{number}" * 50_000

    going = in_child(much(), Limits(0.2, 20, 2**29), Turn())
    items = []
    for item in going:
        items += [item] if item else []
        time.sleep(0.01)
    assert len(items) == 60


def test_scenarios_cross_whole() -> None:
    (read,) = [read for read in in_child(scenarios.read_all(DATA / "kitchen_yaml"), LIMITS) if read]
    assert read == next(scenarios.read_all(DATA / "kitchen_yaml"))


def test_only_known_kinds_of_data_cross() -> None:
    @dataclass(frozen=True)
    class Unknown:
        value: int

    with pytest.raises(ChildFailed) as failed:
        list(in_child(iter([Unknown(1)]), LIMITS))
    assert failed.value.reason in ("error", "exited")


def test_a_child_holds_none_of_its_parents_descriptors() -> None:
    """A driver that says goodbye in the child must not reach the parent's database."""
    read, write = os.pipe()

    def speak() -> Iterator[str]:
        os.write(write, b"goodbye")
        yield os.readlink(f"/proc/self/fd/{write}")

    assert [item for item in in_child(speak(), LIMITS) if item] == ["/dev/null"]
    os.set_blocking(read, False)
    with pytest.raises(BlockingIOError):
        os.read(read, 10)
    os.close(read)
    os.close(write)


def test_a_child_dies_with_its_parent() -> None:
    told, tell = os.pipe()
    parent = os.fork()
    if parent == 0:
        for pid in in_child(_pids(), Limits(60, 60, 2**29)):
            if pid:
                os.write(tell, str(pid).encode())
        os._exit(0)
    child = psutil.Process(int(os.read(told, 20)))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    child.wait(timeout=5)
    os.close(told)
    os.close(tell)


def _pids() -> Iterator[int]:
    yield os.getpid()
    time.sleep(60)


def test_a_parent_that_was_stopped_does_not_blame_its_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour between two looks at the clock counts as a second."""
    clock = time.monotonic
    jump = [0.0]
    monkeypatch.setattr("negotiations.engine.child.time.monotonic", lambda: clock() + jump[0])
    turn = Turn()
    items: list[Any] = []
    for item in in_child(play(session("Slow", "Slow", n_steps=5), turn), Limits(5, 10, 2**29), turn):
        jump[0] = 3600.0 if items else 0.0
        items.append(item)
    assert isinstance(items[-1], Result)


@pytest.mark.parametrize(("share", "longest"), [(0.0, 0.8), (0.8, 3.5), (1.0, 6.5)])
def test_what_waits_for_a_processor_is_not_held_to_have_acted(
    share: float, longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a floor: who makes its own process wait, by threads without end, comes to the limit too."""
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    turn = Turn()
    turn.take(0)
    watch = _Watch(LIMITS, turn, lambda: (clock[0] - 1000.0) * share)
    while not (failure := watch.look()):
        clock[0] += 0.1
    assert failure.reason == "action_limit"
    assert longest * 0.7 < clock[0] - 1000.0 < longest


def test_a_child_that_shares_its_processor_tells_how_long_it_waited() -> None:
    """The system's own figure: nothing else tells a process that computes from one that is kept waiting."""

    def spins() -> Iterator[float]:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
        yield int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9

    pair = [in_child(spins(), LIMITS) for _ in range(2)]
    waited: list[float] = []
    while len(waited) < 2:
        waited += [item for child in pair for item in [next(child, None)] if isinstance(item, float)]
    assert max(waited) > 0.1

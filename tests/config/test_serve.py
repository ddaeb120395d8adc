"""How `serve` keeps its children: what it starts again, when, and what it asks of a port."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator

import pytest
from django.core.management import CommandError

from negotiations.management.commands import serve
from negotiations.management.commands.serve import PAUSES, Child, answers, listen, web, workers
from tests.workers.conftest import eventually


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ))
    yield child
    child.end()


def test_a_child_that_runs_is_left_alone(child: Child) -> None:
    assert child.keep_running() == ""
    first = child.process
    assert child.keep_running() == ""
    assert (child.process, child.runs) == (first, True)


def test_a_child_that_dies_at_once_is_started_again_after_longer_and_longer_pauses(child: Child) -> None:
    child.command = [sys.executable, "-c", "raise SystemExit(3)"]
    told = []
    for _ in range(len(PAUSES) + 1):
        child.due = 0.0
        child.keep_running()
        told.append(eventually(child.keep_running))
    assert told[0] == "sleeper ended with status 3; starting again in 1 s"
    assert told[-1] == "sleeper ended with status 3; starting again in 30 s"


def test_a_child_that_lived_is_started_again_at_once(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "BRIEF", 0.0)
    child.keep_running()
    assert child.process
    child.process.kill()
    assert eventually(child.keep_running) == "sleeper ended with status -9; starting again"
    child.keep_running()
    assert child.runs


def test_a_child_is_in_a_group_of_its_own_and_ends_with_all_of_it(child: Child) -> None:
    child.command = [sys.executable, "-c", "import os, time; os.fork(); time.sleep(60)"]
    child.keep_running()
    assert child.process
    assert os.getpgid(child.process.pid) == child.process.pid != os.getpgrp()
    child.end()
    assert not child.runs


@pytest.mark.parametrize("port", ["abc", "", "70000", "-1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(CommandError, match="is not a port. Choose a number from 1 to 65535."):
        listen("127.0.0.1", port)


def test_a_port_that_is_taken_is_refused_with_what_to_do() -> None:
    with listen("127.0.0.1", "0") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} is taken.*PORT=8001"):
            listen("127.0.0.1", str(port))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Cannot listen on 192\.0\.2\.1:8000"):
        listen("192.0.2.1", "8000")


def test_only_this_machine_is_served_by_default() -> None:
    parser = serve.Command().create_parser("manage.py", "serve")
    assert parser.parse_args([]).host == "127.0.0.1"


def test_workers_draw_the_same_order_of_sets_and_know_their_parent() -> None:
    child = workers()
    assert child.environment["PYTHONHASHSEED"] == "0"
    assert child.command[-2:] == ["--parent", str(os.getpid())]


def test_the_web_server_gets_the_open_socket() -> None:
    with listen("127.0.0.1", "0") as listener:
        child = web(listener)
        assert f"fd://{listener.fileno()}" in child.command
        assert child.descriptors == (listener.fileno(),)


def test_a_socket_that_nobody_answers_is_no_web_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert not answers("127.0.0.1", port)

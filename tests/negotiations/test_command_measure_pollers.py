"""What polls wait is measured with the real server on a database of its own, and told by an exit code (J-22)."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from negotiations.management.commands.measure_pollers import P95_MS, faults
from negotiations.polling import Figures, Poller, poll_all

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.mark.workers
@pytest.mark.timeout(120)
def test_it_prints_a_line_for_each_kind_of_poll() -> None:
    """Six people are no load: whether 300 wait too long is asserted by the command itself, at its full size."""
    command = ["measure_pollers", "--pollers", "6", "--seconds", "5", "--jobs", "1", "--pace", "1"]
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    title, about, header, *lines = done.stdout.splitlines()
    assert "6 pollers, one request each 3 s" in title
    assert about.startswith("1 sessions running")
    assert header.split()[:2] == ["address", "asked"]
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert list(rows) == ["negotiations:session-live", "negotiations:api-job", "all"]
    for asked, _, failed, *_ in rows.values():
        assert int(asked) >= 3
        assert failed == "0"
    assert done.returncode == (float(rows["all"][4]) > P95_MS), done.stderr


def test_numbers_that_make_no_sense_are_refused() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "measure_pollers", "--pollers", "0"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Choose 1 to 1,000 pollers" in done.stderr


# --- What counts as a fault -------------------------------------------------------------------------------


def figures(seconds: list[float], **statuses: int) -> Figures:
    return Figures(seconds, Counter({int(code[1:]): n for code, n in statuses.items()}))


def test_quick_answers_and_a_quiet_log_are_no_fault() -> None:
    assert faults(figures([0.01] * 99 + [0.5], _200=50, _204=50), True, "all well") == []


@pytest.mark.parametrize(
    ("found", "still_run", "log", "told"),
    [
        (figures([0.01], _500=1), True, "", "1 polls failed"),
        (figures([30.0], _0=1), True, "", "1 polls failed"),
        (figures([0.01] * 94 + [0.2] * 6, _204=100), True, "", "p95 is 200 ms"),
        (figures([0.01], _204=1), True, "OperationalError: database is locked", "database is locked"),
        (figures([0.01], _204=1), False, "", "A session did not run"),
    ],
)
def test_each_fault_is_told(found: Figures, still_run: bool, log: str, told: str) -> None:
    assert any(told in each for each in faults(found, still_run, log))


# --- The pages that poll ----------------------------------------------------------------------------------

ROW = '<li class="offer" data-seq="7"></li><p class="sub" id="session-count" data-version="abc"></p>'


def poll_a_server(answers: list[str], *, every: float = 0.05) -> tuple[Poller, list[str]]:
    """Poll a server that gives these answers, the last one for ever; the lines of the requests it got."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(4096):
            asked.append(head.decode().splitlines()[0])
            answer = answers[min(len(asked), len(answers)) - 1]
            writer.write(answer.encode())
            if not answer or "close" in answer:
                break
        writer.close()

    async def measure() -> Poller:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        poller = Poller("/live/", "sessionid=x", Figures())
        async with server:
            address = server.sockets[0].getsockname()
            await poll_all([poller], address, every=every, seconds=0.5)
        return poller

    # In a thread of its own: Playwright keeps an event loop in the main one once a browser test has run.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(measure())).result(), asked


def test_a_poll_sends_back_the_cursor_and_the_versions_of_the_answer_before() -> None:
    first = f"HTTP/1.1 200 OK\r\nContent-Length: {len(ROW)}\r\n\r\n{ROW}"
    poller, asked = poll_a_server([first, "HTTP/1.1 204 No Content\r\n\r\n"])
    assert asked[0].startswith("GET /live/?every=1&after=0&")
    assert re.fullmatch(r"GET /live/\?every=1&after=7&v-session-count=abc HTTP/1.1", asked[1])
    assert poller.figures.statuses[200] == 1
    assert poller.figures.statuses[204] == len(asked) - 1
    assert poller.figures.failures == 0


def test_a_connection_that_the_server_has_closed_is_opened_again() -> None:
    poller, asked = poll_a_server(["HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"])
    assert len(asked) >= 2
    assert poller.figures.failures == 0


def test_no_answer_is_a_failure() -> None:
    poller, _ = poll_a_server([""])
    assert poller.figures.failures == len(poller.figures.seconds) > 0

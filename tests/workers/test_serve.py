"""The one command that runs everything."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import time

import pytest

from tests.workers.conftest import Running, Starts, Storage, eventually

pytestmark = [pytest.mark.workers]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def status_of(port: int) -> int:
    request = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        request.request("GET", "/sign-in/", headers={"Host": "localhost"})
        return request.getresponse().status
    except OSError:
        return 0
    finally:
        request.close()


def first_line(serve: Running) -> str:
    assert serve.process.stdout is not None
    return str(serve.process.stdout.readline())


def test_it_prints_its_url_once_it_answers_and_stops_on_ctrl_c(database: Storage, start: Starts) -> None:
    port = free_port()
    serve = start("serve", PORT=str(port))
    assert first_line(serve) == f"Parley runs at http://127.0.0.1:{port}/ (Ctrl-C stops it)\n"
    assert status_of(port) == 200
    eventually(lambda: len(serve.named("qworkers")) == 1)
    begun = time.monotonic()
    serve.process.send_signal(signal.SIGINT)
    assert serve.process.wait(10) == 0
    assert time.monotonic() - begun <= 5
    assert serve.left_after(1) == []


def test_it_starts_a_web_server_again_that_died(database: Storage, start: Starts) -> None:
    port = free_port()
    serve = start("serve", PORT=str(port))
    first_line(serve)
    (web,) = serve.named("gunicorn")
    serve.kill(web)
    eventually(lambda: [process.pid for process in serve.named("gunicorn")] not in ([], [web.pid]))
    eventually(lambda: status_of(port) == 200)


def test_a_port_that_is_taken_is_told_in_one_line(database: Storage, start: Starts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        serve = start("serve", PORT=str(port))
        out, err = serve.output()
    assert (serve.process.returncode, out) == (1, "")
    assert re.fullmatch(rf".*Port {port} is taken\. Stop what uses it, or choose another: PORT=8001\.\n", err)


@pytest.mark.parametrize("port", ["abc", "70000", "-1"])
def test_a_port_that_is_none_is_told_in_one_line(port: str, database: Storage, start: Starts) -> None:
    serve = start("serve", PORT=port)
    _, err = serve.output()
    assert serve.process.returncode == 1
    assert err.count("\n") == 1
    assert "is not a port. Choose a number from 1 to 65535." in err

"""A server that speaks OpenAI's protocol, and misbehaves on demand."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "tiny-model"


@dataclass
class Asked:
    """One request as the server got it; names of headers in small letters."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, body: dict[str, Any]) -> None:
        self.close_connection = True
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.server.asked.append(Asked(self.path, headers, body))
        behave = self.server.next()
        with contextlib.suppress(OSError):  # whoever asked has given up
            behave(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the output of tests is theirs."""

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.begin(len(body), status, **headers)
        self.wfile.write(body)

    def begin(self, length: int | None, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        sent = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): text for name, text in headers.items()
        }
        for name, text in sent.items():
            self.send_header(name, text)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()


Behaviour = Callable[[Request], None]


@dataclass
class Behaviours:
    """What comes next; the last one stays."""

    waiting: list[Behaviour] = field(default_factory=list)

    def take(self) -> Behaviour:
        return self.waiting.pop(0) if len(self.waiting) > 1 else self.waiting[0]


class ModelServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.asked: list[Asked] = []
        self._behaviours = Behaviours([says("Good morning.")])
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def will(self, *behaviours: Behaviour) -> None:
        self._behaviours = Behaviours(list(behaviours))

    def next(self) -> Behaviour:
        return self._behaviours.take()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up does no harm to a test."""


@contextlib.contextmanager
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def completion(text: Any, tokens: Any = 42, **usage: Any) -> bytes:
    answer = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": usage or {"total_tokens": tokens},
    }
    return json.dumps(answer).encode()


def says(text: Any, tokens: Any = 42, **usage: Any) -> Behaviour:
    return lambda request: request.send(completion(text, tokens, **usage))


def lists(*names: str) -> Behaviour:
    body = json.dumps({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
    return lambda request: request.send(body.encode())


def answers(status: int, body: bytes = b"{}", **headers: str) -> Behaviour:
    return lambda request: request.send(body, status, **headers)


def fails(status: int, message: str) -> Behaviour:
    return answers(status, json.dumps({"error": {"message": message, "type": "x"}}).encode())


def repeats_the_key(status: int) -> Behaviour:
    """An error that quotes the header it got, as some servers do."""
    return lambda request: fails(status, f"Wrong key {request.headers['Authorization']}")(request)


def is_slow(seconds: float) -> Behaviour:
    def behave(request: Request) -> None:
        request.server.over.wait(seconds)
        request.send(completion("Late."))

    return behave


def drips(what: str) -> Behaviour:
    """A byte each 50 ms: no single read ever times out."""

    def behave(request: Request) -> None:
        if what == "headers":
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        else:
            request.begin(100_000)
        while not request.server.over.is_set():
            request.wfile.write(b"a")
            time.sleep(0.05)

    return behave


def is_huge(request: Request) -> None:
    """Without end, and without a length that would tell."""
    request.begin(None, Connection="close")
    request.wfile.write(b'{"choices": [{"message": {"content": "')
    while not request.server.over.is_set():
        request.wfile.write(b"a" * 65_536)


def is_cut_off(request: Request) -> None:
    body = completion("Half of this never comes.")
    request.begin(len(body))
    request.wfile.write(body[: len(body) // 2])


def hangs_up(request: Request) -> None:
    request.connection.close()

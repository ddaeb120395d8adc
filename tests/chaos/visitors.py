"""People at the web server: one looks at a page each second, the others cancel, pause and resume what is theirs."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.test import Client

PATIENCE = 15.0
"""Seconds that a browser would wait; while the web server starts again, requests wait in the socket's backlog."""
TOKEN = "c" * 32


@dataclass(frozen=True)
class Answer:
    """What came of a request; status 0 where nobody answered."""

    at: float
    path: str
    status: int
    seconds: float
    text: str = ""

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 400

    @property
    def is_honest(self) -> bool:
        """The web server works, and says what is wrong elsewhere: it is asked for that."""
        return self.path == "/health" and self.status == 503


@dataclass
class Visitor:
    """A person who is signed in; keeps all answers."""

    port: int
    cookie: str
    answers: list[Answer] = field(default_factory=list)

    @classmethod
    def signed_in(cls, port: int, user: User) -> Visitor:
        client = Client()
        client.force_login(user)
        return cls(port, client.cookies["sessionid"].value)

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> Answer:
        return self._ask("POST", path, urlencode(fields | {"csrfmiddlewaretoken": TOKEN}))

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        at, begun = time.time(), time.monotonic()
        status, text = self._status(method, path, body)
        kept = text if status >= 500 or "database is locked" in text else ""
        self.answers.append(Answer(at, path, status, time.monotonic() - begun, kept[:2000]))
        return self.answers[-1]

    def _status(self, method: str, path: str, body: str | None) -> tuple[int, str]:
        headers = {"Host": "127.0.0.1", "Cookie": f"sessionid={self.cookie}; csrftoken={TOKEN}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            connection.close()


class Watcher(threading.Thread):
    """Looks at one of the pages each second until told to go."""

    def __init__(self, visitor: Visitor, paths: list[str]) -> None:
        super().__init__(daemon=True)
        self.visitor = visitor
        self._paths = paths
        self._leave = threading.Event()

    def run(self) -> None:
        while not self._leave.is_set():
            begun = time.monotonic()
            self.visitor.get(self._paths[len(self.visitor.answers) % len(self._paths)])
            self._leave.wait(max(0.0, 1.0 - (time.monotonic() - begun)))

    def leave(self) -> None:
        self._leave.set()
        self.join(PATIENCE + 5)

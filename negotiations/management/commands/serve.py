"""The web server and the workers in one foreground process, which restarts what dies and leaves nothing behind."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from negotiations.processes import ENVIRONMENT, dying_with_me, end_group
from negotiations.upkeep import Rounds

LOOK_EVERY = 0.1
REAP_EVERY = 10.0
GRACE = 6.0
"""Seconds from a wish to stop until what still runs is killed; ten are promised."""
BRIEF = 5.0
"""A child that lived shorter is started again after a pause, or a broken one would keep the machine busy."""
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)


@dataclass
class Child:
    """One of the processes that are kept running, each in a session of its own: Ctrl-C reaches this one only."""

    name: str
    command: list[str]
    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    begun: float = 0.0
    failures: int = 0
    due: float = field(default=0.0)

    def start(self) -> None:
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.descriptors,
            # Safe here: this process has no threads.
            preexec_fn=dying_with_me(),
        )

    def keep_running(self) -> str:
        """Start it if it is due; what there is to say about that."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        end_group(self.process.pid)
        self.process = None
        self.failures = self.failures + 1 if time.monotonic() - self.begun < BRIEF else 0
        pause = PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.due = time.monotonic() + pause
        return f"{self.name} ended with status {code}; starting again" + (f" in {pause:g} s" if pause else "")

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.process and self.runs:
            self.process.terminate()

    def end(self) -> None:
        if self.process:
            end_group(self.process.pid)
            self.process.wait()


class Command(BaseCommand):
    help = "Run Parley: web server and workers, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="Address to listen on; only this machine by default."
        )
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000", help="Port to listen on.")

    def handle(self, *args: Any, host: str, port: str, **options: Any) -> None:
        self.stop = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)
        listener = listen(host, port)
        self.address = listener.getsockname()[:2]
        self.children = [web(listener), *map(workers, settings.SERVE_CLUSTERS)]
        try:
            self._supervise()
        finally:
            self._end_all()

    def _ask(self, *args: object) -> None:
        self.stop = True

    def _supervise(self) -> None:
        greeted, reap_at, rounds = False, time.monotonic() + REAP_EVERY, Rounds()
        while not self.stop:
            for child in self.children:
                if told := child.keep_running():
                    self.stderr.write(f"serve: {told}")
            if not greeted and answers(*self.address):
                greeted = True
                self.stdout.write(f"Parley runs at http://{self._name()}/ (Ctrl-C stops it)")
                self.stdout.flush()
            if time.monotonic() >= reap_at:
                rounds.look_after_jobs(self._say)
                reap_at = time.monotonic() + REAP_EVERY
            time.sleep(LOOK_EVERY)

    def _say(self, text: str) -> None:
        self.stderr.write(f"serve: {text}")

    def _name(self) -> str:
        host, port = self.address
        return f"{f'[{host}]' if ':' in host else host}:{port}"

    def _end_all(self) -> None:
        """Ask all at once, kill what is left after the grace."""
        until = time.monotonic() + GRACE
        for child in self.children:
            child.ask_to_stop()
        while any(child.runs for child in self.children) and time.monotonic() < until:
            time.sleep(LOOK_EVERY / 2)
        for child in self.children:
            child.end()


def listen(host: str, port: str) -> socket.socket:
    """The listening socket: made here, so that a port that is taken is told before anything starts."""
    if not port.isdecimal() or int(port) > 65535:
        raise CommandError(f"PORT={port!r} is not a port. Choose a number from 1 to 65535.")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=512)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"Port {port} is taken. Stop what uses it, or choose another: PORT=8001."
            ) from error
        raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


def web(listener: socket.socket) -> Child:
    """gunicorn on the socket that is already open: while it restarts, requests wait instead of failing."""
    number = listener.fileno()
    # Few threads in two processes: more threads wait for each other's interpreter, and 300 pollers for all of them.
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{number}", "--worker-class", "gthread",
        "--workers", "2", "--threads", "2", "--graceful-timeout", "2", "--log-level", "warning", "--no-control-socket",
        # The form of a session with many parties is asked for anew with all its fields in the address.
        "--limit-request-line", "8190",
    ]  # fmt: skip
    return Child("web server", command, dict(os.environ), (number,))


def workers(cluster: str = "parley") -> Child:
    command = [sys.executable, sys.argv[0], "qworkers", "--parent", str(os.getpid())]
    # Given here, so that the command need not start itself again.
    given = ENVIRONMENT | {"Q_CLUSTER_NAME": cluster}
    return Child(f"workers of {cluster}" if cluster != "parley" else "workers", command, os.environ | given)


def answers(host: str, port: int) -> bool:
    """Whether the web server answers a request by now."""
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1" if host == "0.0.0.0" else "::1"
    try:
        request = http.client.HTTPConnection(host, port, timeout=1)
        request.request("GET", "/sign-in/", headers={"Host": "localhost"})
        status = request.getresponse().status
        request.close()
    except OSError:
        return False
    return status < 500

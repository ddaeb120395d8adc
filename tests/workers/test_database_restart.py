"""A PostgreSQL that is stopped for some seconds: all wait for it, go on where they were, and nobody reads less than what is so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from config.settings import database as settings_of
from negotiations.models import Job, Worker
from tests.chaos import dawdler
from tests.chaos.visitors import Visitor
from tests.workers import test_benchmarks as benchmarks
from tests.workers.conftest import Storage, begin, ended, eventually, is_under_way, rows, starting
from tests.workers.test_serve import first_line, free_port

pytestmark = [pytest.mark.workers]

AWAY = 4.0
STEPS = 60


class Server(Storage):
    """A PostgreSQL of our own, whose data nobody needs after the test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.is_file, self.name = False, "postgres"
        self.url_of_it = f"postgres://parley@127.0.0.1:{self.port}/postgres"
        self.settings = connections.configure_settings({"default": settings_of(self.url_of_it)})["default"]
        # It does not run for root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "--username=parley", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        self.start()

    @property
    def url(self) -> str:
        return self.url_of_it

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """As systemd stops it: whoever is connected is told, and cut off."""
        self._run("pg_ctl", "-w", "-m", "fast", "stop")

    def _run(self, command: str, *words: str) -> None:
        found = shutil.which(command)
        assert found
        line = [found, "-D", str(self.folder / "data"), *words]
        # Not to a pipe: the server keeps it, and its end would never come.
        subprocess.run(line, check=True, user=self._user, stdout=subprocess.DEVNULL)


@pytest.fixture
def server(django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))  # one that the server's user may enter
    server = Server(folder)
    try:
        with django_db_blocker.unblock(), server.opened():
            call_command("migrate", verbosity=0)
            yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def test_a_server_that_is_stopped_for_some_seconds_costs_nothing_but_these(server: Server) -> None:
    """J-19, J-20: rows are those of an undisturbed run, no attempt is lost, and pages say what is away."""
    with starting(server) as start:
        port = free_port()
        options = {"LEASE_SECONDS": "30", "LOG_LEVEL": "CRITICAL", dawdler.PAUSE: "0.01"}
        serve = start("serve", PORT=str(port), WORKERS="4", **options)
        expected = rows(ended(begin(n_steps=STEPS)))
        played = benchmarks.rows(benchmarks.ended(benchmarks.begin(n_scenarios=1, n_lanes=2)))
        first_line(serve)
        visitor = Visitor.signed_in(port, Job.objects.all()[0].owner)
        eventually(lambda: visitor.get("/health").status == 200)
        session, cup = begin(n_steps=STEPS, pace_ms=100), benchmarks.begin(n_scenarios=1, n_lanes=2)
        eventually(is_under_way(session))
        eventually(benchmarks.is_under_way(cup, 4))
        held = {worker.name for worker in Worker.objects.alive()}

        server.stop()
        health, page = visitor.get("/health"), visitor.get("/")
        program = visitor.get(f"/api/v1/jobs/{session.pk}")
        time.sleep(AWAY)
        server.start()

        assert (health.status, json.loads(health.text)) == (503, {"status": "degraded"})
        assert (page.status, "The database is away" in page.text) == (503, True)
        assert (program.status, json.loads(program.text)["error"]) == (503, "DATABASE_AWAY")
        connection.close()
        eventually(lambda: visitor.get("/health").status == 200)
        session, cup = ended(session), benchmarks.ended(cup)
        assert (rows(session), session.job.status, session.job.attempt) == (expected, "completed", 1)
        assert benchmarks.is_whole(cup, played)
        assert not Job.objects.filter(attempt__gt=1).exists()
        assert {worker.name for worker in Worker.objects.alive()} == held

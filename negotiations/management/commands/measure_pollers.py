"""Many people look on while sessions run: what each of their polls waits for its answer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.urls import reverse

from negotiations.engine.scenarios import read_folder
from negotiations.models import Job, Negotiator, Scenario, Seat, Session, Status
from negotiations.polling import Figures, Poller, poll_all, table

HERE = "PARLEY_MEASURES_HERE"
SCENARIO = Path(__file__).parents[2] / "scenarios" / "garden-fence"
BOULWARE = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"
EVERY = 3.0
P95_MS = 100.0
WORST = re.compile(r"database is locked|Traceback|deadlock detected|too many clients", re.I)
STEPS = 5_000  # a session that outlasts the measurement


class Command(BaseCommand):
    help = (
        "Measure polls by many people while sessions run; exit code 1 where they wait too long or one fails."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pollers", type=int, default=300, help="People who look on (at most 1,000).")
        parser.add_argument("--seconds", type=float, default=30.0)
        parser.add_argument("--jobs", type=int, default=2, help="Sessions that run meanwhile.")
        parser.add_argument(
            "--pace",
            type=float,
            default=10.0,
            help="Seconds between their steps; below 3 each poll finds something new.",
        )

    def handle(
        self, *args: Any, pollers: int, seconds: float, jobs: int, pace: float, **options: Any
    ) -> None:
        if not (1 <= pollers <= 1_000 and 1 <= jobs <= settings.PACED_SESSIONS and seconds > 0 and pace > 0):
            most = settings.PACED_SESSIONS
            raise CommandError(f"Choose 1 to 1,000 pollers, 1 to {most} jobs, and times above 0.")
        if HERE not in os.environ:
            raise SystemExit(measure_elsewhere())
        call_command("migrate", verbosity=0)
        people = make_people(pollers)
        sessions = [start_session(people[0], pace) for _ in range(jobs)]
        log = Path(os.environ[HERE]) / "serve.log"
        with serving(log) as address:
            wait_until_running(sessions)
            rows = measure(sessions, people, address, seconds)
            still = Job.objects.filter(pk__in=[s.pk for s in sessions], status=Status.PROCESSING, attempt=1)
            running = still.count()
        self._tell(rows, pollers, seconds, running)
        if wrong := faults(rows[-1][1], running == jobs, log.read_text()):
            raise CommandError(" ".join(wrong))

    def _tell(self, rows: list[tuple[str, Figures]], pollers: int, seconds: float, running: int) -> None:
        kind = connection.vendor
        self.stdout.write(f"{kind}: {pollers} pollers, one request each {EVERY:g} s, {seconds:g} s,")
        self.stdout.write(
            f"{running} sessions running, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
        )
        for line in table(rows):
            self.stdout.write(line)


def faults(all_polls: Figures, still_run: bool, log: str) -> list[str]:
    """What must not be, in words."""
    wrong = []
    if all_polls.failures:
        wrong.append(f"{all_polls.failures} polls failed: {dict(all_polls.statuses)}.")
    if all_polls.share(95) > P95_MS:
        wrong.append(f"p95 is {all_polls.share(95):.0f} ms, more than {P95_MS:g}.")
    if found := WORST.search(log):
        wrong.append(f"The log says {found[0]!r}.")
    if not still_run:
        wrong.append("A session did not run to the end of the measurement in its first attempt.")
    return wrong


# --- A database and a folder of its own -------------------------------------------------------------------


def measure_elsewhere() -> int:
    """The same command on a new database of the configured kind, which goes with it."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder, new_database(folder) as url:
        (Path(folder) / "static").mkdir()
        here = {
            HERE: folder,
            "DATABASE_URL": url,
            "PARLEY_DATA": folder,
            "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
            # Nobody else's broker: real workers would hear these bells.
            "REDIS_URL": "",
            "HTTPS": "0",
            "DEBUG": "0",
            "ALLOWED_HOSTS": "localhost",
        }
        return subprocess.run(sys.orig_argv, env=os.environ | here, check=False).returncode


@contextlib.contextmanager
def new_database(folder: str) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder}/measure.sqlite3"
        return
    name = f"parley_measure_{os.getpid()}"
    maintain(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    finally:
        maintain(f'DROP DATABASE "{name}" WITH (FORCE)')


def maintain(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


# --- People and sessions ----------------------------------------------------------------------------------


def make_people(n: int) -> list[User]:
    """The first owns the sessions; all are in the group that may look on."""
    group = Group.objects.create(name="onlookers")
    User.objects.bulk_create(User(username=f"onlooker{index}", password="!") for index in range(n))
    people = list(User.objects.order_by("pk"))
    group.user_set.set(people)
    return people


def cookie_of(user: User) -> str:
    """As after a sign-in, without its deliberate slowness."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def start_session(owner: User, pace: float) -> Session:
    scenario, _ = Scenario.objects.keep(read_folder(SCENARIO), owner=owner)
    negotiator, _ = Negotiator.objects.get_or_create(source="negmas", type=BOULWARE, short_name="Boulware")
    return Session.objects.start(
        owner=owner,
        group=owner.groups.get(),
        scenario=scenario,
        seats=[Seat(negotiator)] * scenario.n_parties,
        seed=1,
        n_steps=STEPS,
        pace_ms=int(1000 * pace),
    )


# --- The measurement --------------------------------------------------------------------------------------


@contextlib.contextmanager
def serving(log: Path) -> Iterator[tuple[str, int]]:
    """`manage.py serve` on a free port of this machine; all it says goes into `log`."""
    connections.close_all()
    command = [sys.executable, sys.argv[0], "serve", "--port", "0"]
    with log.open("w") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield address_in(log, process)
        finally:
            process.terminate()


def address_in(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, int]:
    until = time.monotonic() + 60
    while not (found := re.search(r"http://([\d.]+):(\d+)/", log.read_text())):
        if process.poll() is not None or time.monotonic() > until:
            raise CommandError(f"The server did not start: {log.read_text()[-2000:]}")
        time.sleep(0.1)
    return found[1], int(found[2])


def wait_until_running(sessions: list[Session]) -> None:
    jobs, until = Job.objects.filter(pk__in=[session.pk for session in sessions]), time.monotonic() + 60
    while jobs.processing().count() < len(sessions):
        if time.monotonic() > until:
            raise CommandError("The sessions did not start.")
        time.sleep(0.2)


def measure(
    sessions: list[Session], people: list[User], address: tuple[str, int], seconds: float
) -> list[tuple[str, Figures]]:
    """Half of the people look at a page, the others' scripts ask for the status as JSON. The last row is all."""
    kinds = {"negotiations:session-live": Figures(), "negotiations:api-job": Figures()}
    pollers = []
    for index, user in enumerate(people):
        name = list(kinds)[index % len(kinds)]
        session = sessions[index // len(kinds) % len(sessions)]
        pollers.append(Poller(reverse(name, args=[session.pk]), cookie_of(user), kinds[name]))
    asyncio.run(poll_all(pollers, address, every=EVERY, seconds=seconds))
    everything = Figures()
    for found in kinds.values():
        everything.seconds += found.seconds
        everything.statuses += found.statuses
    return [*kinds.items(), ("all", everything)]

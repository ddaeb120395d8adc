"""Real workers on a database of their own, and a count of what they leave behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, connections
from django.db.utils import load_backend
from pytest_django import DjangoDbBlocker

from negotiations.models import Job, Seat, Session
from tests.factory import NegotiatorFactory, ScenarioFactory, UserFactory

ROOT = Path(__file__).parents[2]
# These tests start a server of their own: each is tested where it is installed.
NEEDS = {"redis-server": "test_redis.py", "initdb": "test_database_restart.py"}
collect_ignore = [tests for server, tests in NEEDS.items() if not shutil.which(server)]
MARK = "PARLEY_TEST_MARK"
WANDERER = "tests.engine.wanderer.Wanderer"
# Short, so that a test is quick; the lease as short as a busy machine can keep it.
QUICK = {"LEASE_SECONDS": "3", "WORKERS": "2", "ACTION_SECONDS": "60", "LOG_LEVEL": "ERROR"}


def eventually(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What it returns, as soon as that is true; the test fails where it does not become so."""
    until = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < until, f"not within {seconds:g} s"
        time.sleep(0.02)
    return value


# --- A database that other processes can open -------------------------------------------------------------


class Storage:
    """Where the database of a test is: a SQLite file, or a database of the PostgreSQL that the tests run on."""

    def __init__(self, folder: Path, name: str) -> None:
        self.settings = connections.settings["default"]
        self.is_file = "sqlite" in self.settings["ENGINE"]
        self.name = str(folder / f"{name}.sqlite3") if self.is_file else f"parley_{os.getpid()}_{name}"

    @property
    def url(self) -> str:
        if self.is_file:
            return f"sqlite:///{self.name}"
        at = self.settings
        secret = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
        return f"postgres://{at['USER']}{secret}@{at['HOST'] or 'localhost'}:{at['PORT'] or 5432}/{self.name}"

    def copy_of(self, template: Storage) -> None:
        if self.is_file:
            shutil.copy(template.name, self.name)
        else:
            self._maintain(f'CREATE DATABASE "{self.name}" TEMPLATE "{template.name}"')

    def create(self) -> None:
        if not self.is_file:
            self._maintain(f'CREATE DATABASE "{self.name}"')

    def drop(self) -> None:
        if not self.is_file:
            self._maintain(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _maintain(self, statement: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Django's default connection leads here."""
        before = connections["default"]
        wrapper = load_backend(self.settings["ENGINE"]).DatabaseWrapper
        connections["default"] = wrapper({**self.settings, "NAME": self.name}, "default")
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = before


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Storage]:
    storage = Storage(tmp_path_factory.mktemp("template"), "template")
    with django_db_blocker.unblock():
        storage.create()
        with storage.opened():
            call_command("migrate", verbosity=0)
            if storage.is_file:
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield storage
        storage.drop()


@pytest.fixture(scope="module")
def database(
    template: Storage, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Storage]:
    """An empty database for the tests of one module."""
    storage = Storage(tmp_path_factory.mktemp("database"), uuid.uuid4().hex[:8])
    with django_db_blocker.unblock():
        storage.copy_of(template)
        with storage.opened():
            yield storage
        storage.drop()


# --- Processes --------------------------------------------------------------------------------------------


def command_of(process: psutil.Process) -> list[str]:
    """Empty for one that ended in this moment."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


class Running:
    """A command that runs, with everything it has started: found by a mark in the environment, wherever it went."""

    def __init__(self, database: Storage, command: list[str], **environment: str) -> None:
        self.mark = uuid.uuid4().hex
        marked = {MARK: self.mark, "DATABASE_URL": database.url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=os.environ | {"SECRET_KEY": settings.SECRET_KEY} | QUICK | marked | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def all(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            is_dead = process.status() == psutil.STATUS_ZOMBIE
            return not is_dead and process.environ().get(MARK) == self.mark
        except psutil.Error:
            return False

    def named(self, word: str) -> list[psutil.Process]:
        """Those that were started by a command line with this word, not their forks."""
        ours = {process.pid: process for process in self.all() if word in command_of(process)}
        return [process for process in ours.values() if process.ppid() not in ours]

    def kill(self, *processes: psutil.Process) -> None:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def stop(self) -> float:
        """Ask it to stop; how many seconds that took."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        return time.monotonic() - begun

    def left_after(self, seconds: float) -> list[psutil.Process]:
        """What still runs after at most so long."""
        until = time.monotonic() + seconds
        while (left := self.all()) and time.monotonic() < until:
            time.sleep(0.05)
        return left

    def output(self) -> tuple[str, str]:
        """What it wrote, once it is over."""
        out, err = self.process.communicate(timeout=15)
        return str(out), str(err)

    def end(self) -> None:
        while left := self.all():
            self.kill(*left)
            time.sleep(0.05)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


Starts = Callable[..., Running]


@contextlib.contextmanager
def starting(database: Storage) -> Iterator[Starts]:
    """Gives what starts `serve` or `qworkers`; whatever still runs at the end is killed."""
    started: list[Running] = []

    def start(*command: str, **environment: str) -> Running:
        started.append(Running(database, list(command), **environment))
        return started[-1]

    try:
        yield start
    finally:
        for running in started:
            running.end()


@pytest.fixture
def start(database: Storage) -> Iterator[Starts]:
    with starting(database) as start:
        yield start


@pytest.fixture(scope="module")
def start_for_all(database: Storage) -> Iterator[Starts]:
    """The same, for workers that serve all tests of a module."""
    with starting(database) as start:
        yield start


# --- Sessions ---------------------------------------------------------------------------------------------


def begin(type_name: str = WANDERER, *, other: str = WANDERER, n_steps: int = 40, **fields: Any) -> Session:
    """Start a session as a page would: rows, and a message once they are committed."""
    owner = User.objects.filter(username="runner").first() or UserFactory(username="runner")
    seats = [Seat(negotiator(other)), Seat(negotiator(type_name))]
    fields = {"seed": 11, "scenario": ScenarioFactory(), **fields}
    return Session.objects.start(owner=owner, seats=seats, n_steps=n_steps, **fields)


def negotiator(type_name: str) -> Any:
    return NegotiatorFactory(type=type_name, short_name=type_name.rpartition(".")[2], max_outcomes=None)


def ended(session: Session, seconds: float = 25.0) -> Session:
    """The session as it is once its job is over."""
    eventually(lambda: Job.objects.get(pk=session.pk).is_over, seconds)
    over: Session = Session.objects.select_related("job").get(pk=session.pk)
    return over


def rows(session: Session) -> list[tuple[Any, ...]]:
    """Every row of the session without its key."""
    fields = ("seq", "step", "relative_time", "party", "response", "outcome", "utilities", "text")
    return list(session.offers.order_by("seq").values_list(*fields))


def is_under_way(session: Session, offers: int = 10) -> Callable[[], bool]:
    return lambda: session.offers.count() >= offers

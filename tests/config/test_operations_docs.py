"""What the documents of operations and `deploy/` promise: commands and variables that exist, units that parse, a backup that works."""

from __future__ import annotations

import configparser
import contextlib
import re
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
from django.db import connections
from django.db.utils import load_backend
from pytest_django import DjangoDbBlocker

from config.settings import database
from negotiations.models import Session
from tests.conftest import client_of
from tests.factory import OfferFactory, UserFactory, make_completed_session

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
DOCS = sorted((ROOT / "docs").glob("*.md"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
# Of PostgreSQL's image, and of Django's and the queue's own.
FOREIGN = {
    "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "Q_CLUSTER_NAME", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS", "PYTHONUNBUFFERED",
}  # fmt: skip


def known_variables() -> set[str]:
    """Those that docs/settings.md explains; tests/test_house.py holds it to the code."""
    return set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.M))


def unit(path: Path) -> configparser.RawConfigParser:
    found = configparser.RawConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read_string(path.read_text())
    return found


# --- Words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.name))
def test_every_command_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", path.read_text()))
    assert named - set(get_commands()) == set()


def test_every_option_that_is_named_is_one_of_its_command() -> None:
    for command, option in re.findall(r"manage\.py ([a-z_]+) (--[a-z-]+)", OPERATIONS):
        parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
        assert option in parser.format_help(), (command, option)


def test_every_variable_that_is_named_is_explained() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", OPERATIONS))
    assert {name for name in named if "_" in name} - known_variables() - FOREIGN == set()


def test_the_example_of_the_environment_sets_what_exists() -> None:
    lines = (DEPLOY / "parley.env").read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "HTTPS", "BEHIND_PROXY"} <= names
    assert names - known_variables() == set()


def test_files_that_are_named_are_there() -> None:
    for name in re.findall(r"`(deploy/[\w./-]+)`", OPERATIONS):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"\]\((\w+\.md)\)", OPERATIONS):
        assert (ROOT / "docs" / name).exists(), name


# --- systemd ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: str(path.name))
def test_a_unit_runs_a_command_that_exists(path: Path) -> None:
    found = unit(path)
    if path.suffix == ".timer":
        assert (path.with_suffix(".service")).exists()
        return
    service = found["Service"]
    for line in (service["ExecStart"], service.get("ExecStartPre", service["ExecStart"])):
        python, script, command = line.split()[:3]
        assert (python, script) == ("/opt/parley/.venv/bin/python", "manage.py")
        assert command in get_commands()
    assert service["EnvironmentFile"] == "/etc/parley/parley.env"
    set_here = {each.partition("=")[0] for each in service.get("Environment", "").split()}
    assert set_here <= known_variables() | FOREIGN


@pytest.mark.parametrize("name", ["parley-web.service", "parley-workers@.service"])
def test_only_the_main_process_hears_the_wish_to_stop(name: str) -> None:
    """A worker that is killed costs its job an attempt; one that is asked hands it back."""
    service = unit(DEPLOY / "systemd" / name)["Service"]
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) >= 10


def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    """Where systemd is installed it judges itself; its paths become ones that exist here."""
    verify = shutil.which("systemd-analyze")
    for path in UNITS:
        assert set(unit(path).sections()) <= {"Unit", "Service", "Timer", "Install"}
        text = path.read_text().replace("/opt/parley/.venv/bin/python", "/bin/true")
        (tmp_path / path.name.replace("@.", "@parley.")).write_text(text.replace("/opt/parley", "/"))
    if verify:
        found = sorted(map(str, tmp_path.iterdir()))
        done = subprocess.run(
            [verify, "verify", "--man=no", *found], capture_output=True, text=True, check=False
        )
        ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
        assert ours == []


# --- Containers -------------------------------------------------------------------------------------------


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def our_services() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, service in compose()["services"].items():
        if "build" in service:
            yield name, service


def test_the_services_of_the_compose_file_run_commands_that_exist() -> None:
    names = [name for name, _ in our_services()]
    assert names == ["prepare", "web", "workers-live", "workers-batch", "prune"]
    for _, service in our_services():
        assert service["command"][0] in get_commands()
        assert set(service["environment"]) <= known_variables() | FOREIGN
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).resolve().exists()


def test_services_wait_for_services_that_exist_and_use_volumes_that_do() -> None:
    found = compose()
    for service in found["services"].values():
        assert set(service.get("depends_on", [])) <= set(found["services"])
        kept = {volume.partition(":")[0] for volume in service.get("volumes", []) if volume[0] != "."}
        assert kept <= set(found["volumes"])


def test_each_queue_has_workers_of_its_own() -> None:
    served = {service["environment"].get("Q_CLUSTER_NAME") for _, service in our_services()} - {None}
    batch = {service["environment"]["BATCH_CLUSTER"] for _, service in our_services()}
    assert served == {settings.Q_CLUSTER["name"], *batch}


def test_the_image_copies_what_there_is() -> None:
    for line in re.findall(r"^COPY (.+)$", (DEPLOY / "Dockerfile").read_text(), re.M):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name


# --- Backup -----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(path: Path) -> Iterator[None]:
    """Django's default connection leads to this SQLite file, set as in production."""
    before = connections["default"]
    given = {**connections.settings["default"], **database(f"sqlite:///{path}")}
    connections["default"] = load_backend(given["ENGINE"]).DatabaseWrapper(given, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before


@pytest.fixture
def live(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Path, Session]]:
    """A database with a session, on a disk."""
    path = tmp_path / "parley.sqlite3"
    with django_db_blocker.unblock(), opened(path):
        call_command("migrate", verbosity=0)
        yield path, make_completed_session(job__owner=UserFactory(username="owner"))


def keep_writing(path: Path, key: str, stop: threading.Event) -> None:
    """One offer a transaction, as a worker does, without a pause."""
    with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as writer:
        columns = "session_id, seq, step, relative_time, party, response, utilities, text"
        seq = 100
        while not stop.is_set():
            seq += 1
            row = (key, seq, seq, 0.5, 0, "offer", "[0.5, 0.5]", "")
            writer.execute(f"INSERT INTO negotiations_offer ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def test_a_backup_made_while_workers_write_opens_in_the_pages(
    live: tuple[Path, Session], tmp_path: Path
) -> None:
    """The statement is the one of the document, word for word but for its paths."""
    path, session = live
    target = tmp_path / "backup.sqlite3"
    documented = re.search(r"parley\.sqlite3 \"(VACUUM INTO '([^']+)')\"", OPERATIONS)
    assert documented
    stop = threading.Event()
    writer = threading.Thread(target=keep_writing, args=(path, session.pk.hex, stop))
    writer.start()
    try:
        while session.offers.count() < 50:
            pass
        with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as backup:
            backup.execute(documented[1].replace(documented[2], str(target)))
        at_the_end = session.offers.count()
    finally:
        stop.set()
        writer.join()
    restored = tmp_path / "restored.sqlite3"
    shutil.copy(target, restored)
    with opened(restored):
        call_command("migrate", verbosity=0)
        with connections["default"].cursor() as cursor:
            assert cursor.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        seqs = list(session.offers.order_by("seq").values_list("seq", flat=True))
        assert 50 <= len(seqs) <= at_the_end
        assert seqs == [1, 2, 3, *range(101, 98 + len(seqs))]  # a prefix: no row without those before it
        pages = client_of(session.job.owner)
        for address in (
            "/",
            "/sessions/",
            session.get_absolute_url(),
            f"{session.get_absolute_url()}offers/",
        ):
            assert (pages.get(address).status_code, address) == (200, address)
        OfferFactory(session=session, seq=90)  # and it can be written to

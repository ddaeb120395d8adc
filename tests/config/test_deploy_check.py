"""`manage.py check --deploy`: silent where all is set, plain words where something is missing."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.log import OneLine

pytestmark = pytest.mark.workers

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "HTTPS": "1",
    "BEHIND_PROXY": "1",
    "ALLOWED_HOSTS": "parley.example",
    "SECRET_KEY": "".join(chr(33 + n % 90) for n in range(77)),
    "DATABASE_URL": "postgres://parley:secret@db.example:5432/parley",
}


def check(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it as on a server: nothing of this process's environment but where programs are."""
    bare = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=bare | {"PARLEY_DATA": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_the_settings_of_production_there_is_nothing_to_say(tmp_path: Path) -> None:
    done = check(tmp_path, **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("System check identified no issues")


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"HTTPS": "0"}, "HTTPS is off"),
        ({"BEHIND_PROXY": "0"}, "HTTPS=1 without BEHIND_PROXY=1 redirects for ever"),
        ({"ALLOWED_HOSTS": "localhost,127.0.0.1"}, "ALLOWED_HOSTS names this machine only"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS=* answers to any name"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, environment: dict[str, str], told: str) -> None:
    done = check(tmp_path, **PRODUCTION | environment)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_one_machine_may_keep_its_key_in_a_file(tmp_path: Path) -> None:
    here = {"SECRET_KEY": "", "DATABASE_URL": f"sqlite:///{tmp_path}/parley.sqlite3"}
    assert check(tmp_path, **PRODUCTION | here).returncode == 0


# --- What strangers send ----------------------------------------------------------------------------------


def test_a_wrong_host_costs_one_line(client: Client, capfd: Any, caplog: Any) -> None:
    """No traceback, and no line break that could pass for another entry of the log."""
    handler = next(each for each in logging.getLogger("django.security").handlers)
    lines: list[str] = []
    original = handler.format
    try:
        handler.format = lambda record: lines.append(original(record)) or lines[-1]  # type: ignore[method-assign, func-returns-value]
        response = client.get("/sign-in/", headers={"host": "evil.example\r\nINFO all: well"})
    finally:
        handler.format = original  # type: ignore[method-assign]
    assert response.status_code == 400
    assert len(lines) == 1
    assert "\n" not in lines[0]
    assert "Invalid HTTP_HOST header" in lines[0]
    assert logging.getLogger("django.security").propagate is False


def test_the_answer_to_it_is_no_second_line() -> None:
    assert not logging.getLogger("django.request").isEnabledFor(logging.WARNING)


def test_the_formatter_leaves_out_tracebacks_and_changes_no_record() -> None:
    record = logging.LogRecord(
        "x", logging.ERROR, "", 1, "first\nsecond", (), (ValueError, ValueError(), None)
    )
    assert OneLine("{levelname}: {message}", style="{").format(record) == "ERROR: first second"
    assert record.exc_info

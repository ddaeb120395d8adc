"""What a command says that cannot do what it was asked: one plain line, and exit status 1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import ManagementUtility
from django.db import OperationalError, connections

from negotiations.management.commands import sync_negotiators
from negotiations.processes import ENVIRONMENT

pytestmark = pytest.mark.django_db

Told = Callable[..., tuple[Any, str, str]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Run a command line; its exit status, stdout and stderr."""
    monkeypatch.setattr(connections, "close_all", lambda: None)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    def run(words: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as ended:
            ManagementUtility(["manage.py", *words.split()]).execute()
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            "import_scenarios",
            "The following arguments are required: PATH. Run: manage.py import_scenarios --help",
        ),
        ("run_session --stepz 5", "Unrecognized arguments: --stepz 5. Run: manage.py run_session --help"),
        ("sync_negotiators now", "Unrecognized arguments: now. Run: manage.py sync_negotiators --help"),
        ("prune --jason", "Unrecognized arguments: --jason. Run: manage.py prune --help"),
        ("run_session", "There is no superuser yet. Run: manage.py create_admin"),
        ("import_scenarios here --owner ada", "There is no user called 'ada'."),
    ],
)
def test_a_mistake_is_one_plain_line(words: str, line: str, told: Told) -> None:
    assert told(words) == (1, "", f"{line}\n")


def test_a_database_that_is_away_is_one_plain_line(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused\n\tIs the server running?")

    monkeypatch.setattr(sync_negotiators, "catalogue", away)
    code, out, err = told("sync_negotiators")
    assert (code, out) == (1, "")
    assert err == (
        "The database cannot be used: connection refused Is the server running? Look at DATABASE_URL, or run: "
        "manage.py prepare\n"
    )


def test_to_ask_for_help_is_no_mistake(told: Told) -> None:
    code, out, err = told("prune --help")
    assert (code, err) == (0, "")
    assert "--dry-run" in out

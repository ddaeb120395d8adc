"""A real Chromium against the real server: what a test of the markup cannot see.

CHROMIUM points at a browser; without one the tests fail, as pages that nobody looked at are not tested. BROWSER=0
leaves them all out.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

HERE = Path(__file__).parent
FOUND = (
    "/usr/bin/chromium-headless-shell",
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
]  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
        # The server's thread and the test look at the same rows, so these have to be committed.
        item.add_marker(pytest.mark.django_db(transaction=True))
    if os.environ.get("BROWSER") == "0":
        items[:] = [item for item in items if item not in ours]
        config.hook.pytest_deselected(items=ours)


def chromium() -> str:
    wanted = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ((wanted,) if wanted else FOUND)]
    path = next((path for path in found if path), None)
    if path is None:
        pytest.fail(
            f"No Chromium at {wanted or ', '.join(FOUND)}. Install the package chromium-headless-shell, set "
            "CHROMIUM to one, or leave the browser tests out with BROWSER=0."
        )
    return path


@pytest.fixture(scope="session")
def base_url() -> None:
    """Nothing: the plugin's own fixture is a method, of which pytest 9 warns."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": chromium(), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    fixed = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", "color_scheme": "light"}
    return browser_context_args | fixed | {"locale": "en-GB", "timezone_id": "UTC"}


@pytest.fixture
def page(page: Page, live_server: Any, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab that fails its test on any error of the console: what a policy refuses shows there, too."""
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            problems.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(8000)
    yield page
    # Pollers have to stop before the database is flushed under them.
    page.goto("about:blank")
    if not request.node.get_closest_marker("expects_errors"):
        assert problems == []


def sign_in(context: BrowserContext, live_server: Any, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture
def signed_in(context: BrowserContext, live_server: Any, owner: User) -> User:
    """The owner, signed in in this test's browser."""
    sign_in(context, live_server, owner)
    return owner

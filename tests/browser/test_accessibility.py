"""axe-core on every page with something on it: WCAG 2.2 AA, light and dark, on a desk and on a phone (P-15).

Light on a desk and dark on a phone; with ALL_LOOKS=1 each in both, which takes twice as long.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.urls import get_resolver, resolve
from playwright.sync_api import Page, expect

from negotiations.models import Session
from negotiations.views import workers
from tests.browser.chart_pages import touch
from tests.browser.every_page import PAGES, configured
from tests.config.test_urls_walk import ACCESS, PAGE, THING, patterns
from tests.factory import UserFactory
from tests.negotiations.chart_sessions import chart_session
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.slow

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 780}
LOOKS = [(DESK, "light"), (PHONE, "dark")]
if os.environ.get("ALL_LOOKS"):
    LOOKS += [(DESK, "dark"), (PHONE, "light")]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
# Answered with something that is no page: a file, a part of a page, or JSON.
NO_PAGES = {
    "negotiations:session-new-parties",
    "negotiations:session-new-check",
    "negotiations:scenario-sessions",
    "negotiations:scenario-stamp",
    "negotiations:scenario-export-genius",
    "negotiations:scenario-export-yaml",
    "negotiations:scenario-export-yaml1",
    "negotiations:session-export-json",
    "negotiations:session-export-csv",
    "negotiations:market-export-json",
    "negotiations:market-export-csv",
    "benchmarks:benchmark-workers",
    "benchmarks:benchmark-export",
    "benchmarks:match-export-csv",
    "benchmarks:match-export-json",
}


def violations(page: Page, without: Sequence[str] = ()) -> list[str]:
    """What axe-core finds now. It is evaluated by the debugger's way, so the page's policy stays as it is."""
    options = OPTIONS | {"rules": {rule: {"enabled": False} for rule in without}}
    found = Axe().run(page, options=options).response["violations"]
    return [told(each["id"], node) for each in found for node in each["nodes"][:4]]


def told(rule: str, node: dict[str, Any]) -> str:
    why = re.sub(r"\s+", " ", node["failureSummary"])[:240]
    return f"{rule}: {node['target']}: {node['html'][:160]} {why}"


def dress(page: Page, size: Any, theme: str) -> None:
    page.set_viewport_size(size)
    if page.locator("html").get_attribute("data-bs-theme") != theme:
        page.click("button[data-theme-toggle]")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
    # What lies under the bar at the top would count as covered.
    page.evaluate("scrollTo(0, 0)")


def look(page: Page, without: Sequence[str] = ()) -> None:
    """At the page as it stands, in each size and theme; all that is wrong in one message."""
    wrong: dict[str, list[str]] = {}
    for size, theme in LOOKS:
        dress(page, size, theme)
        for line in violations(page, without):
            wrong.setdefault(line, []).append(f"{size['width']} {theme}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.setdefault("It scrolls sideways", []).append(f"{size['width']} {theme}")
    assert not wrong, "\n".join(f"{', '.join(where)}: {line}" for line, where in wrong.items())


# --- Every page ---------------------------------------------------------------------------------------------


# The browser says of the pages for what is not there that they were answered with 400, 403 and 404.
@pytest.mark.expects_errors
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_all(name: str, page: Page, signed_in: User, live_server: Any) -> None:
    answer = page.goto(f"{live_server.url}{PAGES[name](signed_in)}")
    refused = {"not found": 404, "bad request": 400, "hidden from a seat": 403}
    assert answer and answer.status == refused.get(name, 200)
    expect(page.locator("h1")).to_have_count(1)
    look(page)


def test_no_page_is_left_out(owner: User) -> None:
    """A page with a URL of its own has to be among those that are looked at."""
    seen = {
        resolve(make(owner).partition("?")[0]).view_name
        for name, make in PAGES.items()
        if name != "not found"
    }
    ours = {name for name, _ in patterns(get_resolver().url_patterns)} & set(ACCESS)
    pages = {name for name in ours if ACCESS[name][0] in (PAGE, THING)} - NO_PAGES
    assert pages <= seen


# --- What opens on a page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_explored_charts_can_be_read_by_all(
    parties: int, page: Page, signed_in: User, live_server: Any
) -> None:
    page.goto(f"{live_server.url}{chart_session(parties, signed_in, offers=90).get_absolute_url()}")
    for chart in ("space", "time"):
        touch(page, chart)
    for word, chart in (("By issue", "values"), ("Two issues", "pairs")):
        page.get_by_role("link", name=word).click()
        expect(page.locator(f'[data-plot="{chart}"].is-live')).to_be_visible()
        look(page)


def test_open_menus_can_be_read_by_all(page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}{chart_session(2, signed_in).get_absolute_url()}")
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
    # What an open menu lies over can be reached once it is closed.
    look(page, without=["target-size"])


def test_toasts_and_banners_can_be_read_by_all(page: Page, signed_in: User, live_server: Any) -> None:
    page.goto(f"{live_server.url}/sessions/")
    for kind in ("success", "info", "warning", "error"):
        page.evaluate(
            """type => dispatchEvent(new CustomEvent("toast", { detail: { type, title: "Energy failed", text: "CAB took too long.", href: "/sessions/" } }))""",
            kind,
        )
    page.evaluate(
        "() => document.querySelectorAll('.live-banners .banner').forEach(each => { each.hidden = false; })"
    )
    look(page)


# --- Before one is signed in, and where something went wrong ------------------------------------------------


@pytest.mark.expects_errors
def test_signing_in_can_be_read_by_all(page: Page, db: None, live_server: Any) -> None:
    page.goto(f"{live_server.url}/sign-in/")
    look(page)
    page.get_by_label("Name", exact=False).first.fill("nobody")
    page.locator("input[type=password]").fill("wrong")
    page.locator("main button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("password")
    look(page)
    page.locator("[name=csrfmiddlewaretoken]").first.evaluate("field => { field.value = 'stale'; }")
    page.locator("input[type=password]").fill("wrong")
    page.locator("main button[type=submit]").click()
    expect(page.locator("main")).not_to_contain_text("Sign in")
    look(page)


@pytest.mark.expects_errors
def test_a_locked_sign_in_can_be_read_by_all(page: Page, db: None, live_server: Any, settings: Any) -> None:
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 1
    page.goto(f"{live_server.url}/sign-in/")
    page.locator("[name=username]").fill("nobody")
    page.locator("input[type=password]").fill("wrong")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", name="Too many attempts")).to_be_visible()
    look(page)


@pytest.mark.expects_errors
def test_an_error_of_our_own_can_be_read_by_all(
    page: Page, signed_in: User, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(workers, "render", broken)
    page.goto(f"{live_server.url}/workers/")
    expect(page.get_by_role("heading", name="Something broke")).to_be_visible()
    look(page)


@pytest.mark.expects_errors
def test_refusals_can_be_read_by_all(page: Page, signed_in: User, live_server: Any) -> None:
    """What cannot be changed any more, and what is another's."""
    ended: Session = make_session("completed", job__owner=signed_in)
    others = configured(UserFactory())
    others.group = signed_in.groups.first()
    others.save()
    for path in (f"/sessions/{ended.pk}/cancel/", f"/jobs/{ended.pk}/cancel/"):
        page.goto(f"{live_server.url}/sessions/")
        send(page, path)
        expect(page.locator("h1")).to_be_visible()
        look(page)
    page.goto(f"{live_server.url}/negotiators/own/{others.pk}/edit/")
    look(page)


def send(page: Page, path: str) -> None:
    """Post a form without fields there."""
    script = """path => {
        const form = Object.assign(document.createElement("form"), { method: "post", action: path });
        const token = JSON.parse(document.body.getAttribute("hx-headers"))["x-csrftoken"];
        form.append(Object.assign(document.createElement("input"), { name: "csrfmiddlewaretoken", value: token }));
        document.body.append(form); form.submit(); }"""
    with page.expect_navigation():
        page.evaluate(script, path)

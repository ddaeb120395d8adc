"""P-15: keys for what is done most, a sheet that shows them, and a way to switch single letters off."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.models import Job
from tests.negotiations.session_rows import make_session

SHEET = "#keys"


@pytest.fixture
def opened(page: Page, live_server: Any, signed_in: User) -> Page:
    page.goto(f"{live_server.url}/sessions/")
    return page


def test_the_sheet_opens_by_its_key_and_from_the_menu(opened: Page) -> None:
    opened.keyboard.press("?")
    expect(opened.locator(SHEET)).to_be_visible()
    expect(opened.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(opened.locator(SHEET)).to_be_hidden()
    opened.get_by_label(re.compile("^Account of")).click()
    opened.get_by_role("button", name="Keyboard shortcuts").click()
    expect(opened.locator(SHEET)).to_be_visible()
    opened.locator(SHEET).get_by_label("Close").click()
    expect(opened.locator(SHEET)).to_be_hidden()
    expect(opened.get_by_label(re.compile("^Account of"))).to_be_focused()


def test_what_lies_beneath_the_sheet_hears_no_keys(page: Page, live_server: Any, signed_in: User) -> None:
    session = make_session("completed", job__owner=signed_in)
    page.goto(f"{live_server.url}{session.get_absolute_url()}")
    page.keyboard.press("?")
    for key in ("Home", "ArrowRight", "f", "e", "/"):
        page.keyboard.press(key)
    expect(page.locator(SHEET)).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}{session.get_absolute_url()}")
    assert page.evaluate("document.fullscreenElement") is None
    page.keyboard.press("Escape")
    expect(page.locator(SHEET)).to_be_hidden()


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ("n", "/sessions/new/"), ("gs", "/sessions/"), ("gm", "/markets/"), ("gb", "/benchmarks/"),
        ("gc", "/scenarios/"), ("gn", "/negotiators/"), ("gj", "/jobs/"),
    ],
)  # fmt: skip
def test_a_key_leads_to_each_room(keys: str, path: str, opened: Page, live_server: Any) -> None:
    opened.goto(f"{live_server.url}/activity/")
    for key in keys:
        opened.keyboard.press(key)
    expect(opened).to_have_url(f"{live_server.url}{path}")


def test_the_theme_has_a_key(opened: Page) -> None:
    opened.keyboard.press("t")
    expect(opened.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_what_is_typed_is_no_key(opened: Page, live_server: Any, signed_in: User) -> None:
    opened.keyboard.press("/")
    opened.keyboard.type("gntp?")
    expect(opened.locator("[data-search]")).to_have_value("gntp?")
    expect(opened.locator(SHEET)).to_be_hidden()
    expect(opened).to_have_url(f"{live_server.url}/sessions/")


def test_who_is_in_a_menu_presses_no_keys_of_the_page(opened: Page) -> None:
    opened.get_by_label(re.compile("^Account of")).click()
    opened.keyboard.press("t")
    expect(opened.locator("html")).to_have_attribute("data-bs-theme", "light")
    opened.keyboard.press("Escape")
    opened.keyboard.press("t")
    expect(opened.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_single_letters_are_switched_off_for_good(opened: Page, live_server: Any) -> None:
    opened.keyboard.press("?")
    opened.get_by_label("No single-letter keys in this browser").check()
    opened.keyboard.press("Escape")
    for _ in range(2):
        for key in "t?n/":
            opened.keyboard.press(key)
        expect(opened.locator("html")).to_have_attribute("data-bs-theme", "light")
        expect(opened.locator(SHEET)).to_be_hidden()
        expect(opened).to_have_url(f"{live_server.url}/sessions/")
        opened.reload()
    opened.get_by_label(re.compile("^Account of")).click()
    opened.get_by_role("button", name="Keyboard shortcuts").click()
    expect(opened.get_by_label("No single-letter keys in this browser")).to_be_checked()


def test_a_running_session_is_paused_by_a_key(page: Page, live_server: Any, signed_in: User) -> None:
    session = make_session("running", job__owner=signed_in)
    page.goto(f"{live_server.url}{session.get_absolute_url()}")
    with page.expect_response(lambda response: "/pause/" in response.url):
        page.keyboard.press("p")
    assert Job.objects.get(pk=session.pk).hold

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import chromium
from tests.factory import (
    NegotiatorFactory,
    ScenarioFactory,
    ScenarioImportFactory,
    SessionFactory,
    make_completed_session,
)

PAGES = (
    "home", "password", "scenarios", "scenario", "upload", "import", "negotiators", "negotiator", "sessions", "new",
    "session", "offers",
)  # fmt: skip
SIDEWAYS = "() => document.documentElement.scrollWidth"


@pytest.fixture
def urls(owner: User) -> dict[str, str]:
    long = "A very long name that nobody would give to a scenario but somebody does"
    scenario = ScenarioFactory(
        name=long, owner=owner, tags=["discounted", "three-sided"], source="anac/2011/final"
    )
    session = make_completed_session(job__owner=owner, scenario=scenario)
    SessionFactory(job__owner=owner, scenario=scenario)
    report = [
        {"path": "a/very/long/path/" * 6, "verdict": "refused", "reason": "word " * 40, "scenario": None}
    ]
    upload = ScenarioImportFactory(job__owner=owner, report=report)
    negotiator = NegotiatorFactory(type="negmas." + "very_long." * 12, description="word " * 80)
    return {
        "home": "/", "password": "/password/",
        "scenarios": "/scenarios/", "scenario": f"/scenarios/{scenario.pk}/", "upload": "/scenarios/upload/",
        "import": f"/scenarios/imports/{upload.pk}/", "negotiators": "/negotiators/",
        "negotiator": f"/negotiators/{negotiator.pk}/", "sessions": "/sessions/", "new": "/sessions/new/",
        "session": f"/sessions/{session.pk}/", "offers": f"/sessions/{session.pk}/offers/",
    }  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(
    page: Page, live_server: Any, signed_in: User, urls: dict[str, str], name: str
) -> None:
    """P-15."""
    page.goto(live_server.url + urls[name])
    for width in (390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(SIDEWAYS) <= width


def test_the_door_fits_a_phone(page: Page, live_server: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/sign-in/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate(SIDEWAYS) <= 390


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_one_heading_a_main_part_and_a_name_for_each_control(
    page: Page, live_server: Any, signed_in: User, urls: dict[str, str], name: str
) -> None:
    page.goto(live_server.url + urls[name])
    assert page.locator("h1").count() == 1
    assert page.locator("main#main").count() == 1
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")]
        .filter((e) => e.checkVisibility())
        .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length || e.title || e.getAttribute("aria-labelledby")))
        .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    twice = page.evaluate(
        """() => { const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
        return ids.filter((id, index) => ids.indexOf(id) !== index); }"""
    )
    assert twice == []


def test_the_menu_opens_and_closes(page: Page, live_server: Any, signed_in: User) -> None:
    page.goto(f"{live_server.url}/")
    entry = page.get_by_role("link", name="Change password")
    expect(entry).to_be_hidden()
    page.click("details.menu summary")
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    page.click("details.menu summary")
    page.click("h1")
    expect(entry).to_be_hidden()


def test_signing_in_and_out_by_hand(page: Page, live_server: Any, owner: User) -> None:
    page.goto(f"{live_server.url}/scenarios/")
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill("secret-enough")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{live_server.url}/scenarios/")
    page.click("details.menu summary")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{live_server.url}/sign-in/")


def test_a_slash_goes_to_the_search_and_a_choice_applies_at_once(
    page: Page, live_server: Any, signed_in: User
) -> None:
    ScenarioFactory(name="Flat share", source="home")
    ScenarioFactory(name="Wind farm", source="land")
    page.goto(f"{live_server.url}/scenarios/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_label("Source").select_option("land")
    expect(page.get_by_text("Flat share")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/scenarios/\?q=&source=land&"))


def test_the_keyboard_can_skip_to_the_content(page: Page, live_server: Any, signed_in: User) -> None:
    page.goto(f"{live_server.url}/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_phone_has_its_rooms_at_the_bottom(page: Page, live_server: Any, signed_in: User) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/")
    bar = page.get_by_role("navigation", name="Rooms")
    assert 1 <= bar.get_by_role("link").count() <= 5
    bar.get_by_role("link", name="Markets").click()
    expect(bar.get_by_role("link", name="Markets")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    # The sixth has its place in the menu, which a desk needs not.
    page.get_by_label("Account of").click()
    page.locator(".menu-list").get_by_role("link", name="Negotiators").click()
    expect(page.get_by_role("heading", name="Negotiators", level=1)).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("Account of").click()
    expect(page.locator(".menu-list").get_by_role("link", name="Negotiators")).to_be_hidden()


@pytest.mark.expects_errors
def test_a_missing_page_keeps_the_shell(page: Page, live_server: Any, signed_in: User) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/nothing/")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    assert page.evaluate(SIDEWAYS) <= 390
    page.get_by_role("link", name="To the overview").click()
    expect(page).to_have_url(f"{live_server.url}/")


def test_the_readable_part_of_a_page_needs_no_script(browser: Any, live_server: Any, owner: User) -> None:
    """B-19."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("Username").fill("owner")
    page.get_by_label("Password").fill("secret-enough")
    page.get_by_role("button", name="Sign in").click()
    make_completed_session(job__owner=owner, scenario__name="Old camera")
    page.goto(f"{live_server.url}/")
    expect(page.get_by_text("Old camera")).to_be_visible()
    page.goto(f"{live_server.url}/scenarios/")
    page.get_by_role("searchbox").fill("camera")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Old camera")).to_be_visible()
    context.close()


def test_without_a_browser_these_tests_fail_and_do_not_skip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(pytest.fail.Exception, match="BROWSER=0"):
        chromium()

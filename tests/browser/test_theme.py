from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

BUTTON = "button[data-theme-toggle]"


def theme(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-bs-theme")


def test_a_chosen_theme_stays_over_pages_and_reloads(page: Page, live_server: Any, signed_in: User) -> None:
    """P-15."""
    page.goto(f"{live_server.url}/")
    assert theme(page) == "light"
    page.click(BUTTON)
    assert theme(page) == "dark"
    page.reload()
    assert theme(page) == "dark"
    page.goto(f"{live_server.url}/scenarios/")
    assert theme(page) == "dark"
    page.click(BUTTON)
    assert theme(page) == "light"


def test_the_theme_stands_before_anything_is_painted(page: Page, live_server: Any) -> None:
    """A page that flashes white in the dark is what the blocking script in the head is for."""
    page.goto(f"{live_server.url}/sign-in/")
    page.click(BUTTON)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => {"
        " window.themeAtFirst = document.documentElement.dataset.bsTheme; });"
    )
    page.reload()
    assert page.evaluate("() => window.themeAtFirst") == "dark"
    assert page.locator("head script[src*='theme.js']").get_attribute("defer") is None


def test_without_a_choice_the_system_decides(browser: Browser, live_server: Any, db: None) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{live_server.url}/sign-in/")
    assert theme(page) == "dark"
    context.close()


def test_a_second_tab_follows(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/sign-in/")
    other = page.context.new_page()
    other.goto(f"{live_server.url}/sign-in/")
    page.click(BUTTON)
    expect(other.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_browser_that_keeps_nothing_can_still_switch(page: Page, live_server: Any) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } });"
    )
    page.goto(f"{live_server.url}/sign-in/")
    page.click(BUTTON)
    assert theme(page) == "dark"

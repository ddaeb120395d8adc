"""The form of a new session in a browser: choices bring their fields, the check follows, nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.models import Negotiator, Scenario, Session
from tests.factory import PREFERENCES, NegotiatorFactory, ScenarioFactory

PARAMETERS = [{"name": "exponent", "kind": "float", "default": 4.0, "choices": [], "optional": True}]


@pytest.fixture
def boulware(signed_in: User) -> Negotiator:
    return NegotiatorFactory(short_name="Boulware", parameters=PARAMETERS)


@pytest.fixture
def pair(boulware: Negotiator) -> Scenario:
    return ScenarioFactory(name="Pier")


@pytest.fixture
def trio(boulware: Negotiator) -> Scenario:
    return ScenarioFactory(name="Harbour", n_parties=3, preferences=[*PREFERENCES, PREFERENCES[0]])


@pytest.fixture
def form(page: Page, pair: Scenario, trio: Scenario, live_server: Any) -> Page:
    page.goto(f"{live_server.url}/sessions/new/")
    return page


def seat(page: Page, number: int) -> Any:
    return page.get_by_label(f"Party {number}")


def test_choosing_a_scenario_changes_the_parties_and_keeps_what_was_typed(form: Page) -> None:
    form.get_by_label("Steps").fill("77")
    form.get_by_label("Scenario").select_option("Pier")
    expect(form.locator(".seat")).to_have_count(2)
    form.get_by_label("Scenario").select_option("Harbour")
    expect(form.locator(".seat")).to_have_count(3)
    expect(form.get_by_label("Steps")).to_have_value("77")
    expect(form.locator("#session-new-check")).to_contain_text("3 of 3 seats have no negotiator yet.")


def test_a_negotiator_that_does_not_fit_is_said_with_those_that_do(form: Page, trio: Scenario) -> None:
    """P-08"""
    NegotiatorFactory(type="tests.Duel", short_name="Duel", max_parties=2)
    form.reload()
    form.get_by_label("Scenario").select_option("Harbour")
    seat(form, 1).select_option("Duel")
    expect(form.locator("#seat-0")).to_contain_text(
        "Duel negotiates with one partner only; Harbour has 3 parties."
    )
    form.get_by_role("button", name="Boulware").click()
    expect(seat(form, 1).locator("option:checked")).to_have_text("Boulware")
    expect(form.locator("#seat-0")).not_to_contain_text("one partner only")


def test_the_check_follows_what_is_typed(form: Page) -> None:
    form.get_by_label("Scenario").select_option("Pier")
    expect(form.locator(".seat")).to_have_count(2)
    form.get_by_label("Steps").clear()
    form.get_by_label("Steps").press_sequentially("-5")
    form.get_by_label("Steps").press("Tab")
    expect(form.locator("#session-new-check")).to_contain_text("One field to correct: Steps.")


def test_the_dice_give_another_seed(form: Page) -> None:
    before = form.get_by_label("Seed", exact=True).input_value()
    form.get_by_role("button", name="New seed").click()
    expect(form.get_by_label("Seed", exact=True)).not_to_have_value(before)


def test_it_starts_a_session(form: Page) -> None:
    """N-01"""
    form.get_by_label("Scenario").select_option("Pier")
    expect(form.locator(".seat")).to_have_count(2)
    for number in (1, 2):
        seat(form, number).select_option("Boulware")
        expect(form.locator(f"#seat-{number - 1}")).to_contain_text("1, all with a default")
    form.get_by_label("Seed", exact=True).press("Control+Enter")
    expect(form.get_by_role("heading", name="Pier")).to_be_visible()
    assert Session.objects.count() == 1


def test_what_is_wrong_is_marked_and_linked(form: Page) -> None:
    form.get_by_label("Scenario").select_option("Pier")
    expect(form.locator(".seat")).to_have_count(2)
    form.get_by_label("Steps").fill("abc")
    form.get_by_role("button", name="Start session").click()
    expect(form.get_by_text("Give a whole number from 1 to 100,000.")).to_be_visible()
    form.locator("#session-new-check").get_by_role("link", name="Steps").click()
    expect(form.get_by_label("Steps")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Steps")).to_have_value("abc")


def test_it_fits_a_phone(form: Page) -> None:
    form.set_viewport_size({"width": 390, "height": 844})
    form.get_by_label("Scenario").select_option("Harbour")
    expect(form.locator(".seat")).to_have_count(3)
    assert form.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_it_works_without_a_script(
    browser: Any, signed_in: User, pair: Scenario, live_server: Any, context: Any
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(f"{live_server.url}/sessions/new/")
    page.get_by_label("Scenario").select_option("Pier")
    page.get_by_role("button", name="Show its parties").click()
    page.get_by_label("Party 1").select_option("Boulware")
    page.get_by_role("button", name="Show its parameters").first.click()
    page.locator("#seat-0 summary").click()
    expect(page.get_by_label("Exponent").first).to_be_visible()
    expect(page.get_by_label("Offering is accepting")).to_be_checked()
    plain.close()


def test_two_clicks_start_one_session(form: Page) -> None:
    form.get_by_label("Scenario").select_option("Pier")
    seat(form, 1).select_option("Boulware")
    seat(form, 2).select_option("Boulware")
    expect(form.locator("#session-new-check")).to_contain_text("Both negotiators can work")
    form.evaluate(
        """() => {
            const button = document.querySelector("#session-new aside button.btn-primary");
            button.click();
            setTimeout(() => button.click(), 5);
        }"""
    )
    form.wait_for_url("**/sessions/*-*/")
    assert Session.objects.count() == 1

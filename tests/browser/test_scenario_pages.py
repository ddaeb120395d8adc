"""The library and the editor of scenarios in a browser: pictures arrive, rows come without a reload, nothing sticks out."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from negotiations.engine.analysing import analyse_document
from negotiations.models import Scenario, ScenarioAnalysis
from tests.negotiations.chart_sessions import chart_session
from tests.negotiations.scenario_rows import generated

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def nine(signed_in: User) -> Scenario:
    """Nine parties, in a library of two."""
    generated(name="Pier")
    return generated(signed_in, name="Harbour", parties=9, issues=4, opposition=1.2, reserved=(0.0, 0.1))


def test_pictures_of_cards_arrive_and_lead_to_their_scenario(
    page: Page, nine: Scenario, live_server: Any
) -> None:
    page.goto(f"{live_server.url}/scenarios/")
    picture = page.get_by_alt_text("Outcome space of Harbour")
    expect(picture).to_be_visible()
    page.wait_for_function(
        "() => [...document.querySelectorAll('img.thumb')].every(image => image.naturalWidth > 0)"
    )
    picture.click()
    expect(page).to_have_url(f"{live_server.url}/scenarios/{nine.pk}/")
    expect(page.get_by_role("heading", name="Outcome space")).to_be_visible()


def test_a_card_that_waits_is_filled_in_by_the_poll(page: Page, signed_in: User, live_server: Any) -> None:
    scenario = generated(name="Quay", analysed=False)
    page.goto(f"{live_server.url}/scenarios/")
    expect(page.locator("main")).to_contain_text("Being analysed")
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    expect(page.get_by_alt_text("Outcome space of Quay")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Being analysed")
    expect(page.locator("#live")).to_have_attribute("hx-get", "/live/")


def test_a_row_that_waits_is_filled_in_by_the_poll(page: Page, signed_in: User, live_server: Any) -> None:
    scenario = generated(name="Quay", analysed=False)
    page.goto(f"{live_server.url}/scenarios/?view=list")
    row = page.locator("tbody tr")
    expect(row).to_contain_text("being analysed")
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    expect(row).not_to_contain_text("being analysed")
    expect(row).to_have_count(1)
    expect(row.locator("td")).to_have_count(8)
    expect(page.locator("#live")).to_have_attribute("hx-get", "/live/")


def test_the_plot_offers_to_be_drawn_anew(page: Page, nine: Scenario, live_server: Any) -> None:
    scenario = generated(name="Quay", seed=5, analysed=False)
    page.goto(f"{live_server.url}/scenarios/plot/")
    expect(page.locator("main")).to_contain_text("1 more is being analysed.")
    expect(page.get_by_role("link", name="Quay:")).to_have_count(0)
    ScenarioAnalysis.objects.keep(scenario, next(iter(analyse_document(scenario.document))))
    page.get_by_role("link", name="plot anew").click()
    expect(page.get_by_role("link", name="Quay:")).to_be_attached()
    expect(page.locator("main")).not_to_contain_text("analysed")


def test_a_mark_of_the_plot_is_a_link_that_keys_reach(page: Page, nine: Scenario, live_server: Any) -> None:
    page.goto(f"{live_server.url}/scenarios/plot/")
    page.get_by_role("link", name="Harbour:").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/scenarios/{nine.pk}/")


def test_the_editor_adds_rows_in_place_and_keeps_what_was_typed(
    page: Page, signed_in: User, live_server: Any
) -> None:
    page.goto(f"{live_server.url}/scenarios/new/")
    page.evaluate("window.stays = true")
    typed = {"name": "Bike", "party-0": "buyer", "party-1": "seller", "issue-0": "price"}
    typed |= {"value-0-0": "low", "worth-0-0-0": "ten", "value-0-1": "high", "worth-0-1-1": "1"}
    for name, text in typed.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[value=drop-issue-1]").click()
    expect(page.locator("[name=issue-1]")).to_have_count(0)
    page.locator("[value=drop-value-0-2]").click()
    expect(page.locator("[name=value-0-2]")).to_have_count(0)
    for name, text in typed.items():
        expect(page.locator(f"[name={name}]")).to_have_value(text)
    assert page.evaluate("window.stays")
    page.get_by_role("button", name="Keep scenario").click()
    expect(page.locator("[name=worth-0-0-0]")).to_have_attribute("aria-invalid", "true")
    page.locator("[name=worth-0-0-0]").fill("10")
    page.get_by_role("button", name="Keep scenario").click()
    expect(page.get_by_role("heading", name="Bike", exact=True)).to_be_visible()


def test_the_choice_of_two_parties_can_be_read_on_a_phone(
    page: Page, signed_in: User, live_server: Any
) -> None:
    room = """select => { const style = getComputedStyle(select);
        return select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight); }"""
    session = chart_session(3, signed_in)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for address in (session.scenario.get_absolute_url(), session.get_absolute_url()):
        page.goto(f"{live_server.url}{address}")
        chosen = page.locator(".pair select")
        expect(chosen).to_have_count(2)
        assert all(select.evaluate(room) > 80 for select in chosen.all()), address
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], address


def test_nothing_sticks_out_on_a_phone(page: Page, nine: Scenario, live_server: Any) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in ("", "?view=list", "plot/", "new/", f"new/?from={nine.pk}", "generate/", f"{nine.pk}/"):
        page.goto(f"{live_server.url}/scenarios/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path

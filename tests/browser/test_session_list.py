"""The list of sessions in a browser: ticks wake buttons and survive polls; everything works without a script, too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from negotiations.models import Preset, Session, SessionTag
from negotiations.views import session_cards
from tests.factory import NegotiatorFactory, ScenarioFactory
from tests.negotiations.session_rows import make_session


@pytest.fixture
def three(signed_in: User) -> list[Session]:
    """Two that are over, one that runs."""
    scenario = ScenarioFactory(name="Pier")
    states = ("completed", "completed", "running")
    return [make_session(state, job__owner=signed_in, scenario=scenario) for state in states]


def poll(page: Page) -> None:
    with page.expect_response(lambda response: "/live/" in response.url):
        page.evaluate("htmx.trigger('#live', 'live:now')")


def test_compare_wakes_with_the_second_tick(page: Page, live_server: Any, three: list[Session]) -> None:
    page.goto(f"{live_server.url}/sessions/")
    compare, again = page.get_by_role("button", name="Compare"), page.get_by_role("button", name="Run again")
    expect(compare).to_be_disabled()
    expect(again).to_be_disabled()
    page.locator(f"#tick-{three[0].pk}").check()
    expect(again).to_be_enabled()
    expect(compare).to_be_disabled()
    page.locator(f"#tick-{three[1].pk}").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("2 ticked")
    compare.click()
    ids = {str(session.pk) for session in three[:2]}
    expect(page).to_have_url(re.compile(r"/sessions/compare/\?ids="))
    assert all(pk in page.url for pk in ids)


def test_the_bar_comes_with_what_can_be_ticked(page: Page, live_server: Any, signed_in: User) -> None:
    page.goto(f"{live_server.url}/sessions/")
    expect(page.locator("#session-bulk")).to_be_hidden()
    make_session("completed", job__owner=signed_in)
    poll(page)
    expect(page.locator("#session-bulk")).to_be_visible()


def test_ticks_of_cards_and_rows_survive_a_poll(
    page: Page, live_server: Any, three: list[Session], signed_in: User
) -> None:
    page.goto(f"{live_server.url}/sessions/")
    for session in (three[0], three[2]):
        page.locator(f"#tick-{session.pk}").check()
    new = make_session("completed", job__owner=signed_in)
    make_session("running", job__owner=signed_in)
    poll(page)
    expect(page.locator(f"#row-{new.pk}")).to_be_visible()
    for session in (three[0], three[2]):
        expect(page.locator(f"#tick-{session.pk}")).to_be_checked()
    expect(page.locator("[data-bulk-count]")).to_have_text("2 ticked")


def test_enter_in_the_field_of_tags_tags_and_nothing_else(
    page: Page, live_server: Any, three: list[Session]
) -> None:
    page.goto(f"{live_server.url}/sessions/")
    page.locator(f"#tick-{three[0].pk}").check()
    page.get_by_label("Tags to add").fill("Pilot")
    page.get_by_label("Tags to add").press("Enter")
    expect(page.locator("#main")).to_contain_text("1 session tagged: pilot.")
    page.locator(f"#row-{three[0].pk}").get_by_role("link", name="pilot").click()
    expect(page.locator("#session-table tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?tag=pilot$"))


def test_a_filter_takes_hold_at_once(
    page: Page, live_server: Any, three: list[Session], signed_in: User
) -> None:
    make_session("completed", job__owner=signed_in, scenario=ScenarioFactory(name="Boat"))
    page.goto(f"{live_server.url}/sessions/")
    page.get_by_text("More filters").click()
    page.get_by_label("Scenario", exact=True).select_option("Boat")
    expect(page.locator("#session-table tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"scenario=\d+"))


@pytest.mark.parametrize("scripts", [True, False])
def test_what_will_go_is_shown_and_goes(
    scripts: bool, browser: Any, live_server: Any, context: BrowserContext, three: list[Session]
) -> None:
    own = browser.new_context(java_script_enabled=scripts, storage_state=context.storage_state())
    page = own.new_page()
    page.goto(f"{live_server.url}/sessions/")
    for session in (three[0], three[2]):
        page.locator(f"#tick-{session.pk}").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete this session?")
    expect(page.locator("#main")).to_contain_text("This one is in progress and stays.")
    page.get_by_role("button", name="Delete session").click()
    expect(page.locator("#main")).to_contain_text("1 session deleted.")
    expect(page.locator("#session-table tbody tr")).to_have_count(1)
    assert set(Session.objects.all()) == set(three[1:])
    page.goto("about:blank")
    own.close()


def test_many_are_exported_in_one_file(page: Page, live_server: Any, three: list[Session]) -> None:
    page.goto(f"{live_server.url}/sessions/")
    page.get_by_label("All on this page").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert re.fullmatch(r"sessions-[\d-]+\.zip", download.value.suggested_filename)


def test_a_set_up_is_kept_and_used(page: Page, live_server: Any, signed_in: User) -> None:
    """P-07"""
    scenario, negotiator = ScenarioFactory(name="Pier"), NegotiatorFactory()
    page.goto(f"{live_server.url}/sessions/new/?scenario={scenario.pk}&negotiator={negotiator.pk}")
    page.get_by_label("Steps", exact=True).fill("42")
    page.get_by_text("Save as preset").click()
    page.get_by_label("Name", exact=True).fill("Short one")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#main")).to_contain_text("The preset “Short one” is kept.")
    assert Preset.objects.get().scenario == scenario
    page.goto(f"{live_server.url}/sessions/new/")
    page.get_by_role("link", name="Short one").click()
    expect(page.get_by_label("Steps", exact=True)).to_have_value("42")
    expect(page.get_by_label("Scenario", exact=True)).to_have_value(str(scenario.pk))


@pytest.mark.parametrize(
    "path", ["/sessions/?whose=mine", "/sessions/presets/", "/sessions/{pk}/", "/sessions/{pk}/delete/"]
)
def test_a_phone_shows_it_without_scrolling_sideways(
    page: Page, live_server: Any, three: list[Session], signed_in: User, path: str
) -> None:
    SessionTag.objects.add([three[0].pk], [f"{'a-tag-without-an-end' * 2}"[:38] + str(n) for n in range(10)])
    Preset.objects.create(owner=signed_in, name="Without-any-end" * 5, n_steps=9, scenario=three[0].scenario)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{path.format(pk=three[0].pk)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_all_that_match_are_chosen_with_one_tick(
    page: Page, live_server: Any, signed_in: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_cards, "ROWS_A_PAGE", 2)
    for _ in range(3):
        make_session("completed", job__owner=signed_in)
    page.goto(f"{live_server.url}/sessions/")
    every = page.get_by_label("All 3 sessions")
    every.check()
    expect(page.locator("[data-bulk-count]")).to_have_text("3 chosen")
    expect(page.locator("#session-table input:checked")).to_have_count(2)
    expect(page.get_by_role("button", name="Compare")).to_be_disabled()
    make_session("completed", job__owner=signed_in)
    poll(page)
    expect(page.get_by_label("All 4 sessions")).to_be_checked()
    expect(page.locator("[data-bulk-count]")).to_have_text("4 chosen")
    page.locator("#session-table input").first.uncheck()
    expect(page.get_by_label("All 4 sessions")).not_to_be_checked()
    expect(page.locator("[data-bulk-count]")).to_have_text("1 ticked")
    page.get_by_label("All 4 sessions").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", name="Delete 4 sessions?")).to_be_visible()
    page.get_by_role("button", name="Delete 4 sessions").click()
    expect(page.get_by_text("4 sessions deleted.")).to_be_visible()
    assert not Session.objects.exists()

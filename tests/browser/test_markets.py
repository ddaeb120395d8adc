"""Markets in a browser: the form as it is typed, rooms that live, mentions, the dialog of a decision, a person's seat."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from negotiations.engine.room_specs import BUYER
from negotiations.models import Market, RoomDecision, RoomMessage, RoomRun
from tests.browser.conftest import sign_in
from tests.factory import make_message
from tests.negotiations.market_rooms import await_person, fresh, room_in, started, talk


@pytest.fixture
def form(page: Page, live_server: Any, signed_in: User) -> Page:
    page.goto(f"{live_server.url}/markets/new/")
    return page


@pytest.fixture
def run(signed_in: User) -> RoomRun:
    return talk(started(signed_in), 1)


@pytest.fixture
def opened(page: Page, live_server: Any, run: RoomRun) -> Page:
    page.goto(f"{live_server.url}{run.room.get_absolute_url()}")
    return page


def poll(page: Page) -> None:
    """Ask now, and wait for the answer."""
    with page.expect_response(lambda response: "/live/" in response.url):
        page.evaluate("htmx.trigger('#live', 'live:now')")


# --- The form -----------------------------------------------------------------------------------------------------


def test_rows_come_and_go_and_what_was_typed_stays(form: Page) -> None:
    form.get_by_label("Name of the market").fill("Kitchen")
    form.get_by_label("Item", exact=True).fill("Oven")
    form.get_by_role("button", name="Add item", exact=True).click()
    second = form.locator("#needs-1-item")
    expect(second).to_be_focused()
    second.fill("Sink")
    form.get_by_role("button", name="Add seller").click()
    expect(form.locator("#sellers-1-name")).to_be_focused()
    # A new seller has a line for each item that is needed.
    expect(form.locator("#sellers-1-stock-1-item")).to_have_value("Sink")
    form.get_by_role("button", name="Remove this item").first.click()
    expect(form.locator("#needs-0-item")).to_have_value("Sink")
    expect(form.get_by_label("Name of the market")).to_have_value("Kitchen")


def test_what_is_wrong_is_said_as_it_is_typed_and_goes_once_it_is_right(form: Page) -> None:
    """M-15"""
    form.get_by_role("button", name="Fill with sample data").click()
    least = form.locator("#sellers-0-stock-0-least")
    expect(least).not_to_have_value("")
    least.fill("2")
    error = form.locator("#sellers-0-stock-0-least-error")
    expect(error).to_have_text("The least price is to be above the cost.")
    expect(least).to_have_attribute("aria-invalid", "true")
    least.fill("20")
    expect(error).to_be_empty()
    expect(least).not_to_have_attribute("aria-invalid", "true")
    expect(form.locator("#market-new-check")).to_contain_text("Desk lamp: Brightworks")


def test_fields_that_nobody_came_to_are_not_told_off(form: Page) -> None:
    form.get_by_label("Buyer", exact=True).fill("Me")
    expect(form.locator("#market-new-check")).to_contain_text("11 fields still to fill in")
    expect(form.locator(".invalid-feedback:not(:empty)")).to_have_count(0)


def test_the_sample_asks_before_it_takes_the_place_of_what_was_typed(form: Page) -> None:
    form.get_by_label("Name of the market").fill("Mine")
    form.once("dialog", lambda dialog: dialog.dismiss())
    form.get_by_role("button", name="Fill with sample data").click()
    expect(form.get_by_label("Name of the market")).to_have_value("Mine")
    form.once("dialog", lambda dialog: dialog.accept())
    form.get_by_role("button", name="Fill with sample data").click()
    expect(form.get_by_label("Name of the market")).to_have_value("Sample: a new office")


def test_without_scripts_a_market_is_opened_too(
    browser: Any, live_server: Any, signed_in: User, context: Any
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(f"{live_server.url}/markets/new/")
    page.get_by_role("button", name="Fill with sample data").click()
    expect(page.locator("#sellers-4-name")).to_be_visible()
    page.get_by_role("button", name="Add seller").click()
    expect(page.locator("#sellers-5-name")).to_be_visible()
    page.get_by_role("button", name="Remove this seller").last.click()
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Open market").last.click()
    expect(page.locator(".room-card")).to_have_count(3)
    assert Market.objects.count() == 1
    plain.close()


# --- A room -------------------------------------------------------------------------------------------------------


def test_words_come_once_and_in_order(opened: Page, run: RoomRun) -> None:
    """M-10"""
    expect(opened.locator("#room-messages > li")).to_have_count(7)
    make_message(run, 2, BUYER, "And now?")
    make_message(run, 2, 1, "Sixteen.", price=16.0, quantity=10)
    poll(opened)
    expect(opened.locator("#room-messages > li")).to_have_count(9)
    poll(opened)
    found = opened.eval_on_selector_all(
        "#room-messages > li", "rows => rows.map(row => Number(row.dataset.seq))"
    )
    assert found == list(range(1, 10))
    expect(opened.locator("#room-offers tbody tr").first).to_contain_text("16.00")
    expect(opened.locator("#room-figures")).to_contain_text("2/10")


def test_a_name_is_completed_and_the_message_sent(opened: Page, run: RoomRun) -> None:
    """M-19"""
    text = opened.get_by_label("Write as Office team")
    text.press_sequentially("Hello @sel")
    names = opened.get_by_role("listbox", name="Sellers")
    expect(names.get_by_role("option")).to_have_count(3)
    text.press("ArrowDown")
    text.press("Enter")
    expect(text).to_have_value("Hello @Seller 2 ")
    expect(names).to_have_count(0)
    text.press_sequentially("and @nobody")
    opened.get_by_role("button", name="Send").click()
    expect(opened.locator("#room-writer")).to_contain_text("Nobody here is called @nobody.")
    expect(opened.get_by_label("Write as Office team")).to_have_value("")
    expect(opened.locator("#room-messages > li").last).to_contain_text("Hello @Seller 2 and @nobody")
    assert RoomMessage.objects.get(run=run, round=2).to == [1]


def test_what_is_being_written_outlives_the_polls(opened: Page, run: RoomRun) -> None:
    text = opened.get_by_label("Write as Office team")
    text.fill("Half a thou")
    make_message(run, 2, BUYER, "And now?")
    poll(opened)
    expect(opened.locator("#room-messages > li")).to_have_count(8)
    expect(text).to_have_value("Half a thou")
    expect(text).to_be_focused()


def test_a_decision_is_forced_in_a_dialog(opened: Page, run: RoomRun) -> None:
    """M-32, M-33"""
    opened.get_by_role("link", name="Force decision").click()
    dialog = opened.get_by_role("dialog")
    expect(dialog.get_by_label("Price of one")).to_have_value("19.60")
    dialog.get_by_role("link", name="Go on negotiating").click()
    expect(dialog).to_be_hidden()
    opened.get_by_role("link", name="Force decision").click()
    dialog.get_by_label("Price of one").fill("15")
    dialog.get_by_role("button", name="Decide").click()
    expect(opened.locator("#room-decision")).to_contain_text("150.00")
    assert RoomDecision.objects.get(run=run).price == 15


def test_a_room_is_looked_at_as_a_seat_and_stays_so_as_it_lives(opened: Page, run: RoomRun) -> None:
    """X-02"""
    opened.get_by_label("View as").select_option("1")
    opened.wait_for_url("**as=1*")
    expect(opened.locator("#room-messages > li")).to_have_count(3)
    make_message(run, 2, BUYER, "Only for the first.", to=(0,))
    make_message(run, 2, BUYER, "For the second.", to=(1,))
    poll(opened)
    expect(opened.locator("#room-messages > li")).to_have_count(4)
    expect(opened.locator("#room-messages")).not_to_contain_text("Only for the first.")
    expect(opened.locator("#room-offers")).to_contain_text("not for a seller to see")


def test_a_room_is_stopped_and_its_page_told(opened: Page, run: RoomRun) -> None:
    opened.get_by_role("button", name="Stop").click()
    expect(opened.locator("#room-title")).to_contain_text("No deal")
    expect(opened.get_by_role("button", name="Start again")).to_be_visible()
    assert opened.locator("#live").get_attribute("hx-get") == "/live/"


@pytest.mark.parametrize("part", ["", "receipt/"])
def test_a_market_and_its_receipt_are_read_whole_on_the_narrowest_phone(
    page: Page, live_server: Any, signed_in: User, part: str
) -> None:
    """P-15: no table is cut off."""
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(f"{live_server.url}{room_in('completed', signed_in).market.get_absolute_url()}{part}")
    cut = "() => [...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'auto').length"
    assert page.evaluate(cut) == 0


def test_how_a_room_went_is_opened_on_a_phone(page: Page, live_server: Any, signed_in: User) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(f"{live_server.url}{room_in('completed', signed_in).get_absolute_url()}")
    page.get_by_text("How it went").click()
    expect(page.get_by_role("region", name="How each seat moved")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_receipt_is_printed(page: Page, live_server: Any, signed_in: User) -> None:
    """M-33"""
    page.goto(f"{live_server.url}{room_in('completed', signed_in).market.get_absolute_url()}receipt/")
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator("main")).to_contain_text("195.90")


# --- A seat -------------------------------------------------------------------------------------------------------


def test_a_person_answers_from_a_phone(
    page: Page, live_server: Any, owner: User, colleague: User, group: Group, context: Any
) -> None:
    run = await_person(talk(started(owner, group, {1: colleague}, turn_seconds=3600)), 1)
    make_message(run, 2, BUYER, "And in round 2?")
    sign_in(context, live_server, colleague)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/markets/")
    page.get_by_role("link", name="Item 1").click()
    expect(page.get_by_role("heading", name="Your turn")).to_be_visible()
    expect(page.locator("[data-left]")).to_contain_text("59 min")
    page.get_by_label("Price of one").fill("15,19")
    expect(page.locator("[data-profit]")).to_have_text("Profit 10.00 each, 100.00 in all.")
    page.get_by_label("Price of one").fill("15.19")
    page.get_by_label("Words").fill("My best.")
    page.get_by_role("button", name="Answer").dblclick()
    expect(page.get_by_role("heading", name="Not your turn")).to_be_visible()
    expect(page.locator("#room-messages > li").last).to_contain_text("My best.")
    assert RoomMessage.objects.filter(run=run, round=2, seat=1).count() == 1
    make_message(run, 3, BUYER, "And in round 3?")
    await_person(fresh(run), 1)
    poll(page)
    expect(page.get_by_role("heading", name="Your turn")).to_be_visible()
    expect(page.get_by_label("Price of one")).to_have_value("15.19")


@pytest.mark.parametrize("seat", [BUYER, 1])
def test_what_a_person_writes_outlives_the_turns(
    page: Page, live_server: Any, owner: User, colleague: User, group: Group, context: Any, seat: int
) -> None:
    run = await_person(talk(started(owner, group, {seat: colleague})), seat)
    make_message(run, 2, BUYER, "And in round 2?")
    run = await_person(fresh(run), seat)
    sign_in(context, live_server, colleague)
    word = "buyer" if seat == BUYER else seat
    page.goto(f"{live_server.url}{run.room.get_absolute_url()}seat/{word}/")
    field = page.locator("#seat-form textarea")
    field.fill("Half a thou")
    for awaited in ((), (seat,)):
        run.set(awaits=list(awaited))
        poll(page)
        expect(page.get_by_role("heading", name="Your turn" if awaited else "Not your turn")).to_be_visible()
    expect(field).to_have_value("Half a thou")
    expect(field).to_be_focused()

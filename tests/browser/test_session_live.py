"""The session page in a browser: rows arrive once and in order, charts grow, the end ends the polling."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from negotiations.models import Session, Status
from tests.negotiations.session_rows import add_accept, add_offers, make_session, set_status

ROWS = "#session-offers > li"


@pytest.fixture
def running(signed_in: User) -> Session:
    return make_session("running", offers=6, job__owner=signed_in, n_steps=100)


@pytest.fixture
def address(running: Session, live_server: Any) -> str:
    return f"{live_server.url}{running.get_absolute_url()}"


def seqs(page: Page) -> list[int]:
    found: list[int] = page.eval_on_selector_all(ROWS, "rows => rows.map(row => Number(row.dataset.seq))")
    return found


def test_rows_arrive_while_the_page_is_open(page: Page, address: str, running: Session) -> None:
    page.goto(address)
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(10)
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(14)
    assert seqs(page) == list(range(1, 15))
    expect(page.locator("#session-head")).to_contain_text("7 of 100")


def test_a_reload_in_the_middle_leaves_no_gap_and_no_double(
    page: Page, address: str, running: Session
) -> None:
    """N-11"""
    page.goto(address)
    add_offers(running, 5)
    page.reload()
    add_offers(running, 5)
    expect(page.locator(ROWS)).to_have_count(16)
    assert seqs(page) == list(range(1, 17))


def test_a_second_tab_shows_the_same(
    page: Page, context: BrowserContext, address: str, running: Session
) -> None:
    page.goto(address)
    other = context.new_page()
    other.goto(address)
    add_offers(running, 7)
    for tab in (page, other):
        expect(tab.locator(ROWS)).to_have_count(13)
    assert seqs(page) == seqs(other) == list(range(1, 14))
    other.goto("about:blank")


def test_many_rows_at_once_all_arrive(page: Page, address: str, running: Session) -> None:
    """More than an answer holds: the list keeps its newest 400, none is skipped on the way."""
    page.goto(address)
    arrived = (
        "window.arrived = []; document.getElementById('session-offers').addEventListener('live:append', "
    )
    page.evaluate(arrived + "e => window.arrived.push(...e.detail.rows.map(r => Number(r.dataset.seq))))")
    add_offers(running, 644)
    expect(page.locator("#offer-650")).to_be_attached(timeout=8000)
    assert page.evaluate("() => window.arrived") == list(range(7, 651))
    assert seqs(page) == list(range(251, 651))


def test_the_charts_grow_by_the_rows_and_keep_their_axes(page: Page, address: str, running: Session) -> None:
    page.goto(address)
    line = page.locator("#session-timeline svg.only-wide [data-asked='0']")
    before = line.get_attribute("d") or ""
    axis = page.locator("#session-timeline svg.only-wide .axis").get_attribute("d")
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(10)
    after = line.get_attribute("d") or ""
    assert after.startswith(before)
    assert after.count("L") == before.count("L") + 2
    assert page.locator("#session-timeline svg.only-wide .axis").get_attribute("d") == axis
    # A reload draws from the rows what the script had drawn.
    page.reload()
    assert line.get_attribute("d") == after


def test_the_end_shows_in_place_and_ends_the_fast_polling(page: Page, address: str, running: Session) -> None:
    """N-09, N-15"""
    page.goto(address)
    add_accept(running)
    set_status(running, Status.COMPLETED)
    expect(page.locator("#session-head")).to_contain_text("Completed")
    expect(page.locator("#session-result")).to_contain_text("Agreement")
    expect(page.locator("#session-head")).to_contain_text("Run again")
    expect(page.locator("#session-plane svg.only-wide [data-agreement]")).to_be_visible()
    expect(page.locator("#live")).to_have_attribute("hx-get", "/live/")
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url))
    page.wait_for_timeout(2500)
    assert polls == []


def test_cancel_works_on_the_page(page: Page, address: str, running: Session) -> None:
    """N-20"""
    page.goto(address)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancelling")).to_be_disabled()


def test_buttons_keep_the_focus_while_offers_arrive(
    page: Page, address: str, running: Session, live_server: Any
) -> None:
    for url, growing in (
        (address, "#session-figures"),
        (f"{live_server.url}/sessions/", f"#session-{running.pk}"),
    ):
        page.goto(url)
        button = page.locator("#session-head, .run").get_by_role("button", name="Cancel")
        button.focus()
        add_offers(running, 2)
        expect(page.locator(growing)).to_contain_text(str(running.offers.count()))
        expect(button).to_be_focused()


def test_a_reader_who_scrolled_up_is_told_and_left_alone(page: Page, address: str, running: Session) -> None:
    add_offers(running, 94)
    page.goto(address)
    box = page.locator(".offers-scroll")
    box.evaluate("box => { box.scrollTop = -600; }")
    before = box.evaluate("box => box.scrollTop")
    add_offers(running, 3)
    expect(page.locator("[data-to-newest]")).to_have_text("3 new")
    assert box.evaluate("box => box.scrollTop") != 0
    assert before < 0
    page.locator("[data-to-newest]").click()
    expect(page.locator("[data-to-newest]")).to_be_hidden()


def test_lines_out_of_sight_are_not_laid_out_and_what_is_read_stays_in_place(
    page: Page, address: str, running: Session
) -> None:
    add_offers(running, 194)
    page.goto(address)
    is_laid_out = "row => row.checkVisibility({ contentVisibilityAuto: true })"
    assert page.locator("#offer-200 .v").evaluate(is_laid_out)
    assert not page.locator("#offer-2 .v").evaluate(is_laid_out)
    page.locator(".offers-scroll").evaluate("box => { box.scrollTop = -600; }")
    page.wait_for_timeout(200)
    read = (
        "() => { const box = document.querySelector('.offers-scroll').getBoundingClientRect();"
        " const row = document.elementFromPoint(box.x + 60, box.y + 60).closest('.offer');"
        " return [row.id, Math.round((row.getBoundingClientRect().y - box.y) / 4)]; }"
    )
    before = page.evaluate(read)
    add_offers(running, 150)
    expect(page.locator("[data-to-newest]")).to_have_text("150 new")
    assert page.evaluate(read) == before


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_scrolls_sideways(width: int, page: Page, address: str, live_server: Any) -> None:
    """P-15"""
    page.set_viewport_size({"width": width, "height": 844})
    for url in (address, f"{address}offers/", f"{live_server.url}/sessions/"):
        page.goto(url)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), url


def test_the_list_follows_its_sessions(page: Page, running: Session, live_server: Any) -> None:
    """N-10, N-14"""
    page.goto(f"{live_server.url}/sessions/")
    card = page.locator(f"#session-{running.pk}")
    expect(card).to_contain_text("6 offers")
    page.evaluate(
        "() => { window.seen = 0; document.body.addEventListener('refreshSessions', () => window.seen++); }"
    )
    add_offers(running, 4)
    expect(card).to_contain_text("10 offers")
    add_accept(running)
    set_status(running, Status.COMPLETED)
    expect(page.locator(f"#row-{running.pk}")).to_contain_text("agreement")
    expect(card).to_have_count(0)
    assert page.evaluate("() => window.seen") == 1

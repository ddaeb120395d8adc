"""The gate in front of the poller: when it asks, when it does not, and what it does with an answer (design §5)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, Request, Route, expect

from negotiations.models import Job, Session, Status
from tests.factory import SessionFactory

HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
STATE = "#live-state"
LIST = '<ol id="rows" data-append="after" data-append-max="5"><li data-seq="1">row 1</li></ol>'


@pytest.fixture
def running(owner: User) -> Session:
    """A session that runs, so that the overview polls each second."""
    session: Session = SessionFactory(job__owner=owner, scenario__name="Flat share")
    Job.objects.filter(pk=session.pk).update(status=Status.PROCESSING, token=uuid.uuid4())
    return session


@pytest.fixture
def polls(page: Page) -> Iterator[list[str]]:
    """The URLs of all polls so far."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/home/sessions/" in request.url or "/live/" in request.url:
            asked.append(request.url)

    page.on("request", note)
    yield asked


@pytest.fixture
def overview(page: Page, live_server: Any, signed_in: User, running: Session) -> Page:
    page.goto(f"{live_server.url}/")
    return page


def answer(page: Page, body: str = "", status: int = 200, **more: Any) -> None:
    """What each poll gets from now on, instead of the server's answer."""

    def fulfil(route: Route) -> None:
        route.fulfill(
            status=status if body or status != 200 else 204, body=body, content_type="text/html", **more
        )

    page.route("**/home/sessions/**", fulfil)


def add_list(page: Page) -> None:
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", LIST)


def rows(*numbers: int) -> str:
    items = "".join(f'<li data-seq="{number}">row {number}</li>' for number in numbers)
    return f'<ol hx-swap-oob="beforeend:#rows">{items}</ol>'


def test_the_page_polls_each_second_while_something_runs(overview: Page, polls: list[str]) -> None:
    """N-09."""
    expect(overview.locator(STATE)).to_have_attribute("data-state", "live")
    overview.wait_for_timeout(3300)
    assert 2 <= len(polls) <= 4


def test_each_poll_says_what_the_page_shows(overview: Page, polls: list[str]) -> None:
    overview.wait_for_timeout(1500)
    assert "every=1" in polls[0]
    assert "v-home-sessions=" in polls[0]


def test_progress_arrives_and_the_focus_stays(overview: Page, running: Session) -> None:
    link = overview.get_by_role("link", name="Flat share")
    link.focus()
    Job.objects.get(pk=running.pk).beat(current_step=7)
    expect(overview.get_by_text("Step 7 of 20")).to_be_visible()
    expect(link).to_be_focused()


def test_a_poller_that_was_replaced_goes_on_at_its_new_pace(
    overview: Page, running: Session, polls: list[str]
) -> None:
    """N-09: what ended ends the fast polling, through the element that the answer brings."""
    Job.objects.filter(pk=running.pk).update(status=Status.COMPLETED, token=None)
    expect(overview.locator("#live")).to_have_attribute("hx-trigger", "every 5s, live:now")
    expect(overview.get_by_text("Completed")).to_be_visible()
    before = len(polls)
    overview.wait_for_timeout(2500)
    assert len(polls) == before
    overview.evaluate("() => dispatchEvent(new Event('online'))")
    overview.wait_for_timeout(500)
    assert len(polls) == before + 1
    assert "every=5" in polls[-1]


def test_a_hidden_tab_asks_nothing_and_comes_back_at_once(overview: Page, polls: list[str]) -> None:
    """B-17, F-15."""
    overview.wait_for_timeout(1200)
    overview.evaluate(HIDE, True)
    expect(overview.locator(STATE)).to_have_attribute("data-state", "paused")
    before = len(polls)
    overview.wait_for_timeout(4000)
    assert len(polls) == before
    overview.evaluate(HIDE, False)
    overview.wait_for_timeout(300)
    assert len(polls) == before + 1
    expect(overview.locator(STATE)).to_have_attribute("data-state", "live")


@pytest.mark.expects_errors
def test_errors_back_off_and_the_first_success_mends_everything(overview: Page, polls: list[str]) -> None:
    """F-13: 1, 2, 4 s and so on, with jitter; the page keeps what it shows."""
    answer(overview, status=500, body="<h1>broken</h1>")
    expect(overview.locator(STATE)).to_have_attribute("data-state", "reconnecting")
    overview.wait_for_timeout(7500)
    assert 3 <= len(polls) <= 5
    expect(overview.get_by_text("Flat share")).to_be_visible()
    expect(overview.get_by_text("broken")).to_be_hidden()
    overview.unroute_all()
    overview.evaluate("() => dispatchEvent(new Event('online'))")
    expect(overview.locator(STATE)).to_have_attribute("data-state", "live")
    before = len(polls)
    overview.wait_for_timeout(2300)
    assert len(polls) > before


@pytest.mark.expects_errors
def test_after_five_errors_the_page_is_offline_and_offers_to_try_now(
    overview: Page, polls: list[str]
) -> None:
    """B-14."""
    answer(overview, status=500, body="broken")
    for _ in range(5):
        overview.evaluate("() => document.querySelector('[data-live-retry]').click()")
        overview.wait_for_timeout(250)
    expect(overview.locator(STATE)).to_have_attribute("data-state", "offline")
    expect(overview.get_by_text("What runs on the server runs on.")).to_be_visible()
    overview.unroute_all()
    before = len(polls)
    overview.get_by_role("button", name="Try now").click()
    expect(overview.locator(STATE)).to_have_attribute("data-state", "live")
    expect(overview.get_by_text("What runs on the server runs on.")).to_be_hidden()
    assert len(polls) == before + 1


@pytest.mark.expects_errors
@pytest.mark.parametrize(
    ("status", "text"),
    [(401, "You are signed out"), (403, "no longer shared with you"), (404, "no longer shared with you")],
)
def test_what_cannot_come_back_stops_with_a_banner(
    overview: Page, polls: list[str], status: int, text: str
) -> None:
    """F-21, N-17."""
    answer(overview, status=status, body="no")
    expect(overview.get_by_role("alert").filter(has_text=text)).to_be_visible()
    expect(overview.locator(STATE)).to_have_attribute("data-state", "offline")
    before = len(polls)
    overview.wait_for_timeout(2500)
    overview.evaluate("() => dispatchEvent(new Event('online'))")
    overview.wait_for_timeout(300)
    assert len(polls) == before


@pytest.mark.expects_errors
def test_signing_out_in_another_tab_is_told(overview: Page, live_server: Any) -> None:
    other = overview.context.new_page()
    other.goto(f"{live_server.url}/")
    other.click("details.menu summary")
    other.get_by_role("button", name="Sign out").click()
    banner = overview.get_by_role("alert").filter(has_text="This page is no longer live")
    expect(banner.get_by_role("link", name="Sign in")).to_have_attribute("href", "/sign-in/?next=/")
    other.close()


def test_one_request_at_a_time(overview: Page, polls: list[str]) -> None:
    """F-14: what is asked for meanwhile is asked once, after it."""
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.fulfill(status=204)
        else:
            held.append(route)

    overview.route("**/home/sessions/**", hold_the_first)
    overview.wait_for_timeout(1300)
    for _ in range(20):
        overview.evaluate("() => dispatchEvent(new Event('online'))")
    overview.wait_for_timeout(1500)
    assert len(polls) == 1
    held[0].fulfill(status=204)
    overview.wait_for_timeout(400)
    assert len(polls) == 2


def test_rows_are_appended_in_order_and_a_replayed_answer_adds_nothing(
    overview: Page, polls: list[str]
) -> None:
    """N-11."""
    add_list(overview)
    answer(overview, rows(1, 2, 3))
    items = overview.locator("#rows li")
    expect(items).to_have_text(["row 1", "row 2", "row 3"])
    overview.wait_for_timeout(2300)
    expect(items).to_have_text(["row 1", "row 2", "row 3"])
    assert "after=3" in polls[-1]


def test_a_page_carries_only_so_many_rows(overview: Page) -> None:
    """B-23."""
    add_list(overview)
    answer(overview, rows(*range(2, 40)))
    expect(overview.locator("#rows li")).to_have_text([f"row {number}" for number in range(35, 40)])


def test_new_rows_are_told_to_the_charts_once(overview: Page) -> None:
    add_list(overview)
    overview.evaluate(
        "() => { window.told = []; document.querySelector('#rows').addEventListener('live:append',"
        " (event) => window.told.push(event.detail.rows.map((row) => row.dataset.seq + row.isConnected).join())); }"
    )
    answer(overview, rows(1, 2, 3))
    expect(overview.locator("#rows li")).to_have_count(3)
    overview.wait_for_timeout(2300)
    assert overview.evaluate("() => window.told") == ["2true,3true"]


def test_a_row_that_asks_the_server_works_when_it_arrives(overview: Page) -> None:
    add_list(overview)
    row = '<li data-seq="2"><button hx-post="/pressed/" hx-swap="none">Press</button></li>'
    answer(overview, f'<ol hx-swap-oob="beforeend:#rows">{row}</ol>')
    overview.route("**/pressed/", lambda route: route.fulfill(status=204))
    with overview.expect_request("**/pressed/"):
        overview.get_by_role("button", name="Press").click()


def test_a_list_that_shows_the_newest_first_grows_at_its_top(overview: Page) -> None:
    add_list(overview)
    overview.evaluate("() => { document.getElementById('rows').dataset.newest = ''; }")
    body = "".join(f'<li data-seq="{number}">row {number}</li>' for number in range(9, 0, -1))
    answer(overview, f'<ol hx-swap-oob="afterbegin:#rows">{body}</ol>')
    expect(overview.locator("#rows li")).to_have_text([f"row {number}" for number in range(9, 4, -1)])


def test_table_rows_come_in_a_template(overview: Page) -> None:
    html = '<table><tbody id="rows" data-append="after"></tbody></table>'
    overview.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)
    body = '<tr data-seq="1"><td>first</td></tr><tr data-seq="2"><td>second</td></tr>'
    answer(overview, f'<template><tbody hx-swap-oob="beforeend:#rows">{body}</tbody></template>')
    expect(overview.locator("#rows tr")).to_have_text(["first", "second"])


def test_a_broken_section_is_told_until_it_is_well_again(overview: Page) -> None:
    """F-26."""
    message = (
        '<p id="live-error" class="banner" role="alert" hx-swap-oob="true">A part could not be refreshed.</p>'
    )
    answer(overview, message)
    expect(overview.get_by_text("A part could not be refreshed.")).to_be_visible()
    overview.unroute_all()
    expect(overview.get_by_text("A part could not be refreshed.")).to_be_hidden()


def test_each_success_is_timed(overview: Page) -> None:
    """B-16."""
    expect(overview.locator("[data-updated]")).to_have_text(re.compile(r"^Updated \d\d:\d\d:\d\d$"))


def test_a_page_that_was_left_asks_no_more(overview: Page, live_server: Any, polls: list[str]) -> None:
    """N-13, B-18."""
    overview.wait_for_timeout(1200)
    overview.goto(f"{live_server.url}/negotiators/")
    before = len(polls)
    overview.wait_for_timeout(2500)
    assert len(polls) == before
    overview.go_back()
    overview.wait_for_timeout(1500)
    assert len(polls) > before


def test_two_tabs_ask_each_for_themselves(overview: Page, running: Session, live_server: Any) -> None:
    other = overview.context.new_page()
    other.goto(f"{live_server.url}/")
    Job.objects.get(pk=running.pk).beat(current_step=9)
    for tab in (overview, other):
        expect(tab.get_by_text("Step 9 of 20")).to_be_visible()
    other.close()

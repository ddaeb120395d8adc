"""What is new since the last visit: a divider on the session page, quiet numbers in the lists, all kept in the browser."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from negotiations.models import Session, Status
from tests.browser.conftest import sign_in
from tests.negotiations.session_rows import add_accept, add_offers, make_session, set_status

DIVIDER = "#session-offers > .offers-new"
ROWS = "#session-offers > [data-seq]"
PLACE = "line => [line.previousElementSibling?.dataset.seq, line.nextElementSibling?.dataset.seq]"
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
BLOCK = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
});"""
KEY = "Object.keys(localStorage).find((name) => name.startsWith('visits:'))"
STORED = f"() => JSON.parse(localStorage.getItem({KEY}))"
STORE = f"(value) => localStorage.setItem({KEY}, value)"


@pytest.fixture
def running(signed_in: User) -> Session:
    return make_session("running", offers=6, job__owner=signed_in, n_steps=1000)


@pytest.fixture
def address(running: Session, live_server: Any) -> str:
    return f"{live_server.url}{running.get_absolute_url()}"


@pytest.fixture
def away(live_server: Any) -> str:
    """A page that says nothing about sessions."""
    return f"{live_server.url}/scenarios/"


@pytest.fixture
def sessions(live_server: Any) -> str:
    return f"{live_server.url}/sessions/"


def badge(page: Page, session: Session) -> Any:
    return page.locator(f"[data-visit='session:{session.pk}']")


def seen(page: Page, session: Session) -> int | None:
    """The last row that this browser says was seen."""
    visit = page.evaluate(STORED).get(f"session:{session.pk}")
    return visit and int(visit[0])


def place(page: Page) -> list[int | None]:
    """The numbers of the rows before and after the divider."""
    expect(page.locator(DIVIDER)).to_have_count(1)
    return [seq and int(seq) for seq in page.locator(DIVIDER).evaluate(PLACE)]


# --- The divider ----------------------------------------------------------------------------------------------


def test_a_first_visit_has_no_divider(page: Page, address: str, running: Session) -> None:
    page.goto(address)
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(10)
    expect(page.locator(DIVIDER)).to_have_count(0)


def test_a_second_visit_has_it_before_the_first_new_row(
    page: Page, address: str, running: Session, away: str
) -> None:
    page.goto(address)
    page.goto(away)
    add_offers(running, 4)
    page.goto(address)
    assert place(page) == [6, 7]
    expect(page.locator(DIVIDER)).to_have_text("New since your last visit")
    expect(page.get_by_role("separator", name="New since your last visit")).to_be_visible()


def test_it_stays_where_it_was_while_rows_arrive(
    page: Page, address: str, running: Session, away: str
) -> None:
    page.goto(address)
    page.goto(away)
    add_offers(running, 4)
    page.goto(address)
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(14)
    assert place(page) == [6, 7]
    assert page.locator(ROWS).last.get_attribute("data-seq") == "14"


def test_a_visit_without_news_has_none(page: Page, address: str, running: Session, away: str) -> None:
    """What arrived while the page was looked at is not new."""
    page.goto(address)
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(10)
    page.goto(away)
    page.goto(address)
    expect(page.locator(ROWS)).to_have_count(10)
    expect(page.locator(DIVIDER)).to_have_count(0)


def test_who_saw_no_row_yet_has_it_on_top(
    page: Page, signed_in: User, live_server: Any, running: Session, away: str
) -> None:
    early = make_session("running", offers=0, job__owner=signed_in)
    page.goto(f"{live_server.url}{early.get_absolute_url()}")
    page.goto(away)
    add_offers(early, 4)
    page.goto(f"{live_server.url}{early.get_absolute_url()}")
    assert place(page) == [None, 1]


def test_where_the_page_begins_after_what_was_seen_it_is_on_top(
    page: Page, address: str, running: Session, away: str
) -> None:
    page.goto(address)
    page.goto(away)
    add_offers(running, 294)
    page.goto(address)
    assert place(page) == [None, 101]


def test_rows_still_come_in_order_and_the_oldest_still_go(
    page: Page, address: str, running: Session, away: str
) -> None:
    page.goto(address)
    page.goto(away)
    add_offers(running, 94)
    page.goto(address)
    assert place(page) == [6, 7]
    add_offers(running, 400)
    expect(page.locator("#offer-500")).to_be_attached()
    shown = page.eval_on_selector_all(ROWS, "rows => rows.map(row => Number(row.dataset.seq))")
    assert shown == list(range(101, 501))
    assert place(page) == [None, 101]


def test_the_newest_row_stays_in_view_and_so_does_the_divider(
    page: Page, address: str, running: Session, away: str
) -> None:
    """Also where it belongs far above: all that is shown came after it."""
    page.goto(address)
    page.goto(away)
    add_offers(running, 94)
    page.goto(address)
    expect(page.locator("#offer-100")).to_be_in_viewport()
    expect(page.locator("#offer-7")).not_to_be_in_viewport()
    expect(page.locator(DIVIDER)).to_be_in_viewport(ratio=1)
    assert page.locator(".offers-scroll").evaluate("box => box.scrollTop") == 0


def test_a_reload_goes_on_with_the_visit(page: Page, address: str, running: Session, away: str) -> None:
    page.goto(address)
    add_offers(running, 2)
    page.reload()
    expect(page.locator(ROWS)).to_have_count(8)
    expect(page.locator(DIVIDER)).to_have_count(0)
    page.goto(away)
    add_offers(running, 4)
    page.goto(address)
    assert place(page) == [8, 9]
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(16)
    page.reload()
    assert place(page) == [8, 9]
    assert seen(page, running) == 16


def test_it_stands_in_a_session_that_ended_meanwhile(
    page: Page, address: str, running: Session, away: str
) -> None:
    page.goto(address)
    page.goto(away)
    add_accept(running)
    set_status(running, Status.COMPLETED)
    page.goto(address)
    assert place(page) == [6, 7]


# --- What counts as seen --------------------------------------------------------------------------------------


def test_what_is_seen_follows_the_rows_of_a_visible_page(page: Page, address: str, running: Session) -> None:
    page.goto(address)
    assert seen(page, running) == 6
    add_offers(running, 4)
    expect(page.locator(ROWS)).to_have_count(10)
    assert seen(page, running) == 10


def test_rows_of_a_hidden_tab_are_seen_once_it_is_visible(page: Page, address: str, running: Session) -> None:
    """An answer that was under way when the tab was left."""
    page.goto(address)
    page.evaluate(HIDE, True)
    page.evaluate(
        """() => {
          const list = document.getElementById("session-offers"), row = list.lastElementChild.cloneNode(true);
          row.dataset.seq = 7;
          list.append(row);
          list.dispatchEvent(new CustomEvent("live:append", { bubbles: true, detail: { rows: [row] } }));
          dispatchEvent(new Event("pagehide"));
        }"""
    )
    assert seen(page, running) == 6
    page.evaluate(HIDE, False)
    assert seen(page, running) == 7


def test_a_tab_that_is_behind_takes_nothing_back(
    page: Page, context: BrowserContext, address: str, running: Session
) -> None:
    page.goto(address)
    page.evaluate(HIDE, True)
    other = context.new_page()
    other.goto(address)
    add_offers(running, 4)
    expect(other.locator(ROWS)).to_have_count(10)
    other.goto("about:blank")
    page.evaluate("() => dispatchEvent(new Event('offline'))")
    page.route("**/live/**", lambda route: route.fulfill(status=204))
    page.evaluate(HIDE, False)
    expect(page.locator(ROWS)).to_have_count(6)
    assert seen(page, running) == 10


def test_fewer_rows_than_were_seen_begin_anew(
    page: Page, address: str, running: Session, away: str, sessions: str
) -> None:
    """Another database under the same address."""
    page.goto(address)
    page.evaluate(STORE, json.dumps({f"session:{running.pk}": [900, 1]}))
    page.goto(sessions)
    expect(page.locator(f"#session-{running.pk}")).to_contain_text("6 offers")
    expect(badge(page, running)).to_be_hidden()
    page.goto(address)
    expect(page.locator(DIVIDER)).to_have_count(0)
    assert seen(page, running) == 6
    page.goto(away)
    add_offers(running, 1)
    page.goto(address)
    assert place(page) == [6, 7]


def test_of_very_many_visits_the_oldest_go(page: Page, address: str, running: Session) -> None:
    page.goto(address)
    now = int(time.time() * 1000)
    page.evaluate(STORE, json.dumps({f"session:{n}": [n, now - 1000 * n] for n in range(1, 400)}))
    page.reload()
    stored = page.evaluate(STORED)
    assert set(stored) == {f"session:{running.pk}", *(f"session:{n}" for n in range(1, 300))}


# --- Lists ----------------------------------------------------------------------------------------------------


def test_a_card_says_how_many_are_new_and_keeps_up(
    page: Page, address: str, running: Session, sessions: str, signed_in: User
) -> None:
    stranger = make_session("running", offers=6, job__owner=signed_in)
    page.goto(address)
    page.goto(sessions)
    expect(badge(page, running)).to_be_hidden()
    add_offers(running, 3)
    add_offers(stranger, 3)
    expect(badge(page, running)).to_have_text("3 new")
    expect(badge(page, running)).to_have_attribute("title", "Offers since your last visit")
    expect(page.locator(f"#session-{stranger.pk}")).to_contain_text("9 offers")
    expect(badge(page, stranger)).to_be_hidden()
    add_offers(running, 4)
    expect(badge(page, running)).to_have_text("7 new")
    page.reload()
    expect(badge(page, running)).to_have_text("7 new")


def test_a_card_that_was_replaced_is_never_painted_without_it(
    page: Page, address: str, running: Session, sessions: str
) -> None:
    """Microtasks run before the browser paints; a timer may not."""
    page.goto(address)
    page.goto(sessions)
    add_offers(running, 3)
    expect(badge(page, running)).to_have_text("3 new")
    page.evaluate(
        """(id) => {
          window.painted = new Set();
          const look = () => window.painted.add(document.querySelector(`[data-visit="session:${id}"]`)?.textContent);
          document.addEventListener("htmx:oobAfterSwap", () => queueMicrotask(look));
          document.addEventListener("htmx:afterSettle", () => queueMicrotask(look));
        }""",
        str(running.pk),
    )
    add_offers(running, 4)
    expect(badge(page, running)).to_have_text("7 new")
    page.wait_for_timeout(300)
    assert set(page.evaluate("() => [...window.painted]")) - {"3 new"} == {"7 new"}


@pytest.mark.parametrize("path", ["/", "/sessions/"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_else_moves_when_it_appears(
    width: int, path: str, page: Page, address: str, running: Session, live_server: Any, signed_in: User
) -> None:
    other = make_session("running", offers=6, job__owner=signed_in)
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address)
    page.goto(f"{live_server.url}{path}")
    boxes = """() => [...document.querySelectorAll(".run, .run *:not(.visit), #session-table, #main")].map(
      (one) => { const box = one.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; })"""
    before = page.evaluate(boxes)
    assert len(before) >= 20
    page.evaluate(STORE, json.dumps({f"session:{running.pk}": [4, 1], f"session:{other.pk}": [1, 1]}))
    page.evaluate("() => dispatchEvent(new StorageEvent('storage', { key: null }))")
    expect(badge(page, running)).to_have_text("2 new")
    expect(badge(page, other)).to_have_text("5 new")
    assert page.evaluate(boxes) == before


def test_it_goes_with_the_session_into_the_table(
    page: Page, address: str, running: Session, sessions: str, live_server: Any
) -> None:
    page.goto(address)
    page.goto(sessions)
    add_offers(running, 3)
    set_status(running, Status.CANCELLED)
    expect(page.locator(f"#row-{running.pk}").get_by_text("3 new")).to_be_visible()
    page.goto(f"{live_server.url}/")
    expect(badge(page, running)).to_have_text("3 new")
    page.goto(address)
    page.goto(sessions)
    expect(page.locator(f"#row-{running.pk}")).to_be_visible()
    expect(badge(page, running)).to_be_hidden()


def test_the_overview_says_it_too(page: Page, address: str, running: Session, live_server: Any) -> None:
    page.goto(address)
    page.goto(f"{live_server.url}/")
    add_offers(running, 3)
    running.job.refresh_from_db()
    running.job.beat(current_step=5)
    expect(badge(page, running)).to_have_text("3 new")
    add_offers(running, 2)
    running.job.beat(current_step=6)
    expect(badge(page, running)).to_have_text("5 new")


def test_a_visit_in_another_tab_takes_it_away(
    page: Page, context: BrowserContext, address: str, running: Session, sessions: str
) -> None:
    page.goto(address)
    page.goto(sessions)
    add_offers(running, 3)
    expect(badge(page, running)).to_have_text("3 new")
    other = context.new_page()
    other.goto(address)
    expect(badge(page, running)).to_be_hidden()
    other.goto("about:blank")


def test_the_way_back_to_the_list_shows_no_old_number(
    page: Page, address: str, running: Session, sessions: str
) -> None:
    page.goto(address)
    page.goto(sessions)
    add_offers(running, 3)
    expect(badge(page, running)).to_have_text("3 new")
    page.goto(address)
    expect(page.locator(DIVIDER)).to_have_count(1)
    page.go_back()
    expect(page.locator(f"#session-{running.pk}")).to_contain_text("9 offers")
    expect(badge(page, running)).to_be_hidden()


# --- Storage that is not there, broken or somebody else's -------------------------------------------------------


def test_with_storage_blocked_all_else_works(
    page: Page, address: str, running: Session, sessions: str
) -> None:
    page.add_init_script(BLOCK)
    page.goto(address)
    page.goto(sessions)
    add_offers(running, 3)
    expect(page.locator(f"#session-{running.pk}")).to_contain_text("9 offers")
    expect(badge(page, running)).to_be_hidden()
    page.goto(address)
    add_offers(running, 3)
    expect(page.locator(ROWS)).to_have_count(12)
    expect(page.locator(DIVIDER)).to_have_count(0)


@pytest.mark.parametrize(
    "broken",
    [
        "{", "null", "7", '"text"', "[[3, 1]]", '{"ID": 3}', '{"ID": null}', '{"ID": [3]}', '{"ID": ["3", 1]}',
        '{"ID": [-3, 1]}', '{"ID": [3.5, 1]}', '{"ID": [1e99, 1]}', '{"ID": {"0": 3, "1": 1, "length": 2}}',
        '{"ID": ["<img src=x onerror=alert(1)>", 1]}', '{"__proto__": [3, 1]}',
    ],
)  # fmt: skip
def test_what_is_stored_is_not_trusted(
    broken: str, page: Page, address: str, running: Session, sessions: str
) -> None:
    page.goto(address)
    page.evaluate(STORE, broken.replace("ID", f"session:{running.pk}"))
    page.goto(sessions)
    expect(page.locator(f"#session-{running.pk}")).to_contain_text("6 offers")
    expect(badge(page, running)).to_be_hidden()
    page.goto(address)
    expect(page.locator(ROWS)).to_have_count(6)
    expect(page.locator(DIVIDER)).to_have_count(0)
    assert seen(page, running) == 6


def test_another_person_in_the_same_browser_sees_nothing_of_it(
    page: Page, context: BrowserContext, live_server: Any, signed_in: User, colleague: User, sessions: str
) -> None:
    shared = make_session("running", offers=6, job__owner=signed_in, job__group=colleague.groups.get())
    address = f"{live_server.url}{shared.get_absolute_url()}"
    page.goto(address)
    add_offers(shared, 3)
    expect(page.locator(ROWS)).to_have_count(9)
    sign_in(context, live_server, colleague)
    add_offers(shared, 3)
    page.goto(sessions)
    expect(page.locator(f"#session-{shared.pk}")).to_contain_text("12 offers")
    expect(badge(page, shared)).to_be_hidden()
    page.goto(address)
    expect(page.locator(ROWS)).to_have_count(12)
    expect(page.locator(DIVIDER)).to_have_count(0)
    sign_in(context, live_server, signed_in)
    page.goto(address)
    assert place(page) == [9, 10]

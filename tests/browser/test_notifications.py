"""Notifications in a real browser: each is told once in each tab and none is lost, whatever happens (F-02 to F-17)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Response, Route, expect

from notifications.models import Inbox, Notification
from tests.browser.conftest import sign_in
from tests.browser.test_live import HIDE
from tests.factory import NotificationFactory

NOTE = "addEventListener('notification:created', (event) => window.note(event.detail.seq));"
TOASTS = "#toasts .toast-p"
Told = list[int]
Watch = Callable[[Page], Told]


@pytest.fixture
def watch() -> Watch:
    """From now on the numbers of what a tab is told, over reloads and other pages too."""

    def watching(tab: Page) -> Told:
        told: Told = []
        tab.expose_function("note", lambda seq: told.append(seq))
        tab.add_init_script(NOTE)
        return told

    return watching


@pytest.fixture
def quiet(page: Page, live_server: Any, signed_in: User) -> Page:
    """A page on which nothing moves; its poller has the feed of all pages."""
    page.goto(f"{live_server.url}/negotiators/")
    return page


def tell(user: User, name: str = "Flat share", kind: str = "session_completed", **more: Any) -> Notification:
    told: Notification = NotificationFactory(
        user=user, kind=kind, words={"name": name, "told": "As agreed."}, **more
    )
    return told


def keep(bodies: list[str], answer: Response) -> None:
    if answer.ok and answer.status != 204:
        bodies.append(answer.text())


def ask(tab: Page) -> None:
    """Poll now instead of in some seconds."""
    tab.evaluate("() => dispatchEvent(new Event('online'))")


def settled(tab: Page, told: Told, expected: Told) -> None:
    """All is told, and some polls later nothing was told again."""
    for _ in range(100):
        if len(told) >= len(expected):
            break
        tab.wait_for_timeout(50)
    for _ in range(3):
        ask(tab)
        tab.wait_for_timeout(150)
    assert told == expected


def slow(route: Route) -> None:
    time.sleep(0.2)
    route.continue_()


# --- Told once ----------------------------------------------------------------------------------------------


def test_what_happened_is_told_with_a_link(quiet: Page, signed_in: User) -> None:
    tell(signed_in, "Flat share", context={"href": "/sessions/"})
    ask(quiet)
    toast = quiet.locator(TOASTS)
    expect(toast).to_contain_text("Flat share completed")
    expect(toast).to_contain_text("As agreed.")
    expect(toast.get_by_role("link", name="Open")).to_have_attribute("href", "/sessions/")
    expect(quiet.locator("#toasts")).to_have_attribute("aria-live", "polite")


def test_a_turn_is_not_told_over_the_page_that_shows_it(quiet: Page, signed_in: User, watch: Watch) -> None:
    """A toast would cover the very form that it asks for; the bell counts it, and other pages tell it."""
    told = watch(quiet)
    quiet.reload()
    tell(signed_in, kind="session_turn", context={"href": "/negotiators/"})
    ask(quiet)
    settled(quiet, told, [1])
    expect(quiet.locator(TOASTS)).to_have_count(0)
    tell(signed_in, "Flat share", kind="session_turn", context={"href": "/sessions/"})
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_contain_text("Your turn in Flat share")


def test_the_first_visit_replays_nothing(page: Page, live_server: Any, signed_in: User, watch: Watch) -> None:
    """F-06"""
    told = watch(page)
    for _ in range(3):
        tell(signed_in)
    page.goto(f"{live_server.url}/negotiators/")
    settled(page, told, [])
    expect(page.locator("#inbox-bell .count")).to_have_text("3")
    tell(signed_in)
    ask(page)
    settled(page, told, [4])


def test_a_reload_tells_what_came_meanwhile_and_nothing_twice(
    page: Page, live_server: Any, signed_in: User, watch: Watch
) -> None:
    told = watch(page)
    page.goto(f"{live_server.url}/negotiators/")
    tell(signed_in)
    ask(page)
    settled(page, told, [1])
    tell(signed_in)
    page.reload()  # before any poll
    settled(page, told, [1, 2])
    page.goto(f"{live_server.url}/scenarios/")
    settled(page, told, [1, 2])
    page.goto("about:blank")
    tell(signed_in)
    page.go_back()
    settled(page, told, [1, 2, 3])


def test_two_tabs_tell_each_once(
    page: Page, context: BrowserContext, live_server: Any, signed_in: User, watch: Watch
) -> None:
    """F-16"""
    other = context.new_page()
    tabs = {tab: watch(tab) for tab in (page, other)}
    for tab in tabs:
        tab.goto(f"{live_server.url}/negotiators/")
    tell(signed_in)
    for tab, told in tabs.items():
        ask(tab)
        settled(tab, told, [1])
    tell(signed_in)
    ask(page)
    settled(page, tabs[page], [1, 2])
    settled(other, tabs[other], [1, 2])
    other.reload()
    settled(other, tabs[other], [1, 2])
    late = context.new_page()
    told = watch(late)
    late.goto(f"{live_server.url}/negotiators/")
    settled(late, told, [])
    for tab in (other, late):
        tab.close()


def test_a_replayed_answer_tells_nothing_again(quiet: Page, signed_in: User, watch: Watch) -> None:
    told = watch(quiet)
    quiet.reload()
    tell(signed_in)
    kept: list[tuple[dict[str, str], str]] = []

    def replay(route: Route) -> None:
        if not kept:
            response = route.fetch()
            kept.append((response.headers, response.text()))
        route.fulfill(status=200, headers=kept[0][0], body=kept[0][1])

    quiet.route("**/live/**", replay)
    ask(quiet)
    settled(quiet, told, [1])


def test_fifty_triggers_at_once_tell_it_once(quiet: Page, signed_in: User, watch: Watch) -> None:
    told = watch(quiet)
    quiet.reload()
    tell(signed_in)
    quiet.evaluate("() => { for (let i = 0; i < 50; i++) dispatchEvent(new Event('online')); }")
    settled(quiet, told, [1])


def test_a_slow_answer_loses_nothing(quiet: Page, signed_in: User, watch: Watch) -> None:
    """2.5 s, while more happens and the page goes on asking."""
    told = watch(quiet)
    quiet.reload()

    def slow(route: Route) -> None:
        response = route.fetch()
        quiet.wait_for_timeout(2500)
        route.fulfill(response=response)

    quiet.route("**/live/**", slow, times=1)
    tell(signed_in)
    ask(quiet)
    tell(signed_in)
    for _ in range(10):
        ask(quiet)
    quiet.wait_for_timeout(2600)
    settled(quiet, told, [1, 2])


@pytest.mark.expects_errors
def test_an_outage_of_ten_seconds_is_told_once_and_loses_nothing(
    quiet: Page, signed_in: User, watch: Watch
) -> None:
    """F-13"""
    told = watch(quiet)
    quiet.clock.install(time=timezone.now())
    quiet.reload()
    quiet.route("**/live/**", lambda route: route.abort())
    for _ in range(10):
        quiet.clock.run_for(1000)
        quiet.wait_for_timeout(20)
    expect(quiet.locator("#live-state")).to_have_attribute("data-state", "reconnecting")
    expect(quiet.get_by_text("Connection lost")).to_have_count(1)
    tell(signed_in)
    tell(signed_in)
    quiet.unroute_all()
    quiet.clock.run_for(10_000)
    expect(quiet.get_by_text("Back online")).to_have_count(1)
    expect(quiet.locator("#live-state")).to_have_attribute("data-state", "live")
    quiet.clock.resume()
    settled(quiet, told, [1, 2])


def test_one_missed_answer_is_no_outage(page: Page, live_server: Any, signed_in: User) -> None:
    page.goto(f"{live_server.url}/negotiators/")
    page.route("**/live/**", lambda route: route.fulfill(status=204), times=1)
    ask(page)
    page.wait_for_timeout(300)
    expect(page.locator(TOASTS)).to_have_count(0)


def test_a_database_that_was_reset_goes_on_from_its_head(quiet: Page, signed_in: User, watch: Watch) -> None:
    """F-07"""
    told = watch(quiet)
    quiet.reload()
    for _ in range(6):
        tell(signed_in)
    ask(quiet)
    settled(quiet, told, [1, 2, 3, 4, 5, 6])
    Notification.objects.all().delete()
    Inbox.objects.filter(user=signed_in).update(last_seq=0, delivered_seq=0, changes=50)
    tell(signed_in)
    ask(quiet)
    quiet.wait_for_timeout(300)
    told.clear()
    tell(signed_in)
    ask(quiet)
    settled(quiet, told, [2])
    quiet.reload()
    tell(signed_in)
    settled(quiet, told, [2, 3])


@pytest.mark.expects_errors
def test_signing_out_in_another_tab_ends_it_and_signing_in_tells_the_rest(
    page: Page, context: BrowserContext, live_server: Any, signed_in: User, watch: Watch
) -> None:
    told = watch(page)
    page.goto(f"{live_server.url}/negotiators/")
    tell(signed_in)
    ask(page)
    settled(page, told, [1])
    other = context.new_page()
    other.goto(f"{live_server.url}/negotiators/")
    other.click("details.menu summary")
    other.get_by_role("button", name="Sign out").click()
    tell(signed_in)
    ask(page)
    expect(page.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible()
    sign_in(context, live_server, signed_in)
    page.reload()
    settled(page, told, [1, 2])
    other.close()


@pytest.mark.expects_errors
def test_somebody_else_in_the_same_browser_ends_it(
    quiet: Page, context: BrowserContext, live_server: Any, signed_in: User, stranger: User, watch: Watch
) -> None:
    told = watch(quiet)
    quiet.reload()
    sign_in(context, live_server, stranger)
    tell(stranger)
    ask(quiet)
    expect(quiet.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible()
    assert told == []


def test_blocked_storage_costs_nothing_but_the_memory_of_other_pages(
    page: Page, live_server: Any, signed_in: User, watch: Watch
) -> None:
    blocked = """for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name,
        { get() { throw new DOMException("blocked", "SecurityError"); } });"""
    page.add_init_script(blocked)
    told = watch(page)
    page.goto(f"{live_server.url}/negotiators/")
    for _ in range(2):
        tell(signed_in)
        ask(page)
        page.wait_for_timeout(200)
    settled(page, told, [1, 2])
    page.reload()
    settled(page, told, [1, 2])


@pytest.mark.parametrize("junk", ["", "NaN", "-3", "null", "{}", "1e99", "99999999"])
def test_a_stored_cursor_that_is_none_is_the_head(
    page: Page, live_server: Any, signed_in: User, watch: Watch, junk: str
) -> None:
    tell(signed_in)
    told = watch(page)
    name = f"last_notification_id:{Inbox.of(User.objects.get(pk=signed_in.pk)).key}"
    page.add_init_script(f"if (location.protocol !== 'about:') localStorage['{name}'] ??= '{junk}';")
    page.goto(f"{live_server.url}/negotiators/")
    tell(signed_in)
    ask(page)
    settled(page, told, [2])


def test_a_backlog_of_500_is_told_in_order_and_shown_as_one(
    page: Page, live_server: Any, signed_in: User, watch: Watch
) -> None:
    """F-05, B-17"""
    told = watch(page)
    page.goto(f"{live_server.url}/negotiators/")
    page.evaluate(HIDE, True)
    for n in range(500):
        tell(signed_in, kind="session_failed" if n % 250 == 7 else "session_completed")
    page.evaluate(HIDE, False)
    settled(page, told, list(range(1, 501)))
    expect(page.locator(TOASTS)).to_have_count(1)
    expect(page.locator(TOASTS)).to_contain_text("500 notifications")
    expect(page.locator(TOASTS)).to_contain_text("2 of them failed.")
    expect(page.locator("#inbox-bell .count")).to_have_text("99+")


def test_two_people_in_two_browsers_never_get_each_others(
    quiet: Page, signed_in: User, stranger: User, live_server: Any, browser: Any, watch: Watch
) -> None:
    elsewhere = browser.new_context()
    sign_in(elsewhere, live_server, stranger)
    theirs = elsewhere.new_page()
    bodies: dict[Page, list[str]] = {quiet: [], theirs: []}
    for tab, kept in bodies.items():
        tab.on("response", partial(keep, kept))
    theirs.goto(f"{live_server.url}/activity/")
    tell(signed_in, "Mine alone")
    tell(stranger, "Theirs alone")
    for tab in bodies:
        ask(tab)
    expect(quiet.locator(TOASTS)).to_contain_text("Mine alone")
    expect(theirs.locator(TOASTS)).to_contain_text("Theirs alone")
    assert "Theirs alone" not in "".join(bodies[quiet])
    assert "Mine alone" not in "".join(bodies[theirs])
    theirs.goto("about:blank")
    elsewhere.close()


# --- Toasts -------------------------------------------------------------------------------------------------


def test_a_toast_goes_after_five_seconds_and_an_error_stays_until_it_is_closed(
    quiet: Page, signed_in: User
) -> None:
    """F-17"""
    quiet.clock.install(time=timezone.now())
    quiet.reload()
    tell(signed_in, "Bad", kind="session_failed")
    tell(signed_in, "Good")
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(2)
    quiet.clock.run_for(4900)
    expect(quiet.locator(TOASTS)).to_have_count(2)
    quiet.clock.run_for(200)
    expect(quiet.locator(TOASTS)).to_have_count(1)
    quiet.clock.run_for(60_000)
    expect(quiet.locator(TOASTS)).to_contain_text("Bad failed")
    quiet.get_by_role("button", name="Close this message").click()
    expect(quiet.locator(TOASTS)).to_have_count(0)


def test_each_of_some_that_come_together_is_seen_for_five_seconds(quiet: Page, signed_in: User) -> None:
    """One lies on the other: those below begin their seconds as they come to light."""
    quiet.clock.install(time=timezone.now())
    quiet.reload()
    for name in ("First", "Second", "Third"):
        tell(signed_in, name)
    ask(quiet)
    for name in ("Third", "Second", "First"):
        expect(quiet.locator(f"{TOASTS}:not([inert])")).to_contain_text(f"{name} completed")
        quiet.clock.run_for(4000)
        expect(quiet.locator(f"{TOASTS}:not([inert])")).to_contain_text(f"{name} completed")
        quiet.clock.run_for(1100)
    expect(quiet.locator(TOASTS)).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1000, 1280])
def test_the_longest_name_leaves_room_for_the_way_out(quiet: Page, signed_in: User, width: int) -> None:
    quiet.set_viewport_size({"width": width, "height": 800})
    tell(signed_in, "x" * 190, kind="session_failed", context={"href": "/sessions/"})
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_be_visible()
    slot = quiet.locator("#toasts").bounding_box()
    assert slot
    for way in (quiet.get_by_role("link", name="Open: x"), quiet.locator(f"{TOASTS} [data-close]")):
        box = way.bounding_box()
        assert box
        assert box["width"] > 20
        assert box["x"] + box["width"] <= slot["x"] + slot["width"]
    quiet.locator(f"{TOASTS} [data-close]").click()
    expect(quiet.locator(TOASTS)).to_have_count(0)


def test_what_lay_under_an_error_for_a_minute_is_no_news_any_more(quiet: Page, signed_in: User) -> None:
    quiet.clock.install(time=timezone.now())
    quiet.reload()
    tell(signed_in, "Good")
    tell(signed_in, "Bad", kind="session_failed")
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(2)
    quiet.clock.run_for(61_000)
    quiet.locator(f"{TOASTS}:not([inert]) [data-close]").click()
    expect(quiet.locator(TOASTS)).to_have_count(0)


@pytest.mark.expects_errors
def test_the_end_of_an_outage_takes_the_place_of_its_beginning(quiet: Page) -> None:
    quiet.route("**/live/**", lambda route: route.abort())
    ask(quiet)
    expect(quiet.get_by_text("Connection lost")).to_be_visible()
    quiet.unroute_all()
    ask(quiet)
    expect(quiet.get_by_text("Back online")).to_be_visible()
    expect(quiet.locator(TOASTS)).to_have_count(1)


def test_escape_closes_what_is_on_top_and_nothing_while_somebody_types(
    page: Page, live_server: Any, signed_in: User
) -> None:
    page.goto(f"{live_server.url}/scenarios/")
    told = [tell(signed_in, name) for name in ("First", "Second")]
    ask(page)
    expect(page.locator(TOASTS)).to_have_count(2)
    page.locator("[data-search]").first.press("Escape")
    page.locator("details.menu summary").click()
    page.keyboard.press("Escape")
    expect(page.locator(TOASTS)).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator(TOASTS)).to_have_count(1)
    expect(page.locator(TOASTS)).to_contain_text("First")
    expect(page.locator("#inbox-bell .count")).to_have_text("1")
    assert not Notification.objects.get(pk=told[1].pk).is_unread


def test_the_keyboard_goes_from_toast_to_toast_and_back_to_where_it_was(quiet: Page, signed_in: User) -> None:
    quiet.clock.install(time=timezone.now())
    quiet.reload()
    for name in ("First", "Second"):
        tell(signed_in, name, context={"href": "/sessions/"})
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(2)
    quiet.get_by_role("link", name="Jobs").first.focus()
    quiet.keyboard.press("Tab")
    expect(quiet.get_by_role("link", name="Open: Second completed")).to_be_focused()
    quiet.clock.run_for(20_000)
    expect(quiet.locator(TOASTS)).to_have_count(2)
    quiet.keyboard.press("Tab")
    quiet.keyboard.press("Enter")
    close = quiet.locator(f"{TOASTS}:not([inert]) [data-close]")
    expect(close).to_be_focused()
    tell(signed_in, "Third")
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(2)
    expect(close).to_be_focused()
    quiet.keyboard.press("Enter")
    quiet.keyboard.press("Enter")
    expect(quiet.locator(TOASTS)).to_have_count(0)
    expect(quiet.get_by_role("link", name="Jobs").first).to_be_focused()


def test_all_that_are_closed_at_once_are_read(quiet: Page, signed_in: User) -> None:
    told = [tell(signed_in, name) for name in ("First", "Second", "Third")]
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(3)
    quiet.route("**/seen/", slow)
    for _ in told:
        quiet.keyboard.press("Escape")
    expect(quiet.locator("#inbox-bell .count")).to_have_count(0)
    assert not Notification.objects.unread().exists()


def test_toasts_leave_nothing_in_the_page(quiet: Page, signed_in: User) -> None:
    """A page stays open for days: neither listeners of the window nor elements out of the page pile up."""
    session = quiet.context.new_cdp_session(quiet)
    session.send("Performance.enable")
    show = "(n) => { for (let i = 0; i < n; i++) dispatchEvent(new CustomEvent('toast', { detail: { type: 'info', title: `N${i}` } })); }"

    def counted() -> dict[str, int]:
        quiet.evaluate(show, 300)
        quiet.evaluate("() => document.getElementById('toasts').replaceChildren()")
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        found = session.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in found if one["name"] in ("Nodes", "JSEventListeners")}

    first, second = counted(), counted()
    assert second["Nodes"] - first["Nodes"] < 100
    assert second["JSEventListeners"] - first["JSEventListeners"] < 50


def test_a_toast_under_the_pointer_waits(quiet: Page, signed_in: User) -> None:
    quiet.clock.install(time=timezone.now())
    quiet.reload()
    tell(signed_in)
    ask(quiet)
    quiet.locator(TOASTS).hover()
    quiet.clock.run_for(20_000)
    expect(quiet.locator(TOASTS)).to_have_count(1)
    quiet.mouse.move(5, 500)
    quiet.clock.run_for(5_100)
    expect(quiet.locator(TOASTS)).to_have_count(0)


def test_what_was_closed_or_opened_is_read(quiet: Page, signed_in: User) -> None:
    first = tell(signed_in, "First")
    ask(quiet)
    expect(quiet.locator("#inbox-bell .count")).to_have_text("1")
    expect(quiet).to_have_title(re.compile(r"^\(1\) Negotiators"))
    quiet.get_by_role("button", name="Close this message").click()
    expect(quiet.locator("#inbox-bell .count")).to_have_count(0)
    expect(quiet).to_have_title(re.compile(r"^Negotiators"))
    assert not Notification.objects.get(pk=first.pk).is_unread
    second = tell(signed_in, "Second", context={"href": "/scenarios/"})
    ask(quiet)
    quiet.get_by_role("link", name="Open").click()
    expect(quiet).to_have_url(re.compile("/scenarios/$"))
    for _ in range(40):
        if not Notification.objects.get(pk=second.pk).is_unread:
            break
        quiet.wait_for_timeout(50)
    assert not Notification.objects.get(pk=second.pk).is_unread


def test_what_somebody_did_themselves_or_muted_makes_no_noise(
    quiet: Page, signed_in: User, watch: Watch
) -> None:
    told = watch(quiet)
    quiet.reload()
    tell(signed_in, is_known=True)
    ask(quiet)
    settled(quiet, told, [1])
    expect(quiet.locator(TOASTS)).to_have_count(0)
    expect(quiet.locator("#inbox-bell .count")).to_have_count(0)


@pytest.mark.parametrize(
    "hostile", ["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "{{7*7}}&lt;b&gt;"]
)
def test_hostile_words_and_links_stay_text(quiet: Page, signed_in: User, hostile: str) -> None:
    """F-22"""
    tell(signed_in, hostile, context={"href": "javascript:alert(1)"})
    ask(quiet)
    expect(quiet.locator(f"{TOASTS} b")).to_have_text(f"{hostile} completed")
    expect(quiet.locator(f"{TOASTS} a")).to_be_hidden()
    quiet.evaluate(
        "(text) => dispatchEvent(new CustomEvent('toast', { detail: { type: 'odd', text, href: '//evil.example' } }))",
        hostile,
    )
    expect(quiet.locator(".toast-info b")).to_have_text(hostile)
    expect(quiet.locator(".toast-info a")).to_be_hidden()
    quiet.goto(quiet.url.replace("/negotiators/", "/activity/"))
    expect(quiet.locator(".notice-what b").first).to_have_text(f"{hostile} completed")


# --- Events -------------------------------------------------------------------------------------------------


def test_the_window_hears_of_it(quiet: Page, signed_in: User) -> None:
    """F-09"""
    quiet.evaluate(
        """() => { window.heard = []; for (const name of ["toast", "notification:created", "session:activity", "job:activity"])
        addEventListener(name, (event) => window.heard.push([name, event.detail.title, event.detail.href])); }"""
    )
    tell(signed_in, "Flat share", context={"session_id": "s", "job_id": "j", "href": "/sessions/"})
    tell(signed_in, "Other", context={"job_id": "j"})
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(2)
    heard = [tuple(each) for each in quiet.evaluate("() => window.heard")]
    first, second = ("Flat share completed", "/sessions/"), ("Other completed", "")
    created = [("notification:created", *first), ("session:activity", *first), ("job:activity", *first)]
    created += [("notification:created", *second), ("job:activity", *second)]
    assert heard == [*created, ("toast", *first), ("toast", *second)]


def test_only_what_shows_it_is_refreshed(quiet: Page, signed_in: User) -> None:
    """F-10"""
    quiet.evaluate(
        """() => { window.heard = [];
        for (const id of ["mine", "other"]) {
          const part = document.createElement("p");
          part.dataset.refresh = id;
          for (const name of ["refreshSession", "refreshJob"]) part.addEventListener(name, () => window.heard.push(id + name));
          document.querySelector("main").append(part);
        }
        for (const name of ["refreshSessions", "refreshJobs", "refreshBenchmarks"])
          document.body.addEventListener(name, () => window.heard.push(name)); }"""
    )
    tell(signed_in, context={"session_id": "mine", "job_id": "mine"})
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(1)
    heard = quiet.evaluate("() => window.heard")
    assert sorted(heard) == ["minerefreshJob", "minerefreshSession", "refreshJobs", "refreshSessions"]


def test_what_was_told_is_remembered_by_its_hash(quiet: Page, signed_in: User) -> None:
    """F-08: FNV-1a of id, level and text; 200 of them in the tab's storage."""
    told = tell(signed_in)
    ask(quiet)
    expect(quiet.locator(TOASTS)).to_have_count(1)
    wanted = 0x811C9DC5
    for byte in f"{told.pk}:success:As agreed.".encode():
        wanted = (wanted ^ byte) * 0x01000193 & 0xFFFFFFFF
    assert quiet.evaluate("() => [...window.__notifiedIds]") == [f"{wanted:08x}"]
    assert quiet.evaluate("() => JSON.parse(sessionStorage.__toast_history_v1)") == [f"{wanted:08x}"]
    for _ in range(210):
        tell(signed_in)
    ask(quiet)
    expect(quiet.locator(TOASTS).filter(has_text="210 notifications")).to_have_count(1)
    assert quiet.evaluate("() => window.__notifiedIds.size") == 200

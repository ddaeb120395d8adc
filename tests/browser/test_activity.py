"""The activity page as it lives, browser notifications, and banners of what could not be done (B-12, B-15, F-18, F-23)."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, Route, expect

from negotiations.models import Session
from notifications.models import Inbox, Notification
from tests.browser.test_notifications import ask, tell
from tests.factory import SessionFactory
from tests.negotiations.job_rows import make_job

# Chromium without a screen shows none: this notes what it is asked to show, for all tabs of one origin.
STUB = """(() => {
  class Stub {
    static permission = "%s";
    static requestPermission() { Stub.asked = (Stub.asked ?? 0) + 1; Stub.permission = "granted"; return Promise.resolve("granted"); }
    constructor(title, options) {
      const shown = JSON.parse(localStorage.getItem("shown") ?? "[]");
      localStorage.setItem("shown", JSON.stringify([...shown, title]));
      this.tag = options.tag;
    }
    close() {}
  }
  window.Notification = Stub;
  document.hasFocus = () => false;
})()"""


@pytest.fixture
def activity(page: Page, live_server: Any, signed_in: User) -> Page:
    page.goto(f"{live_server.url}/activity/")
    return page


def switched_on(page: Page, live_server: Any, permission: str = "default") -> Page:
    page.add_init_script(STUB % permission)
    page.goto(f"{live_server.url}/activity/")
    page.get_by_role("button", name="Switch on").click()
    return page


def shown(page: Page, least: int = 0) -> list[str]:
    """All that were shown, once there are so many: tabs take turns, so that comes a moment after the toast."""
    for _ in range(100):
        if page.evaluate("() => JSON.parse(localStorage.getItem('shown') ?? '[]').length") >= least:
            break
        page.wait_for_timeout(20)
    found: list[str] = page.evaluate("() => JSON.parse(localStorage.getItem('shown') ?? '[]')")
    return found


# --- The page -------------------------------------------------------------------------------------------------


def test_what_happens_is_put_on_top_as_it_happens(activity: Page, signed_in: User) -> None:
    tell(signed_in, "First")
    ask(activity)
    expect(activity.locator(".notice")).to_have_count(1)
    tell(signed_in, "Second")
    ask(activity)
    expect(activity.locator(".notice-what b")).to_have_text(["Second completed", "First completed"])


def test_reading_and_dismissing_show_at_once_everywhere(
    activity: Page, signed_in: User, context: BrowserContext, live_server: Any
) -> None:
    tell(signed_in, "First")
    tell(signed_in, "Second")
    other = context.new_page()
    other.goto(f"{live_server.url}/activity/")
    ask(activity)
    activity.get_by_role("button", name="Mark as read: First completed").click()
    expect(activity.locator(".notice.is-unread")).to_have_count(1)
    expect(activity.locator("#inbox-bell .count")).to_have_text("1")
    activity.get_by_role("button", name="Dismiss: Second completed").click()
    expect(activity.locator(".notice")).to_have_count(1)
    expect(activity.locator("#inbox-bell .count")).to_have_count(0)
    ask(other)
    expect(other.locator(".notice")).to_have_count(1)
    expect(other.locator(".notice.is-unread")).to_have_count(0)
    other.close()


def test_the_keyboard_stays_in_its_place_while_the_list_changes(activity: Page, signed_in: User) -> None:
    for name, kind in (("A", "session_completed"), ("B", "session_failed"), ("C", "session_completed")):
        tell(signed_in, name, kind=kind)
    ask(activity)
    activity.get_by_role("button", name="Mark as read: B").press("Enter")
    expect(activity.get_by_role("button", name="Mark as read: B")).to_have_count(0)
    expect(activity.get_by_role("button", name="Dismiss: B")).to_be_focused()
    activity.keyboard.press("Enter")
    expect(activity.get_by_role("button", name="Dismiss: B")).to_have_count(0)
    expect(activity.get_by_role("button", name="Dismiss: A")).to_be_focused()
    tell(signed_in, "D")
    ask(activity)
    expect(activity.get_by_text("D completed").last).to_be_visible()
    expect(activity.get_by_role("button", name="Dismiss: A")).to_be_focused()
    activity.get_by_role("button", name="Mark all as read").press("Enter")
    expect(activity.get_by_text("All read")).to_be_visible()
    expect(activity.locator("#activity-list")).to_be_focused()


def test_the_keyboard_stays_at_a_group_that_grows(activity: Page, signed_in: User) -> None:
    for n in range(5):
        tell(signed_in, f"N{n}")
    ask(activity)
    activity.locator("summary.notice").focus()
    tell(signed_in, "N5")
    ask(activity)
    expect(activity.get_by_text("6 sessions completed")).to_be_visible()
    expect(activity.locator("summary.notice")).to_be_focused()


def test_all_that_is_pressed_in_a_row_is_sent(activity: Page, signed_in: User) -> None:
    """One form has the buttons of all rows, and none of them waits for another."""
    for name in "ABC":
        tell(signed_in, name)
    ask(activity)
    expect(activity.locator(".notice")).to_have_count(3)
    activity.evaluate("() => document.querySelectorAll('[id^=dismiss-]').forEach((button) => button.click())")
    expect(activity.locator(".notice")).to_have_count(0)
    assert Notification.objects.filter(dismissed_at=None).count() == 0


def test_how_long_ago_grows_without_a_row_coming_anew(page: Page, live_server: Any, signed_in: User) -> None:
    """In the list of jobs as well as here: the clock is that of the answer."""
    make_job("completed", job__owner=signed_in)
    page.goto(f"{live_server.url}/jobs/")
    later = format_datetime(timezone.now() + timedelta(hours=3, minutes=5), usegmt=True)
    page.route("**/jobs/live/*", lambda route: route.fulfill(status=204, headers={"Date": later}))
    ask(page)
    expect(page.locator("#job-table time[data-age]")).to_have_text("3 h")


@pytest.mark.parametrize("width", [360, 390])
def test_the_chosen_filter_is_in_sight_on_a_phone(
    page: Page, live_server: Any, signed_in: User, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path, word in (("activity/?show=error", "Error"), ("jobs/?status=cancelled", "Cancelled")):
        page.goto(f"{live_server.url}/{path}")
        row, chosen = page.locator(".filters .seg"), page.locator(".seg [aria-current]")
        expect(chosen).to_contain_text(word)
        frame, inner = row.bounding_box(), chosen.bounding_box()
        assert frame and inner
        assert inner["x"] >= frame["x"] - 1
        assert inner["x"] + inner["width"] <= min(frame["x"] + frame["width"], width) + 1


def test_all_are_marked_as_read(activity: Page, signed_in: User) -> None:
    for n in range(3):
        tell(signed_in, f"N{n}", kind="session_failed" if n else "session_completed")
    ask(activity)
    activity.get_by_role("button", name="Mark all as read").click()
    expect(activity.locator(".notice.is-unread")).to_have_count(0)
    expect(activity.get_by_text("All read")).to_be_visible()


def test_what_is_opened_is_read(activity: Page, signed_in: User) -> None:
    told = tell(signed_in, "First", context={"href": "/scenarios/"})
    ask(activity)
    activity.locator(".notice").get_by_role("link", name="First completed").click()
    expect(activity).to_have_url(re.compile("/scenarios/$"))
    for _ in range(40):
        if not Notification.objects.get(pk=told.pk).is_unread:
            break
        activity.wait_for_timeout(50)
    assert not Notification.objects.get(pk=told.pk).is_unread


def test_a_group_that_was_unfolded_stays_so(activity: Page, signed_in: User) -> None:
    for n in range(5):
        tell(signed_in, f"N{n}")
    ask(activity)
    activity.get_by_text("5 sessions completed").click()
    expect(activity.get_by_text("N0 completed")).to_be_visible()
    tell(signed_in, "N5")
    ask(activity)
    expect(activity.get_by_text("6 sessions completed")).to_be_visible()
    expect(activity.get_by_text("N0 completed")).to_be_visible()


def test_a_group_that_was_folded_again_stays_so(activity: Page, signed_in: User) -> None:
    for n in range(5):
        tell(signed_in, f"N{n}")
    ask(activity)
    activity.get_by_text("5 sessions completed").click()
    tell(signed_in, "N5")
    ask(activity)
    activity.get_by_text("6 sessions completed").click()
    expect(activity.get_by_text("N0 completed")).not_to_be_visible()
    # Another part of the page comes anew: the poller, since the idle are asked less often.
    piece = '<div id="live-error" hidden hx-swap-oob="true"></div>'
    activity.route("**/activity/live/**", lambda route: route.fulfill(status=200, body=piece), times=1)
    with activity.expect_response("**/activity/live/**"):
        ask(activity)
    activity.wait_for_timeout(100)
    expect(activity.get_by_text("N0 completed")).not_to_be_visible()


def test_what_is_old_says_so_on_a_page_that_stays_open(activity: Page, signed_in: User) -> None:
    told = tell(signed_in, "First")
    ask(activity)
    expect(activity.locator(".notice time")).to_have_text(re.compile(r"^\d s$"))
    for ago, text in ((59, "59 s"), (60, "1 min"), (7199, "1 h"), (200_000, "2 d")):
        later = format_datetime(told.created_at + timedelta(seconds=ago + 1), usegmt=True)
        nothing_new = partial(Route.fulfill, status=204, headers={"Date": later})
        activity.route("**/activity/live/**", nothing_new, times=1)
        ask(activity)
        expect(activity.locator(".notice time")).to_have_text(text)


def test_with_live_updates_switched_off_a_change_shows(
    page: Page, live_server: Any, signed_in: User, settings: Any
) -> None:
    """Nothing polls: the page is loaded anew instead."""
    settings.LIVE_UPDATES = False
    tell(signed_in, "First")
    page.goto(f"{live_server.url}/activity/")
    page.get_by_role("button", name="Mark as read: First").click()
    expect(page.get_by_text("All read")).to_be_visible()
    page.get_by_role("button", name="Dismiss: First").click()
    expect(page.get_by_text("Nothing happened yet")).to_be_visible()


def test_muting_is_kept(activity: Page, signed_in: User) -> None:
    activity.get_by_label("Sessions that are completed").uncheck()
    activity.get_by_role("button", name="Save").click()
    expect(activity.get_by_label("Sessions that are completed")).not_to_be_checked()
    expect(activity.get_by_label("Sessions that fail")).to_be_checked()
    assert Inbox.objects.get(user=signed_in).muted == ["session_completed"]


# --- Browser notifications ---------------------------------------------------------------------------------------


def test_nothing_is_asked_or_shown_before_a_click(page: Page, live_server: Any, signed_in: User) -> None:
    """B-12"""
    page.add_init_script(STUB % "granted")
    page.goto(f"{live_server.url}/activity/")
    expect(page.get_by_text("Off.", exact=True)).to_be_visible()
    tell(signed_in)
    ask(page)
    expect(page.locator(".notice")).to_have_count(1)
    assert page.evaluate("() => Notification.asked ?? 0") == 0
    assert shown(page) == []


def test_after_a_click_each_is_shown_once_across_tabs(
    page: Page, context: BrowserContext, live_server: Any, signed_in: User
) -> None:
    """F-16"""
    switched_on(page, live_server)
    expect(page.get_by_text("On: what comes while")).to_be_visible()
    other = context.new_page()
    other.add_init_script(STUB % "granted")
    other.goto(f"{live_server.url}/negotiators/")
    for name in ("First", "Second"):
        tell(signed_in, name)
        for tab in (other, page):
            ask(tab)
    for tab in (other, page):
        expect(tab.locator("#toasts .toast-p")).to_have_count(2)
    assert shown(page, 2) == ["First completed", "Second completed"]
    other.close()


def test_more_than_five_in_a_minute_are_told_as_one(page: Page, live_server: Any, signed_in: User) -> None:
    page.clock.install(time=timezone.now())
    switched_on(page, live_server)
    for n in range(9):
        tell(signed_in, f"N{n}")
    ask(page)
    expect(page.locator("#toasts .toast-p")).to_contain_text("9 notifications")
    assert shown(page, 5) == [f"N{n} completed" for n in range(5)]
    for _ in range(10):
        page.wait_for_timeout(100)
        page.clock.run_for(10_000)
    assert shown(page, 6)[5:] == ["4 more notifications"]


def test_switched_off_shows_none(page: Page, live_server: Any, signed_in: User) -> None:
    switched_on(page, live_server)
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Off.", exact=True)).to_be_visible()
    tell(signed_in)
    ask(page)
    expect(page.locator(".notice")).to_have_count(1)
    assert shown(page) == []


def test_a_browser_that_shows_none_for_pages_is_no_error(
    page: Page, live_server: Any, signed_in: User
) -> None:
    """Chrome on phones: granted, and refused all the same."""
    refuse = "(() => { window.Notification = class extends Notification { constructor() { throw new TypeError('Illegal constructor'); } }; })()"
    page.add_init_script(STUB % "granted")
    page.add_init_script(refuse)
    page.goto(f"{live_server.url}/activity/")
    page.get_by_role("button", name="Switch on").click()
    tell(signed_in, "First")
    ask(page)
    expect(page.get_by_text("This browser shows none for pages.")).to_be_visible()
    expect(page.locator("[data-browser-notifications]")).to_be_disabled()
    expect(page.locator("#toasts .toast-p")).to_contain_text("First completed")


def test_a_refusal_of_the_browser_is_said(page: Page, live_server: Any, signed_in: User) -> None:
    page.add_init_script(STUB % "denied")
    page.goto(f"{live_server.url}/activity/")
    expect(page.get_by_text("Allow them there first.")).to_be_visible()
    expect(page.get_by_role("button", name="Switch on")).to_be_disabled()


# --- What could not be done ----------------------------------------------------------------------------------------


@pytest.fixture
def session(page: Page, live_server: Any, signed_in: User) -> Session:
    found: Session = SessionFactory(job__owner=signed_in)
    page.clock.install(time=timezone.now())
    page.goto(f"{live_server.url}/sessions/{found.pk}/")
    return found


@pytest.mark.expects_errors
def test_a_refused_change_says_why_for_ten_seconds(page: Page, session: Session, signed_in: User) -> None:
    """B-15"""
    page.route("**/live/**", lambda route: route.fulfill(status=204))
    session.job.cancel(signed_in)
    page.get_by_role("button", name="Cancel").first.click()
    notice = page.get_by_role("alert").filter(has_text="There is nothing left to cancel.")
    expect(notice).to_be_visible()
    page.clock.run_for(9_500)
    expect(notice).to_be_visible()
    page.clock.run_for(1_000)
    expect(notice).to_be_hidden()


@pytest.mark.expects_errors
def test_a_change_that_did_not_arrive_is_said_and_can_be_closed(page: Page, session: Session) -> None:
    page.route("**/cancel/", lambda route: route.abort())
    page.get_by_role("button", name="Cancel").first.click()
    notice = page.get_by_role("alert").filter(has_text="The server could not be reached.")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Close this message").click()
    expect(notice).to_be_hidden()


def test_a_notice_is_text_only(page: Page, live_server: Any, signed_in: User) -> None:
    page.goto(f"{live_server.url}/negotiators/")
    hostile = "<img src=x onerror=alert(1)>"
    page.evaluate("(text) => dispatchEvent(new CustomEvent('live:notice', { detail: { text } }))", hostile)
    expect(page.locator("#live-notice span")).to_have_text(hostile)


def test_the_last_sessions_of_a_scenario_follow_what_ends(
    page: Page, live_server: Any, signed_in: User
) -> None:
    """N-10, F-10"""
    session = SessionFactory(job__owner=signed_in)
    page.goto(f"{live_server.url}/scenarios/{session.scenario_id}/")
    expect(page.locator("#scenario-sessions")).to_contain_text("Pending")
    session.job.cancel(None)
    ask(page)
    expect(page.locator("#scenario-sessions")).to_contain_text("Cancelled")


def test_what_a_poll_brought_works_at_once(activity: Page, signed_in: User) -> None:
    """Pressed in the very moment in which it arrives: still a request of the page, not a page of its own."""
    tell(signed_in, "First")
    activity.evaluate("""() => document.addEventListener("htmx:afterRequest", () => {
        document.querySelector("#activity-list [id^=seen-]")?.click(); })""")
    ask(activity)
    expect(activity.locator(".notice")).to_have_count(1)
    expect(activity.locator(".notice.is-unread")).to_have_count(0)
    assert activity.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate"
    assert activity.evaluate(
        "performance.getEntriesByType('resource').some((one) => one.name.includes('/seen/'))"
    )

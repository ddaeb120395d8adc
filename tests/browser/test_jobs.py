"""The pages of jobs in a browser: rows change in place, ticks survive it, the log costs nothing while it is closed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, Request, expect

from negotiations.models import Job, Status
from tests.negotiations.job_rows import add_lines, make_job, make_worker

LINES = "#job-log-lines > li"


@pytest.fixture
def job(signed_in: User) -> Job:
    return make_job("processing", job__owner=signed_in)


def polls(page: Page) -> list[dict[str, list[str]]]:
    """The query of each poll from now on, as they are made."""
    made: list[dict[str, list[str]]] = []

    def note(request: Request) -> None:
        if "/live/" in request.url:
            made.append(parse_qs(urlsplit(request.url).query))

    page.on("request", note)
    return made


def poll(page: Page) -> None:
    """Ask now, and wait for the answer."""
    with page.expect_response(lambda response: "/live/" in response.url):
        page.evaluate("htmx.trigger('#live', 'live:now')")


# --- The list -----------------------------------------------------------------------------------------------------


def test_a_row_changes_in_place_and_keeps_its_tick(page: Page, live_server: Any, job: Job) -> None:
    page.goto(f"{live_server.url}/jobs/")
    row, tick = page.locator(f"#job-{job.pk}"), page.locator(f"#tick-{job.pk}")
    tick.check()
    Job.objects.filter(pk=job.pk).update(current_step=321)
    expect(row).to_contain_text("Step 321 of 1000")  # J-05: within three seconds
    expect(tick).to_be_checked()
    expect(tick).to_be_focused()
    Job.objects.filter(pk=job.pk).update(status=Status.COMPLETED, token=None)
    expect(row).to_contain_text("Completed")
    assert page.locator("#job-table tbody tr").count() == 1


def test_a_new_job_comes_by_itself(page: Page, live_server: Any, job: Job, signed_in: User) -> None:
    page.goto(f"{live_server.url}/jobs/")
    page.locator(f"#tick-{job.pk}").check()
    make_job("queued", job__owner=signed_in)
    expect(page.locator("#job-table tbody tr")).to_have_count(2)
    expect(page.locator(f"#tick-{job.pk}")).to_be_checked()
    expect(page.locator("#job-summary")).to_have_text("1 processing, 1 queued.")


def test_many_are_paused_at_once(page: Page, live_server: Any, signed_in: User) -> None:
    """J-24"""
    for word in ("queued", "queued", "completed"):
        make_job(word, job__owner=signed_in)
    page.goto(f"{live_server.url}/jobs/")
    pause = page.get_by_role("button", name="Pause")
    expect(pause).to_be_disabled()
    page.get_by_label("All on this page").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("3 ticked")
    pause.click()
    expect(page.locator("#main")).to_contain_text("2 jobs paused. 1 job left as it was")
    assert Job.objects.filter(hold=True).count() == 2


def test_without_a_script_ticks_and_buttons_work(
    browser: Any, live_server: Any, owner: User, context: BrowserContext, job: Job
) -> None:
    bare = browser.new_context(java_script_enabled=False, storage_state=context.storage_state())
    page = bare.new_page()
    page.goto(f"{live_server.url}/jobs/")
    page.locator(f"#tick-{job.pk}").check()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#main")).to_contain_text("1 job cancelled.")
    page.goto(f"{live_server.url}/jobs/{job.pk}/")
    page.locator("#job-log summary").click()
    page.get_by_role("link", name="Show the last 100 lines").click()
    expect(page.locator("#job-log-lines")).to_be_visible()
    bare.close()


# --- The page of a job --------------------------------------------------------------------------------------------


def test_a_closed_log_makes_no_request_and_has_no_cursor(page: Page, live_server: Any, job: Job) -> None:
    """B-22"""
    add_lines(job, 3)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    made = polls(page)
    page.goto(f"{live_server.url}/jobs/{job.pk}/")
    poll(page)
    assert made
    assert not any("log" in query or "level" in query for query in made)
    assert not any("/log" in url for url in asked if "/static/" not in url)


def test_an_open_log_follows_and_a_closed_one_stops(page: Page, live_server: Any, job: Job) -> None:
    """B-22"""
    add_lines(job, 120)
    page.goto(f"{live_server.url}/jobs/{job.pk}/")
    made = polls(page)
    page.locator("#job-log > summary").click()
    expect(page.locator(LINES)).to_have_count(100)
    add_lines(job, 2, "warning")
    expect(page.locator(LINES)).to_have_count(102)
    expect(page.locator(LINES).last).to_contain_text("line 122 of warning")
    page.locator("#job-log > summary").click()
    expect(page.locator("#job-log-lines")).not_to_have_attribute("data-append", "log")
    made.clear()
    poll(page)
    assert "log" not in made[-1]
    add_lines(job, 1)
    page.locator("#job-log > summary").click()
    expect(page.locator(LINES).last).to_contain_text("line 123 of info")


def test_a_level_is_kept_while_the_log_follows(page: Page, live_server: Any, job: Job) -> None:
    for level in ("info", "warning", "error"):
        add_lines(job, 2, level)
    page.goto(f"{live_server.url}/jobs/{job.pk}/")
    page.locator("#job-log > summary").click()
    page.get_by_label("Level").select_option("error")
    expect(page.locator(LINES)).to_have_count(2)
    add_lines(job, 1, "info")
    add_lines(job, 1, "error")
    expect(page.locator(LINES)).to_have_count(3)
    expect(page.locator(LINES).last).to_contain_text("line 8 of error")


def test_what_a_job_says_runs_no_script(page: Page, live_server: Any, job: Job) -> None:
    add_lines(job, 1, text="<img src=x onerror=document.title='bad'><script>document.title='bad'</script>")
    page.goto(f"{live_server.url}/jobs/{job.pk}/?log=0")
    expect(page.locator(LINES)).to_contain_text("<script>")
    add_lines(job, 1, text="<script>document.title='bad'</script>")
    expect(page.locator(LINES)).to_have_count(2)
    assert "bad" not in page.title()


def test_pausing_and_resuming_shows_at_once(page: Page, live_server: Any, signed_in: User) -> None:
    """N-20"""
    job = make_job("queued", job__owner=signed_in)
    page.goto(f"{live_server.url}/jobs/{job.pk}/")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#job-title")).to_contain_text("Paused")
    expect(page.locator("#job-moves")).to_contain_text("Paused by owner.")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#job-title")).to_contain_text("Queued")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#job-title")).to_contain_text("Cancelled")
    expect(page.get_by_role("button", name="Retry")).to_be_visible()


def test_the_end_ends_the_polling_of_the_page(page: Page, live_server: Any, job: Job) -> None:
    """J-05"""
    page.goto(f"{live_server.url}/jobs/{job.pk}/")
    Job.objects.filter(pk=job.pk).update(status=Status.FAILED, token=None, error="It broke.")
    poll(page)
    expect(page.locator("#job-reason")).to_contain_text("It broke.")
    expect(page.locator("#live")).to_have_attribute("hx-get", "/live/")


def test_a_session_is_paused_from_its_card(page: Page, live_server: Any, job: Job) -> None:
    """N-20"""
    page.goto(f"{live_server.url}/sessions/")
    page.get_by_title("Pause").click()
    expect(page.locator("#sessions-running")).to_contain_text("Paused")
    assert Job.objects.get(pk=job.pk).hold


@pytest.mark.parametrize("path", ["/jobs/", "/jobs/{pk}/?log=0", "/workers/"])
def test_a_phone_shows_it_without_scrolling_sideways(
    page: Page, live_server: Any, job: Job, path: str
) -> None:
    add_lines(job, 3, text="a-word-without-any-end" * 20)
    Job.objects.filter(pk=job.pk).update(message="another-word-without-any-end" * 10)
    make_worker("a:1.1:1", job)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{path.format(pk=job.pk)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

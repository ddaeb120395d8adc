"""Benchmarks in a browser: one is put together by hand, its page lives, rows come once, filters and folds hold."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from benchmarks.models import Benchmark, Competitor
from negotiations.models import Job, Status
from tests.benchmarks.benchmark_pages import at_work, ended, running, scored
from tests.factory import NegotiatorFactory, ScenarioFactory, finish_matches, make_result

ROWS = "#benchmark-matches > tr"
KEEP_EVENTS = """() => {
  window.told = [];
  for (const type of ["connected", "status", "progress", "task_complete", "heartbeat", "error"])
    document.addEventListener(`benchmark:${type}`, (event) => told.push([type, event.detail]));
}"""
UPDATED = re.compile(r"^Updated \d\d:\d\d:\d\d$")
PARAMETERS = [{"name": "exponent", "kind": "float", "default": 4.0, "choices": [], "optional": True}]


@pytest.fixture
def benchmark(signed_in: User) -> Benchmark:
    return running(signed_in, done=3)


@pytest.fixture
def opened(page: Page, live_server: Any, benchmark: Benchmark) -> Page:
    page.goto(f"{live_server.url}{benchmark.get_absolute_url()}")
    page.evaluate(KEEP_EVENTS)
    return page


def poll(page: Page) -> None:
    """Ask now, and wait for the answer."""
    with page.expect_response(lambda response: "/live/" in response.url):
        page.evaluate("htmx.trigger('#live', 'live:now')")


def listed(page: Page) -> list[int]:
    found: list[int] = page.eval_on_selector_all(ROWS, "rows => rows.map(row => Number(row.dataset.match))")
    return found


def told(page: Page, wanted: str) -> list[Any]:
    return [detail for type, detail in page.evaluate("told") if type == wanted]


# --- The form -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def form(page: Page, live_server: Any, signed_in: User) -> Page:
    NegotiatorFactory(short_name="Boulware", parameters=PARAMETERS)
    NegotiatorFactory(type="tests.MiCRO", short_name="MiCRO")
    ScenarioFactory(name="Pier")
    ScenarioFactory(name="Quay", tags=["ports"])
    ScenarioFactory(name="Harbour", n_parties=3)
    page.goto(f"{live_server.url}/benchmarks/new/")
    return page


def choose(page: Page, what: str, *names: str) -> None:
    page.get_by_label(f"{what} to choose from").select_option(label=list(names))
    page.get_by_title(f"Add the marked {what.lower()}").click()


def test_a_person_puts_one_together_and_starts_it(form: Page, signed_in: User) -> None:
    """P-12: the number of matches stands there before the start."""
    form.get_by_label("Name", exact=True).fill("Cup")
    choose(form, "Competitors", "Boulware", "MiCRO")
    expect(form.locator("#benchmark-new-entrants .entrant")).to_have_count(2)
    search = form.get_by_label("Search scenarios")
    search.fill("ports")
    expect(form.get_by_label("Scenarios to choose from").locator("option")).to_have_count(1)
    form.get_by_title("Add all listed scenarios").click()
    expect(form.locator("#benchmark-new-check")).to_contain_text("Matches8")
    form.get_by_label("Repetitions").fill("3")
    form.get_by_label("Repetitions").press("Tab")
    expect(form.locator("#benchmark-new-check")).to_contain_text("Matches24")
    form.locator(".entrant summary").first.click()
    form.get_by_label("Exponent").fill("2")
    form.get_by_role("button", name="Start benchmark").last.click()
    expect(form.get_by_role("heading", name="Cup")).to_be_visible()
    one = Benchmark.objects.get()
    assert (one.name, one.n_matches, one.job.owner) == ("Cup", 24, signed_in)
    assert one.competitors.get(index=0).parameters == {"exponent": 2.0}
    assert [each.name for each in one.scenarios.all()] == ["Quay"]


def test_the_lists_filter_count_and_give_back(form: Page) -> None:
    families = form.get_by_label("Competitors to choose from").locator("optgroup")
    expect(families.first).to_have_attribute("label", re.compile(r"\w"))
    scenarios = form.get_by_label("Scenarios to choose from").locator("option")
    expect(scenarios).to_have_count(3)
    form.get_by_label("Any parties").select_option("3 or more")
    expect(scenarios).to_have_count(1)
    scenarios.first.dblclick()
    count = form.locator("#id_scenarios + .dual-box .dual-count")
    expect(count).to_have_text("1 chosen, 0 listed")
    form.get_by_label("Chosen scenarios").select_option(index=0)
    form.get_by_title("Remove the marked scenarios").click()
    expect(count).to_have_text("0 chosen, 1 listed")


def test_who_does_not_fit_is_said_as_soon_as_it_is_chosen(form: Page) -> None:
    """P-08"""
    NegotiatorFactory(type="tests.Duel", short_name="Duel", max_parties=2)
    form.reload()
    choose(form, "Competitors", "Duel")
    form.get_by_title("Add all listed scenarios").click()
    expect(form.locator("#benchmark-new-misfits")).to_contain_text("Duel negotiates with one partner only")


# --- The page -------------------------------------------------------------------------------------------------------------


def test_rows_come_once_the_newest_first_and_events_with_them(opened: Page, benchmark: Benchmark) -> None:
    """B-04, B-05, B-07, B-08"""
    poll(opened)
    finish_matches(
        benchmark,
        make_result(3),
        make_result(4, end_reason="error", error="Boom", failed_party=0, utilities=()),
    )
    poll(opened)
    expect(opened.locator(ROWS)).to_have_count(5)
    poll(opened)
    assert listed(opened) == [4, 3, 2, 1, 0]
    expect(opened.locator("#benchmark-figures")).to_contain_text("5 of 8")
    opened.wait_for_function("told.some(([type]) => type === 'progress')")
    assert [event["version"] for event in told(opened, "connected")] == ["1.0"]
    assert told(opened, "connected")[0]["interval"] == 3
    assert told(opened, "task_complete") == [
        {"task_id": "3", "success": True, "score": 0.62},
        {"task_id": "4", "success": False, "score": None},
    ]
    assert told(opened, "progress")[-1]["tasks_completed"] == 5
    assert len(told(opened, "heartbeat")) >= 2


def test_the_end_is_told_and_ends_the_pages_own_polling(opened: Page, benchmark: Benchmark) -> None:
    """B-08: the last match comes, too."""
    finish_matches(benchmark)
    scored(benchmark)
    ended(benchmark)
    poll(opened)
    expect(opened.locator(ROWS)).to_have_count(8)
    expect(opened.locator("#benchmark-title")).to_contain_text("Completed")
    opened.wait_for_function(
        "told.some(([type, detail]) => type === 'status' && detail.status === 'completed')"
    )
    assert opened.locator("#live").get_attribute("hx-get") == "/live/"


def test_a_worker_that_is_silent_for_a_minute_is_marked_whatever_this_machines_clock_says(
    page: Page, live_server: Any, benchmark: Benchmark
) -> None:
    """B-06"""
    page.clock.install(time=timezone.now() + timedelta(days=1))
    page.goto(f"{live_server.url}{benchmark.get_absolute_url()}")
    mark = page.locator("[data-stale]")
    page.clock.run_for(6_000)
    expect(mark).to_be_hidden()
    Job.objects.filter(pk=benchmark.job_id).update(updated_at=timezone.now() - timedelta(minutes=2))
    poll(page)
    page.clock.run_for(6_000)
    expect(mark).to_be_visible()


def test_the_end_of_an_import_brings_who_competed_where(
    page: Page, live_server: Any, signed_in: User
) -> None:
    """B-11"""
    benchmark = running(signed_in, is_imported=True)
    found = list(benchmark.competitors.all())
    benchmark.competitors.all().delete()
    page.goto(f"{live_server.url}{benchmark.get_absolute_url()}")
    expect(page.locator(".page-head .sub")).to_contain_text("0 competitors")
    Competitor.objects.bulk_create(found)
    ended(benchmark)
    poll(page)
    expect(page.locator(".page-head .sub")).to_contain_text("2 competitors")


def test_a_leaderboard_keeps_its_order_while_the_scores_move(opened: Page, benchmark: Benchmark) -> None:
    order = "rows => rows.map(row => row.dataset.competitor)"
    before = opened.eval_on_selector_all("#benchmark-leaderboard tbody tr", order)
    worst = int(before[-1])
    better = [match.index for match in benchmark.matches.pending() if match.numbers == (worst, worst)]
    finish_matches(benchmark, *(make_result(index, utilities=(1.0, 1.0)) for index in better))
    scored(benchmark)
    version = opened.locator("#benchmark-leaderboard").get_attribute("data-version")
    poll(opened)
    expect(opened.locator("#benchmark-leaderboard")).not_to_have_attribute("data-version", str(version))
    assert opened.eval_on_selector_all("#benchmark-leaderboard tbody tr", order) == before
    ended(benchmark)
    poll(opened)
    expect(opened.locator("#benchmark-title")).to_contain_text("Completed")
    assert opened.eval_on_selector_all("#benchmark-leaderboard tbody tr", order)[0] == str(worst)


def test_a_person_pauses_and_resumes(opened: Page, benchmark: Benchmark) -> None:
    """P-14"""
    opened.get_by_role("button", name="Pause").click()
    expect(opened.get_by_role("button", name="Resume")).to_be_visible()
    assert Job.objects.get(pk=benchmark.job_id).hold
    opened.get_by_role("button", name="Resume").click()
    expect(opened.get_by_role("button", name="Pause")).to_be_visible()
    assert not Job.objects.get(pk=benchmark.job_id).hold


def test_filters_and_the_tab_of_a_scenario_load_their_address(opened: Page, benchmark: Benchmark) -> None:
    opened.get_by_role("group", name="Result").get_by_text("FAIL").click()
    expect(opened.locator(".bench-none")).to_contain_text("No match is all of what is asked for")
    assert "result=fail" in opened.url
    opened.get_by_role("link", name="Show all").click()
    expect(opened.locator(ROWS)).to_have_count(3)
    opened.get_by_label("Scenarios of the grid").select_option(index=1)
    opened.wait_for_url("**grid=0*")
    opened.locator("#benchmark-grid td a").first.click()
    opened.wait_for_url("**competitor=*")
    opened.get_by_label("Competitor", exact=True).select_option(index=2)
    opened.wait_for_url("**competitor=1*")


def test_an_open_fold_stays_open_and_follows(opened: Page, benchmark: Benchmark) -> None:
    """B-22"""
    opened.get_by_role("heading", name="Jobs").click()
    expect(opened.locator("#benchmark-jobs tbody tr")).to_have_count(1)
    Job.objects.filter(pk=benchmark.job_id).update(current_step=5, total_steps=8)
    poll(opened)
    expect(opened.locator("#benchmark-jobs")).to_contain_text("Step 5 of 8")
    opened.get_by_role("heading", name="Workers").click()
    expect(opened.locator("#benchmark-workers-panel")).to_contain_text("No worker runs")


def test_each_panel_says_when_it_was_asked_last(opened: Page) -> None:
    """B-16."""
    for name in ("Log", "Workers"):
        opened.get_by_role("heading", name=name, exact=True).click()
    expect(opened.locator("#job-log-lines")).to_be_attached()
    poll(opened)
    for panel in ("events", "leaderboard", "history", "match-pages", "jobs", "workers"):
        expect(opened.locator(f"#benchmark-{panel} [data-updated]")).to_have_text(UPDATED)
    expect(opened.locator("#job-log [data-updated]")).to_have_text(UPDATED)


def test_without_scripts_everything_is_there(
    browser: Any, live_server: Any, benchmark: Benchmark, context: Any
) -> None:
    """B-19"""
    plain = browser.new_context(java_script_enabled=False)
    plain.add_cookies(context.cookies())
    page = plain.new_page()
    page.goto(f"{live_server.url}{benchmark.get_absolute_url()}")
    expect(page.locator(ROWS)).to_have_count(3)
    expect(page.locator("#benchmark-leaderboard tbody tr")).to_have_count(2)
    page.goto(f"{live_server.url}/benchmarks/new/")
    expect(page.get_by_label("Competitors", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Count matches, show parameters")).to_be_visible()
    plain.close()


def test_the_list_lives(page: Page, live_server: Any, signed_in: User, benchmark: Benchmark) -> None:
    page.goto(f"{live_server.url}/benchmarks/")
    row = page.locator(f"#benchmark-{benchmark.pk}")
    expect(row).to_contain_text("3 of 8")
    at_work(benchmark)
    finish_matches(benchmark, make_result(3))
    poll(page)
    expect(row).to_contain_text("4 of 8")
    ended(benchmark, Status.CANCELLED)
    poll(page)
    expect(row).to_contain_text("Cancelled")

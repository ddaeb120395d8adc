"""A match in the session viewer, and two benchmarks side by side, in a browser."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from benchmarks.models import Benchmark
from benchmarks.standings import Standings
from tests.browser.chart_pages import touch
from tests.factory import finish_matches, make_benchmark, make_result, make_transcript


def played(owner: User, name: str) -> Benchmark:
    benchmark = make_benchmark(owner, name=name, n_scenarios=2)
    results = [make_result(each.index, transcript=make_transcript()) for each in benchmark.matches.all()]
    finish_matches(benchmark, *results)
    standings = Standings(benchmark)
    standings.read()
    standings.keep(standings.data({}))
    return benchmark


@pytest.fixture
def match(signed_in: User, live_server: Any) -> str:
    return f"{live_server.url}{played(signed_in, 'Cup').matches.get(index=1).get_absolute_url()}"


def test_a_match_is_replayed_step_by_step(page: Page, match: str) -> None:
    page.goto(match)
    output = page.locator("#session-step")
    expect(output).to_have_text("Step 2, the end")
    page.locator("[data-go=first]").click()
    expect(output).to_have_text("Step 0")
    expect(page.locator("#session-replay > :not([hidden])")).to_have_count(0)
    page.locator("[data-go=on]").click()
    expect(output).to_have_text("Step 1")
    expect(page.locator("#session-replay > :not([hidden])")).to_have_count(2)
    expect(page).to_have_url(f"{match}?step=1")
    page.keyboard.press("l")
    expect(output).to_have_text("Step 2, the end")
    page.reload()
    expect(page.locator("#session-offers > li")).to_have_count(3)


def test_its_charts_are_explored_as_those_of_a_session(page: Page, match: str) -> None:
    page.goto(match)
    touch(page)
    expect(page.locator('[data-plot="space"].is-live')).to_be_visible()
    page.get_by_role("link", name="By issue").click()
    expect(page.locator('[data-plot="values"].is-live')).to_be_visible()


def test_the_next_match_and_its_tables_are_a_link_away(page: Page, match: str) -> None:
    page.goto(match)
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", name="Match 2", exact=True)).to_be_visible()
    page.get_by_role("link", name="All as a table").click()
    expect(page.get_by_role("heading", name="Offers", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Back to the match")).to_be_visible()


def test_two_benchmarks_are_chosen_and_compared(page: Page, signed_in: User, live_server: Any) -> None:
    first, second = played(signed_in, "Cup"), played(signed_in, "League")
    page.goto(f"{live_server.url}/benchmarks/compare/?ids={first.pk}")
    page.get_by_label("Second").select_option(str(second.pk))
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Settings that differ")).to_be_visible()
    expect(page.locator("#compare-settings")).to_contain_text("scenarios in one only")
    expect(page.locator("#compare-matches")).to_contain_text("No match in common")

"""A market of three items and five sellers, run to its receipt in a browser, with real workers behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from negotiations.models import Market, RoomMessage, RoomRun, Stock
from tests.browser.conftest import FLAGS, chromium
from tests.factory import UserFactory
from tests.workers.conftest import Starts, Storage, eventually
from tests.workers.test_seats import House

pytestmark = [pytest.mark.workers, pytest.mark.browser]

LONG = 40_000
"""Other tests may keep the machine busy."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": chromium(), "args": FLAGS}


@pytest.fixture
def house(start: Starts) -> House:
    return House(start)


@pytest.fixture
def person(database: Storage) -> User:
    found: User = User.objects.filter(username="noor").first() or UserFactory(username="noor")
    return found


@pytest.fixture
def context(browser: Browser, house: House, person: User) -> Iterator[BrowserContext]:
    client = Client()
    client.force_login(person)
    context = browser.new_context(base_url=house.url)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": house.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    yield context
    context.close()


def page_of(context: BrowserContext, problems: list[str]) -> Page:
    page = context.new_page()
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def open_sample(page: Page) -> Market:
    page.goto("/markets/")
    page.get_by_role("link", name="New market").first.click()
    page.get_by_role("button", name="Fill with sample data").click()
    expect(page.get_by_label("Name of the market")).to_have_value("Sample: a new office")
    page.get_by_role("button", name="Open market").last.click()
    page.wait_for_url(re.compile(r"/markets/[0-9a-f-]{36}/$"))
    market: Market = Market.objects.get(pk=page.url.split("/")[-2])
    return market


def check(market: Market) -> None:
    """What the rows say of a market that is over: one deal a room, stock and money as they were bought."""
    deals = [decision for room in market.rooms.all() for decision in room.decisions.filter(verdict="deal")]
    assert len(deals) == len({deal.room_id for deal in deals})
    assert sum(deal.total for deal in deals) == market.spent
    sold = sum(stock.quantity - stock.remaining for stock in Stock.objects.filter(seller__market=market))
    assert sold == sum(deal.quantity or 0 for deal in deals)
    for run in RoomRun.objects.filter(room__market=market):
        assert RoomMessage.objects.filter(run=run).count() == run.n_messages


@pytest.mark.timeout(180)
def test_a_market_is_run_to_its_receipt(context: BrowserContext) -> None:
    problems: list[str] = []
    page = page_of(context, problems)
    market = open_sample(page)
    expect(page.locator(".room-card")).to_have_count(3)
    page.get_by_role("button", name="Start all").click()
    page.get_by_role("link", name="Open room").first.click()
    expect(page.locator("#room-messages li").first).to_be_visible(timeout=LONG)
    expect(page.locator("#room-title")).to_have_attribute("data-status", "completed", timeout=LONG)
    run = RoomRun.objects.get(room=market.rooms.get(index=0))
    expect(page.locator("#room-messages li")).to_have_count(run.n_messages)
    seqs = page.eval_on_selector_all(
        "#room-messages > li", "rows => rows.map(row => Number(row.dataset.seq))"
    )
    assert seqs == list(range(1, run.n_messages + 1))
    expect(page.locator("#room-decision")).to_contain_text("Bought")
    expect(page.locator("#room-economy")).to_contain_text("Efficiency")

    page.goto(market.get_absolute_url())
    expect(page.locator("#market-title")).to_contain_text("Completed", timeout=LONG)
    page.get_by_role("link", name="Receipt").click()
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.goto("about:blank")
    assert problems == []
    check(Market.objects.get(pk=market.pk))


@pytest.mark.timeout(180)
def test_a_market_runs_on_while_every_browser_is_closed(
    browser: Browser, context: BrowserContext, house: House, person: User
) -> None:
    """M-24"""
    problems: list[str] = []
    page = page_of(context, problems)
    market = open_sample(page)
    page.get_by_role("button", name="Start all").click()
    eventually(lambda: RoomRun.objects.filter(room__market=market).count() == 3)
    page.close()
    eventually(lambda: Market.objects.get(pk=market.pk).status == "completed", 60)
    back = page_of(context, problems)
    back.goto(f"{market.get_absolute_url()}receipt/")
    expect(back.locator("tbody tr")).to_have_count(3)
    back.goto("about:blank")
    assert problems == []
    check(Market.objects.get(pk=market.pk))

"""How often a page asks, with the clock driven by the test: by what runs on it, by whether anybody looks (F-15, F-25)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, Request

from negotiations.models import Job, Session, Status
from tests.benchmarks.benchmark_pages import running as running_benchmark
from tests.browser.test_live import HIDE
from tests.factory import ScenarioImportFactory, SessionFactory


@pytest.fixture
def running(owner: User) -> Session:
    session: Session = SessionFactory(job__owner=owner)
    Job.objects.filter(pk=session.pk).update(status=Status.PROCESSING, token=uuid.uuid4())
    return session


class Polls(list[str]):
    """The addresses that the page's poller asked since the last look, and how many it waits for."""

    waiting = 0

    def note(self, request: Request) -> None:
        if "every=" in request.url:
            self.append(request.url)
            self.waiting += 1

    def end(self, request: Request) -> None:
        if "every=" in request.url:
            self.waiting -= 1


@pytest.fixture
def polls(page: Page) -> Polls:
    asked = Polls()
    page.on("request", asked.note)
    page.on("requestfinished", asked.end)
    page.on("requestfailed", asked.end)
    return asked


def minute(page: Page, polls: Polls, seconds: int = 60) -> float:
    """A minute of the page's clock, whose answers are real; how many pauses between polls that are a minute.

    The clock goes on while it waits for answers, so it is asked how long it was.
    """
    begun, before = page.evaluate("() => Date.now()"), len(polls)
    for _ in range(seconds):
        page.clock.run_for(1000)
        page.wait_for_timeout(5)
        for _ in range(100):
            if not polls.waiting:
                break
            page.wait_for_timeout(10)
    milliseconds: float = page.evaluate("() => Date.now()") - begun
    return 60_000 * (len(polls) - before - 1) / milliseconds


def begin(page: Page, url: str) -> None:
    page.clock.install(time=timezone.now())
    page.goto(url)
    page.clock.run_for(100)
    page.wait_for_timeout(100)


@pytest.mark.parametrize(
    ("path", "least", "most"),
    [
        ("/sessions/{running}/", 50, 60),
        ("/jobs/{running}/", 17, 20),
        ("/scenarios/imports/{upload}/", 17, 20),
        ("/benchmarks/{benchmark}/", 17, 20),
        ("/negotiators/", 10, 12),
        ("/activity/", 10, 12),
        ("/workers/", 10, 12),
    ],
)
def test_requests_in_a_minute(
    page: Page,
    live_server: Any,
    signed_in: User,
    running: Session,
    polls: Polls,
    path: str,
    least: int,
    most: int,
) -> None:
    upload = ScenarioImportFactory(job__owner=signed_in)
    benchmark = running_benchmark(signed_in, done=3)
    keys = {"running": running.pk, "upload": upload.pk, "benchmark": benchmark.pk}
    begin(page, live_server.url + path.format(**keys))
    assert least <= minute(page, polls) <= most


def test_where_nobody_touches_the_page_it_is_four_a_minute_until_somebody_does(
    page: Page, live_server: Any, signed_in: User, polls: Polls
) -> None:
    begin(page, f"{live_server.url}/negotiators/")
    page.clock.fast_forward("10:30")
    minute(page, polls, 6)
    assert 1.9 <= minute(page, polls) <= 4
    page.mouse.click(400, 500)
    page.wait_for_timeout(200)
    assert 10 <= minute(page, polls) <= 12


def test_a_hidden_tab_asks_nothing_in_a_minute_and_once_within_100_ms_when_it_is_back(
    page: Page, live_server: Any, signed_in: User, running: Session, polls: Polls
) -> None:
    """B-17, F-15: also with a request under way as it was hidden."""
    begin(page, f"{live_server.url}/sessions/{running.pk}/")
    page.evaluate("() => dispatchEvent(new Event('online'))")
    page.evaluate(HIDE, True)
    page.wait_for_timeout(200)
    polls.clear()
    minute(page, polls)
    assert polls == []
    page.evaluate(HIDE, False)
    page.wait_for_timeout(100)
    assert len(polls) == 1


def test_no_timer_is_left_of_a_page_that_was_left(
    page: Page, live_server: Any, signed_in: User, running: Session, polls: Polls
) -> None:
    """N-13, B-18"""
    begin(page, f"{live_server.url}/sessions/{running.pk}/")
    minute(page, polls, 3)
    page.goto(f"{live_server.url}/negotiators/")
    polls.clear()
    minute(page, polls, 20)
    assert len(polls) <= 4
    page.go_back()
    page.wait_for_timeout(200)
    polls.clear()
    minute(page, polls, 10)
    assert 8 <= len(polls) <= 11

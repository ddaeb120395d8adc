"""The meter counts each poll once, whoever asks, and loses nothing while the database is away."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.signals import got_request_exception
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import ResolverMatch
from django.utils import timezone

from notifications import meter as module
from notifications.meter import LAST_STEP, MOST_MINUTES, MOST_PAGES, Flusher, Meter, ms_of, step_of
from notifications.models import Inbox, LiveMinute, Notification
from notifications.models.live_minutes import LiveMinuteQuerySet
from notifications.report import LiveReport
from tests.factory import UserFactory

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
WAY = "notifications.models.live_minutes.LiveMinuteQuerySet.write"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


class Clock:
    def __init__(self) -> None:
        self.now = NOON.timestamp()

    def time(self) -> float:
        return self.now


def poll(query: str = "", page: str = "negotiations:session-live") -> HttpRequest:
    request = RequestFactory().get(f"/live/?{query}")
    space, _, name = page.rpartition(":")
    request.resolver_match = ResolverMatch(print, (), {}, url_name=name, namespaces=[space] if space else [])
    return request


def answer(body: str = "<p></p>", status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status)


NOTHING = answer("", 204)


def row(page: str = "negotiations:session-live") -> LiveMinute:
    found: LiveMinute = LiveMinute.objects.get(page=page)
    return found


# --- What is counted ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_polls_of_a_minute_become_one_row(clock: Clock) -> None:
    meter = Meter()
    body = '<ul><li data-seq="3"></li><li data-seq="4"></li></ul>'
    meter.note(poll("dropped=2&missed=1"), answer(body), 0.010)
    meter.note(poll(), NOTHING, 0.002)
    meter.note(poll(), answer("it broke", 503), 0.5)
    assert meter.flush()
    found = row()
    counts = (found.polls, found.empty, found.failed, found.rows, found.dropped, found.missed)
    assert counts == (3, 1, 1, 2, 2, 1)
    assert found.bytes == len(body) + len("it broke")
    assert found.minute == NOON
    assert sorted(found.times) == sorted(str(step_of(seconds)) for seconds in (0.010, 0.002, 0.5))


@pytest.mark.django_db
def test_pages_and_minutes_are_kept_apart(clock: Clock) -> None:
    meter = Meter()
    meter.note(poll(), NOTHING, 0.001)
    meter.note(poll(page="negotiations:job-list-live"), NOTHING, 0.001)
    clock.now += 60
    meter.note(poll(), NOTHING, 0.001)
    meter.note(RequestFactory().get("/live/"), NOTHING, 0.001)
    meter.flush()
    kept = set(LiveMinute.objects.values_list("minute", "page", "polls"))
    later = NOON + timedelta(minutes=1)
    assert kept == {
        (NOON, "negotiations:session-live", 1),
        (NOON, "negotiations:job-list-live", 1),
        (later, "negotiations:session-live", 1),
        (later, "unknown", 1),
    }


@pytest.mark.django_db
def test_a_section_that_broke_counts_as_a_failure_though_the_answer_looks_well() -> None:
    meter = Meter()
    meter.note(poll(), answer('<p id="live-error" hx-swap-oob="true"></p>'), 0.001)
    meter.flush()
    assert row().failed == 1


@pytest.mark.django_db
def test_a_poll_whose_view_raised_is_a_failure_without_a_time() -> None:
    meter = Meter()
    meter.note_failure(None, poll("every=5"))
    meter.note_failure(None, poll())  # a page, not a poll
    meter.note_failure(None)
    meter.flush()
    assert (row().polls, row().failed, row().times) == (1, 1, {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("7", 7),
        ("1000", 1000),
        ("1001", 1000),
        ("999999999", 1000),
        ("9" * 5000, 0),
        ("-3", 0),
        ("%2B3", 0),
        ("1.5", 0),
        ("1e3", 0),
        ("", 0),
        ("%D9%A3", 0),  # a digit, and none of ours
        ("%C2%B2", 0),  # a digit that is no number
        ("<script>", 0),
    ],
)
def test_what_browsers_say_is_a_small_number_or_nothing(said: str, kept: int) -> None:
    meter = Meter()
    meter.note(poll(f"dropped={said}&missed={said}"), NOTHING, 0.001)
    meter.flush()
    assert (row().dropped, row().missed) == (kept, kept)


@pytest.mark.django_db
def test_polls_of_many_threads_are_all_counted() -> None:
    meter = Meter()

    def ask() -> None:
        for _ in range(500):
            meter.note(poll("dropped=1"), NOTHING, 0.003)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    meter.flush()  # while they ask
    for thread in threads:
        thread.join()
    meter.flush()
    rows = list(LiveMinute.objects.all())
    assert sum(each.polls for each in rows) == sum(each.dropped for each in rows) == 4000
    assert sum(sum(each.times.values()) for each in rows) == 4000


def test_noting_asks_the_database_nothing() -> None:
    """Without the mark that allows it, a query would fail."""
    meter = Meter()
    meter.note(poll(), NOTHING, 0.001)
    meter.note_delivery(1, 1)
    assert meter.has_news


# --- How long it took ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ms", [0.11, 0.5, 1, 2.5, 10, 33, 99, 250, 1000, 5000, 60_000])
def test_a_time_is_known_within_ten_percent(ms: float) -> None:
    assert ms_of(step_of(ms / 1000)) == pytest.approx(ms, rel=0.1)


def test_steps_rise_with_the_time_and_end() -> None:
    times = [0.0, 0.00001, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 1e6, 1e9]
    steps = [step_of(seconds) for seconds in times]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, LAST_STEP)


@pytest.mark.django_db
def test_percentiles_come_within_ten_percent_of_the_true_ones() -> None:
    draw = random.Random(4)
    seconds = [draw.lognormvariate(-5, 0.9) for _ in range(5000)]
    meter = Meter()
    for each in seconds:
        meter.note(poll(), NOTHING, each)
    meter.flush()
    found, ordered = LiveReport().all, sorted(seconds)
    for percent, told in ((50, found.p50), (95, found.p95), (99, found.p99)):
        assert told == pytest.approx(1000 * ordered[len(ordered) * percent // 100 - 1], rel=0.1)


# --- Writing ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_flushing_again_counts_nothing_twice_and_writes_nothing_without_news(clock: Clock) -> None:
    meter = Meter()
    for _ in range(3):
        meter.note(poll(), NOTHING, 0.001)
    meter.flush()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        meter.flush()
    assert (len(asked), row().polls, meter.has_news) == (0, 3, False)
    meter.note(poll(), NOTHING, 0.001)
    meter.flush()
    assert (LiveMinute.objects.count(), row().polls, sum(row().times.values())) == (1, 4, 4)


@pytest.mark.django_db
def test_a_flush_is_one_statement_however_many_pages_there_are(clock: Clock) -> None:
    meter = Meter()
    for number in range(20):
        meter.note(poll(page=f"x:page-{number}"), NOTHING, 0.001)
    with CaptureQueriesContext(connection) as asked:
        meter.flush()
    statements = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]
    assert len(statements) == 1
    assert LiveMinute.objects.count() == 20


@pytest.mark.django_db
def test_a_minute_that_is_over_leaves_the_memory_once_it_is_written(clock: Clock) -> None:
    meter = Meter()
    meter.note(poll(), NOTHING, 0.001)
    meter.flush()
    assert len(meter._tallies) == 1  # this minute may come to more
    clock.now += 60
    meter.note(poll(), NOTHING, 0.001)
    clock.now += 60
    meter.flush()
    meter.note(poll(), NOTHING, 0.001)
    meter.flush()
    assert {minute for minute, _ in meter._tallies} == {int(clock.now) // 60}
    assert [each.polls for each in LiveMinute.objects.order_by("minute")] == [1, 1, 1]


@pytest.mark.django_db
def test_two_processes_add_up(clock: Clock) -> None:
    """Each has rows of its own, so neither replaces the other's."""
    one, two = Meter(), Meter()
    for meter, polls in ((one, 2), (two, 3)):
        for _ in range(polls):
            meter.note(poll(), NOTHING, 0.001)
        meter.flush()
    assert LiveMinute.objects.count() == 2
    assert LiveReport(NOON).all.polls == 5


@pytest.mark.django_db
def test_a_clock_that_was_put_back_replaces_no_minute(clock: Clock) -> None:
    meter = Meter()
    meter.note(poll(), NOTHING, 0.001)
    clock.now += 3600
    meter.note(poll(), NOTHING, 0.001)
    meter.flush()
    clock.now -= 3600
    meter.note(poll(), NOTHING, 0.001)
    meter.flush()
    assert sorted(LiveMinute.objects.values_list("minute", "polls")) == [
        (NOON, 1),
        (NOON, 1),
        (NOON + timedelta(hours=1), 1),
    ]


@pytest.mark.django_db
def test_a_database_that_is_away_loses_nothing(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    meter = Meter()
    meter.note(poll(), NOTHING, 0.001)
    with mock.patch(WAY, side_effect=OperationalError("away\nfor a while")):
        assert not meter.flush()
        clock.now += 60
        meter.note(poll(), NOTHING, 0.001)
        assert not meter.flush()
    assert "What polls take cannot be kept at the moment: away for a while" in caplog.text
    assert LiveMinute.objects.count() == 0
    assert meter.flush()
    assert sorted(LiveMinute.objects.values_list("minute", "polls")) == [
        (NOON, 1),
        (NOON + timedelta(minutes=1), 1),
    ]
    assert not meter.has_news


@pytest.mark.django_db
def test_polls_that_come_while_it_writes_are_written_next(clock: Clock) -> None:
    meter = Meter()
    meter.note(poll(), NOTHING, 0.001)
    write = LiveMinuteQuerySet.write

    def slowly(rows: LiveMinuteQuerySet, minutes: Any) -> None:
        meter.note(poll(), NOTHING, 0.001)
        write(rows, minutes)

    with mock.patch.object(LiveMinuteQuerySet, "write", slowly):
        meter.flush()
    assert row().polls == 1
    meter.flush()
    assert row().polls == 2


@pytest.mark.django_db
def test_a_database_that_stays_away_fills_no_memory(clock: Clock) -> None:
    meter = Meter()
    with mock.patch(WAY, side_effect=OperationalError("away")):
        for _ in range(3 * MOST_MINUTES):
            clock.now += 60
            meter.note(poll(), NOTHING, 0.001)
            meter.flush()
    assert len(meter._tallies) == MOST_MINUTES
    meter.flush()
    assert LiveMinute.objects.count() == MOST_MINUTES
    newest = LiveMinute.objects.order_by("minute").last()
    assert newest is not None
    assert newest.minute.timestamp() == clock.now


@pytest.mark.django_db
def test_more_kinds_of_pages_than_there_are_count_as_one(clock: Clock) -> None:
    meter = Meter()
    for number in range(MOST_PAGES + 50):
        meter.note(poll(page=f"page-{number}"), NOTHING, 0.001)
    meter.flush()
    assert LiveMinute.objects.count() == MOST_PAGES + 1
    assert row("unknown").polls == 50


# --- Deliveries ---------------------------------------------------------------------------------------------


def notify(times: int) -> Inbox:
    user = UserFactory()
    inbox: Inbox = Inbox.objects.create(user=user, last_seq=times)
    soon = timezone.now() + timedelta(days=1)
    for seq in range(1, times + 1):
        Notification.objects.create(
            user=user, seq=seq, kind="x", title="x", dedupe_key=str(seq), expires_at=soon
        )
    return inbox


@pytest.mark.django_db
def test_the_highest_number_is_delivered_once() -> None:
    inbox, meter = notify(3), Meter()
    for seq in (1, 2, 1):
        meter.note_delivery(inbox.pk, seq)
    meter.flush()
    inbox.refresh_from_db()
    assert inbox.delivered_seq == 2
    delivered = Notification.objects.exclude(delivered_at=None).values_list("seq", flat=True)
    assert sorted(delivered) == [1, 2]
    assert not meter.has_news


@pytest.mark.django_db
def test_a_delivery_that_could_not_be_written_is_written_later() -> None:
    inbox, meter = notify(2), Meter()
    meter.note_delivery(inbox.pk, 2)
    way = "notifications.models.notifications.NotificationQuerySet.deliver"
    with mock.patch(way, side_effect=OperationalError("away")):
        assert not meter.flush()
    assert meter.has_news
    assert meter.flush()
    inbox.refresh_from_db()
    assert inbox.delivered_seq == 2


# --- The thread ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_thread_flushes_by_itself_and_once_more_at_the_end() -> None:
    meter = Meter()
    flusher = Flusher(meter, every=0.02)
    flusher.start()
    meter.note(poll(page="x:first"), NOTHING, 0.001)
    until = time.monotonic() + 10
    while not LiveMinute.objects.filter(page="x:first").exists() and time.monotonic() < until:
        time.sleep(0.02)
    flusher._every = 60
    time.sleep(0.05)
    meter.note(poll(page="x:last"), NOTHING, 0.001)
    flusher.stop()
    flusher.join(10)
    assert sorted(LiveMinute.objects.values_list("page", flat=True)) == ["x:first", "x:last"]


def test_a_flush_that_hangs_holds_up_no_stop() -> None:
    released = threading.Event()
    meter = mock.Mock(has_news=True, flush=lambda: released.wait(30))
    flusher = Flusher(meter, every=60)
    with mock.patch.object(Flusher, "_connect"):
        flusher.start()
        begun = time.monotonic()
        flusher.stop()
        took = time.monotonic() - begun
        assert flusher.is_alive()
        released.set()
        flusher.join(10)
    assert took < 1.5


def test_without_news_the_thread_opens_no_database() -> None:
    """No mark allows it one."""
    flusher = Flusher(Meter(), every=60)
    flusher.start()
    flusher.stop()
    assert not flusher.is_alive()


def test_a_process_that_starts_it_also_hears_of_views_that_raise() -> None:
    heard = mock.Mock()
    with (
        mock.patch.object(module, "METER") as meter,
        mock.patch.object(Flusher, "start"),
        mock.patch("atexit.register") as at_exit,
    ):
        meter.note_failure = heard
        flusher = module.start()
        got_request_exception.send(None, request=None)
    got_request_exception.disconnect(heard)
    at_exit.assert_called_once_with(flusher.stop)
    heard.assert_called_once()


# --- How long it is kept ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_minutes_go_after_two_days() -> None:
    for days in (1.9, 2.1):
        minute = timezone.now() - timedelta(days)
        LiveMinute.objects.create(minute=minute, page=f"{days}", process="a")
    call_command("prune")
    assert [each.page for each in LiveMinute.objects.all()] == ["1.9"]


# --- Where it runs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("process", "flushes"),
    [("import config.wsgi", True), ("import django; django.setup(); import notifications.meter", False)],
)
def test_only_a_web_process_starts_the_thread(process: str, flushes: bool) -> None:
    """Commands and workers answer no polls."""
    code = f"{process}\nimport threading; print([each.name for each in threading.enumerate()])"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("live meter" in done.stdout) is flushes

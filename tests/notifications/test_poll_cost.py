"""What a poll costs that brings nothing new (F-27, N-18), on each kind of page; with MEASURE=1 in milliseconds, too.

MEASURE=1 python -m pytest -q -s tests/notifications/test_poll_cost.py
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.utils import timezone

from negotiations.models.tags import SessionTag
from notifications.models import Inbox
from tests.conftest import client_of
from tests.factory import SessionFactory, UserFactory
from tests.negotiations.session_rows import STATES, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OLD, ROWS = 100_000, 23
FEED = "/live/"
PAGES = {
    "overview": "/home/sessions/",
    "session": "/sessions/{pk}/live/",
    "job": "/jobs/{pk}/live/",
    "sessions": "/sessions/live/",
    "jobs": "/jobs/live/",
}
MOST_MS = 5.0
MOST_TIMES = 5.5
"""As long as the feed's own poll, which looks at nothing but session and user; 3 to 4.5 times are usual."""
IS_MEASURED = bool(os.environ.get("MEASURE"))
POLLS = 400 if IS_MEASURED else 40


@pytest.fixture(autouse=True)
def within_a_minute(time_machine: Any) -> None:
    """As a minute turns, a list of jobs is looked at closely: no test is to meet that by chance."""
    time_machine.move_to(timezone.now().replace(second=1))


def old_ones(user: User, many: int) -> None:
    """So many notifications, all read; by the database itself, which takes a hundredth of the time."""
    Inbox.objects.create(user=user, last_seq=many, changes=many)
    key = "printf('%%032x', n)" if connection.vendor == "sqlite" else "CAST(lpad(to_hex(n), 32, '0') AS uuid)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)
            INSERT INTO notifications_notification
            (id, user_id, seq, kind, level, title, text, context, dedupe_key, created_at, expires_at, seen_at)
            SELECT {key}, %s, n, 'session_failed', 'error', 'x', '', '{{}}', CAST(n AS text), %s, %s, %s FROM numbers""",
            [many, user.pk, timezone.now(), timezone.now() + timedelta(30), timezone.now()],
        )


@dataclass
class Page:
    """A page of `user` that shows all there is, and the seconds that each of its polls took, by `clock`."""

    client: Client
    user: User
    url: str
    clock: Callable[[], float] = process_time
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        head = Inbox.of(User.objects.get(pk=self.user.pk))
        query: dict[str, Any] = {
            "notified": head.last_seq,
            "v-toasts": head.key,
            "v-inbox-bell": head.changes,
        }
        parts = self.client.get(self.url, query).content.decode()
        query |= {f"v-{id}": it for id, it in re.findall(r'id="([\w-]+)"[^>]*? data-version="(\w+)"', parts)}
        self.query = query | {"every": re.findall(r"every (\d+)s", parts)[0]}

    def poll(self) -> int:
        begun = self.clock()
        status = self.client.get(self.url, self.query).status_code
        self.seconds.append(self.clock() - begun)
        return status


def a_list_of(owner: User, count: int) -> Any:
    """So many sessions in all states, one in four tagged; the first of them."""
    states = [STATES[index % len(STATES)] for index in range(count)]
    made = [make_session(state, job__owner=owner) for state in states]
    SessionTag.objects.add([session.pk for session in made[::4]], ["pilot", "run 2"])
    return made[0]


@pytest.mark.parametrize("path", [FEED, PAGES["session"], PAGES["job"]])
def test_a_poll_without_news_takes_no_more_time_after_a_long_history(
    as_owner: Client, as_stranger: Client, owner: User, stranger: User, path: str
) -> None:
    """No more with 100,000 old notifications than with none."""
    old_ones(owner, OLD)
    long, none = (
        Page(client, user, path.format(pk=SessionFactory(job__owner=user).pk))
        for client, user in ((as_owner, owner), (as_stranger, stranger))
    )
    for _ in range(60):
        assert (long.poll(), none.poll()) == (204, 204)
    assert median(long.seconds) <= 1.4 * median(none.seconds)


@pytest.mark.parametrize("name", PAGES)
def test_a_poll_without_news_is_two_queries_and_a_small_multiple_of_the_feeds(
    group: Group, name: str, django_assert_max_num_queries: Any
) -> None:
    """F-27: two queries beyond session and user. How long it takes is told by the feed's own poll, which shows nothing."""
    user = UserFactory()
    user.groups.add(group)
    old_ones(user, OLD if IS_MEASURED else 1000)
    url = PAGES[name].format(pk=a_list_of(user, ROWS).pk)
    clock = perf_counter if IS_MEASURED else process_time
    feed, page = (Page(client_of(user), user, each, clock) for each in (FEED, url))
    with django_assert_max_num_queries(4):
        assert page.poll() == 204
    for _ in range(POLLS):
        assert (feed.poll(), page.poll()) == (204, 204)
    if IS_MEASURED:
        told = [f"{1000 * of(each.seconds):.2f}" for each in (page, feed) for of in (min, median)]
        print("\n{:<9} min {} median {} ms; feed min {} median {} ms".format(name, *told))  # noqa: T201
        assert median(page.seconds) <= MOST_MS / 1000
    assert median(page.seconds) <= MOST_TIMES * median(feed.seconds)

"""Many write notifications at once and commit in any order, many read by cursor: each gets each exactly once."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import RequestFactory

from notifications.feed import Feed
from notifications.models import Inbox, Notification
from tests.factory import UserFactory
from tests.workers.conftest import Storage

pytestmark = [pytest.mark.workers]

WRITERS, READERS, EACH = 8, 4, 30
SEQ = re.compile(r'data-seq="(\d+)" data-id')


def in_threads(database: Storage, works: list[Callable[[], None]]) -> list[threading.Thread]:
    """Each with a connection of its own, as in processes of their own."""

    def alone(work: Callable[[], None]) -> None:
        with database.opened():
            work()

    threads = [threading.Thread(target=alone, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    return threads


def write(users: list[User], number: int) -> None:
    """Half of them commit late, after others that began later; some are rolled back; some tell what another told."""
    chance = random.Random(number)
    for n in range(EACH):
        user, key = chance.choice(users), f"{number}:{n}"
        with transaction.atomic():
            Notification.objects.add(
                user, "session_completed", words={"name": key, "told": ""}, dedupe_key=key
            )
            time.sleep(chance.choice([0, 0, 0.002, 0.01]))
            if chance.random() < 0.1:
                transaction.set_rollback(True)
        Notification.objects.add(
            users[0], "session_completed", words={"name": "x", "told": ""}, dedupe_key=f"all:{n}"
        )


def read(user: User, told: list[int], over: threading.Event) -> None:
    """As a page polls, until all writers are done and nothing is left."""
    while True:
        is_last = over.is_set()
        me = User.objects.select_related("inbox").get(pk=user.pk)
        query = {"notified": str(told[-1] if told else 0), "v-toasts": Inbox.of(me).key}
        request = RequestFactory().get("/live/", query)
        request.user = me
        told += map(int, SEQ.findall(Feed(request).toasts(request)))
        if is_last and (not told or told[-1] == Inbox.objects.get(user=user).last_seq):
            return
        time.sleep(0.005)


def test_every_notification_reaches_each_reader_exactly_once_and_in_order(database: Storage) -> None:
    users: list[User] = [UserFactory(username=f"reader{n}") for n in range(2)]
    told = [list[int]() for _ in range(READERS)]
    over = threading.Event()
    readers = in_threads(database, [partial(read, users[n % 2], told[n], over) for n in range(READERS)])
    writers = in_threads(database, [partial(write, users, n) for n in range(WRITERS)])
    for thread in writers:
        thread.join(60)
    over.set()
    for thread in readers:
        thread.join(30)
    for n, seen in enumerate(told):
        stored = Notification.objects.filter(user=users[n % 2]).order_by("seq").values_list("seq", flat=True)
        assert seen == list(stored)
        assert seen == list(range(1, len(seen) + 1))
    assert len(told[0]) + len(told[1]) > WRITERS * EACH * 0.8
    assert Notification.objects.filter(dedupe_key__startswith="all:").count() == EACH

"""Redis as the broker: it may lose every message, and is emptied while sessions wait and run; the rows bring all back."""

from __future__ import annotations

import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import RequestFactory
from django_q.conf import Conf
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from api.auth import PerMinute
from config import settings as product
from negotiations.models import Job, Status, Worker
from tests.workers.conftest import Starts, Storage, begin, ended, eventually, is_under_way, rows

pytestmark = [pytest.mark.workers]

SESSIONS = 24
STEPS = 40


class Broker:
    """A Redis of our own, which keeps nothing on disk."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            "/tmp",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisAway:
            return False

    def end(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def waiting(self) -> int:
        return int(self.client.llen("django_q:parley:q"))


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    broker = Broker()
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", broker.url)
    yield broker
    broker.end()
    broker.client.close()


def test_an_emptied_broker_loses_no_job(broker: Broker, database: Storage, start: Starts) -> None:
    """J-10, J-19: each of them is played once, by one of two clusters."""
    clusters = [start("qworkers", REDIS_URL=broker.url) for _ in range(2)]
    eventually(lambda: Worker.objects.alive().count() == 4, 60)
    slow = [begin(n_steps=STEPS, pace_ms=50) for _ in range(4)]
    for session in slow:
        eventually(is_under_way(session, 2))
    quick = [begin(n_steps=STEPS) for _ in range(SESSIONS - len(slow))]
    assert broker.waiting >= 10
    broker.client.flushdb()
    over = [ended(session, 80) for session in slow + quick]
    assert Counter((session.job.status, session.job.attempt) for session in over) == {
        ("completed", 1): SESSIONS
    }
    assert all(rows(session) == rows(over[0]) for session in over)
    for cluster in clusters:
        assert cluster.stop() <= 5


def test_work_that_is_begun_while_the_broker_is_away_waits_in_the_rows(
    broker: Broker, database: Storage, start: Starts, caplog: pytest.LogCaptureFixture
) -> None:
    """The page that starts it answers as ever, and the job runs once the broker is back."""
    start("qworkers", REDIS_URL=broker.url)
    eventually(lambda: Worker.objects.alive().count() == 2, 60)
    broker.end()
    session = begin(n_steps=STEPS)
    assert "_send in on_commit()" in caplog.text
    assert Job.objects.get(pk=session.pk).status == Status.QUEUED
    broker.start()
    session = ended(session, 80)
    assert (session.job.status, session.job.attempt, len(rows(session))) == ("completed", 1, 2 * STEPS)


@time_machine.travel("2026-11-21 12:00:30+00:00", tick=False)
def test_the_requests_that_several_machines_answer_are_counted_together(
    broker: Broker, settings: Any
) -> None:
    counted = product.COUNTS_IN_REDIS | {"LOCATION": [broker.url]}
    settings.CACHES = {**settings.CACHES, "api": counted, "elsewhere": counted}
    settings.API_PER_MINUTE = 3
    request = RequestFactory().get("/api/v1/me")
    request.user = User(pk=7)
    assert [PerMinute().allow_request(request) for _ in range(2)] == [True, True]
    assert caches["elsewhere"].incr(f"7-{int(time.time() // 60)}") == 3
    assert not PerMinute().allow_request(request)

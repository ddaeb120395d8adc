"""Every poll is measured where it is answered: counted in memory a minute and a page, written from a thread of its own."""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import os
import socket
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.core.signals import got_request_exception
from django.db import Error, close_old_connections, connection, transaction
from django.http import HttpRequest, HttpResponse

from notifications.models.live_minutes import LiveMinute
from notifications.models.notifications import Notification

EVERY = 10.0
"""Seconds between two flushes: so much is lost where a process is killed, and so late is the page that shows it."""
LAST_FLUSH = 0.8
"""Seconds that a process which stops waits for its last flush."""
MOST_MINUTES, MOST_PAGES, MOST_READERS = 60, 100, 10_000
MOST_TOLD = 1_000
"""What a browser may say of one poll; more is no honest figure."""
UNKNOWN = "unknown"
# A step of the histogram is 10 % of a time, so a percentile is known within 5 %.
SHORTEST_MS, RATIO, LAST_STEP = 0.1, 1.1, 150

log = logging.getLogger(__name__)


def step_of(seconds: float) -> int:
    """The step of the histogram into which an answer of so many seconds falls."""
    ms = seconds * 1000
    return min(LAST_STEP, int(math.log(ms / SHORTEST_MS, RATIO)) + 1) if ms > SHORTEST_MS else 0


def ms_of(step: int) -> float:
    """The middle of a step, in milliseconds."""
    return SHORTEST_MS * RATIO ** (step - 0.5) if step else SHORTEST_MS


def page_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.view_name or UNKNOWN)[:100] if match else UNKNOWN


def told(request: HttpRequest, name: str) -> int:
    """A count that the page sent along. Anybody can send anything: what is no number counts as none."""
    said = request.GET.get(name, "")
    return min(int(said), MOST_TOLD) if said.isascii() and said.isdigit() and len(said) < 10 else 0


@dataclass
class Tally:
    """One page in one minute, under the name by which its row is found again."""

    process: str
    counts: Counter[str] = field(default_factory=Counter)
    times: Counter[int] = field(default_factory=Counter)


class Meter:
    """One a process. `note` adds up under a lock and touches nothing else; `flush` writes what came since the last one.

    A database that is away keeps nobody waiting and loses an hour at most: what was not written waits for the next flush.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._tallies: dict[tuple[int, str], Tally] = {}
        self._fresh: set[tuple[int, str]] = set()
        self._delivered: dict[int, int] = {}
        self._minute = 0
        self._process = self._new_name()

    # --- What is noted ------------------------------------------------------------------------------------------

    def note(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        page, counts, step = page_of(request), self._counts(request, response), step_of(seconds)
        with self._lock:
            tally = self._tally(page)
            tally.counts.update(counts)
            tally.times[step] += 1

    def note_failure(self, sender: object, request: HttpRequest | None = None, **signal: object) -> None:
        """A poll whose view raised: it has no answer to measure. A poll says how often it asks."""
        if request is not None and "every" in request.GET:
            with self._lock:
                self._tally(page_of(request)).counts.update({"polls": 1, "failed": 1})

    def note_delivery(self, user_id: int, seq: int) -> None:
        """A page of theirs has all notifications up to this number."""
        with self._lock:
            if user_id in self._delivered or len(self._delivered) < MOST_READERS:
                self._delivered[user_id] = max(seq, self._delivered.get(user_id, 0))

    def _counts(self, request: HttpRequest, response: HttpResponse) -> dict[str, int]:
        body = response.content
        # A section that broke is fenced into an answer that looks well.
        failed = response.status_code >= 500 or b'id="live-error"' in body
        return {
            "polls": 1,
            "empty": int(response.status_code == 204),
            "failed": int(failed),
            "rows": body.count(b'data-seq="') if response.status_code == 200 else 0,
            "bytes": len(body),
            "dropped": told(request, "dropped"),
            "missed": told(request, "missed"),
        }

    def _tally(self, page: str) -> Tally:
        """That of this page in this minute. Only for who holds the lock."""
        minute = int(time.time()) // 60
        if minute != self._minute:
            self._turn_to(minute)
        if (minute, page) not in self._tallies and len(self._pages_in(minute)) >= MOST_PAGES:
            page = UNKNOWN
        self._fresh.add((minute, page))
        return self._tallies.setdefault((minute, page), Tally(self._process))

    def _pages_in(self, minute: int) -> list[str]:
        return [page for of, page in self._tallies if of == minute]

    def _turn_to(self, minute: int) -> None:
        # A clock that was put back counts its minutes a second time: under another name, or they would replace the first.
        if minute < self._minute:
            self._process = self._new_name()
        self._minute = minute
        kept = sorted({of for of, _ in self._tallies})[-MOST_MINUTES + 1 :]
        self._forget({key for key in self._tallies if key[0] not in kept})

    @staticmethod
    def _new_name() -> str:
        """A pid is given again, a name is not."""
        return f"{socket.gethostname()[:80]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    # --- What is written ----------------------------------------------------------------------------------------

    @property
    def has_news(self) -> bool:
        return bool(self._fresh or self._delivered)

    def flush(self) -> bool:
        """Write all that is new; whether the database took it."""
        with self._flushing:
            try:
                self._write_minutes()
                self._write_deliveries()
            except Error as error:
                log.warning("What polls take cannot be kept at the moment: %s", " ".join(str(error).split()))
                return False
        return True

    def _write_minutes(self) -> None:
        with self._lock:
            current = int(time.time()) // 60
            fresh, self._fresh = self._fresh, set()
            rows = [self._row(*key) for key in fresh]
        if rows:
            try:
                LiveMinute.objects.write(rows)
            except Error:
                with self._lock:
                    self._fresh |= fresh & self._tallies.keys()
                raise
        with self._lock:
            self._forget({key for key in self._tallies.keys() - self._fresh if key[0] != current})

    def _row(self, minute: int, page: str) -> LiveMinute:
        tally = self._tallies[minute, page]
        times = {str(step): count for step, count in sorted(tally.times.items())}
        moment = datetime.fromtimestamp(minute * 60, UTC)
        return LiveMinute(minute=moment, page=page, process=tally.process, times=times, **tally.counts)

    def _write_deliveries(self) -> None:
        with self._lock:
            delivered = dict(self._delivered)
        for user_id, seq in delivered.items():
            with transaction.atomic():
                Notification.objects.deliver(user_id, seq)
            with self._lock:
                if self._delivered[user_id] == seq:
                    del self._delivered[user_id]

    def _forget(self, keys: set[tuple[int, str]]) -> None:
        for key in keys:
            self._tallies.pop(key, None)
            self._fresh.discard(key)


METER = Meter()


class Flusher(threading.Thread):
    """Flushes until the process ends. Its database connection is its own, and closed with it."""

    def __init__(self, meter: Meter = METER, every: float = EVERY) -> None:
        super().__init__(name="live meter", daemon=True)
        self._meter, self._every = meter, every
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._every):
            self._flush()
        self._flush()
        connection.close()

    def stop(self) -> None:
        """With a last flush, for which nobody waits long: the thread is a daemon."""
        self._over.set()
        self.join(LAST_FLUSH)

    def _flush(self) -> None:
        if self._meter.has_news:
            self._connect()
            self._meter.flush()

    @staticmethod
    def _connect() -> None:
        """One that waits for no lock long: the next round will do as well. Where there is none, the flush will say so."""
        close_old_connections()
        if connection.vendor == "sqlite":
            with contextlib.suppress(Error), connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 2000")


def start() -> Flusher:
    """In a web process, as it begins (config/wsgi.py)."""
    flusher = Flusher()
    got_request_exception.connect(METER.note_failure)
    flusher.start()
    atexit.register(flusher.stop)
    return flusher

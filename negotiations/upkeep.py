"""What the processes that do no work look after: jobs that lost their worker, lost bells, and the table of workers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from ctypes import c_int
from datetime import timedelta
from multiprocessing.sharedctypes import RawArray
from pathlib import Path

from django.conf import settings
from django.db import Error, close_old_connections, connection, transaction
from django.utils import timezone

from negotiations.models import Job, RoomRun, Session, Worker
from negotiations.processes import host, is_gone, worker_name

EVERY = 5.0
"""Seconds between two rounds."""
AFTER_OUTAGE = 10.0
"""Seconds since the first look that is answered again in which no lease counts as run out: workers try again every two, or wait
five for a host."""
HEARD_WITHIN = timedelta(seconds=5)
"""A worker that idles hears a bell within a second; one that rang so long ago went down with a broker or a cluster."""
BELLS_A_WORKER = 10
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


class Rounds:
    """What one process looks after again and again."""

    def __init__(self) -> None:
        self._was_away = False
        self._leases_count_at = 0.0

    def look_after_jobs(self, say: Callable[[str], object]) -> None:
        """Queue again what lost its worker, and ring again for what none heard. A database that is away is no reason to end."""
        try:
            self._look_at_leases(say)
            for session in Session.objects.overdue():
                session.give_up_turn()
            RoomRun.objects.look_at_clocks()
            _ring_for_the_idle()
        except Error as error:
            say(f"jobs cannot be looked after at the moment: {error}")

    def _look_at_leases(self, say: Callable[[str], object]) -> None:
        """No worker could renew its lease while the database was away, and none is to lose an attempt by that.

        Only what fails here is such an outage: a session that can never be given up would else keep a dead worker's job from all others.
        """
        was_away, self._was_away = self._was_away, True
        close_old_connections()
        _wait_for_no_lock_long()
        _must_be_writable()
        # Before their leases run out, which would count as an attempt.
        Job.objects.release(is_gone)
        if was_away:
            # From now, not from the look that failed: that may be longer ago than the time that workers need.
            self._leases_count_at = time.monotonic() + AFTER_OUTAGE
        if time.monotonic() >= self._leases_count_at:
            for job in Job.objects.reap():
                say(f"{job} failed: {job.error}")
        self._was_away = False


def _wait_for_no_lock_long() -> None:
    """A wait for the lock is deaf to the wish to stop; the next round will do as well."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 2000")


def _must_be_writable() -> None:
    """SQLite lets all read while one holds the lock, and none renew a lease; a transaction asks for it. PostgreSQL hears nothing."""
    with transaction.atomic():
        pass


def _ring_for_the_idle() -> None:
    """Where all are busy, the bells of a long queue wait in the broker; where one idles, there is none for it.

    Rung is for a while's work of those who idle, the oldest first: a bell that rings twice is a no-op.
    """
    waiting = Job.objects.claimable().filter(rung_at__lt=timezone.now() - HEARD_WITHIN).order_by("rung_at")
    for queue, cluster in settings.CLUSTERS.items():
        if waiting.filter(queue=queue).exists():
            for job in waiting.filter(queue=queue)[: BELLS_A_WORKER * Worker.objects.idle_in(cluster)]:
                job.ring()


class Roll:
    """The workers of this cluster, kept in the table of workers. Its guard names them, its main process writes."""

    def __init__(self, cluster: str, size: int) -> None:
        self._cluster = cluster
        self._pids = RawArray(c_int, size)  # made before the fork: shared with the guard
        self._rows: dict[int, Worker] = {}

    def name(self, pids: list[int | None]) -> None:
        """In the guard: these are the workers from now on."""
        self._pids[:] = [pids[place] or 0 if place < len(pids) else 0 for place in range(len(self._pids))]

    def write(self, say: Callable[[str], object]) -> None:
        """All that live in one statement; those that were replaced go."""
        now, pids = timezone.now(), {pid for pid in self._pids if pid}
        for pid in pids:
            row = self._rows.setdefault(pid, self._row(pid))
            row.seen_at, row.memory_mb = now, memory_mb(pid)
        try:
            Worker.objects.report([self._rows[pid] for pid in pids])
            self._forget(self._rows.keys() - pids)
        except Error as error:
            say(f"the table of workers cannot be written at the moment: {error}")

    def clear(self) -> None:
        """At the end of the cluster. What cannot be told now is told by the time of day."""
        try:
            self._forget(set(self._rows))
        except Error:
            connection.close()

    def _forget(self, pids: set[int]) -> None:
        if pids:
            Worker.objects.forget([self._rows[pid].name for pid in pids])
        for pid in pids:
            del self._rows[pid]

    def _row(self, pid: int) -> Worker:
        now = timezone.now()
        return Worker(
            name=worker_name(pid), host=host(), cluster=self._cluster, pid=pid, started_at=now, seen_at=now
        )


def forget_dead_workers() -> None:
    """As a cluster starts: those of this host whose cluster was killed, and what nobody has seen for a day."""
    Worker.objects.forget([name for name in Worker.objects.values_list("name", flat=True) if is_gone(name)])
    Worker.objects.forget_long_gone()


def memory_mb(pid: int) -> int:
    """What the process has in memory, with what it shares with the others; 0 where the system does not say."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * PAGE_SIZE // 2**20

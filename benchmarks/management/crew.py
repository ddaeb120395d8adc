"""Lanes as child processes of a command: they do the jobs of one benchmark, and no others."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import connections
from django.db.models import Q

from benchmarks.models import Benchmark
from negotiations import drain
from negotiations.models import Job
from negotiations.processes import begin_cluster, die_with_parent, worker_name
from negotiations.tasks import run_job

LOOK_EVERY = 0.2
PATIENCE = 15.0
"""Seconds that lanes have to hand back what they are at."""


class Crew:
    """As many processes as there are lanes; who of them is killed is replaced, and its job goes on."""

    def __init__(self, benchmark: Benchmark, n_lanes: int) -> None:
        self._key = benchmark.pk
        self._fork = multiprocessing.get_context("fork")
        begin_cluster()
        connections.close_all()
        gc.freeze()
        self._lanes = [self._begin() for _ in range(n_lanes)]

    def _begin(self) -> multiprocessing.process.BaseProcess:
        lane = self._fork.Process(target=_live, args=(self._key, os.getpid()))
        lane.start()
        return lane

    def look(self) -> None:
        """Replace those that were killed."""
        for number, lane in enumerate(self._lanes):
            if lane.exitcode:
                Job.objects.lost_by(worker_name(lane.pid))
                connections.close_all()
                self._lanes[number] = self._begin()

    def end(self) -> None:
        """Wait for all; kill who does not hand back in time."""
        until = time.monotonic() + PATIENCE
        for lane in self._lanes:
            lane.join(max(0.0, until - time.monotonic()))
            if lane.is_alive():
                lane.kill()
                lane.join()
                Job.objects.lost_by(worker_name(lane.pid))


def _live(key: uuid.UUID, parent: int) -> None:
    """The life of a lane's process."""
    die_with_parent(parent, signal.SIGTERM)
    work_on(key)
    connections.close_all()


def work_on(key: uuid.UUID) -> None:
    """Do the jobs of this benchmark as they come, until it is over or on hold, or the end is asked for."""
    while not drain.asked() and is_going_on(key):
        family = Job.objects.claimable().filter(Q(benchmark=key) | Q(lane__benchmark=key))
        for job in family.order_by("created_at").values_list("pk", flat=True):
            run_job(str(job))
        time.sleep(LOOK_EVERY)


def is_going_on(key: uuid.UUID) -> bool:
    return Job.objects.active().filter(benchmark=key, hold=False, cancel_requested_at=None).exists()


@contextmanager
def handing_back_on_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM ask all lanes to hand back, instead of ending them where they are."""

    def ask(number: int, frame: FrameType | None) -> None:
        drain.ask()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

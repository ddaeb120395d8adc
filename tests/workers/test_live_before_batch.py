"""A live session starts within a second of the click while batch work takes every slot that it may have.

Where lanes of a benchmark have every worker, too, one of them gives way within some seconds.
"""

from __future__ import annotations

import sys
import time

import pytest
from django_q.models import OrmQ
from pytest_django import Settings

from negotiations.models import Job, Kind, Queue, Session, Status
from tests.chaos import dawdler
from tests.workers import test_benchmarks, test_rooms
from tests.workers.conftest import Starts, Storage, begin, ended, eventually

pytestmark = [pytest.mark.workers]

BATCH = 40
LIVE = 12
SLOTS = 2
STEPS = 3_000
"""Some two seconds of a processor for each batch session."""


def waits(session: Session) -> tuple[float, float]:
    """Seconds from the click to the start, and to the first offer."""
    clicked = time.monotonic()
    eventually(lambda: session.offers.exists())
    first_offer = time.monotonic() - clicked
    job = Job.objects.get(pk=session.pk)
    assert job.started_at
    return (job.started_at - job.created_at).total_seconds(), first_offer


def test_a_live_session_starts_within_a_second_of_the_click(
    database: Storage, start: Starts, settings: Settings
) -> None:
    settings.ACTIVE_JOBS, settings.BATCH_SLOTS = BATCH + LIVE, SLOTS
    batch = [begin(n_steps=STEPS, queue=Queue.BATCH, seed=seed) for seed in range(BATCH)]
    start("qworkers", WORKERS="6", BATCH_SLOTS=str(SLOTS))
    jobs = Job.objects.filter(queue=Queue.BATCH)
    eventually(lambda: jobs.filter(status=Status.PROCESSING).count() == SLOTS)
    figures, at_once, messages = [], [], []
    for seed in range(LIVE):
        time.sleep(0.25)
        at_once.append(jobs.filter(status=Status.PROCESSING).count())
        messages.append(OrmQ.objects.count())
        figures.append(waits(begin(n_steps=20, seed=seed)))
    assert jobs.filter(status=Status.QUEUED).count() > SLOTS  # it was short of slots all the time
    starts, offers = sorted(wait for wait, _ in figures), sorted(wait for _, wait in figures)
    middle, most = LIVE // 2, int(LIVE * 0.95)
    sys.stdout.write(
        f"live beside batch, seconds from the click: start median {starts[middle]:.2f}, p95 {starts[most]:.2f}; "
        f"first offer median {offers[middle]:.2f}, p95 {offers[most]:.2f}; messages waiting at most {max(messages)}\n"
    )
    assert starts[most] <= 1
    assert max(at_once) == SLOTS
    # One for each that runs, until its worker is done with it, and for each that is called.
    assert max(messages) <= 2 * SLOTS
    Job.objects.filter(queue=Queue.BATCH).cancel_all(None)
    for session in batch:
        ended(session)


def test_batch_jobs_are_done_in_the_order_in_which_they_came(
    database: Storage, start: Starts, settings: Settings
) -> None:
    settings.BATCH_SLOTS = 1
    sessions = [begin(n_steps=20, queue=Queue.BATCH, seed=seed) for seed in range(6)]
    start("qworkers", WORKERS="4", BATCH_SLOTS="1")
    jobs = [ended(session).job for session in sessions]
    assert {job.status for job in jobs} == {Status.COMPLETED}
    begun = [job.started_at for job in jobs if job.started_at]
    assert begun == sorted(begun)
    for before, after in zip(jobs, jobs[1:], strict=False):
        assert before.finished_at and after.started_at and before.finished_at <= after.started_at


LANES = 2
A_FEW = 10.0
"""Seconds: one until nobody has heard it, one until a lane looks up, the match that it plays, and the next message."""


def a_session() -> Job:
    job: Job = begin(n_steps=20).job
    return job


def a_room() -> Job:
    return test_rooms.begin().job


def test_lanes_that_have_every_worker_give_way_to_sessions_and_rooms(
    database: Storage, start: Starts
) -> None:
    """One lane for each that waits; what it held is played by others, and nothing twice (X-03, J-01)."""
    start("qworkers", WORKERS=str(LANES), BATCH_SLOTS=str(LANES), **{dawdler.PAUSE: "0.01"})
    benchmark = test_benchmarks.begin(n_scenarios=4, n_lanes=LANES, repetitions=8)
    lanes = Job.objects.filter(kind__in=(Kind.BENCHMARK, Kind.LANE))
    figures = {}
    for name, go in {"session": a_session, "room": a_room}.items():
        eventually(lambda: lanes.processing().count() == LANES, 60)
        time.sleep(3)  # a turn of a lane lasts for a second at least
        job = go()
        job = eventually(Job.objects.filter(pk=job.pk).exclude(started_at=None).first)
        assert lanes.processing().count() == LANES - 1
        figures[name] = (job.started_at - job.created_at).total_seconds()
        eventually(Job.objects.over().filter(pk=job.pk).exists, 60)
    told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in figures.items())
    sys.stdout.write(f"live beside two lanes on two workers, seconds from the click to the start: {told}\n")
    assert max(figures.values()) <= A_FEW
    assert lanes.filter(attempt__gt=1).count() == 0
    benchmark.job.cancel(None)
    assert test_benchmarks.ended(benchmark).n_over < benchmark.n_matches

"""What a job says: rows with a cursor, numbered once, written only by who holds the job, and no more than a reader can bear."""

from __future__ import annotations

import os
import uuid
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from negotiations import patience
from negotiations.engine.specs import LogLine
from negotiations.engine.speech import MOST_LINES
from negotiations.exceptions import LostLease
from negotiations.heart import Heart
from negotiations.models import Job, JobLog
from negotiations.models.logs import LEFT_OUT
from negotiations.processes import host
from negotiations.tasks import run_job
from tests.factory import JobFactory, ScenarioImportFactory, SessionFactory
from tests.negotiations.test_scenario_import_job import zipped

pytestmark = pytest.mark.django_db

WANDERER = "tests.engine.wanderer.Wanderer"
HOSTILE = "tests.engine.hostile."


def lines(count: int, level: str = "info") -> list[LogLine]:
    return [LogLine(level, f"line {n}") for n in range(1, count + 1)]


def texts(job: Job) -> list[str]:
    return list(job.log.order_by("seq").values_list("text", flat=True))


@pytest.fixture
def job() -> Job:
    job = JobFactory()
    JobLog.objects.append(
        job, [LogLine("info", "a"), LogLine("warning", "b"), LogLine("error", "c", "trace")]
    )
    return job


def test_lines_are_numbered_from_one_and_go_on_where_a_dead_attempt_ended(job: Job) -> None:
    """J-23: what a dead attempt said stays."""
    job.attempt = 2
    JobLog.objects.append(job, [LogLine("info", "d")])
    told = list(job.log.values_list("seq", "attempt", "level", "text", "detail"))
    assert told == [
        (1, 0, "info", "a", ""),
        (2, 0, "warning", "b", ""),
        (3, 0, "error", "c", "trace"),
        (4, 2, "info", "d", ""),
    ]


def test_the_tail_is_in_order_and_goes_on_after_its_cursor(job: Job) -> None:
    assert [line.text for line in job.log.tail(2)] == ["b", "c"]
    assert [line.text for line in job.log.after(1)] == ["b", "c"]
    assert not job.log.after(3)


@pytest.mark.parametrize(("level", "expected"), [("info", "abc"), ("warning", "bc"), ("error", "c")])
def test_a_level_lets_through_what_is_as_grave_or_graver(job: Job, level: str, expected: str) -> None:
    assert [line.text for line in job.log.at_least(level).tail(10)] == list(expected)


def test_a_job_that_says_too_much_is_cut_and_the_log_says_so_once(job: Job) -> None:
    JobLog.objects.append(job, lines(MOST_LINES))
    JobLog.objects.append(job, lines(5))
    told = texts(job)
    assert (len(told), told[MOST_LINES - 1], told[-1]) == (MOST_LINES + 1, "line 997", LEFT_OUT.text)
    JobLog.objects.say(job, "Completed")
    assert texts(job)[-1] == "Completed"


def test_what_fits_exactly_is_not_said_to_be_cut(job: Job) -> None:
    JobLog.objects.append(job, lines(MOST_LINES - 3))
    assert len(texts(job)) == MOST_LINES
    JobLog.objects.say(job, "more")
    JobLog.objects.append(job, lines(1))
    assert texts(job)[MOST_LINES:] == ["more", LEFT_OUT.text]


def test_what_a_database_would_refuse_is_mended() -> None:
    job = JobFactory()
    JobLog.objects.append(job, [LogLine("shout", "\0\ud800" + "x" * 5000)])
    line = job.log.get()
    assert (line.level, len(line.text), line.text[:2]) == ("info", 1999, "?x")


def test_saying_nothing_costs_no_query() -> None:
    job = JobFactory()
    with CaptureQueriesContext(connection) as queries:
        JobLog.objects.append(job, [])
    assert not queries.captured_queries


# --- What a session says ----------------------------------------------------------------------------------


def said(*types: str, **fields: Any) -> list[tuple[str, str]]:
    session = SessionFactory(types=list(types) or None, **fields)
    run_job(str(session.pk))
    job = Job.objects.get(pk=session.pk)
    return [(line.level, line.text) for line in job.log.tail(100)]


def test_a_session_tells_its_steps_and_its_end() -> None:
    """J-13, B-29"""
    (start, *steps, end) = said()
    assert start == ("info", f"Attempt 1 starts on {host()}, process {os.getpid()}.")
    assert [text for _, text in steps] == [
        "Preparing: step 1 of 3.",
        "Negotiating: step 2 of 3.",
        "Closing: step 3 of 3.",
    ]
    assert end[0] == "info"
    assert end[1].startswith("Agreement at 0.")


def test_a_failure_is_an_error_whose_traceback_stands_apart() -> None:
    """J-16"""
    session = SessionFactory(types=[WANDERER, f"{HOSTILE}Raises"])
    run_job(str(session.pk))
    last = session.job.log.tail(1)[0]
    assert (last.level, last.text) == ("error", Job.objects.get(pk=session.pk).error)
    assert "Traceback" not in last.text
    assert "ValueError: boom" in last.detail


def test_what_a_negotiator_prints_stands_in_the_log() -> None:
    told = said(WANDERER, f"{HOSTILE}Prints", n_steps=4)
    assert told.index(("info", "step 2")) < told.index(("info", "step 3"))


def test_what_a_negotiator_prints_before_it_dies_is_there_too() -> None:
    told = said(WANDERER, f"{HOSTILE}PrintsAndExits")
    assert ("info", "last words") in told
    assert told[-1][0] == "error"


def test_an_import_tells_its_steps() -> None:
    upload = ScenarioImportFactory(archive=zipped("laptop_xml"))
    run_job(str(upload.pk))
    told = texts(Job.objects.get(pk=upload.pk))[1:]
    assert told[:3] == ["Unpacking: step 1 of 3.", "Reading: step 2 of 3.", "Keeping: step 3 of 3."]


def test_a_worker_that_lost_its_lease_writes_no_line() -> None:
    session = SessionFactory()
    job = Job.objects.claim(session.pk, "worker")
    assert job is not None
    heart = Heart(job)
    Job.objects.filter(pk=session.pk).update(token=uuid.uuid4())
    with pytest.raises(LostLease):
        heart.beat(lambda: None)
    assert not job.log.exists()


def test_a_beat_that_was_committed_without_an_answer_is_not_written_twice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """B-21"""
    session = SessionFactory()
    job = Job.objects.claim(session.pk, "worker")
    assert job is not None
    heart = Heart(job)
    write = heart._write

    def cut_off(*args: Any) -> bool:
        write(*args)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(heart, "_write", cut_off)
    monkeypatch.setattr(patience, "PAUSES", (0.0,))
    assert heart.beat(lambda: None) is False
    assert len(texts(job)) == 1
    assert "The database is away (server closed the connection unexpectedly)" in caplog.text

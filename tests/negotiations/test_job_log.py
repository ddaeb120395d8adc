"""What a job says: rows with a cursor, numbered once, written only by who holds the job, and no more than a reader can bear."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from negotiations.engine.specs import LogLine
from negotiations.engine.speech import MOST_LINES
from negotiations.models import Job, JobLog
from negotiations.models.logs import LEFT_OUT
from tests.factory import JobFactory

pytestmark = pytest.mark.django_db


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

"""`live_report` says in the terminal what the page says."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from notifications.meter import step_of
from notifications.models import LiveMinute

pytestmark = pytest.mark.django_db


def run(*options: str) -> list[str]:
    out = io.StringIO()
    call_command("live_report", *options, stdout=out)
    return out.getvalue().splitlines()


def measured(page: str, polls: int) -> None:
    LiveMinute.objects.create(
        minute=timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=2),
        page=page,
        process="a:1:1",
        polls=polls,
        empty=polls // 2,
        rows=7,
        times={str(step_of(0.008)): polls},
    )


def test_a_line_a_page_and_one_for_all() -> None:
    measured("negotiations:session-live", 1200)
    measured("negotiations:job-list-live", 6)
    head, *lines = run()
    assert head.split()[:2] == ["page", "polls"]
    assert [line.split()[:5] for line in lines] == [
        ["Session", "1,200", "1200.0", "1,200", "50.0%"],
        ["Jobs", "6", "6.0", "6", "50.0%"],
        ["All", "1,206", "1206.0", "1,206", "50.0%"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_the_last_line_is_one_object() -> None:
    measured("negotiations:session-live", 10)
    told = json.loads(run("--json")[-1])
    assert told["minutes"] == 60
    page = told["pages"]["negotiations:session-live"]
    assert page == told["all"]
    assert (page["polls"], page["empty_share"], page["rows"], page["peak_minute"]) == (10, 0.5, 7, 10)
    assert page["p95_ms"] == pytest.approx(8, rel=0.1)


def test_without_polls_it_says_so() -> None:
    assert run() == ["No poll was measured in the last hour."]
    told = json.loads(run("--json")[-1])
    assert (told["all"]["polls"], told["all"]["p50_ms"], told["pages"]) == (0, None, {})


def test_a_database_that_is_away_is_told_in_one_line() -> None:
    way = "notifications.models.live_minutes.LiveMinuteQuerySet.since"
    with (
        mock.patch(way, side_effect=OperationalError("no\nanswer")),
        pytest.raises(CommandError, match=r"^The database cannot be used: no answer$"),
    ):
        run()

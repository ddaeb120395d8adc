"""The report on the live layer: for staff, of the last hour, and live as any page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from notifications import live
from notifications.live import QUIET
from notifications.meter import Meter, step_of
from notifications.models import LiveMinute
from notifications.report import LiveReport, name_of
from tests.conftest import client_of
from tests.factory import UserFactory

pytestmark = pytest.mark.django_db
SESSION, JOBS = "negotiations:session-live", "negotiations:job-list-live"


def this_minute() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def measured(ago: int = 1, page: str = SESSION, process: str = "a:1:1", **fields: Any) -> LiveMinute:
    """A row of so many minutes ago, with ten polls of 8 ms each."""
    minute = this_minute() - timedelta(minutes=ago)
    fields = {"polls": 10, "times": {str(step_of(0.008)): fields.get("polls", 10)}} | fields
    return LiveMinute.objects.create(minute=minute, page=page, process=process, **fields)


def read(client: Client, path: str = "/live-report/") -> str:
    return client.get(path).content.decode()


def figures(html: str) -> dict[str, str]:
    found = re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", html.partition("<dialog")[0])
    return {word: re.sub(r"<[^>]+>", "", value) for word, value in found}


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r'<tr role="row">\s*<td(.*?)</tr>', html, re.S)
    return [[re.sub(r"<[^>]+>", "", f"<td{cell}").strip() for cell in row.split("<td")] for row in rows]


# --- Who ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/live-report/", "/live-report/live/"])
def test_it_is_for_staff(as_superuser: Client, as_owner: Client, as_stranger: Client, path: str) -> None:
    assert as_superuser.get(path).status_code == 200
    assert client_of(UserFactory(is_staff=True)).get(path).status_code == 200
    assert as_owner.get(path).status_code == 404
    assert as_stranger.get(path).status_code == 404


def test_signed_out_one_is_sent_to_sign_in() -> None:
    response = Client().get("/live-report/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/live-report/")
    assert Client().get("/live-report/live/").status_code == 401


# --- What ---------------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_all_pages_and_processes(as_superuser: Client) -> None:
    measured(1, rows=5, empty=6, dropped=2)
    measured(1, process="b:2:2", missed=1)
    measured(2, page=JOBS, polls=20, times={str(step_of(0.1)): 20}, failed=3, empty=20)
    told = figures(read(as_superuser))
    assert told == {
        "Requests": "40",
        "A minute": "20.0 at most 20",
        "Nothing new (204)": "65.0 %",
        "Median time": told["Median time"],
        "95 % within": told["95 % within"],
        "99 % within": told["99 % within"],
        "Rows delivered": "5",
        "Duplicates dropped": "2",
        "Gaps": "1",
        "Failures": "3",
    }
    assert float(told["Median time"].removesuffix(" ms")) == pytest.approx(8, rel=0.1)
    assert float(told["95 % within"].removesuffix(" ms")) == pytest.approx(100, rel=0.1)


def test_each_kind_of_page_has_a_row_the_busiest_first(as_superuser: Client) -> None:
    measured(1, page=JOBS)
    measured(1, polls=1500, empty=750, failed=4, times={str(step_of(0.008)): 1500})
    first, second = cells(read(as_superuser))
    assert first[:2] == ["Session", "1,500 requests"]
    assert first[2].startswith("50.0 % nothing new; 95 % within ")
    assert first[3:6] == ["1,500.0", "1,500", "50.0 %"]
    assert first[12] == "4"
    assert second[:2] == ["Jobs", "10 requests"]


def test_what_is_older_than_an_hour_is_left_out(as_superuser: Client) -> None:
    measured(59)
    measured(60, polls=500)
    assert figures(read(as_superuser))["Requests"] == "10"


def test_minutes_without_polls_do_not_lower_the_mean() -> None:
    measured(50, polls=10)
    measured(3, polls=30)
    found = LiveReport().all
    assert (found.per_minute, found.peak) == (20.0, 30)


def test_the_picture_has_a_bar_a_minute_and_says_the_same_in_words(as_superuser: Client) -> None:
    peak = measured(30, polls=40)
    measured(10, polls=10)
    page = read(as_superuser)
    heights = re.findall(r'<rect x="(\d+)\.1" y="([\d.]+)" width=".8" height="([\d.]+)"', page)
    # The minute may turn while the page is made.
    assert [int(x) for x, _, _ in heights] in ([29, 49], [28, 48])
    assert [(float(y), float(height)) for _, y, height in heights] == [(0, 100), (75, 25)]
    when = timezone.localtime(peak.minute).strftime("%H:%M")
    assert f"At most 40, at {when}; 25.0 on average in the 2 minutes in which there were any." in page


def test_the_minute_that_runs_is_told_from_those_that_are_over() -> None:
    now = this_minute()
    LiveMinute.objects.create(minute=now, page=SESSION, process="a", polls=3)
    bars = LiveReport(now).bars
    assert len(bars) == 60
    assert [(bar.x, bar.polls, bar.is_over) for bar in bars if bar.polls] == [(59, 3, False)]
    assert all(bar.is_over for bar in bars[:-1])


def test_without_polls_the_page_says_so(as_superuser: Client) -> None:
    page = read(as_superuser)
    assert "No poll was measured in the last hour" in page
    assert "None in the last hour." in page
    told = figures(page)
    assert (told["Requests"], told["Nothing new (204)"], told["Median time"]) == ("0", "–", "–")


def test_failures_without_an_answer_have_no_time(as_superuser: Client) -> None:
    measured(1, polls=2, failed=2, times={})
    assert figures(read(as_superuser))["Median time"] == "–"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (SESSION, "Session"),
        (JOBS, "Jobs"),
        ("negotiations:scenario-import-report", "Import of scenarios"),
        ("unknown", "Others"),
        ("benchmarks:benchmark-live", "Benchmark"),
    ],
)
def test_pages_are_called_as_people_call_them(page: str, name: str) -> None:
    assert name_of(page) == name


def test_names_from_outside_are_escaped(as_superuser: Client) -> None:
    measured(page="x:<script>alert(1)</script>")
    assert "<script>alert" not in read(as_superuser)


# --- Live, and what it costs ----------------------------------------------------------------------------------


def versions(page: str) -> dict[str, str]:
    shown = re.findall(r'id="(live-report-\w+)"[^>]*data-version="(\w+)"', page)
    return {f"v-{id}": version for id, version in shown} | {"every": str(QUIET)}


def test_the_page_asks_for_itself(as_superuser: Client) -> None:
    page = read(as_superuser)
    assert 'hx-get="/live-report/live/"' in page
    assert f"every {QUIET}s" in page
    assert len(versions(page)) == 4


def test_a_poll_brings_what_changed_and_204_where_nothing_did(as_superuser: Client) -> None:
    measured()
    shown = versions(read(as_superuser))
    for _ in range(2):  # should the minute turn in between, the picture has moved on
        quiet = as_superuser.get("/live-report/live/", shown)
        if quiet.status_code == 204:
            break
        shown |= versions(quiet.content.decode())
    assert (quiet.status_code, quiet.content) == (204, b"")
    measured(process="b:2:2")
    fresh = as_superuser.get("/live-report/live/", shown).content.decode()
    assert figures(fresh)["Requests"] == "20"
    assert fresh.count('hx-swap-oob="true"') == 3


def test_an_hour_of_many_pages_costs_as_many_queries_as_none(
    as_superuser: Client, django_assert_num_queries: Any
) -> None:
    for ago in range(60):
        for page in range(5):
            measured(ago, page=f"x:page-{page}-live")
    for path in ("/live-report/", "/live-report/live/?every=5"):
        with django_assert_num_queries(3):  # session, user, minutes
            read(as_superuser, path)


def test_a_poll_of_a_page_comes_into_the_report(
    as_superuser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    meter = Meter()
    monkeypatch.setattr(live, "METER", meter)
    as_superuser.get("/workers/live/")
    as_superuser.get("/workers/live/")
    meter.flush()
    page = read(as_superuser)
    assert cells(page)[0][:2] == ["Workers", "2 requests"]
    assert figures(page)["Median time"].endswith(" ms")

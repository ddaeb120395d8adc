"""The log of a job: the panel costs nothing while it is closed, follows while it is open, and is a file on request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from negotiations.models import Job
from tests.negotiations.job_rows import add_lines, make_job

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def job(owner: User, group: Group) -> Job:
    return make_job("processing", job__owner=owner, job__group=group)


def panel(client: Client, job: Job, **query: str) -> str:
    return client.get(f"/jobs/{job.pk}/log/", query, headers=HTMX).content.decode()


def poll(client: Client, job: Job, **query: str) -> str:
    return client.get(f"/jobs/{job.pk}/live/", {"every": "3", **query}).content.decode()


def seqs(html: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)"', html)]


def test_closed_it_asks_nothing(as_owner: Client, job: Job) -> None:
    """B-22"""
    add_lines(job, 3)
    with CaptureQueriesContext(connection) as asked:
        page = as_owner.get(f"/jobs/{job.pk}/").content.decode()
        answer = poll(as_owner, job)
    assert not [query for query in asked.captured_queries if "joblog" in query["sql"]]
    assert "line 1 of info" not in page + answer


def test_opened_it_shows_the_last_hundred_lines(as_owner: Client, job: Job) -> None:
    """B-22"""
    add_lines(job, 120)
    assert seqs(panel(as_owner, job)) == list(range(21, 121))


def test_without_a_script_it_is_a_link_to_the_page_with_the_panel_open(as_owner: Client, job: Job) -> None:
    add_lines(job, 3)
    page = as_owner.get(f"/jobs/{job.pk}/log/", follow=True)
    assert page.redirect_chain[0][0].startswith(f"/jobs/{job.pk}/?log=0")
    html = page.content.decode()
    assert re.search(r'<details class="card fold" id="job-log"[^>]* open>', html)
    assert seqs(html) == [1, 2, 3]


def test_open_it_follows_with_the_polls_of_the_page(as_owner: Client, job: Job) -> None:
    add_lines(job, 5)
    assert seqs(poll(as_owner, job, log="3")) == [4, 5]
    assert seqs(poll(as_owner, job, log="5")) == []


def test_a_poll_brings_at_most_200_lines_and_misses_none(as_owner: Client, job: Job) -> None:
    add_lines(job, 450)
    first = seqs(poll(as_owner, job, log="10"))
    assert first == list(range(11, 211))
    assert seqs(poll(as_owner, job, log=str(first[-1])))[0] == 211


def test_a_level_takes_the_graver_ones_too(as_owner: Client, job: Job) -> None:
    for level in ("info", "warning", "error"):
        add_lines(job, 1, level)
    assert seqs(panel(as_owner, job, level="warning")) == [2, 3]
    assert seqs(panel(as_owner, job, level="error")) == [3]
    assert seqs(poll(as_owner, job, log="1", level="error")) == [3]


def test_a_mistyped_place_shows_the_end(as_owner: Client, job: Job) -> None:
    add_lines(job, 2)
    assert seqs(poll(as_owner, job, log="-7", level="whisper")) == [1, 2]


def test_what_a_job_says_is_text(as_owner: Client, job: Job) -> None:
    add_lines(job, 1, text="<script>alert(1)</script>", detail="<img src=x>")
    assert "&lt;script&gt;alert(1)" in panel(as_owner, job)
    assert "<script>alert" not in panel(as_owner, job)


def test_tracebacks_are_for_staff(as_owner: Client, as_superuser: Client, job: Job) -> None:
    """J-16"""
    add_lines(job, 1, "error", detail="File secret.py")
    assert "secret.py" not in panel(as_owner, job)
    assert "secret.py" in panel(as_superuser, job)


# --- As a file ----------------------------------------------------------------------------------------------------


def download(client: Client, job: Job) -> str:
    response: Any = client.get(f"/jobs/{job.pk}/log.txt")
    assert response.streaming
    assert response["Content-Disposition"] == f'attachment; filename="job-{job.pk}.log.txt"'
    return b"".join(response.streaming_content).decode()


def test_the_file_has_all_lines_in_order(as_owner: Client, job: Job) -> None:
    add_lines(job, 700)
    lines = download(as_owner, job).splitlines()
    assert [line.split(": ")[-1] for line in lines] == [f"line {seq} of info" for seq in range(1, 701)]


def test_the_file_has_tracebacks_for_staff_only(as_owner: Client, as_superuser: Client, job: Job) -> None:
    add_lines(job, 1, "error", detail="File secret.py\n  line 3")
    assert "secret.py" not in download(as_owner, job)
    assert "    File secret.py\n      line 3\n" in download(as_superuser, job)


def test_the_file_is_for_the_owner(as_colleague: Client, as_stranger: Client, job: Job) -> None:
    response = as_colleague.get(f"/jobs/{job.pk}/log.txt")
    assert response.status_code == 403
    assert "Only its owner can download the log" in response.content.decode()
    assert as_stranger.get(f"/jobs/{job.pk}/log.txt").status_code == 404
    assert as_stranger.get(f"/jobs/{job.pk}/log/", headers=HTMX).status_code == 404

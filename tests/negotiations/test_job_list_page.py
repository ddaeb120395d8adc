"""The list of jobs: filters, what each row says, bulk changes with and without success, polls that cost little."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from negotiations.models import AuditEntry, Job, Status
from tests.factory import JobFactory, NegotiatorFactory, ScenarioImportFactory
from tests.negotiations.job_rows import WORDS, make_job, make_old, rename

pytestmark = pytest.mark.django_db
LIST, LIVE, BULK = "/jobs/", "/jobs/live/", "/jobs/bulk/"


def read(client: Client, **query: str) -> str:
    return client.get(LIST, query).content.decode()


def shown(html: str) -> set[str]:
    return set(re.findall(r'id="job-([0-9a-f-]{36})"', html))


def versions(html: str) -> dict[str, str]:
    """What a page with this markup sends with its next poll."""
    return {f"v-{id}": version for id, version in re.findall(r'id="([\w-]+)"[^>]*data-version="(\w+)"', html)}


def change(client: Client, verb: str, *jobs: Job) -> str:
    data = {"change": verb, "ids": [str(job.pk) for job in jobs]}
    return client.post(BULK, data, follow=True).content.decode()


@pytest.mark.parametrize("word", WORDS)
def test_each_status_has_its_word_and_its_filter(as_owner: Client, owner: User, word: str) -> None:
    """J-02, J-24"""
    jobs = {each: make_job(each, job__owner=owner) for each in WORDS}
    page = read(as_owner, status=word)
    assert shown(page) == {str(jobs[word].pk)}
    assert f"st-{word}" in page


def test_filters_stand_in_the_address_and_narrow_together(as_owner: Client, owner: User) -> None:
    """J-24"""
    wanted = make_job("queued", job__owner=owner, job__queue="batch")
    rename(wanted, "Ferry timetable")
    make_job("queued", job__owner=owner)
    upload = ScenarioImportFactory(job__owner=owner, filename="anac.zip")
    assert shown(read(as_owner, q="ferry", queue="batch", kind="session", status="queued")) == {
        str(wanted.pk)
    }
    assert shown(read(as_owner, kind="scenario import")) == {str(upload.pk)}
    assert shown(read(as_owner, q=str(wanted.pk)[:8])) == {str(wanted.pk)}
    assert "No job matches" in read(as_owner, q="nothing of the kind")


def test_a_mistyped_address_shows_the_whole_list(as_owner: Client, owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    page = read(as_owner, status="sleeping", kind="x", queue="y", page="-3")
    assert shown(page) == {str(job.pk)}


def test_whose_jobs_is_for_superusers_to_ask(
    as_superuser: Client, as_colleague: Client, owner: User, group: Group
) -> None:
    """J-11"""
    mine, other = make_job("queued", job__owner=owner, job__group=group), make_job("queued")
    assert shown(read(as_superuser)) == {str(mine.pk), str(other.pk)}
    assert shown(read(as_superuser, owner="owner")) == {str(mine.pk)}
    assert shown(read(as_colleague, owner="nobody")) == {str(mine.pk)}


def test_nobody_sees_what_is_not_theirs(as_stranger: Client, owner: User, group: Group) -> None:
    """J-11"""
    make_job("queued", job__owner=owner, job__group=group)
    assert "No jobs yet" in read(as_stranger)
    assert Client().get(LIST).status_code == 302
    assert Client().get(LIVE).status_code == 401


def test_a_row_says_how_far_it_is_and_how_long_it_takes(as_owner: Client, owner: User) -> None:
    """J-21"""
    job = make_job("processing", job__owner=owner, offers=200)
    Job.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(seconds=20), attempt=2)
    page = read(as_owner)
    assert "Step 100 of 1000" in page
    assert re.search(r">2\d s<", page)
    assert re.search(r">[34] min \d+ s<", page)  # 900 steps are left, of which 5 take a second
    assert "attempt 2" in page


def test_a_row_says_its_place_in_the_queue(as_owner: Client, owner: User) -> None:
    make_job("queued")
    make_job("queued", job__queue="batch")
    make_job("paused")
    make_job("queued")
    make_job("queued", job__owner=owner)
    assert "2 ahead in the queue" in read(as_owner)


def test_what_was_not_heard_of_for_half_an_hour_may_be_stuck(as_owner: Client, owner: User) -> None:
    """B-22"""
    job = make_job("processing", job__owner=owner)
    make_old(job, minutes=29)
    assert "May be stuck" not in read(as_owner)
    make_old(job, minutes=31)
    assert "May be stuck" in read(as_owner)
    Job.objects.filter(pk=job.pk).update(hold=True)
    assert "May be stuck" not in read(as_owner)


def test_names_and_messages_are_escaped(as_owner: Client, owner: User) -> None:
    job = make_job("failed", job__owner=owner)
    rename(job, "<script>name()</script>")
    Job.objects.filter(pk=job.pk).update(error='"><script>error()</script>')
    page = read(as_owner, q="<script>")
    assert "<script>name" not in page
    assert "<script>error" not in page
    assert "&lt;script&gt;name()" in page


def test_pages_have_25_rows_and_no_count(as_owner: Client, owner: User) -> None:
    for _ in range(30):
        JobFactory(owner=owner)
    first, second = read(as_owner), read(as_owner, page="2")
    assert (len(shown(first)), len(shown(second))) == (25, 5)
    assert shown(first).isdisjoint(shown(second))
    assert 'rel="next"' in first
    assert 'rel="next"' not in second


# --- Live -------------------------------------------------------------------------------------------------------


def test_forty_jobs_cost_as_many_queries_as_one(
    as_owner: Client, owner: User, django_assert_num_queries: Any
) -> None:
    make_job("processing", job__owner=owner)
    with django_assert_num_queries(5):  # session, user, groups, rows, what is active
        as_owner.get(LIVE)
    for index in range(40):
        make_job(WORDS[index % 6], job__owner=owner)
    with django_assert_num_queries(5):
        as_owner.get(LIVE)
    with django_assert_num_queries(5):
        as_owner.get(LIST)


def test_nothing_new_is_an_empty_answer(as_owner: Client, owner: User, time_machine: Any) -> None:
    time_machine.move_to(timezone.now().replace(second=1))  # with a new minute each row is looked at
    make_job("processing", job__owner=owner)
    response = as_owner.get(LIVE, {"every": "3", **versions(read(as_owner))})
    assert (response.status_code, response.content) == (204, b"")


def test_a_poll_brings_the_row_that_changed_and_no_other(as_owner: Client, owner: User) -> None:
    job, _ = make_job("processing", job__owner=owner), make_job("completed", job__owner=owner)
    before = versions(read(as_owner))
    Job.objects.filter(pk=job.pk).update(current_step=77)
    answer = as_owner.get(LIVE, {"every": "3", **before}).content.decode()
    assert shown(answer) == {str(job.pk)}
    assert "Step 77 of 1000" in answer
    assert 'id="job-table"' not in answer


def test_a_new_job_brings_the_table(as_owner: Client, owner: User) -> None:
    make_job("processing", job__owner=owner)
    before = versions(read(as_owner))
    job = make_job("queued", job__owner=owner)
    answer = as_owner.get(LIVE, {"every": "3", **before}).content.decode()
    assert 'id="job-table"' in answer
    assert str(job.pk) in answer
    assert "1 processing, 1 queued." in answer


@pytest.mark.parametrize(("word", "seconds"), [("processing", 3), ("queued", 5), ("completed", 5)])
def test_the_page_asks_as_often_as_something_moves(
    as_owner: Client, owner: User, word: str, seconds: int
) -> None:
    """J-05"""
    make_job(word, job__owner=owner)
    assert f'hx-trigger="every {seconds}s, live:now"' in read(as_owner)


# --- Bulk -------------------------------------------------------------------------------------------------------


def test_what_was_ticked_is_cancelled_and_what_could_not_be_is_said(as_owner: Client, owner: User) -> None:
    """J-24, J-12"""
    waiting, over = make_job("queued", job__owner=owner), make_job("completed", job__owner=owner)
    page = change(as_owner, "cancel", waiting, over)
    assert "1 job cancelled." in page
    assert "1 job left as it was: over, or being cancelled already." in page
    assert Job.objects.get(pk=waiting.pk).status == Status.CANCELLED
    assert AuditEntry.objects.get().by == owner


def test_pausing_and_resuming_takes_those_that_can_be(as_owner: Client, owner: User) -> None:
    """N-20"""
    queued, paused = make_job("queued", job__owner=owner), make_job("paused", job__owner=owner)
    assert "1 job paused." in change(as_owner, "pause", queued, paused)
    assert "2 jobs resumed." in change(as_owner, "resume", queued, paused)
    assert Job.objects.filter(hold=True).count() == 0


def test_retrying_makes_new_jobs_of_those_that_failed(as_owner: Client, owner: User) -> None:
    """J-23"""
    failed = make_job("failed", job__owner=owner)
    failed.session.parties.update(negotiator=NegotiatorFactory())
    completed = make_job("completed", job__owner=owner)
    page = change(as_owner, "retry", failed, completed)
    assert "1 job retried." in page
    assert "only what failed or was cancelled can be retried" in page
    assert Job.objects.get(retry_of=failed).status == Status.QUEUED


def test_what_is_shared_is_not_changed(as_colleague: Client, owner: User, group: Group) -> None:
    job = make_job("queued", job__owner=owner, job__group=group)
    page = change(as_colleague, "cancel", job)
    assert "No jobs cancelled." in page
    assert "1 job is not yours to change." in page
    assert Job.objects.get(pk=job.pk).status == Status.QUEUED


def test_of_strangers_jobs_nothing_is_told(as_stranger: Client, owner: User) -> None:
    """J-11: the same words as for ids that there are not."""
    job = make_job("queued", job__owner=owner)
    answers = [
        as_stranger.post(BULK, {"change": "cancel", "ids": [str(pk)]}, follow=True).content.decode()
        for pk in (job.pk, uuid.uuid4())
    ]
    assert all("1 job is not yours to change." in page for page in answers)
    assert Job.objects.get(pk=job.pk).status == Status.QUEUED


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"change": "cancel"}, "No job was ticked."),
        ({"change": "cancel", "ids": ["x"]}, "Nothing was changed."),
        ({"change": "explode", "ids": [str(uuid.uuid4())]}, "not one of the available choices"),
        ({"change": "cancel", "ids": [str(uuid.uuid4())] * 201}, "At most 200 jobs can be changed at once."),
    ],
)
def test_what_cannot_be_understood_changes_nothing_and_is_said(
    as_owner: Client, owner: User, data: dict[str, Any], text: str
) -> None:
    make_job("queued", job__owner=owner)
    assert text in as_owner.post(BULK, data, follow=True).content.decode()
    assert Job.objects.get().status == Status.QUEUED


def test_after_a_change_the_filters_are_as_they_were(as_owner: Client, owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    data = {"change": "pause", "ids": [str(job.pk)]}
    response = as_owner.post(f"{BULK}?status=queued&q=bike&page=2", data)
    assert response.headers["Location"] == "/jobs/?q=bike&status=queued&page=2"


def test_looking_changes_nothing(as_owner: Client) -> None:
    assert as_owner.get(BULK).status_code == 405

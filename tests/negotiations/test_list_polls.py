"""Polls of the two lists: whatever a card or a row shows, its change reaches the page, once, and then all is quiet."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import F
from django.test import Client
from django.utils import timezone

from negotiations.models import Deletion, Job, Session, Status
from negotiations.models.tags import SessionTag
from tests.negotiations.job_rows import make_job, make_old
from tests.negotiations.session_rows import add_accept, add_offers, make_session, set_status

pytestmark = pytest.mark.django_db
VERSION = re.compile(r'id="([\w-]+)"[^>]*? data-version="(\w+)"')
# What is inside of a part goes when the part comes anew.
PARTS = {
    "sessions-running": r"session-[0-9a-f-]{36}",
    "session-table": r"row-.*",
    "job-table": r"job-[0-9a-f-]{36}",
}


@pytest.fixture(autouse=True)
def within_a_minute(time_machine: Any) -> None:
    """As a minute turns, a list of jobs is looked at closely: no test is to meet that by chance."""
    time_machine.move_to(timezone.now().replace(second=1))


class Page:
    """A list as somebody has it open: what a poll brings takes the place of what was there."""

    def __init__(self, client: Client, url: str, **query: str) -> None:
        self.client, self.url, self.query = client, url, query
        html = client.get(url, query).content.decode()
        self.versions, self.every = dict(VERSION.findall(html)), re.findall(r"every (\d+)s", html)[0]
        assert self.poll() == ""

    def poll(self) -> str:
        """What it brings: nothing where nothing is new."""
        sent = {f"v-{id}": version for id, version in self.versions.items()}
        response = self.client.get(f"{self.url}live/", self.query | sent | {"every": self.every})
        body = response.content.decode()
        assert (response.status_code == 204) == (not body)
        fresh = dict(VERSION.findall(body))
        for part, within in PARTS.items():
            if part in fresh:
                self.versions = {id: it for id, it in self.versions.items() if not re.fullmatch(within, id)}
        self.versions |= fresh
        self.every = next(iter(re.findall(r"every (\d+)s", body)), self.every)
        return body

    def news(self) -> str:
        """What the next poll brings; the one after it brings nothing."""
        body = self.poll()
        assert self.poll() == ""
        return body


def update(**fields: Any) -> Callable[[Job], Any]:
    """Behind the model's back: without `updated_at`, as nothing in the house does it but the word to a batch job."""
    return lambda job: Job.objects.filter(pk=job.pk).update(**fields)


def make_way(job: Job) -> None:
    """Who waited before it goes."""
    Job.objects.exclude(pk=job.pk).get(status=Status.QUEUED).cancel(None)


OF_JOBS = {
    "step": ("processing", update(current_step=77), "Step 77 of 1000"),
    "steps in all": ("processing", update(total_steps=1200), "of 1200"),
    "step's name": ("processing", update(step_name="Reading"), ", Reading"),
    "percentage": ("processing", update(percentage=41), 'value="41"'),
    "message": ("processing", update(message="Batch jobs are full."), "Batch jobs are full."),
    "message while it waits": ("queued", update(message="4 batch jobs run."), "4 batch jobs run."),
    "attempt": ("processing", update(attempt=2), "attempt 2"),
    "retry": ("queued", lambda job: update(retry_of=make_job("failed"))(job), "a retry"),
    "queue": ("queued", update(queue="batch"), ">Batch<"),
    "hold": ("processing", update(hold=True), "st-paused"),
    "release": ("paused", update(hold=False), "st-processing"),
    "cancel": ("processing", lambda job: job.cancel(None), "Cancelling after this step"),
    "start": (
        "processing",
        lambda job: update(started_at=timezone.now() - timedelta(hours=2))(job),
        "2 h 0 min",
    ),
    "error": ("failed", update(error="Out of memory."), "Out of memory."),
    "end": ("processing", lambda job: set_status(job.session, Status.COMPLETED), "st-completed"),
}


@pytest.mark.parametrize("name", OF_JOBS)
def test_whatever_a_row_of_a_job_shows_changes_on_the_page(as_owner: Client, owner: User, name: str) -> None:
    word, change, told = OF_JOBS[name]
    job = make_job(word, job__owner=owner)
    make_job("completed", job__owner=owner)
    page = Page(as_owner, "/jobs/")
    change(job)
    body = page.news()
    assert told in body
    assert str(job.pk) in body


def test_a_place_in_the_queue_changes_in_both_lists(as_owner: Client, owner: User) -> None:
    """As others' jobs leave the queue, as well as one's own."""
    make_job("queued")
    second = make_job("queued")
    make_job("queued", job__owner=owner)
    lists = Page(as_owner, "/jobs/"), Page(as_owner, "/sessions/")
    second.cancel(None)
    assert ["1 ahead" in page.news() for page in lists] == [True, True]
    make_way(Job.objects.get(owner=owner))
    assert ["next in the queue" in lists[1].news(), "ahead" in lists[0].news()] == [True, False]


def test_one_that_leaves_the_queue_as_another_comes_back_is_noticed(as_owner: Client, owner: User) -> None:
    """The queue is as long as before."""
    held, waiting = make_job("queued"), make_job("queued")
    held.pause(None)
    mine = make_job("queued", job__owner=owner)
    Job.objects.filter(pk=waiting.pk).update(turn_at=mine.turn_at + timedelta(seconds=1))
    page = Page(as_owner, "/jobs/")
    waiting.cancel(None)
    held.resume(None)
    assert "1 ahead" in page.news()


def test_what_falls_silent_is_told_within_a_minute(as_owner: Client, owner: User, time_machine: Any) -> None:
    """B-22: no row changes, only the clock."""
    time_machine.move_to(timezone.now(), tick=False)
    job = make_job("processing", job__owner=owner)
    make_old(job, minutes=29.5)
    page = Page(as_owner, "/jobs/")
    time_machine.shift(60)
    assert "May be stuck" in page.news()


def test_the_time_of_what_is_paused_goes_on(as_owner: Client, owner: User, time_machine: Any) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    job = make_job("paused", job__owner=owner)
    update(started_at=timezone.now() - timedelta(minutes=5))(job)
    page = Page(as_owner, "/jobs/")
    time_machine.shift(60)
    assert "6 min 0 s" in page.news()


OF_CARDS = {
    "step": ("running", update(current_step=77), "Step 77 of"),
    "offers": ("running", lambda job: add_offers(job.session, 3), "9 offers"),
    "hold": ("running", update(hold=True), "st-paused"),
    "release": ("paused", update(hold=False), "st-running"),
    "cancel": ("running", lambda job: job.cancel(None), "Cancelling after this step"),
    "start": ("pending", lambda job: set_status(job.session, Status.PROCESSING), "st-running"),
    "end": ("running", lambda job: set_status(job.session, Status.FAILED, error="Broken."), "Broken."),
}


@pytest.mark.parametrize("name", OF_CARDS)
def test_whatever_a_card_shows_changes_on_the_page(as_owner: Client, owner: User, name: str) -> None:
    state, change, told = OF_CARDS[name]
    session = make_session(state, job__owner=owner)
    for other in ("running", "completed"):
        make_session(other, job__owner=owner)
    page = Page(as_owner, "/sessions/")
    change(Job.objects.get(pk=session.pk))
    body = page.news()
    assert told in body
    assert str(session.pk) in body


def test_tags_change_in_their_row_and_nowhere_else(as_owner: Client, owner: User) -> None:
    first, second = (make_session("completed", job__owner=owner) for _ in range(2))
    page = Page(as_owner, "/sessions/")
    SessionTag.objects.add([first.pk], ["pilot", "night"])
    body = page.news()
    assert ">pilot<" in body
    assert str(first.pk) in body
    assert str(second.pk) not in body
    SessionTag.objects.replace(first, ["night"])
    assert ">pilot<" not in page.news()


def test_what_is_deleted_elsewhere_leaves_the_table(as_owner: Client, owner: User) -> None:
    first, second = (make_session("completed", job__owner=owner) for _ in range(2))
    page = Page(as_owner, "/sessions/")
    deletion = Deletion.objects.create(job=Job.objects.create(owner=owner, kind="deletion"))
    Session.objects.filter(pk=first.pk).update(deletion=deletion)
    body = page.news()
    assert 'id="session-table"' in body
    assert str(first.pk) not in body
    assert str(second.pk) in body


def test_what_began_and_ended_between_two_polls_comes(
    as_colleague: Client, as_superuser: Client, owner: User, group: Group
) -> None:
    """The numbers are as before: only the newest end tells of it, to whom it is shared with as well."""
    make_session("completed", job__owner=owner, job__group=group)
    pages = Page(as_colleague, "/sessions/"), Page(as_superuser, "/sessions/")
    short = make_session("completed", job__owner=owner, job__group=group)
    for page in pages:
        assert f'id="row-{short.pk}"' in page.news()


def test_who_leaves_a_group_loses_its_rows(
    as_colleague: Client, colleague: User, owner: User, group: Group
) -> None:
    shared = make_session("completed", job__owner=owner, job__group=group)
    page = Page(as_colleague, "/sessions/")
    colleague.groups.remove(group)
    body = page.news()
    assert 'id="session-table"' in body
    assert str(shared.pk) not in body


@pytest.mark.parametrize("state", ["running", "completed"])
def test_naming_what_is_anothers_tells_nothing_of_it(
    as_owner: Client, as_stranger: Client, owner: User, state: str
) -> None:
    """J-11: the answer is that for what there is not, even to who knows its versions."""
    there = make_session(state, job__owner=owner)
    SessionTag.objects.add([there.pk], ["secret"])
    known = Page(as_owner, "/sessions/").versions
    answers = []
    for key in (there.pk, uuid.uuid4()):
        page = Page(as_stranger, "/sessions/")
        page.versions |= {f"{kind}-{key}": known.get(f"{kind}-{key}", "x") for kind in ("row", "session")}
        answers.append(page.poll())
    assert answers[0] == answers[1]
    assert "secret" not in answers[0]


def test_names_that_are_none_are_left_alone(as_owner: Client, owner: User) -> None:
    make_session("completed", job__owner=owner)
    page = Page(as_owner, "/sessions/")
    page.versions |= {"row-x": "1", "session-' OR 1=1": "1", "row-\x00": "1"}
    assert page.poll() == ""


def test_more_cards_than_a_page_has_stay_quiet(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(33):
        session = make_session("pending", job__owner=owner)
    page = Page(as_owner, "/sessions/")
    with django_assert_max_num_queries(4):
        assert page.poll() == ""
    add_offers(session, 2)
    set_status(session, Status.PROCESSING)
    assert "1 running, 32 pending." in page.news()
    add_accept(session)
    set_status(session, Status.COMPLETED, current_step=F("current_step"))
    assert "32 pending." in page.news()


def test_rows_on_a_later_page_are_kept_up_too(as_owner: Client, owner: User) -> None:
    for _ in range(27):
        make_session("completed", job__owner=owner)
    oldest = Session.objects.order_by("job__finished_at").first()
    page = Page(as_owner, "/sessions/", page="2")
    assert oldest
    SessionTag.objects.add([oldest.pk], ["pilot"])
    assert ">pilot<" in page.news()

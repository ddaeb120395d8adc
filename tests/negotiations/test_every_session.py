"""P-11: what is done to all sessions that match the filters, however many; what it means is said before."""

from __future__ import annotations

import html
import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from negotiations import cancellations, session_changes
from negotiations.engine.specs import EndReason
from negotiations.every_session import matching
from negotiations.forms.session_filters import EverySessionForm, SessionFilterForm
from negotiations.models import AuditEntry, Deletion, Job, Party, Session, SessionTag, Status
from negotiations.tasks import run_job
from negotiations.views import session_bulk, session_cards
from notifications.models import Notification
from tests.factory import NegotiatorFactory, ScenarioFactory
from tests.negotiations.session_rows import make_session

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
HIDDEN = re.compile(r'<input type="hidden" name="(change|moment|tags)" value="([^"]*)">')


def asked(client: Client, change: str, query: str = "", **data: Any) -> str:
    """The page that asks whether it is to be done to all that match."""
    response = client.post(f"/sessions/bulk/{query}", {"change": change, "every": "1", **data}, follow=True)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def agreed(client: Client, page: str) -> str:
    """What follows where its button is pressed."""
    (action,) = re.findall(r'<form method="post" action="(/sessions/every/[^"]*)">', page)
    response = client.post(action, dict(HIDDEN.findall(page)), follow=True)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def over(owner: User, **fields: Any) -> Session:
    return make_session("completed", job__owner=owner, **fields)


def seated(*sessions: Session) -> None:
    Party.objects.filter(session__in=sessions).update(negotiator=NegotiatorFactory())


# --- The offer on the list ------------------------------------------------------------------------------------------


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_cards, "ROWS_A_PAGE", 2)


@pytest.mark.usefixtures("small_pages")
def test_the_list_offers_all_that_match_where_its_page_does_not_show_them_all(
    as_owner: Client, owner: User
) -> None:
    pier = ScenarioFactory(name="Pier")
    for _ in range(3):
        over(owner, scenario=pier)
    assert "<span>All 3 sessions</span>" in as_owner.get("/sessions/").content.decode()
    over(owner)
    make_session("running", job__owner=owner, scenario=pier)
    page = as_owner.get("/sessions/", {"scenario": pier.pk}).content.decode()
    assert "<span>All 4 that match the filters</span>" in page
    page = as_owner.get("/sessions/", {"scenario": pier.pk, "result": "agreement"}).content.decode()
    assert "<span>All 3 that match the filters</span>" in page
    assert "data-bulk-every" not in as_owner.get("/sessions/", {"q": "nothing"}).content.decode()


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("query", ["", "result=agreement", "period=day", "q=pier", "whose=mine"])
def test_the_list_counts_what_the_change_will_find(query: str, as_owner: Client, owner: User) -> None:
    for state in ("completed", "completed", "completed", "failed", "running", "pending"):
        make_session(state, job__owner=owner, scenario=ScenarioFactory(name="Pier"))
    (told,) = re.findall(r'data-bulk-every="(\d+)"', as_owner.get(f"/sessions/?{query}").content.decode())
    chosen = SessionFilterForm(QueryDict(query)).chosen()
    assert int(told) == matching(owner, chosen).count()


@pytest.mark.usefixtures("small_pages")
def test_a_poll_says_how_many_there_are_by_now(as_owner: Client, owner: User) -> None:
    for _ in range(3):
        over(owner)
    answer = as_owner.get("/sessions/live/", {"v-session-table": "old"}).content.decode()
    assert '<span class="bulk-every" id="session-bulk-every" hx-swap-oob="true">' in answer
    assert 'data-bulk-every="3"' in answer


# --- What is asked before ---------------------------------------------------------------------------------------------


def test_what_would_go_is_said_in_numbers_and_nothing_goes_yet(
    as_owner: Client, owner: User, colleague: User, group: Group
) -> None:
    pier = ScenarioFactory(name="Pier")
    for _ in range(3):
        over(owner, scenario=pier)
    over(owner)
    make_session("running", job__owner=owner, scenario=pier)
    over(colleague, scenario=pier, job__group=group)
    page = asked(as_owner, "delete", f"?scenario={pier.pk}&sort=offers")
    assert "<h1>Delete 3 sessions?</h1>" in page
    assert "18 offers, their logs and their jobs go too. This cannot be undone." in page
    assert "1 session in progress stays as it is." in page
    assert "1 session of others stays as it is." in page
    assert "<dt>Scenario</dt><dd>Pier</dd>" in page and "offers</dd>" not in page
    assert f'action="/sessions/every/?scenario={pier.pk}&sort=offers"' in page
    assert f'href="/sessions/?scenario={pier.pk}&sort=offers"' in page
    assert Session.objects.count() == 6
    page = agreed(as_owner, page)
    assert "3 sessions deleted." in page
    assert Session.objects.count() == 3


@pytest.mark.parametrize(
    ("change", "title", "told"),
    [
        ("cancel", "Cancel 1 session?", "What waits ends at once, what runs within two seconds."),
        ("again", "Run 2 sessions again?", "Each is started once more with the same scenario"),
        ("tag", "Tag 3 sessions?", "Each is given “pilot”, “two” beside the tags that it has."),
    ],
)
def test_each_change_says_what_it_means(
    change: str, title: str, told: str, as_owner: Client, owner: User
) -> None:
    over(owner), over(owner), make_session("running", job__owner=owner)
    page = asked(as_owner, change, tags="Pilot, two")
    assert f"<h1>{title}</h1>" in page and told in page
    assert "none: all sessions that you may see" in page


def test_where_nothing_can_be_changed_there_is_no_button(as_owner: Client, owner: User) -> None:
    over(owner)
    page = asked(as_owner, "cancel")
    assert "<h1>Nothing to cancel</h1>" in page and 'action="/sessions/every/' not in page


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"change": "compare"}, "All sessions are too many to be compared. Tick two or more of them."),
        ({"change": "tag"}, "No tag was given."),
        ({"change": "odd"}, "Select a valid choice."),
    ],
)
def test_what_makes_no_sense_is_refused(data: dict[str, str], text: str, as_owner: Client) -> None:
    assert text in asked(as_owner, **data)


MOMENTS = ["", "yesterday", "\x00", "9" * 40, "2020-01-01", "2999-01-01T00:00:00Z",
           "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_answer_without_its_question_changes_nothing(moment: str, as_owner: Client, owner: User) -> None:
    over(owner)
    answer = as_owner.post("/sessions/every/", {"change": "delete", "moment": moment}, follow=True)
    assert "It was asked too long ago" in answer.content.decode()
    assert Session.objects.exists()


def test_a_moment_that_is_still_to_come_is_that_of_the_answer() -> None:
    ahead = timezone.now() + timedelta(hours=1)
    form = EverySessionForm({"change": "delete", "moment": ahead.isoformat()})
    assert form.is_valid() and form.cleaned_data["moment"] < ahead


def test_what_came_or_ended_since_it_was_asked_is_left_alone(as_owner: Client, owner: User) -> None:
    over(owner)
    running = make_session("running", job__owner=owner)
    page = asked(as_owner, "delete")
    over(owner)
    Job.objects.filter(pk=running.pk).update(status=Status.COMPLETED, token=None, finished_at=timezone.now())
    assert "1 session deleted." in agreed(as_owner, page)
    assert Session.objects.count() == 2


def test_nobody_reaches_what_is_not_theirs_by_asking_for_all(
    as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    over(owner, job__group=group)
    running = make_session("running", job__owner=owner, job__group=group)
    for client in (as_colleague, as_stranger):
        for change in ("cancel", "tag", "delete"):
            assert "Nothing to" in asked(client, change, tags="theirs")
            moment = timezone.now().isoformat()
            client.post("/sessions/every/", {"change": change, "moment": moment, "tags": "theirs"})
    assert Session.objects.count() == 2 and not SessionTag.objects.exists()
    assert Job.objects.get(pk=running.pk).cancel_requested_at is None
    assert Client().post("/sessions/every/").status_code == 302


def test_a_superuser_is_told_how_many_belong_to_others(client: Client, superuser: User, owner: User) -> None:
    client.force_login(superuser)
    over(superuser), over(owner), over(owner)
    page = asked(client, "delete")
    assert "Delete 3 sessions?" in page and "2 of these belong to others." in page
    assert "of these" not in asked(client, "delete", "?whose=mine")


# --- Each of them -----------------------------------------------------------------------------------------------------


def test_many_are_deleted_by_a_worker(as_owner: Client, owner: User) -> None:
    for _ in range(21):
        over(owner)
    page = asked(as_owner, "delete")
    assert "Delete 21 sessions?" in page and "A worker does it; you are told when it is done." in page
    assert "21 sessions are being deleted." in agreed(as_owner, page)
    run_job(str(Deletion.objects.get().pk))
    assert not Session.objects.exists()


def test_all_that_match_are_tagged(as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_changes, "TAGGED", 2)
    made = [over(owner) for _ in range(5)]
    SessionTag.objects.add([made[0].pk], [f"t{n}" for n in range(10)])
    page = agreed(as_owner, asked(as_owner, "tag", tags="pilot"))
    assert "4 sessions tagged: pilot. 1 session left as it was: a session has at most 10 tags." in page
    assert SessionTag.objects.filter(name="pilot").count() == 4


def test_as_many_are_run_again_as_there_is_room_for(
    as_owner: Client, owner: User, settings: Settings
) -> None:
    """J-18"""
    settings.ACTIVE_JOBS = 2
    made = [over(owner) for _ in range(3)]
    seated(*made)
    page = asked(as_owner, "again")
    assert (
        "A person may have 2 active jobs (ACTIVE_JOBS)" in page
        and "now that is the oldest 2 of them." in page
    )
    page = agreed(as_owner, page)
    assert "2 sessions started again. You have 2 active jobs" in page
    new = Session.objects.in_progress()
    assert {each.job.retry_of_id for each in new} == {made[0].pk, made[1].pk}


def test_no_more_are_run_again_at_once_than_a_page_can_bear(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_changes, "MOST_STARTED", 1)
    made = [over(owner), over(owner)]
    seated(*made)
    page = agreed(as_owner, asked(as_owner, "again"))
    assert "1 session started again. At most 1 are started at once; the others were not." in page


def test_all_that_match_are_exported_up_to_what_a_file_bears(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-03"""
    for _ in range(2):
        over(owner)
    make_session("running", job__owner=owner)
    response: Any = as_owner.post("/sessions/bulk/?whose=mine", {"change": "export", "every": "1"})
    names = zipfile.ZipFile(BytesIO(b"".join(response.streaming_content))).namelist()
    assert len([name for name in names if name.endswith(".json")]) == 2
    monkeypatch.setattr(session_bulk, "MOST_EXPORTED", 1)
    assert "2 sessions match, and a file has at most 1 of them. Nothing was exported." in asked(
        as_owner, "export"
    )
    assert "No session exported." in asked(as_owner, "export", "?q=nothing")


# --- Cancelling -------------------------------------------------------------------------------------------------------


def test_those_that_wait_end_and_those_that_run_are_asked_to(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """J-12: with the history, the log and the audit of a single one."""
    monkeypatch.setattr(cancellations, "BATCH", 2)
    waiting = [make_session("pending", job__owner=owner) for _ in range(3)]
    running, done = make_session("running", job__owner=owner), over(owner)
    page = agreed(as_owner, asked(as_owner, "cancel"))
    assert "4 sessions cancelled. What waits ends at once, what runs within two seconds." in page
    for session in waiting:
        job = Job.objects.get(pk=session.pk)
        assert (job.status, job.cancelled_by, job.error) == (Status.CANCELLED, owner, "Job cancelled by user")
        assert job.finished_at and job.history.latest("seq").status == Status.CANCELLED
        assert job.log.latest("seq").text == "Job cancelled by user"
        assert Session.objects.get(pk=session.pk).end_reason == EndReason.CANCELLED
    job = Job.objects.get(pk=running.pk)
    assert (job.status, job.cancelled_by) == (Status.PROCESSING, owner) and job.cancel_requested_at
    assert job.history.latest("seq").message == "Asked to stop by owner."
    assert Job.objects.get(pk=done.pk).status == Status.COMPLETED
    assert AuditEntry.objects.filter(by=owner, deed="cancelled").count() == 4
    assert "Nothing to cancel" not in asked(as_owner, "delete")
    assert cancellations.cancel(Session.objects.all(), owner) == 0, "asked twice, done once"


def test_what_is_held_or_waits_for_a_person_is_cancelled_too(owner: User) -> None:
    held, awaiting = (make_session("pending", job__owner=owner) for _ in range(2))
    Job.objects.filter(pk=held.pk).update(hold=True)
    Job.objects.filter(pk=awaiting.pk).update(awaits_since=timezone.now())
    assert cancellations.cancel(Session.objects.all(), owner) == 2
    for job in Job.objects.all():
        assert (job.status, job.hold, job.awaits_since) == (Status.CANCELLED, False, None)


def test_who_is_concerned_is_told_once_how_many(owner: User, colleague: User, superuser: User) -> None:
    for _ in range(2):
        make_session("pending", job__owner=owner)
    shared = make_session("pending", job__owner=owner)
    shared.parties.filter(index=1).update(person=colleague)
    own = make_session("pending", job__owner=superuser)
    assert cancellations.cancel(Session.objects.all(), superuser) == 4
    told = {each.user: each for each in Notification.objects.all()}
    assert told[owner].title == "3 sessions cancelled" and told[owner].is_unread
    assert told[owner].text == "Cancelled by root." and told[owner].href == "/sessions/?result=cancelled"
    assert told[colleague].title == "1 session cancelled"
    assert not told[superuser].is_unread and len(told) == 3
    assert Job.objects.get(pk=own.pk).is_over


def test_histories_stay_as_short_as_they_are_kept(owner: User) -> None:
    """J-07"""
    session = make_session("pending", job__owner=owner)
    for number in range(60):
        session.job.note(f"Line {number}")
    cancellations.cancel(Session.objects.all(), owner)
    lines = list(session.job.history.values_list("message", flat=True))
    assert len(lines) == 50 and lines[-1] == "Job cancelled by user"


def test_a_cancelled_one_of_long_ago_does_not_count(as_owner: Client, owner: User) -> None:
    session = make_session("cancelled", job__owner=owner)
    Job.objects.filter(pk=session.pk).update(finished_at=timezone.now() - timedelta(days=2))
    assert "Nothing to cancel" in asked(as_owner, "cancel")


def test_thousands_take_no_query_each(owner: User, django_assert_max_num_queries: Any) -> None:
    for _ in range(60):
        make_session("pending", offers=0, job__owner=owner)
    with django_assert_max_num_queries(30):
        assert cancellations.cancel(Session.objects.all(), owner) == 60

"""The page of a job: what it says in each status, its way, its attempts, its buttons, and what a poll brings."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client, override_settings

from negotiations.models import AuditEntry, Deed, Job, Status
from tests.factory import NegotiatorFactory, ScenarioImportFactory
from tests.negotiations.job_rows import WORDS, make_job, make_old, make_worker, rename

pytestmark = pytest.mark.django_db


def url(job: Job, end: str = "") -> str:
    return f"/jobs/{job.pk}/{end}"


def read(client: Client, job: Job) -> str:
    return client.get(url(job)).content.decode()


def versions(html: str) -> dict[str, str]:
    return {f"v-{id}": version for id, version in re.findall(r'id="([\w-]+)"[^>]*data-version="(\w+)"', html)}


def ask(client: Client, job: Job, verb: str, **headers: str) -> HttpResponse:
    response = client.post(url(job, f"{verb}/"), headers=headers)
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize(
    ("word", "buttons"),
    [
        ("queued", {"pause", "cancel"}),
        ("processing", {"pause", "cancel"}),
        ("paused", {"resume", "cancel"}),
        ("completed", set()),
        ("failed", {"retry"}),
        ("cancelled", {"retry"}),
    ],
)
def test_each_status_has_its_word_and_its_buttons(
    as_owner: Client, owner: User, word: str, buttons: set[str]
) -> None:
    """J-02, N-20"""
    page = read(as_owner, make_job(word, job__owner=owner))
    assert f"st-{word}" in page
    assert set(re.findall(r'action="/jobs/[0-9a-f-]+/(\w+)/"', page)) == buttons


def test_those_it_is_shared_with_look_on(as_colleague: Client, owner: User, group: Group) -> None:
    job = make_job("processing", job__owner=owner, job__group=group)
    assert "Pause</button>" not in read(as_colleague, job)
    response = ask(as_colleague, job, "pause")
    assert response.status_code == 403
    assert "belongs to owner. Only its owner can pause it; nothing was changed." in response.content.decode()


def test_others_do_not_find_it(as_stranger: Client, owner: User) -> None:
    """J-11"""
    job = make_job("processing", job__owner=owner)
    for end in ("", "live/", "log/", "log.txt"):
        assert as_stranger.get(url(job, end)).status_code == 404
    assert ask(as_stranger, job, "cancel").status_code == 404
    assert Client().get(url(job)).status_code == 302
    assert Client().get(url(job, "live/")).status_code == 401


def test_what_there_is_not_is_not_found(as_owner: Client) -> None:
    """J-25"""
    assert as_owner.get(f"/jobs/{uuid.uuid4()}/").status_code == 404
    assert as_owner.get("/jobs/nonsense/").status_code == 404


def test_its_way_is_told_with_who_asked(as_owner: Client, owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    ask(as_owner, job, "pause")
    ask(as_owner, job, "resume")
    page = read(as_owner, job)
    moves = re.findall(r'<span class="what">(.*?)</span>', page)
    assert moves == ["Resumed by owner.", "Paused by owner.", "Queued"]


def test_progress_is_no_move(as_owner: Client, owner: User) -> None:
    job = make_job("processing", job__owner=owner)
    job.note("Started")
    job.note("Step 3 of 1,000")
    page = read(as_owner, job)
    moves = page[page.index('id="job-moves"') : page.index('id="job-facts"')]
    assert "Started" in moves
    assert "Step 3 of 1,000" not in moves
    assert "Step 3 of 1,000" in page  # among the history of progress


def test_deeds_outlive_the_history_that_is_kept(as_owner: Client, owner: User) -> None:
    """J-07: fifty lines are kept; who did what is never forgotten."""
    job = make_job("queued", job__owner=owner)
    AuditEntry.objects.note(owner, Deed.PAUSE, job)
    for step in range(60):
        job.note(f"Step {step}")
    page = read(as_owner, job)
    assert "Paused by owner" in page
    assert "Queued by owner" in page
    assert page.count('<td class="num">') == 2 * 50


def test_a_failure_says_why_and_its_traceback_is_for_staff(
    as_owner: Client, as_superuser: Client, owner: User
) -> None:
    """J-16"""
    job = make_job("failed", job__owner=owner)
    Job.objects.filter(pk=job.pk).update(traceback="Traceback: secret.py, line 3")
    page = read(as_owner, job)
    assert "BoulwareTBNegotiator took longer than 2 s to answer." in page
    assert "secret.py" not in page
    assert "secret.py" in read(as_superuser, job)


def test_lease_and_worker_are_for_staff(as_owner: Client, as_superuser: Client, owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    make_worker("lab:11.22:33", job)
    assert "lab:11.22:33" not in read(as_owner, job)
    assert "lab:11.22:33" in read(as_superuser, job)


def test_a_stuck_job_says_what_to_do(as_owner: Client, owner: User) -> None:
    """B-22"""
    job = make_job("processing", job__owner=owner)
    make_old(job, minutes=40)
    assert "Cancel it and retry, or ask an administrator" in read(as_owner, job)


def test_it_links_what_it_runs(as_owner: Client, owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    upload = ScenarioImportFactory(job__owner=owner, filename="anac.zip")
    assert f'href="/sessions/{job.pk}/"' in read(as_owner, job)
    assert f'href="/scenarios/imports/{upload.pk}/"' in read(as_owner, upload.job)


def test_names_and_messages_are_escaped(as_owner: Client, owner: User) -> None:
    job = make_job("failed", job__owner=owner)
    rename(job, "<script>name()</script>")
    job.note("<script>history()</script>")
    Job.objects.filter(pk=job.pk).update(
        error="<script>error()</script>", message="<script>message()</script>"
    )
    page = read(as_owner, job)
    for word in ("name", "history", "error", "message"):
        assert f"<script>{word}" not in page
    assert "&lt;script&gt;error()" in page


# --- Retry ------------------------------------------------------------------------------------------------------


def make_retried(owner: User, **fields: Any) -> Job:
    job = make_job("failed", job__owner=owner, **fields)
    job.session.parties.update(negotiator=NegotiatorFactory())
    return job


def test_a_retry_is_a_new_job_that_links_the_old_one(as_owner: Client, owner: User) -> None:
    """J-23, N-17"""
    old = make_retried(owner)
    response = ask(as_owner, old, "retry")
    new = Job.objects.get(retry_of=old)
    assert response.headers["Location"] == f"/jobs/{new.pk}/"
    assert f'href="/jobs/{old.pk}/"' in read(as_owner, new)
    assert f'href="/jobs/{new.pk}/"' in read(as_owner, old)
    assert "Retried by owner" in read(as_owner, old)


def test_of_the_attempts_only_what_is_visible_is_linked(
    as_colleague: Client, colleague: User, owner: User, group: Group
) -> None:
    """J-11"""
    old = make_retried(owner)
    new = make_job("completed", job__owner=colleague, job__retry_of=old)
    assert str(old.pk) not in read(as_colleague, new)


def test_a_second_retry_beside_the_first_is_refused(as_owner: Client, owner: User) -> None:
    old = make_retried(owner)
    ask(as_owner, old, "retry")
    response = ask(as_owner, old, "retry")
    assert response.status_code == 409
    assert "is being retried already" in response.content.decode()
    assert Job.objects.filter(retry_of=old).count() == 1


def test_a_retry_beyond_the_limit_is_refused_with_the_reason(as_owner: Client, owner: User) -> None:
    """J-18"""
    old = make_retried(owner)
    make_job("queued", job__owner=owner)
    with override_settings(ACTIVE_JOBS=1):
        response = ask(as_owner, old, "retry")
    assert response.status_code == 429
    assert "You have 1 active job" in response.content.decode()


def test_what_can_no_longer_be_seated_says_so(as_owner: Client, owner: User) -> None:
    response = ask(as_owner, make_job("failed", job__owner=owner), "retry")
    assert response.status_code == 409
    assert "is no longer in the catalogue" in response.content.decode()


# --- Moves ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "verb", "why"),
    [
        ("completed", "cancel", "is over already. There is nothing left to cancel."),
        ("failed", "pause", "is over already. There is nothing left to pause."),
        ("paused", "pause", "is paused already. Resume it to let it go on."),
        ("queued", "resume", "is not paused. It goes on by itself."),
        ("processing", "retry", "is still in progress."),
        ("completed", "retry", "is completed. There is nothing to retry."),
    ],
)
def test_what_cannot_be_done_now_is_refused_with_the_reason(
    as_owner: Client, owner: User, word: str, verb: str, why: str
) -> None:
    """J-12"""
    job = make_job(word, job__owner=owner)
    response = ask(as_owner, job, verb)
    assert response.status_code == 409
    assert why in response.content.decode()


def test_a_button_of_the_page_answers_without_leaving_it(as_owner: Client, owner: User) -> None:
    job = make_job("processing", job__owner=owner)
    assert ask(as_owner, job, "pause", **{"HX-Request": "true"}).status_code == 204
    assert Job.objects.get(pk=job.pk).hold
    assert ask(as_owner, job, "resume").headers["Location"] == url(job)


def test_a_superuser_may(as_superuser: Client, superuser: User, owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    assert ask(as_superuser, job, "cancel").status_code == 302
    assert Job.objects.get(pk=job.pk).cancelled_by == superuser


def test_looking_changes_nothing(as_owner: Client, owner: User) -> None:
    job = make_job("queued", job__owner=owner)
    assert as_owner.get(url(job, "cancel/")).status_code == 405


# --- Live -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", WORDS)
def test_what_is_active_is_asked_every_three_seconds_and_what_is_over_is_left_alone(
    as_owner: Client, owner: User, word: str
) -> None:
    """J-05"""
    job = make_job(word, job__owner=owner)
    page = read(as_owner, job)
    if word in ("queued", "processing", "paused"):
        assert f'hx-get="{url(job, "live/")}" hx-trigger="every 3s, live:now"' in page
    else:
        assert 'hx-get="/live/" hx-trigger="every 5s, live:now"' in page


def test_nothing_new_is_an_empty_answer_for_one_query(
    as_owner: Client, owner: User, django_assert_num_queries: Any
) -> None:
    """J-22: beyond the visitor's own session and user."""
    job = make_job("processing", job__owner=owner)
    shown = versions(read(as_owner, job))
    with django_assert_num_queries(3):
        response = as_owner.get(url(job, "live/"), {"every": "3", **shown})
    assert (response.status_code, response.content) == (204, b"")


def test_a_step_brings_the_figures_and_leaves_the_buttons(as_owner: Client, owner: User) -> None:
    job = make_job("processing", job__owner=owner)
    shown = versions(read(as_owner, job))
    Job.objects.filter(pk=job.pk).update(current_step=5)
    answer = as_owner.get(url(job, "live/"), {"every": "3", **shown}).content.decode()
    assert 'id="job-figures"' in answer
    assert 'id="job-actions"' not in answer


def test_the_end_is_told_and_ends_the_polling(as_owner: Client, owner: User) -> None:
    """J-05"""
    job = make_job("processing", job__owner=owner)
    shown = versions(read(as_owner, job))
    Job.objects.filter(pk=job.pk).update(status=Status.FAILED, token=None, error="It broke.")
    answer = as_owner.get(url(job, "live/"), {"every": "3", **shown}).content.decode()
    assert "It broke." in answer
    assert 'hx-get="/live/" hx-trigger="every 5s, live:now"' in answer

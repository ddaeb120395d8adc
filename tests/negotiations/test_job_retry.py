"""J-23: a retry is a new job beside the old one, which keeps all that it has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models import Job, Queue, ScenarioImport, Session, Status
from tests.factory import JobFactory, OfferFactory, ScenarioImportFactory
from tests.negotiations.test_job_moves import job_in

pytestmark = pytest.mark.django_db


def failed(**fields: Any) -> Job:
    return job_in(Status.FAILED, False, **fields)


def test_a_retry_runs_a_copy_of_the_same_thing(
    owner: User, group: Group, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    job = failed(owner=owner, group=group, queue=Queue.BATCH, attempt=3, error="It broke.")
    OfferFactory(session=job.session)
    with django_capture_on_commit_callbacks(execute=True):
        again = job.retry(owner)
    assert again is not None
    old, new = job.session, again.session
    assert (again.retry_of, again.status, again.attempt) == (job, Status.QUEUED, 0)
    assert (again.owner, again.group, again.queue) == (owner, group, Queue.BATCH)
    assert (new.scenario, new.seed, new.n_steps) == (old.scenario, old.seed, old.n_steps)
    assert [party.to_spec() for party in new.parties.all()] == [
        party.to_spec() for party in old.parties.all()
    ]
    assert (old.offers.count(), new.offers.count()) == (1, 0)
    assert Job.objects.get(pk=job.pk).error == "It broke."
    assert OrmQ.objects.count() == 1


def test_a_retry_belongs_to_whom_the_work_belongs(owner: User, superuser: User) -> None:
    again = failed(owner=owner).retry(superuser)
    assert again is not None
    assert again.owner == owner


def test_a_second_click_starts_no_second_retry(owner: User) -> None:
    job = failed(owner=owner)
    again = job.retry(owner)
    assert again is not None
    assert job.retry(owner) is None
    again.cancel(owner)
    assert job.retry(owner) is not None


def test_what_can_no_longer_be_seated_says_so(owner: User) -> None:
    job = failed(owner=owner)
    job.session.parties.update(negotiator=None)
    with pytest.raises(Unsuitable, match="is no longer in the catalogue"):
        job.retry(owner)
    assert Job.objects.count() == 1


def test_the_limit_of_its_owner_holds_for_a_retry_too(owner: User, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 1
    JobFactory(owner=owner)
    with pytest.raises(TooMuch):
        failed(owner=owner).retry(owner)


def test_an_import_is_read_again_from_the_same_archive(owner: User) -> None:
    upload = ScenarioImportFactory(
        archive=b"zip", tags=["trip"], job__owner=owner, job__status=Status.CANCELLED
    )
    again = upload.job.retry(owner)
    assert again is not None
    copy = again.scenario_import
    assert (bytes(copy.archive), copy.filename, copy.tags) == (b"zip", "scenarios.zip", ["trip"])


def test_an_import_whose_archive_was_pruned_says_what_to_do(owner: User) -> None:
    over = timezone.now() - timedelta(days=8)
    fields = {"job__status": Status.FAILED, "job__finished_at": over, "job__owner": owner}
    upload = ScenarioImportFactory(archive=b"zip", **fields)
    waiting = ScenarioImportFactory(archive=b"zip")
    recent = ScenarioImportFactory(archive=b"zip", **fields | {"job__finished_at": timezone.now()})
    assert ScenarioImport.objects.forget_archives(timezone.now() - timedelta(days=7)) == 1
    kept = ScenarioImport.objects.exclude(archive=None)
    assert set(kept) == {waiting, recent}
    with pytest.raises(Unsuitable, match="has been deleted since. Upload it again."):
        upload.job.retry(owner)


# --- All attempts -----------------------------------------------------------------------------------------


def test_all_attempts_are_found_from_each_of_them_in_one_query(owner: User) -> None:
    first = failed(owner=owner)
    second = JobFactory(owner=owner, retry_of=first)
    third = JobFactory(owner=owner, retry_of=second)
    JobFactory(owner=owner)
    for job in (first, second, third):
        with CaptureQueriesContext(connection) as queries:
            assert list(job.attempts()) == [first, second, third]
        assert len(queries) == 1


def test_attempts_of_others_are_found_only_where_they_are_visible(
    owner: User, colleague: User, stranger: User, group: Group
) -> None:
    """J-11"""
    job = failed(owner=owner, group=group)
    again = job.session.again(by=colleague).job
    Job.objects.filter(pk=again.pk).update(group=None)
    assert list(again.attempts().visible_to(colleague)) == [job, again]
    assert list(job.attempts().visible_to(owner)) == [job]
    assert list(job.attempts().visible_to(stranger)) == []


def test_a_retry_keeps_the_session_of_the_old_one() -> None:
    job = failed()
    again = job.retry(None)
    assert again is not None
    again.delete()
    assert Session.objects.filter(pk=job.pk).exists()

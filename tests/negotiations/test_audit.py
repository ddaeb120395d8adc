"""Who cancelled, paused, resumed or retried what: written with the deed, and only where there was one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction

from negotiations.models import AuditEntry, Job, Seat, Session, Status
from negotiations.models.job_states import Verb
from tests.factory import NegotiatorFactory, ScenarioFactory
from tests.negotiations.test_job_moves import job_in

pytestmark = pytest.mark.django_db

DEEDS = {
    Verb.PAUSE: ("paused", Status.PROCESSING, False),
    Verb.RESUME: ("resumed", Status.QUEUED, True),
    Verb.CANCEL: ("cancelled", Status.PROCESSING, False),
    Verb.RETRY: ("retried", Status.FAILED, False),
}


@pytest.mark.parametrize("verb", Verb)
def test_a_deed_is_noted_once(verb: Verb, owner: User, superuser: User) -> None:
    deed, status, hold = DEEDS[verb]
    job = job_in(status, hold)
    getattr(job, verb)(superuser)
    getattr(job, verb)(owner)  # too late: nothing happens, nothing is noted
    (entry,) = AuditEntry.objects.all()
    assert (entry.by, entry.deed, entry.thing, entry.thing_id) == (superuser, deed, str(job), str(job.pk))
    assert str(entry) == f"root {deed} {job}"


def test_a_retry_says_what_came_of_it(owner: User) -> None:
    again = job_in(Status.FAILED, False).retry(owner)
    assert again is not None
    assert AuditEntry.objects.get().detail == f"as {again.pk}"


def test_a_deed_that_is_rolled_back_leaves_no_note(owner: User) -> None:
    job = job_in(Status.QUEUED, False)
    with pytest.raises(RuntimeError), transaction.atomic():
        job.pause(owner)
        raise RuntimeError("the commit fails")
    assert not AuditEntry.objects.exists()
    assert not Job.objects.get(pk=job.pk).hold


def test_the_command_line_has_no_name() -> None:
    job = job_in(Status.QUEUED, False)
    job.cancel(None)
    entry = AuditEntry.objects.get()
    assert (entry.by, str(entry)) == (None, f"the command line cancelled {job}")


def test_what_is_shared_is_noted_with_whom(owner: User, group: Group) -> None:
    session = make_session(owner, group=group)
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.deed, entry.thing_id) == (owner, "shared", str(session.pk))
    assert entry.detail == f"with {group}"


def test_what_is_not_shared_leaves_no_note(owner: User) -> None:
    make_session(owner)
    assert not AuditEntry.objects.exists()


def make_session(owner: User, **fields: Any) -> Session:
    seats = [Seat(NegotiatorFactory()), Seat(NegotiatorFactory())]
    return Session.objects.start(
        owner=owner, scenario=ScenarioFactory(), seats=seats, seed=1, n_steps=5, **fields
    )

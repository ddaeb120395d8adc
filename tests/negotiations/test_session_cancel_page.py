"""Cancelling: whose it is, when it can be, and what each is told."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Job, Session, Status
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db


def cancel(client: Client, session: Session, **headers: str) -> int:
    return client.post(f"{session.get_absolute_url()}cancel/", headers=headers).status_code


def test_a_pending_session_never_starts(as_owner: Client, owner: User) -> None:
    """J-12"""
    session = make_session("pending", job__owner=owner)
    response = as_owner.post(f"{session.get_absolute_url()}cancel/")
    assert response.headers["Location"] == session.get_absolute_url()
    job = Job.objects.get(pk=session.pk)
    assert (job.status, job.cancelled_by) == (Status.CANCELLED, owner)


def test_a_running_session_is_asked_to_stop(as_owner: Client, owner: User) -> None:
    """N-20"""
    session = make_session("running", job__owner=owner)
    assert cancel(as_owner, session, **{"HX-Request": "true"}) == 204
    assert Job.objects.get(pk=session.pk).cancel_requested_at is not None


def test_what_is_over_cannot_be_cancelled(as_owner: Client, owner: User) -> None:
    """J-12"""
    session = make_session("completed", job__owner=owner)
    response = as_owner.post(f"{session.get_absolute_url()}cancel/")
    assert response.status_code == 409
    assert "is over already. There is nothing left to cancel." in response.content.decode()
    assert Job.objects.get(pk=session.pk).status == Status.COMPLETED


def test_a_colleague_looks_on(as_colleague: Client, owner: User, group: Group) -> None:
    session = make_session("running", job__owner=owner, job__group=group)
    response = as_colleague.post(f"{session.get_absolute_url()}cancel/")
    assert response.status_code == 403
    assert "belongs to owner. Only its owner can cancel it; nothing was changed." in response.content.decode()
    assert Job.objects.get(pk=session.pk).cancel_requested_at is None


def test_a_superuser_may(as_superuser: Client, owner: User) -> None:
    assert cancel(as_superuser, make_session("running", job__owner=owner)) == 302


def test_others_do_not_find_it(as_stranger: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner)
    assert cancel(as_stranger, session) == 404
    assert cancel(Client(), session) == 302
    assert Job.objects.get(pk=session.pk).cancel_requested_at is None


def test_looking_does_not_cancel(as_owner: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner)
    assert as_owner.get(f"{session.get_absolute_url()}cancel/").status_code == 405

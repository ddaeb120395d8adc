"""N-08, J-12: what people may ask of a job in which state; all else is refused and changes nothing."""

from __future__ import annotations

import uuid
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from negotiations.models import AuditEntry, Job, Session, Status
from negotiations.models.job_states import ACTIVE, VERBS, Verb
from tests.factory import NegotiatorFactory, SessionFactory

pytestmark = pytest.mark.django_db

STATES = list(product(Status, [False, True]))
# Written out once more: a table that is tested by itself says nothing.
LEGAL = {
    ("queued", False, "pause"), ("queued", False, "cancel"),
    ("queued", True, "resume"), ("queued", True, "cancel"),
    ("processing", False, "pause"), ("processing", False, "cancel"),
    ("processing", True, "resume"), ("processing", True, "cancel"),
    ("failed", False, "retry"), ("cancelled", False, "retry"),
}  # fmt: skip


def job_in(status: Status, hold: bool, **fields: Any) -> Job:
    """A session's job that is in this state by what its row says."""
    token = uuid.uuid4() if status == Status.PROCESSING else None
    session: Session = SessionFactory(
        job__status=status,
        job__hold=hold,
        job__token=token,
        **{f"job__{name}": v for name, v in fields.items()},
    )
    session.parties.update(negotiator=NegotiatorFactory())
    return Job.objects.get(pk=session.pk)


def asked(job: Job, verb: Verb, by: User) -> bool:
    return bool(getattr(job, verb)(by))


def everything() -> list[Any]:
    """All that a change could have changed."""
    tables = (Job, Session, AuditEntry)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_the_table_is_what_was_agreed() -> None:
    assert {
        (str(status), hold, str(verb)) for verb, states in VERBS.items() for status, hold in states
    } == LEGAL


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize(("status", "hold"), STATES)
def test_what_is_not_in_the_table_is_refused_and_changes_nothing(
    status: Status, hold: bool, verb: Verb, owner: User
) -> None:
    job = job_in(status, hold)
    before, history = everything(), job.history.count()
    is_legal = (status, hold, verb) in LEGAL
    assert job.may(verb) is is_legal
    assert asked(job, verb, owner) is is_legal
    assert (everything() != before) is is_legal
    if not is_legal:
        assert job.history.count() == history


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize(("status", "hold"), list(product(ACTIVE, [False, True])))
def test_once_it_is_to_stop_nothing_else_may_be_asked(
    status: Status, hold: bool, verb: Verb, owner: User
) -> None:
    job = job_in(status, hold, cancel_requested_at=timezone.now())
    before = everything()
    assert not job.may(verb)
    # To ask for the same once more is no mistake.
    assert asked(job, verb, owner) is (verb == Verb.CANCEL)
    assert everything() == before


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("status", Status)
def test_what_was_read_long_ago_decides_nothing(status: Status, verb: Verb, owner: User) -> None:
    """Two people look at the same page; the second one asks of what it has become."""
    job = job_in(Status.FAILED if verb == Verb.RETRY else Status.QUEUED, verb == Verb.RESUME)
    assert job.may(verb)
    token = uuid.uuid4() if status == Status.PROCESSING else None
    Job.objects.filter(pk=job.pk).update(status=status, hold=False, token=token)
    assert asked(job, verb, owner) is ((status, False, verb) in LEGAL)


@pytest.mark.parametrize("end", ["complete", "fail", "stop_cancelled"])
@pytest.mark.parametrize("hold", [False, True])
def test_an_end_is_written_once_in_the_history_and_nothing_is_held_after_it(end: str, hold: bool) -> None:
    job = job_in(Status.PROCESSING, hold)
    getattr(job, end)("It is over.")
    assert job.history.exclude(status__in=ACTIVE).count() == 1
    assert job.history.latest("seq").status == Job.objects.get(pk=job.pk).status
    assert not Job.objects.get(pk=job.pk).hold


def test_a_wish_to_stop_that_comes_with_the_last_beat_is_heard(owner: User) -> None:
    """Between the beat that saw the hold and the end of the attempt."""
    job = job_in(Status.PROCESSING, True, attempt=1)
    assert Job.objects.get(pk=job.pk).cancel(owner)
    job.hand_back("Paused at step 3.")
    assert Job.objects.get(pk=job.pk).status == Status.CANCELLED
    assert job.history.exclude(status__in=ACTIVE).count() == 1
    assert Session.objects.get(pk=job.pk).end_reason == "cancelled"

"""The judge finds what is wrong: otherwise its verdict on a chaos run would say nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection

from negotiations.models import Job, Offer, Session, Status
from negotiations.tasks import run_job
from notifications.models import Notification
from tests.chaos import witness
from tests.chaos.breaker import Hit
from tests.chaos.judge import judge
from tests.chaos.plan import Breakage
from tests.factory import OfferFactory
from tests.workers.conftest import begin

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LEASE = 5.0


@pytest.fixture
def session() -> Session:
    """A session that was run as a worker does, before witnesses."""
    witness.swear_in()
    session = begin(n_steps=6)
    run_job(str(session.pk))
    over: Session = Session.objects.select_related("job").get(pk=session.pk)
    return over


def findings(*hits: Hit) -> list[str]:
    return judge(list(hits), LEASE).findings


def finding(*hits: Hit) -> str:
    """The only one there is."""
    (found,) = findings(*hits)
    return found


def test_a_run_that_nobody_disturbed_is_found_right(session: Session) -> None:
    verdict = judge([], LEASE)
    assert verdict.findings == []
    assert (verdict.figures["claims"], verdict.figures["rows compared"]) == (1, 12)
    assert verdict.figures["jobs completed"] == 1


def test_another_row_is_found(session: Session) -> None:
    Offer.objects.filter(session=session, seq=7).update(step=99)
    assert finding() == f"{session} differs from its undisturbed run from row 7 on"


def test_a_missing_row_is_found(session: Session) -> None:
    Offer.objects.filter(session=session, seq=12).delete()
    assert f"{session} is completed with 11 of 12 rows" in findings()


def test_another_end_is_found(session: Session) -> None:
    Session.objects.filter(pk=session.pk).update(steps=5)
    assert finding().startswith(f"{session} ended as ('steps', 5,")


def test_a_row_that_nobody_who_held_the_job_wrote_is_found(session: Session) -> None:
    OfferFactory(session=session, seq=13)
    assert f"{session.pk.hex[:4]}: rows 13 to 13 were written by nobody who held it" in findings()


def test_a_second_end_is_found(session: Session) -> None:
    session.job.note("Completed again")
    assert finding() == f"{session.job} ended 1 times and told it 2 times"


def test_an_end_that_nobody_was_told_is_found(session: Session) -> None:
    Notification.objects.all().delete()
    assert finding() == f"{session.job} is completed, and its owner was told 0 times"


def test_a_job_that_is_not_over_is_found() -> None:
    witness.swear_in()
    job = begin(n_steps=6).job
    assert f"{job} is still queued: {job.message}" in findings()


def test_an_illegal_move_is_found(session: Session) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE negotiations_job SET status = 'queued'")
    assert f"{session.pk.hex[:4]} went from completed to queued" in findings()


def lost(session: Session, **hit: Any) -> list[str]:
    """What is found where a worker loses its job and another one brings it to its end."""
    job = Job.objects.claim(session.pk, "host:1.1:7")
    assert job is not None
    job.lose(Job.objects.all())
    run_job(str(session.pk))
    return findings(*([Hit(time.time(), Breakage.KILL_WORKER, **hit)] if hit else []))


@pytest.fixture
def waiting() -> Session:
    witness.swear_in()
    return begin(n_steps=6)


def test_an_attempt_that_is_lost_for_no_reason_is_found(waiting: Session) -> None:
    told = "lost an attempt though nothing hit its worker host:1.1:7"
    (found,) = lost(waiting)
    assert found.startswith(f"{waiting.pk.hex[:4]} {told} before ")


def test_so_is_one_where_another_worker_was_hit(waiting: Session) -> None:
    assert len(lost(waiting, pids=frozenset({8}))) == 1


def test_one_whose_worker_was_hit_is_none(waiting: Session) -> None:
    assert lost(waiting, pids=frozenset({7, 9})) == []


def test_a_job_handed_back_has_lost_no_attempt(waiting: Session) -> None:
    job = Job.objects.claim(waiting.pk, "host:1.1:7")
    assert job is not None
    job.hand_back("The worker shuts down.")
    run_job(str(waiting.pk))
    verdict = judge([], LEASE)
    assert verdict.findings == []
    assert (verdict.figures["attempts lost"], verdict.figures["released or handed back"]) == (0, 1)


def test_a_failure_that_all_attempts_were_not_lost_for_is_found(waiting: Session) -> None:
    job = Job.objects.claim(waiting.pk, "host:1.1:7")
    assert job is not None
    waiting.end("error")
    job.fail("boom")
    assert Job.objects.get(pk=job.pk).status == Status.FAILED
    assert finding() == f"{job} failed after 0 lost attempts: boom"

"""Many sessions are deleted by a real worker, and by the next one where that is killed in the midst."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone

from negotiations.engine.specs import Action
from negotiations.models import AuditEntry, Deletion, Job, Offer, Session, Status
from notifications.models import Notification
from tests.factory import UserFactory
from tests.negotiations.session_rows import make_session, set_status
from tests.workers.conftest import Starts, eventually

pytestmark = [pytest.mark.workers]


def begun(sessions: int, offers: int) -> Deletion:
    owner = UserFactory()
    made = [make_session("pending", job__owner=owner) for _ in range(sessions)]
    actions = [
        Action(seq, seq // 2, 0.1, seq % 2, "offer", ("low", "yes"), (1.0, 0.0))
        for seq in range(1, offers + 1)
    ]
    for session in made:
        with transaction.atomic():
            Offer.objects.append(session, actions)
            set_status(session, Status.COMPLETED)
    ids = [session.pk for session in made]
    Session.objects.filter(pk__in=ids).update(n_offers=offers)
    deletion = Deletion.objects.start(owner=owner, sessions=Session.objects.filter(pk__in=ids))
    assert deletion is not None
    return deletion


def is_over(deletion: Deletion) -> bool:
    return Job.objects.filter(pk=deletion.pk, status=Status.COMPLETED).exists()


def test_a_worker_deletes_them_and_tells_the_owner(start: Starts) -> None:
    deletion = begun(25, 20)
    start("qworkers", WORKERS="1")
    eventually(lambda: is_over(deletion))
    assert not Session.objects.filter(pk__in=deletion.ids).exists()
    assert AuditEntry.objects.filter(thing_id__in=deletion.ids, deed="deleted").count() == 25
    told = Notification.objects.get(user=Job.objects.get(pk=deletion.pk).owner)
    assert told.title == "25 sessions deleted"


def test_another_goes_on_where_one_was_killed(start: Starts) -> None:
    deletion = begun(8, 30_000)
    cluster = start("qworkers", WORKERS="1")
    eventually(lambda: Job.objects.filter(pk=deletion.pk, current_step__gte=1).exists())
    cluster.kill(*cluster.all())
    left = Session.objects.filter(pk__in=deletion.ids).count()
    assert 0 < left < 8
    Job.objects.filter(pk=deletion.pk).update(lease_until=timezone.now())
    start("qworkers", WORKERS="1")
    eventually(lambda: is_over(deletion), 30)
    assert not Offer.objects.filter(session__in=deletion.ids).exists()
    assert AuditEntry.objects.filter(thing_id__in=deletion.ids, deed="deleted").count() == 8

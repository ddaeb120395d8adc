"""Sessions that are deleted: what goes with them, what stays, and that a stop in the midst loses nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User

from negotiations import deletions
from negotiations.exceptions import LostLease, Unsuitable
from negotiations.models import (
    AuditEntry,
    Deletion,
    Job,
    JobLog,
    JobProgress,
    Offer,
    Party,
    Session,
    SessionTag,
    Status,
)
from negotiations.models.deletions import erase
from negotiations.tasks import run_deletion, run_job
from notifications.models import Notification
from tests.factory import make_completed_session
from tests.negotiations.session_rows import add_offers, make_session

pytestmark = pytest.mark.django_db


def begun(owner: User, count: int, offers: int = 6) -> Deletion:
    ids = [make_session("completed", offers=offers, job__owner=owner).pk for _ in range(count)]
    deletion = Deletion.objects.start(owner=owner, sessions=Session.objects.filter(pk__in=ids))
    assert deletion is not None
    return deletion


# --- A few, at once ---------------------------------------------------------------------------------------------


def test_all_that_belongs_to_a_session_goes_with_it(owner: User) -> None:
    session = make_session("completed", job__owner=owner)
    SessionTag.objects.add([session.pk], ["one"])
    session.job.note("A line of history")
    JobLog.objects.say(session.job, "A line")
    other = make_session("completed", job__owner=owner)
    assert deletions.delete(Session.objects.filter(pk=session.pk), owner) == 1
    assert not Offer.objects.filter(session=session.pk).exists()
    assert not Party.objects.filter(session=session.pk).exists()
    assert not SessionTag.objects.filter(session=session.pk).exists()
    assert not JobLog.objects.filter(job=session.pk).exists()
    assert not JobProgress.objects.filter(job=session.pk).exists()
    assert list(Session.objects.values_list("pk", flat=True)) == [other.pk]
    assert list(Job.objects.values_list("pk", flat=True)) == [other.pk]
    assert other.offers.count() == 7


def test_the_audit_says_who_deleted_what(owner: User) -> None:
    session = make_completed_session(job__owner=owner)
    deletions.delete(Session.objects.all(), owner)
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.deed, entry.thing_id) == (owner, "deleted", str(session.pk))
    assert entry.thing == f"{session.scenario.name} {session.short_id}"
    assert entry.detail == "of owner, 3 offers"


def test_forks_variants_and_retries_live_on(owner: User) -> None:
    session = make_completed_session(job__owner=owner)
    heir = make_completed_session(
        job__owner=owner, forked_from=session, based_on=session, job__retry_of=session.job
    )
    deletions.delete(Session.objects.filter(pk=session.pk), owner)
    heir.refresh_from_db()
    assert (heir.forked_from, heir.based_on, heir.job.retry_of) == (None, None, None)


@pytest.mark.parametrize("state", ["pending", "running", "paused"])
def test_what_is_in_progress_stays(state: str, owner: User) -> None:
    session = make_session(state, job__owner=owner)
    assert deletions.delete(Session.objects.all(), owner) == 0
    assert erase([session], owner) == 0
    assert Session.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_only_ones_own_go_but_for_superusers(
    owner: User, colleague: User, stranger: User, superuser: User, group: Group
) -> None:
    make_completed_session(job__owner=owner, job__group=group)
    for person in (colleague, stranger):
        assert deletions.delete(Session.objects.all(), person) == 0
    assert deletions.delete(Session.objects.all(), superuser) == 1


# --- Many, by a worker --------------------------------------------------------------------------------------------


def test_more_than_a_page_can_bear_is_marked_and_left_to_a_worker(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "MOST_SESSIONS", 1)
    sessions = [make_completed_session(job__owner=owner) for _ in range(2)]
    started = deletions.delete(Session.objects.all(), owner)
    assert isinstance(started, Deletion)
    assert (started.job.kind, started.job.queue, started.job.total_steps) == ("deletion", "live", 2)
    assert str(started) == "Deletion of 2 sessions"
    assert set(started.sessions.all()) == set(sessions)
    assert not Session.objects.visible_to(owner).exists()
    assert deletions.delete(Session.objects.all(), owner) == 0, "asked twice, done once"


def test_much_is_counted_in_sessions_and_in_offers() -> None:
    assert not deletions.is_much(20, 20_000)
    assert deletions.is_much(21, 0)
    assert deletions.is_much(1, 20_001)


def test_a_worker_removes_them_and_tells_the_owner(owner: User) -> None:
    deletion = begun(owner, 3)
    kept = make_completed_session(job__owner=owner)
    run_job(str(deletion.pk))
    job = Job.objects.get(pk=deletion.pk)
    assert (job.status, job.percentage) == (Status.COMPLETED, 100)
    assert job.message == "3 sessions deleted, with all offers and logs."
    assert list(Session.objects.all()) == [kept]
    assert AuditEntry.objects.filter(deed="deleted", by=owner).count() == 3
    told = Notification.objects.get()
    assert (told.user, told.kind) == (owner, "deletion_completed")
    assert told.title == "3 sessions deleted"
    run_job(str(deletion.pk))  # a second delivery does nothing
    assert AuditEntry.objects.filter(deed="deleted").count() == 3


def test_many_offers_go_in_small_transactions_the_newest_first(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "BATCH", 10)
    deletion = begun(owner, 1, offers=44)
    session, seen = deletion.sessions.get(), []
    told = deletions.DeletionRecorder.told

    def watch(self: deletions.DeletionRecorder, done: int) -> str:
        seen.append(sorted(session.offers.values_list("seq", flat=True))[-1])
        return told(self, done)

    monkeypatch.setattr(deletions.DeletionRecorder, "told", watch)
    run_job(str(deletion.pk))
    assert seen == [45, 45, 35, 25, 15, 5]  # the first beat asks whether to begin at all
    assert not Offer.objects.exists()


def died_in_the_midst(owner: User, monkeypatch: pytest.MonkeyPatch) -> Deletion:
    """Of three sessions the first is gone, the second has lost offers, and then the worker was killed."""
    monkeypatch.setattr(deletions, "BATCH", 10)
    deletion = begun(owner, 3, offers=44)
    job = Job.objects.claim(deletion.pk, "worker")
    assert job is not None
    recorder = deletions.DeletionRecorder(job, deletion)
    first = recorder._next()
    recorder._beat(lambda: recorder._erase(first))
    (second,) = recorder._next()
    recorder._beat(lambda: recorder._remove_newest(second))
    return deletion


def test_small_ones_go_together_and_none_of_them_is_counted_twice(owner: User) -> None:
    deletion = begun(owner, 45)
    job = Job.objects.claim(deletion.pk, "worker")
    assert job is not None
    recorder = deletions.DeletionRecorder(job, deletion)
    assert [len(recorder._next())] == [deletions.AT_ONCE]
    run_deletion(job)
    assert not Session.objects.exists()
    assert AuditEntry.objects.filter(deed="deleted").count() == 45
    assert Job.objects.get(pk=deletion.pk).message == "45 sessions deleted, with all offers and logs."


def test_the_next_worker_goes_on_where_the_first_was_killed(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    deletion = died_in_the_midst(owner, monkeypatch)
    Job.objects.get(pk=deletion.pk).lose(Job.objects.all())
    run_job(str(deletion.pk))
    assert Job.objects.get(pk=deletion.pk).status == Status.COMPLETED
    assert not Session.objects.exists()
    assert AuditEntry.objects.filter(deed="deleted").count() == 3


def test_who_lost_the_lease_removes_nothing(owner: User) -> None:
    deletion = begun(owner, 2)
    job = Job.objects.claim(deletion.pk, "worker")
    assert job is not None
    Job.objects.get(pk=deletion.pk).lose(Job.objects.all())
    with pytest.raises(LostLease):
        run_deletion(job)
    assert Session.objects.count() == 2


def test_given_up_leaves_nothing_half_in_sight_and_a_retry_finishes_it(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    deletion = died_in_the_midst(owner, monkeypatch)
    job = Job.objects.get(pk=deletion.pk)
    job.fail("It broke.")
    (whole,) = Session.objects.visible_to(owner)
    assert whole.offers.count() == 45
    again = Job.objects.get(pk=deletion.pk).retry(owner)
    assert again is not None
    run_job(str(again.pk))
    assert not Session.objects.exists()


def test_cancelled_leaves_what_was_not_begun(owner: User) -> None:
    deletion = begun(owner, 3)
    job = Job.objects.claim(deletion.pk, "worker")
    assert job is not None
    Job.objects.get(pk=deletion.pk).cancel(owner)
    run_deletion(job)
    job = Job.objects.get(pk=deletion.pk)
    assert (job.status, job.message) == (Status.CANCELLED, "Cancelled by owner. 3 of 3 are still there.")
    assert Session.objects.visible_to(owner).count() == 3


def test_a_cancel_before_it_began_gives_all_of_them_back(owner: User) -> None:
    deletion = begun(owner, 2)
    add_offers(make_session("pending", offers=0, job__owner=owner), 2)
    assert deletion.job.cancel(owner)
    assert Session.objects.visible_to(owner).over().count() == 2


def test_nothing_left_to_retry_is_said(owner: User) -> None:
    deletion = begun(owner, 1)
    deletion.job.cancel(owner)
    deletions.delete(Session.objects.all(), owner)
    with pytest.raises(Unsuitable, match="Nothing of what was to be deleted is left"):
        deletion.again(owner)

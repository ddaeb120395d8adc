"""Telling somebody something: once, in order, in words that nothing breaks (F-11, F-12, F-19, F-20)."""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DataError, transaction
from django.utils import timezone

from notifications.messages import MESSAGES, Message
from notifications.models import Inbox, Level, Notification
from notifications.models.notifications import MOST_UNREAD
from tests.factory import NotificationFactory, UserFactory

pytestmark = pytest.mark.django_db
WORDS = {"name": "Used bike", "told": "Agreement at 0.63 and 0.38."}


def tell(user: User, key: str = "", **more: Any) -> Notification | None:
    return Notification.objects.add(user, "session_completed", words=WORDS, dedupe_key=key, **more)


def inbox_of(user: User) -> Inbox:
    return Inbox.objects.get(user=user)


def test_a_notification_has_the_words_of_its_kind(owner: User) -> None:
    told = NotificationFactory(user=owner)
    assert (told.level, told.title) == (Level.SUCCESS, "Used bike completed")
    assert told.text == "Agreement at 0.63 and 0.38."
    assert isinstance(told.pk, uuid.UUID)
    assert (told.delivered_at, told.seen_at, told.dismissed_at) == (None, None, None)
    assert told.expires_at > timezone.now() + timedelta(days=80)


def test_each_person_has_numbers_of_their_own_without_a_gap(owner: User, stranger: User) -> None:
    for user in (owner, stranger, owner, owner):
        tell(user)
    seqs = Notification.objects.order_by("seq").values_list
    assert list(seqs("seq", flat=True).filter(user=owner)) == [1, 2, 3]
    assert list(seqs("seq", flat=True).filter(user=stranger)) == [1]
    assert inbox_of(owner).last_seq == 3


def test_the_same_thing_is_told_once_to_each(owner: User, stranger: User) -> None:
    """F-20"""
    assert tell(owner, "job:1:completed") is not None
    assert tell(owner, "job:1:completed") is None
    assert tell(stranger, "job:1:completed") is not None
    assert Notification.objects.count() == 2
    assert inbox_of(owner).last_seq == 1


def test_what_is_rolled_back_was_never_told(owner: User) -> None:
    tell(owner)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(owner)
        raise ZeroDivisionError
    assert tell(owner).seq == 2  # type: ignore[union-attr]


def test_what_the_database_refuses_is_logged_and_stops_nothing(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """F-26"""

    def refused(self: Notification, **how: Any) -> None:
        raise DataError("too long")

    with monkeypatch.context() as patched:
        patched.setattr(Notification, "save", refused)
        with transaction.atomic(), caplog.at_level(logging.ERROR):
            assert tell(owner) is None
            owner.first_name = "still"
            owner.save()
    assert "could not be told" in caplog.text
    assert User.objects.get(pk=owner.pk).first_name == "still"
    assert tell(owner).seq == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "words", "days"),
    [
        ("a_kind_of_tomorrow", WORDS, 90),
        ("session_completed", {"name": "Used bike"}, 90),
        ("session_completed", WORDS, 1e9),
    ],
)
def test_what_cannot_be_told_stops_nothing(
    owner: User,
    caplog: pytest.LogCaptureFixture,
    settings: Any,
    kind: str,
    words: dict[str, Any],
    days: float,
) -> None:
    """F-26: a job ends in the same transaction."""
    settings.KEEP_NOTIFICATIONS_DAYS = days
    with transaction.atomic(), caplog.at_level(logging.ERROR):
        assert Notification.objects.add(owner, kind, words=words) is None
        User.objects.filter(pk=owner.pk).update(first_name="still")
    assert "could not be told" in caplog.text
    assert User.objects.get(pk=owner.pk).first_name == "still"
    settings.KEEP_NOTIFICATIONS_DAYS = 90
    assert tell(owner).seq == 1  # type: ignore[union-attr]


def test_what_is_muted_or_known_is_kept_and_not_told(owner: User) -> None:
    Inbox.objects.locked(owner).mute(["session_completed"])
    assert tell(owner).seen_at is not None  # type: ignore[union-attr]
    Inbox.objects.locked(owner).mute([])
    assert tell(owner, is_known=True).seen_at is not None  # type: ignore[union-attr]
    assert tell(owner).seen_at is None  # type: ignore[union-attr]
    assert Notification.objects.of(owner).count_unread() == 1


@pytest.mark.parametrize("kind", MESSAGES)
def test_every_kind_can_be_told_one_by_one_and_many_at_once(owner: User, kind: str) -> None:
    told = Notification.objects.add(owner, kind, words=WORDS)
    assert told is not None
    assert "Used bike" in told.title
    assert "{" not in told.title + told.text + MESSAGES[kind].many.format(n=7)
    assert "7" in MESSAGES[kind].many.format(n=7)


@pytest.mark.parametrize(
    "hostile",
    ["{0.__class__}", "{name.__init__.__globals__}", "%s%n", "<script>alert(1)</script>", "a\0b", "\udcff", "x" * 5000],
)  # fmt: skip
def test_words_of_others_stay_words(owner: User, hostile: str) -> None:
    """What people and programs say is filled in as it is: nothing in it is looked up, and all of it can be stored."""
    told = Notification.objects.add(owner, "session_failed", words={"name": hostile, "told": hostile})
    assert told is not None
    stored = Notification.objects.get(pk=told.pk)
    assert stored.title.startswith(hostile.replace("\0", "").replace("\udcff", "?")[:190])
    assert len(stored.title) <= 200
    assert "globals" not in stored.text.replace(hostile, "")


def test_a_level_that_nobody_knows_is_information(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """F-11"""
    monkeypatch.setitem(MESSAGES, "odd", Message("catastrophe", "{name}", "", "{n}", "Odd"))
    assert NotificationFactory(user=owner, kind="odd").level == Level.INFO


# --- Links ------------------------------------------------------------------------------------------------


def linked(**context: Any) -> str:
    return Notification(context=context).href


def test_a_link_is_the_one_given_else_the_page_of_what_it_is_about() -> None:
    """F-12"""
    session, job = str(uuid.uuid4()), str(uuid.uuid4())
    assert linked(href="/scenarios/", session_id=session) == "/scenarios/"
    assert linked(session_id=session, job_id=job) == f"/sessions/{session}/"
    assert linked(job_id=job) == f"/jobs/{job}/"
    assert linked() == ""
    assert linked(session_id="no id") == ""


@pytest.mark.parametrize(
    "href",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", "\\\\evil", "data:text/html,x",
     "///evil.example", "/\t/evil.example", "evil", " /x", "http:///x"],
)  # fmt: skip
def test_a_link_out_of_this_house_is_none(href: str) -> None:
    assert linked(href=href) == ""


# --- What their reader does ---------------------------------------------------------------------------------


def test_reading_is_noted_once_and_every_page_hears_of_it(owner: User) -> None:
    """F-23"""
    told = NotificationFactory(user=owner)
    before = inbox_of(owner).changes
    mine = Notification.objects.filter(user=owner)
    assert mine.filter(pk=told.pk).see(owner) == 1
    seen_at = Notification.objects.get(pk=told.pk).seen_at
    assert mine.filter(pk=told.pk).see(owner) == 0
    assert Notification.objects.get(pk=told.pk).seen_at == seen_at
    assert inbox_of(owner).changes == before + 1


def test_nobody_marks_anothers(owner: User, stranger: User) -> None:
    told = NotificationFactory(user=owner)
    assert Notification.objects.filter(pk=told.pk).see(stranger) == 0
    assert Notification.objects.filter(pk=told.pk).dismiss(stranger) == 0
    assert Notification.objects.get(pk=told.pk).is_unread


def test_what_is_dismissed_or_has_run_out_is_shown_no_more(owner: User) -> None:
    first, second, third = (NotificationFactory(user=owner) for _ in range(3))
    Notification.objects.filter(pk=first.pk).dismiss(owner)
    Notification.objects.filter(pk=second.pk).update(expires_at=timezone.now())
    assert list(Notification.objects.of(owner)) == [third]
    assert Notification.objects.of(owner).count_unread() == 1
    assert list(Notification.objects.expired()) == [second]


def test_the_badge_stops_counting(owner: User) -> None:
    now = timezone.now()
    Inbox.objects.create(user=owner, last_seq=300)
    Notification.objects.bulk_create(
        Notification(
            user=owner,
            seq=seq,
            kind="session_failed",
            title="x",
            dedupe_key=str(seq),
            expires_at=now + timedelta(1),
        )
        for seq in range(1, 301)
    )
    assert Notification.objects.of(owner).count_unread() == MOST_UNREAD


def test_a_delivery_is_noted_up_to_the_number_that_the_page_has(owner: User) -> None:
    for _ in range(3):
        NotificationFactory(user=owner)
    Notification.objects.deliver(owner.pk, 2)
    delivered = Notification.objects.exclude(delivered_at=None).order_by("seq")
    assert [told.seq for told in delivered] == [1, 2]
    Notification.objects.deliver(owner.pk, 99)  # a cursor that lies
    assert delivered.all().count() == 2
    Notification.objects.deliver(owner.pk, 3)
    assert delivered.all().count() == 3
    assert inbox_of(owner).delivered_seq == 3


def test_the_key_of_an_inbox_names_its_person_and_its_database(owner: User, stranger: User) -> None:
    keys = {Inbox.of(owner).key, Inbox.of(stranger).key}
    assert len(keys) == 2
    owner.date_joined += timedelta(seconds=1)  # as in a database that was made anew
    assert Inbox(user=owner).key not in keys


def test_deleting_a_person_takes_their_notifications_along(db: None) -> None:
    someone = UserFactory()
    NotificationFactory(user=someone)
    someone.delete()
    assert not Notification.objects.exists()
    assert not Inbox.objects.exists()

"""Notifications in the answer of every poll (F-02 to F-10, F-26)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from notifications.feed import A_PAGE
from notifications.models import Inbox, Notification
from tests.factory import NotificationFactory, SessionFactory

URL = "/live/"


def poll(client: Client, user: User, after: int | str = 0, /, **more: Any) -> Any:
    """As a page of `user` that has everything up to `after`."""
    query: dict[str, Any] = {"every": 5, "notified": after, "v-toasts": Inbox.of(user).key} | more
    return client.get(URL, query)


def page_of(user: User) -> dict[str, str]:
    """What a page of `user` that has nothing sends."""
    return {"notified": "0", "v-toasts": Inbox.of(user).key}


def seqs(response: Any) -> list[int]:
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)" data-id', response.content.decode())]


def events(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.headers.get("HX-Trigger", "{}"))
    return found


def test_what_is_new_comes_in_the_order_in_which_it_was_told(as_owner: Client, owner: User) -> None:
    """F-04"""
    for _ in range(3):
        NotificationFactory(user=owner)
    assert seqs(poll(as_owner, owner)) == [1, 2, 3]
    assert seqs(poll(as_owner, owner, 2)) == [3]
    assert poll(as_owner, owner, 3).status_code == 204


def test_it_rides_on_the_poller_of_every_page(as_owner: Client, owner: User) -> None:
    """F-03: of the overview, of lists, of a session, of a job."""
    session = SessionFactory(job__owner=owner)
    NotificationFactory(user=owner)
    paths = ["/home/sessions/", "/sessions/live/", "/jobs/live/", "/workers/live/", "/activity/live/"]
    paths += [f"/sessions/{session.pk}/live/", f"/jobs/{session.pk}/live/"]
    for path in paths:
        response = as_owner.get(path, page_of(owner))
        assert (path, seqs(response)) == (path, [1])


def test_a_backlog_is_fetched_page_by_page_at_once(as_owner: Client, owner: User) -> None:
    """F-05"""
    for _ in range(2 * A_PAGE + 7):
        NotificationFactory(user=owner)
    told, answers = list[int](), 0
    while True:
        response = poll(as_owner, owner, told[-1] if told else 0)
        told += seqs(response)
        answers += 1
        if "live:more" not in events(response):
            break
    assert (told, answers) == (list(range(1, 2 * A_PAGE + 8)), 3)


def test_a_cursor_ahead_of_all_there_is_goes_to_the_head(as_owner: Client, owner: User) -> None:
    """F-07: a database that was reset replays nothing."""
    NotificationFactory(user=owner)
    response = poll(as_owner, owner, 40)
    assert seqs(response) == []
    assert events(response) == {"inbox:reset": {"key": Inbox.of(owner).key, "head": 1}}


def test_a_cursor_of_a_database_before_goes_to_the_head(as_owner: Client, owner: User) -> None:
    for _ in range(5):
        NotificationFactory(user=owner)
    response = poll(as_owner, owner, 2, **{"v-toasts": f"{owner.pk}-00000000"})
    assert (seqs(response), events(response)["inbox:reset"]["head"]) == ([], 5)


def test_a_page_of_somebody_else_is_signed_out(as_owner: Client, owner: User, stranger: User) -> None:
    """In one browser another person signed in: a page never mixes two people's."""
    NotificationFactory(user=owner)
    response = poll(as_owner, owner, **{"v-toasts": Inbox.of(stranger).key})
    assert (response.status_code, response.content) == (401, b"")


@pytest.mark.parametrize("cursor", ["", "-1", "1e3", "²", "9" * 40, "None", "<script>"])
def test_a_cursor_that_is_none_brings_nothing(as_owner: Client, owner: User, cursor: str) -> None:
    NotificationFactory(user=owner)
    response = poll(as_owner, owner, cursor)
    assert response.status_code == 204


def test_what_was_dismissed_elsewhere_is_passed_over(as_owner: Client, owner: User) -> None:
    for _ in range(3):
        NotificationFactory(user=owner)
    Notification.objects.filter(seq__gte=2).dismiss(owner)
    response = poll(as_owner, owner)
    assert seqs(response) == [1]
    assert '<li data-seq="3"></li>' in response.content.decode()


def test_what_is_read_already_comes_without_being_told(as_owner: Client, owner: User) -> None:
    NotificationFactory(user=owner, is_known=True)
    assert "data-quiet" in poll(as_owner, owner).content.decode()


def test_the_events_name_what_there_is_to_refresh(as_owner: Client, owner: User) -> None:
    """F-10"""
    NotificationFactory(user=owner, context={"session_id": "x", "job_id": "y"})
    assert events(poll(as_owner, owner)) == {"refreshJobs": {}, "refreshSessions": {}}
    NotificationFactory(user=owner, context={"benchmark_id": "z"})
    assert events(poll(as_owner, owner, 1)) == {"refreshBenchmarks": {}}
    NotificationFactory(user=owner)
    assert events(poll(as_owner, owner, 2)) == {}


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "'\"&"])
def test_hostile_words_stay_text(as_owner: Client, owner: User, hostile: str) -> None:
    """F-22"""
    NotificationFactory(
        user=owner, words={"name": hostile, "told": hostile}, context={"href": hostile, "session_id": hostile}
    )
    body = poll(as_owner, owner).content.decode()
    assert "<script" not in body
    assert "<img" not in body
    assert 'data-href=""' in body
    assert body.count("<li") == 1


def test_the_bell_comes_where_it_changed(as_owner: Client, owner: User) -> None:
    told = NotificationFactory(user=owner)
    changes = Inbox.objects.get(user=owner).changes
    body = poll(as_owner, owner, 1, **{"v-inbox-bell": changes - 1}).content.decode()
    assert 'data-unread="1"' in body
    assert poll(as_owner, owner, 1, **{"v-inbox-bell": changes}).status_code == 204
    Notification.objects.filter(pk=told.pk).see(owner)
    body = poll(as_owner, owner, 1, **{"v-inbox-bell": changes}).content.decode()
    assert 'data-unread="0"' in body


def test_nobody_gets_anothers(as_stranger: Client, as_superuser: Client, owner: User) -> None:
    NotificationFactory(user=owner, words={"name": "Secret", "told": "secret"})
    for client in (as_stranger, as_superuser):
        assert "Secret" not in client.get(URL, {"notified": 0}).content.decode()
        assert "Secret" not in client.get("/activity/").content.decode()


def test_a_broken_inbox_stops_no_other_section(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """F-26"""
    SessionFactory(job__owner=owner, scenario__name="Flat share")
    NotificationFactory(user=owner)
    monkeypatch.setattr("notifications.feed.A_PAGE", "fifty")
    response = as_owner.get("/home/sessions/", page_of(owner))
    assert "Flat share" in response.content.decode()
    assert "could not be refreshed" in response.content.decode()
    assert "TypeError" in caplog.text


def test_the_page_begins_with_the_number_at_the_bell_and_in_the_title(as_owner: Client, owner: User) -> None:
    assert "<title>Negotiators" in as_owner.get("/negotiators/").content.decode()
    NotificationFactory(user=owner)
    page = as_owner.get("/negotiators/").content.decode()
    assert "<title>(1) Negotiators" in page
    assert 'aria-label="Activity, 1 unread"' in page
    assert 'data-append="notified" data-seq-base="1"' in page


def test_where_nobody_touches_the_page_it_is_asked_less_often(as_owner: Client, owner: User) -> None:
    """F-25"""
    assert "every 15s" in poll(as_owner, owner, idle=1).content.decode()
    assert poll(as_owner, owner, idle=1, every=15).status_code == 204
    assert "every 5s" in poll(as_owner, owner, every=15).content.decode()

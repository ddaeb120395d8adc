"""The activity page: what was told, many alike as one, read, dismissed, muted (F-18, F-23)."""

from __future__ import annotations

import gzip
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from notifications.activity import ALIKE, ROWS
from notifications.models import Inbox, Notification
from tests.factory import NotificationFactory

URL = "/activity/"


def page(client: Client, **query: Any) -> str:
    response = client.get(URL, query)
    assert response.status_code == 200
    return str(response.content.decode())


def tell(user: User, *names: str, kind: str = "session_completed") -> list[Notification]:
    return [
        NotificationFactory(user=user, kind=kind, words={"name": name, "told": f"About {name}."})
        for name in names
    ]


def test_the_newest_stands_first_with_its_link(as_owner: Client, owner: User) -> None:
    tell(owner, "First")
    NotificationFactory(user=owner, kind="session_failed", context={"href": "/sessions/"})
    shown = page(as_owner)
    assert shown.index("Used bike failed") < shown.index("First completed")
    assert 'href="/sessions/"' in shown
    assert "2 unread" in shown


def test_a_level_is_a_word_too_for_who_does_not_see_its_shape(as_owner: Client, owner: User) -> None:
    NotificationFactory(user=owner, kind="session_failed")
    assert '<span class="visually-hidden">error: </span>' in as_owner.get("/activity/").content.decode()


@pytest.mark.parametrize(
    ("polls", "why"),
    [(True, "Needs JavaScript."), (False, "Live updates are switched off, so none are shown.")],
)
def test_why_the_browser_shows_none_is_said(as_owner: Client, settings: Any, polls: bool, why: str) -> None:
    settings.LIVE_UPDATES = polls
    assert why in as_owner.get("/activity/").content.decode()


def test_nothing_yet_says_what_will_be_here(as_owner: Client) -> None:
    shown = page(as_owner)
    assert "Nothing happened yet" in shown
    assert "All read" in shown


@pytest.mark.parametrize(
    ("show", "seen"),
    [("", {"Good", "Bad", "Old"}), ("unread", {"Good", "Bad"}), ("error", {"Bad"}), ("warning", set[str]())],
)
def test_the_filters_narrow_by_level_and_by_unread(
    as_owner: Client, owner: User, show: str, seen: set[str]
) -> None:
    (old,) = tell(owner, "Old")
    Notification.objects.filter(pk=old.pk).see(owner)
    tell(owner, "Good")
    tell(owner, "Bad", kind="session_failed")
    shown = page(as_owner, show=show)
    assert {name for name in ("Good", "Bad", "Old") if f"About {name}." in shown} == seen
    assert ("Nothing like this" in shown) == (not seen)


def test_a_filter_that_nobody_knows_shows_all(as_owner: Client, owner: User) -> None:
    tell(owner, "Good")
    assert "About Good." in page(as_owner, show="sideways", before="yesterday")


def test_older_ones_are_a_link_away(as_owner: Client, owner: User) -> None:
    tell(owner, *(f"Number {n}." for n in range(ROWS + 3)))
    shown = page(as_owner)
    assert shown.count("notification-") - shown.count("notification-bell") >= ROWS
    assert "About Number 2.." not in shown
    assert 'href="/activity/?before=4"' in shown
    older = page(as_owner, before=4)
    assert all(f"About Number {n}.." in older for n in range(3))
    assert 'rel="next"' not in older


def test_many_alike_are_one_line(as_owner: Client, owner: User) -> None:
    tell(owner, *(f"N{n}" for n in range(ALIKE)))
    tell(owner, "Bad", kind="session_failed")
    tell(owner, *(f"M{n}" for n in range(ALIKE - 1)))
    shown = page(as_owner)
    assert f"{ALIKE} sessions completed" in shown
    assert shown.count("<details id=") == 1
    assert f"{ALIKE - 1} sessions completed" not in shown
    assert all(f"About N{n}." in shown for n in range(ALIKE))


def test_read_and_unread_are_no_group(as_owner: Client, owner: User) -> None:
    told = tell(owner, *(f"N{n}" for n in range(ALIKE)))
    Notification.objects.filter(pk=told[0].pk).see(owner)
    assert "sessions completed</b>" not in page(as_owner)


def test_one_is_marked_as_read_or_dismissed_as_often_as_one_likes(as_owner: Client, owner: User) -> None:
    """F-23"""
    first, second = tell(owner, "First", "Second")
    for _ in range(2):
        assert as_owner.post(f"/activity/{first.pk}/seen/")["Location"] == URL
        assert as_owner.post(f"/activity/{second.pk}/dismiss/")["Location"] == URL
    shown = page(as_owner)
    assert "About First." in shown
    assert "About Second." not in shown
    assert "All read" in shown


def test_the_script_gets_no_page_for_it(as_owner: Client, owner: User) -> None:
    (told,) = tell(owner, "First")
    response = as_owner.post(f"/activity/{told.pk}/seen/", headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (204, b"")


def test_all_that_the_page_showed_are_read_and_none_that_came_since(as_owner: Client, owner: User) -> None:
    tell(owner, "First", "Second", "Third")
    as_owner.post("/activity/seen/", {"until": 2})
    assert [told.title for told in Notification.objects.unread()] == ["Third completed"]
    as_owner.post("/activity/seen/", {"until": "all of them"})
    assert not Notification.objects.unread().exists()


def test_nobody_changes_anothers(as_stranger: Client, as_superuser: Client, owner: User) -> None:
    (told,) = tell(owner, "First")
    for client in (as_stranger, as_superuser):
        for verb in ("seen", "dismiss"):
            assert client.post(f"/activity/{told.pk}/{verb}/").status_code == 404
        client.post("/activity/seen/")
    assert as_stranger.post(f"/activity/{uuid.uuid4()}/seen/").status_code == 404
    assert Notification.objects.get().is_unread


def test_a_change_needs_a_post_and_its_token(owner: User, as_owner: Client) -> None:
    (told,) = tell(owner, "First")
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(owner)
    for path in (
        f"/activity/{told.pk}/seen/",
        f"/activity/{told.pk}/dismiss/",
        "/activity/seen/",
        "/activity/mute/",
    ):
        assert careful.post(path).status_code == 403
        assert as_owner.get(path).status_code == 405
    assert Notification.objects.get().is_unread


def test_what_is_muted_is_kept_as_read(as_owner: Client, owner: User) -> None:
    as_owner.post("/activity/mute/", {"told": ["session_failed"]})
    assert "session_completed" in Inbox.objects.get(user=owner).muted
    tell(owner, "Quiet")
    tell(owner, "Bad", kind="session_failed")
    assert [told.title for told in Notification.objects.unread()] == ["Bad failed"]
    shown = page(as_owner)
    assert 'value="session_failed" checked' in shown
    assert 'value="session_completed">' in shown


def test_a_kind_that_nobody_knows_is_told_and_changes_nothing(as_owner: Client, owner: User) -> None:
    response = as_owner.post("/activity/mute/", {"told": ["coffee"]})
    assert response.status_code == 400
    assert "Nothing was changed" in response.content.decode()
    assert not Inbox.objects.filter(user=owner).exclude(muted=[]).exists()


def test_a_poll_brings_the_list_where_something_happened(as_owner: Client, owner: User) -> None:
    (told,) = tell(owner, "First")
    shown = page(as_owner)
    version = shown.split('id="activity-list" data-version="')[1].split('"')[0]
    query: dict[str, Any] = {"every": 5, "v-activity-list": version}
    assert as_owner.get("/activity/live/", query).status_code == 204
    tell(owner, "Second")
    answer = as_owner.get("/activity/live/", query).content.decode()
    assert answer.index("About Second.") < answer.index("About First.")
    assert told.title in answer


def test_the_filters_ride_along_with_the_poll(as_owner: Client, owner: User) -> None:
    assert 'hx-get="/activity/live/?show=error"' in page(as_owner, show="error")
    tell(owner, "Good")
    assert "About Good." not in as_owner.get("/activity/live/", {"show": "error"}).content.decode()


def test_the_number_of_rows_does_not_change_the_number_of_queries(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    tell(owner, *(f"N{n}" for n in range(60)))
    with django_assert_max_num_queries(6):
        page(as_owner)


@pytest.mark.parametrize("hostile", ['"><script>alert(1)</script>', "<img src=x onerror=alert(1)>"])
def test_hostile_words_stay_text(as_owner: Client, owner: User, hostile: str) -> None:
    """F-22"""
    for _ in range(ALIKE):
        NotificationFactory(user=owner, words={"name": hostile, "told": hostile}, context={"href": hostile})
    shown = page(as_owner)
    assert "<script>alert" not in shown
    assert "<img" not in shown


def test_a_poll_of_a_full_page_is_small(as_owner: Client, owner: User) -> None:
    """All of it comes anew with whatever changes: fifty unread ones within a few packets."""
    for number in range(ROWS):
        tell(owner, f"Ferry timetable {number}", kind=("session_completed", "session_failed")[number % 2])
    response = as_owner.get("/activity/live/", headers={"Accept-Encoding": "gzip"})
    rows = gzip.decompress(response.content).decode()
    assert rows.count("<li") == ROWS
    assert rows.count("csrfmiddlewaretoken") == 2  # of the rows, and of "Mark all as read"
    assert len(response.content) < 12_000
    assert len(rows) < 90_000

"""`GET /api/notifications` (F-01, F-05, F-06, F-07, F-27)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from notifications.models import NotificationQuerySet
from tests.factory import NotificationFactory

URL = "/api/notifications"


def ask(client: Client, **query: Any) -> dict[str, Any]:
    response = client.get(URL, query)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    answer: dict[str, Any] = response.json()
    return answer


def seqs(answer: dict[str, Any]) -> list[int]:
    return [told["seq"] for told in answer["notifications"]]


@pytest.fixture
def ten(owner: User) -> list[Any]:
    return [NotificationFactory(user=owner, context={"href": "/sessions/"}) for _ in range(10)]


def test_the_oldest_after_the_cursor_are_listed_newest_first(as_owner: Client, ten: list[Any]) -> None:
    answer = ask(as_owner, after_id=2, limit=3)
    assert seqs(answer) == [5, 4, 3]
    assert (answer["has_more"], answer["cursor"]) == (True, 5)


def test_all_come_once_and_in_order_however_small_the_pages(as_owner: Client, ten: list[Any]) -> None:
    """F-05"""
    told, after, more = list[int](), 0, True
    while more:
        answer = ask(as_owner, after_id=after, limit=3)
        told += reversed(seqs(answer))
        after, more = answer["cursor"], answer["has_more"]
    assert told == list(range(1, 11))
    assert seqs(ask(as_owner, after_id=after)) == []


def test_the_cursor_may_be_an_id(as_owner: Client, ten: list[Any]) -> None:
    assert seqs(ask(as_owner, after_id=ten[7].pk)) == [10, 9]


def test_a_first_visit_gets_the_newest_and_the_head(as_owner: Client, ten: list[Any]) -> None:
    answer = ask(as_owner, limit=2)
    assert seqs(answer) == [10, 9]
    assert (answer["has_more"], answer["cursor"]) == (False, 10)


def test_what_is_told_while_it_is_read_comes_once(
    as_owner: Client, owner: User, ten: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks is known a moment before what there is: the cursor goes with what was sent."""
    real = NotificationQuerySet.of

    def told_meanwhile(self: NotificationQuerySet, user: Any) -> NotificationQuerySet:
        NotificationFactory(user=owner)
        return real(self, user)

    monkeypatch.setattr(NotificationQuerySet, "of", told_meanwhile)
    first = ask(as_owner, after_id=10)
    assert (seqs(first), first["cursor"]) == ([11], 11)


def test_an_unknown_a_foreign_or_a_too_new_cursor_goes_to_the_head(
    as_owner: Client, ten: list[Any], stranger: User
) -> None:
    """F-07"""
    foreign = NotificationFactory(user=stranger)
    for cursor in (uuid.uuid4(), foreign.pk, 11, 10**30):
        answer = ask(as_owner, after_id=cursor)
        assert (seqs(answer), answer["cursor"]) == ([], 10)


@pytest.mark.parametrize(
    ("limit", "got"), [(0, 1), (-5, 1), (1, 1), (1000, 100), (10**30, 100), ("", 50), ("7", 7)]
)
def test_the_limit_is_held_to_1_to_100(as_owner: Client, owner: User, limit: Any, got: int) -> None:
    for _ in range(101):
        NotificationFactory(user=owner)
    assert len(ask(as_owner, after_id=0, limit=limit)["notifications"]) == got


@pytest.mark.parametrize(
    "query", [{"limit": "many"}, {"after_id": "last"}, {"after_id": "1.5"}, {"limit": "NaN"}]
)
def test_nonsense_is_told_with_its_field(as_owner: Client, query: dict[str, str]) -> None:
    response = as_owner.get(URL, query)
    answer = response.json()
    assert (response.status_code, answer["error"]) == (400, "VALIDATION_ERROR")
    assert set(answer["details"]) == set(query)
    assert set(answer) == {"error", "message", "details", "timestamp"}


def test_every_field_is_there(as_owner: Client, ten: list[Any]) -> None:
    """F-19"""
    told = ask(as_owner)["notifications"][0]
    assert told["id"] == str(ten[-1].pk)
    assert (told["level"], told["title"], told["href"]) == ("success", "Used bike completed", "/sessions/")
    assert set(told) == {
        "id", "seq", "kind", "level", "title", "text", "context", "href", "created_at", "expires_at", "delivered_at",
        "seen_at", "dismissed_at",
    }  # fmt: skip


def test_nobody_reads_anothers(
    as_stranger: Client, as_superuser: Client, as_colleague: Client, ten: list[Any]
) -> None:
    for client in (as_stranger, as_superuser, as_colleague):
        assert ask(client, after_id=0)["notifications"] == []
        assert ask(client)["notifications"] == []


def test_the_anonymous_are_told_to_sign_in(client: Client) -> None:
    response = client.get(URL)
    assert (response.status_code, response.json()["error"]) == (401, "NOT_SIGNED_IN")


@pytest.mark.parametrize("by_id", [False, True])
def test_reading_costs_two_queries_at_most(
    as_owner: Client, ten: list[Any], django_assert_max_num_queries: Any, by_id: bool
) -> None:
    """F-27: beyond session and user."""
    with django_assert_max_num_queries(4):
        ask(as_owner, after_id=ten[2].pk if by_id else 3)


def test_only_reading_is_done_here(as_owner: Client) -> None:
    assert as_owner.post(URL).status_code == 405

"""The live answers of a session: what is new, once, and nothing when nothing is."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

from negotiations.models import Job, Session, Status
from tests.negotiations.session_rows import add_accept, add_offers, make_session, set_status

pytestmark = pytest.mark.django_db


def poll(client: Client, session: Session, after: int | str, **shown: str) -> HttpResponse:
    response = client.get(f"{session.get_absolute_url()}live/", {"after": after, "every": "1", **shown})
    assert isinstance(response, HttpResponse)
    return response


def versions(html: str) -> dict[str, str]:
    """What a page with this markup sends with its next poll."""
    return {f"v-{id}": version for id, version in re.findall(r'id="([\w-]+)"[^>]*data-version="(\w+)"', html)}


def rows(html: str) -> list[str]:
    return re.findall(r'<li class="offer.*?</li>', html, re.DOTALL)


def test_nothing_new_is_an_empty_answer_for_two_queries(
    as_owner: Client, owner: User, django_assert_max_num_queries: object
) -> None:
    """B-03: two more are the visitor's own session and user."""
    session = make_session("running", job__owner=owner)
    shown = versions(as_owner.get(session.get_absolute_url()).content.decode())
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        response = poll(as_owner, session, 6, **shown)
    assert (response.status_code, response.content) == (204, b"")
    assert response["Cache-Control"] == "no-store"


def test_the_page_and_what_came_after_are_the_page_of_the_end(as_owner: Client, owner: User) -> None:
    """N-11"""
    session = make_session("running", offers=5, job__owner=owner)
    first = rows(as_owner.get(session.get_absolute_url()).content.decode())
    add_offers(session, 4)
    add_accept(session)
    delta = rows(poll(as_owner, session, 5).content.decode())
    set_status(session, Status.COMPLETED)
    whole = rows(as_owner.get(session.get_absolute_url()).content.decode())
    assert first + delta == whole
    assert len(whole) == 10


def test_two_tabs_get_the_same_rows(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=9, job__owner=owner)
    assert rows(poll(as_owner, session, 4).content.decode()) == rows(
        poll(as_owner, session, 4).content.decode()
    )


def test_an_answer_brings_at_most_200_rows(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=450, job__owner=owner)
    seqs = [
        re.findall(r'data-seq="(\d+)"', poll(as_owner, session, after).content.decode())
        for after in (0, 200, 400)
    ]
    assert [len(part) for part in seqs] == [200, 200, 50]
    assert [int(seq) for part in seqs for seq in part] == list(range(1, 451))


def test_new_rows_bring_head_and_result_with_them(as_owner: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner)
    shown = versions(as_owner.get(session.get_absolute_url()).content.decode())
    add_offers(session, 2)
    answer = poll(as_owner, session, 6, **shown).content.decode()
    assert 'id="session-figures"' in answer
    assert 'id="session-actions"' not in answer  # a button that is replaced each second loses clicks
    assert 'id="session-result"' in answer
    assert 'id="session-waiting"' not in answer
    assert '<svg class="chart' not in answer  # N-19: no chart is drawn for a poll


def test_the_end_gives_the_poller_back_to_the_common_feed(as_owner: Client, owner: User) -> None:
    """N-09, N-10"""
    session = make_session("completed", job__owner=owner)
    response = poll(as_owner, session, 7)
    answer = response.content.decode()
    assert 'id="live" hx-get="/live/" hx-trigger="every 5s, live:now"' in answer
    assert "Completed" in answer
    assert response["HX-Trigger"] == '{"refreshSessions": {}}'


def test_the_end_waits_for_the_last_rows(as_owner: Client, owner: User) -> None:
    session = make_session("completed", offers=300, job__owner=owner)
    assert 'id="live"' not in poll(as_owner, session, 10).content.decode()


def test_a_cancellation_under_way_is_told(as_owner: Client, owner: User) -> None:
    """N-20"""
    session = make_session("running", job__owner=owner)
    Job.objects.get(pk=session.pk).cancel(owner)
    assert "Cancelling" in poll(as_owner, session, 6).content.decode()


@pytest.mark.parametrize("after", ["-1", "abc", "1e3", "nan", "9" * 30, "\x00"])
def test_a_cursor_that_is_none_is_refused(after: str, as_owner: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner)
    assert poll(as_owner, session, after).status_code == 400


def test_who_may_listen(
    as_owner: Client, as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    """F-21: 401 and 404 stop the poller, a redirect would not."""
    session = make_session("running", job__owner=owner, job__group=group)
    answers = [
        poll(client, session, 0).status_code for client in (as_owner, as_colleague, as_stranger, Client())
    ]
    assert answers == [200, 200, 404, 401]


def test_a_row_is_light_before_it_is_compressed(as_owner: Client, owner: User) -> None:
    """Marks are drawn once a page and named in the rows; what most rows are is not said by each."""
    session = make_session("running", offers=100, job__owner=owner)
    found = rows(as_owner.get(f"/sessions/{session.pk}/live/").content.decode())
    assert len(found) == 100
    assert sum(map(len, found)) < 36_000
    assert all('<use href="#mark-' in row and 'aria-label="BoulwareTBNegotiator"' in row for row in found)
    page = as_owner.get(f"/sessions/{session.pk}/").content.decode()
    assert page.count('<symbol id="mark-') == 6

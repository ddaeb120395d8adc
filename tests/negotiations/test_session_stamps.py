"""Stamps of the lists of sessions: where in its outcome space each ended, at no query more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Session
from tests.negotiations.chart_sessions import chart_session
from tests.negotiations.scenario_rows import generated
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db

LISTS = ("/sessions/", "/")


def stamps(client: Client, path: str) -> list[str]:
    return re.findall(r'<svg class="stamp".*?</svg>', client.get(path).content.decode())


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("parties", [2, 3, 9])
def test_an_agreement_is_a_point_where_it_lies(
    as_owner: Client, owner: User, path: str, parties: int
) -> None:
    session = chart_session(parties, owner)
    Session.objects.update(utilities=[0.0, 1.0, *[0.5] * (parties - 2)])
    [stamp] = stamps(as_owner, path)
    assert '<circle cx="1.2" cy="1.2" r="3"/>' in stamp
    assert f'href="/scenarios/{session.scenario_id}/stamp.svg"' in stamp


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_without_an_agreement_it_is_a_cross(as_owner: Client, owner: User, path: str, state: str) -> None:
    make_session(state, job__owner=owner)
    [stamp] = stamps(as_owner, path)
    assert 'class="none"' in stamp and "<circle" not in stamp


def test_an_unknown_utility_is_no_point(as_owner: Client, owner: User) -> None:
    chart_session(2, owner)
    Session.objects.update(utilities=[None, 0.5])
    assert "<circle" not in stamps(as_owner, "/sessions/")[0]


def test_the_picture_is_empty_until_it_is_analysed_and_kept_afterwards(as_owner: Client) -> None:
    waits, known = generated(issues=2, analysed=False), generated()
    empty, drawn = (as_owner.get(f"/scenarios/{each.pk}/stamp.svg") for each in (waits, known))
    assert (empty.status_code, drawn.status_code) == (200, 200)
    assert b"<path" not in empty.content and b"<path" in drawn.content
    assert "max-age=60" in empty["Cache-Control"] and "max-age=3600" in drawn["Cache-Control"]
    assert len(drawn.content) < 15_000


def test_it_is_for_those_who_see_the_scenario(
    owner: User, group: Group, as_colleague: Client, as_stranger: Client, client: Client
) -> None:
    path = f"/scenarios/{generated(owner, group=group).pk}/stamp.svg"
    assert [each.get(path).status_code for each in (as_colleague, as_stranger, client)] == [200, 404, 302]


def test_a_list_asks_nothing_more_for_it(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        chart_session(2, owner, offers=2)
    as_owner.get("/sessions/")
    with django_assert_max_num_queries(14):
        as_owner.get("/sessions/")

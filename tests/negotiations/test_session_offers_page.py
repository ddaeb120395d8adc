"""Every action as a table."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.factory import OfferFactory
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db


def test_the_table_has_every_offer_in_pages_of_500(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=620, job__owner=owner)
    url = f"{session.get_absolute_url()}offers/"
    pages = [as_owner.get(url, {"page": page}).content.decode() for page in (1, 2)]
    seqs = [int(seq) for page in pages for seq in re.findall(r'<tr id="offer-(\d+)"', page)]
    assert seqs == list(range(1, 621))
    assert "1 to 500 of 620" in pages[0]


def test_other_actions_are_told_in_words(as_owner: Client, owner: User) -> None:
    session = make_session("completed", job__owner=owner)
    OfferFactory(session=session, seq=8, response="end", outcome=None, utilities=[])
    page = as_owner.get(f"{session.get_absolute_url()}offers/").content.decode()
    assert "Accepted the offer of BoulwareTBNegotiator" in page
    assert "Ended the negotiation" in page


def test_a_session_without_offers_says_so(as_owner: Client, owner: User) -> None:
    page = as_owner.get(f"{make_session('pending', job__owner=owner).get_absolute_url()}offers/")
    assert "No offers yet" in page.content.decode()


def test_a_long_table_costs_no_query_a_row(
    as_owner: Client, owner: User, django_assert_max_num_queries: object
) -> None:
    session = make_session("running", offers=300, job__owner=owner)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        as_owner.get(f"{session.get_absolute_url()}offers/")


def test_who_may_read_it(
    as_owner: Client, as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    url = f"{make_session('running', job__owner=owner, job__group=group).get_absolute_url()}offers/"
    answers = [client.get(url).status_code for client in (as_owner, as_colleague, as_stranger, Client())]
    assert answers == [200, 200, 404, 302]

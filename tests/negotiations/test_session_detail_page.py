"""The session page: what each state shows, and to whom."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Job, Session
from tests.factory import OfferFactory, PartyFactory, ScenarioFactory, SessionFactory
from tests.negotiations.session_rows import STATES, add_offers, make_session

pytestmark = pytest.mark.django_db


def read(client: Client, session: Session) -> str:
    response = client.get(session.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_the_whole_layout(state: str, as_owner: Client, owner: User) -> None:
    """N-12"""
    page = read(as_owner, make_session(state, job__owner=owner))
    assert state.capitalize() in page
    for part in ("session-head", "session-result", "session-offers", "session-timeline", "session-plane"):
        assert f'id="{part}"' in page


def test_a_pending_session_says_how_many_wait_before_it(as_owner: Client, owner: User) -> None:
    """N-12"""
    make_session("pending", job__owner=owner)
    page = read(as_owner, make_session("pending", job__owner=owner))
    assert "Waiting for a worker, 1 ahead" in page


def test_a_running_session_asks_its_own_feed_each_second(as_owner: Client, owner: User) -> None:
    """N-09"""
    session = make_session("running", job__owner=owner)
    page = read(as_owner, session)
    assert f'hx-get="{session.get_absolute_url()}live/" hx-trigger="every 1s, live:now"' in page


def test_an_ended_session_asks_the_common_feed(as_owner: Client, owner: User) -> None:
    """N-09"""
    page = read(as_owner, make_session("completed", job__owner=owner))
    assert 'hx-get="/live/" hx-trigger="every 5s, live:now"' in page


def test_an_agreement_is_told_by_issue_with_what_was_gained(as_owner: Client, owner: User) -> None:
    """P-10"""
    session = make_session("completed", job__owner=owner)
    session.parties.update(reserved_value=0.25)
    page = read(as_owner, session)
    assert "<span>price</span> high" in page
    assert "0.38 above reserved 0.25" in page
    assert "<dt>Welfare</dt><dd>1.00</dd>" in page


def test_without_agreement_the_reason_and_the_best_rejected_offer_are_told(
    as_owner: Client, owner: User
) -> None:
    session = make_session("completed", job__owner=owner)
    Session.objects.filter(pk=session.pk).update(agreement=None, end_reason="steps", steps=20)
    OfferFactory(session=session, seq=99, step=7, party=0, outcome=["fair", "yes"], utilities=[0.9, 0.8])
    page = read(as_owner, session)
    assert "All 20 steps used. The best rejected offer, in step 8, was worth 0.90 and 0.80." in page


def test_a_failed_session_says_why_what_is_kept_and_offers_a_retry(as_owner: Client, owner: User) -> None:
    """N-17"""
    page = read(as_owner, make_session("failed", job__owner=owner))
    assert "BoulwareTBNegotiator took longer than 2 s to answer. 6 offers kept." in page
    assert "Retry" in page
    assert "Run again" not in page


def test_a_cancelled_session_says_by_whom_and_when(as_owner: Client, owner: User) -> None:
    session = make_session("cancelled", job__owner=owner)
    Job.objects.filter(pk=session.pk).update(cancelled_by=owner)
    assert "Cancelled by owner at step 3. 6 offers kept." in read(as_owner, session)


def test_the_traceback_is_for_staff(as_owner: Client, as_superuser: Client, owner: User) -> None:
    """J-16"""
    session = make_session("failed", job__owner=owner)
    Job.objects.filter(pk=session.pk).update(traceback="Traceback of line 7")
    assert "Traceback of line 7" not in read(as_owner, session)
    assert "Traceback of line 7" in read(as_superuser, session)


def test_of_three_parties_any_two_make_the_plane(as_owner: Client, owner: User) -> None:
    session = SessionFactory(job__owner=owner)
    PartyFactory(session=session, index=2, name="Third")
    add_offers(session, 6, parties=3)
    assert "Utility to BoulwareTBNegotiator</text>" in read(as_owner, session)
    page = as_owner.get(session.get_absolute_url(), {"x": 2, "y": 0}).content.decode()
    assert "Utility to Third</text>" in page
    assert '<option value="2" selected>Third</option>' in page
    assert page.count('<span class="u') >= 6 * 3


def test_what_parties_say_is_text(as_owner: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner)
    OfferFactory(session=session, seq=7, text="<script>alert(1)</script>")
    page = read(as_owner, session)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_what_changed_since_the_last_own_offer_is_bold(as_owner: Client, owner: User) -> None:
    session = make_session("running", offers=0, job__owner=owner)
    for seq, outcome in enumerate((["low", "yes"], ["dear", "no"], ["low", "no"], ["dear", "no"]), start=1):
        OfferFactory(session=session, seq=seq, outcome=outcome)
    page = read(as_owner, session)
    assert "low · <b>no</b>" in page
    assert "same offer again" in page


def test_the_page_shows_the_newest_rows_and_links_to_all(as_owner: Client, owner: User) -> None:
    page = read(as_owner, make_session("running", offers=450, job__owner=owner))
    assert page.count('class="offer offer-2"') == 200
    assert 'data-seq="450"' in page
    assert 'data-seq="250"' not in page
    assert "450 offers" in page


@pytest.mark.parametrize("offers", [4, 600])
def test_the_page_costs_the_same_whatever_the_length(
    offers: int, as_owner: Client, owner: User, django_assert_max_num_queries: object
) -> None:
    session = make_session("running", offers=offers, job__owner=owner)
    with django_assert_max_num_queries(11):  # type: ignore[operator]
        read(as_owner, session)


def test_who_may_see_it(
    as_owner: Client, as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    shared = make_session(
        "running", job__owner=owner, job__group=group, scenario=ScenarioFactory(name="Pier")
    )
    assert "Pier" in read(as_owner, shared)
    seen = read(as_colleague, shared)
    assert "Pier" in seen
    assert "/cancel/" not in seen
    assert as_stranger.get(shared.get_absolute_url()).status_code == 404
    assert Client().get(shared.get_absolute_url()).headers["Location"].startswith("/sign-in/")


def test_an_unknown_session_is_not_found(as_owner: Client) -> None:
    """N-17"""
    assert as_owner.get("/sessions/00000000-0000-0000-0000-000000000000/").status_code == 404


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((None, None), "no reserved values"),
        ((0.25, None), "reserved 0.25 and none"),
        ((0.1, 0.0), "reserved 0.10 and 0.00"),
    ],
)
def test_the_head_says_what_each_has_without_an_agreement(
    values: tuple[float | None, ...], told: str, as_owner: Client, owner: User
) -> None:
    session = make_session("completed", job__owner=owner)
    for index, value in enumerate(values):
        session.parties.filter(index=index).update(reserved_value=value)
    assert f", {told}</span>" in as_owner.get(session.get_absolute_url()).content.decode()

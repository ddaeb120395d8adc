"""X-08: the page of a seat: whose turn it is, one's own utilities alone, a form for an answer, and advice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from negotiations.models import Job, Move, Session
from negotiations.models.moves import MOST_TEXT
from negotiations.tasks import run_job
from tests.conftest import client_of
from tests.factory import make_seated_session

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
# What the seller of the factory's scenario wants, as no sum over the issues.
BOXES = """---
type: negmas.preferences.HyperRectangleUtilityFunction
name: seller
outcome_ranges:
- {0: [steep, dear], 1: 'no'}
- {1: ['yes', 'no']}
utilities: [0.75, 0.1]
weights: [1.0, 1.0]
bias: 0.0
reserved_value: 0.2
"""


@pytest.fixture
def anna(group: Group) -> User:
    user = User.objects.create(username="anna")
    user.groups.add(group)
    return user


@pytest.fixture
def session(owner: User, group: Group, anna: User) -> Session:
    """Anna sits in the second seat, and the first one has offered the best it has: a low price, with a lock."""
    session = make_seated_session(anna, 1, job__owner=owner, job__group=group)
    run_job(str(session.pk))
    return Session.objects.get(pk=session.pk)


@pytest.fixture
def as_anna(anna: User) -> Client:
    return client_of(anna)


def url(session: Session, part: str = "") -> str:
    return reverse(f"negotiations:session-seat{part}", args=[session.pk])


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return str(response.content.decode())


def offer(session: Session, price: int = 4, lock: int = 1, **more: Any) -> dict[str, Any]:
    """The steep price, without a lock, by their places among the values."""
    fields = {"response": "offer", "seq": session.awaits_seq, "issue-0": price, "issue-1": lock}
    return fields | more


def worked(session: Session) -> Session:
    run_job(str(session.pk))
    return Session.objects.get(pk=session.pk)


# --- Who sees it ----------------------------------------------------------------------------------------------


def test_only_who_sits_in_it_sees_the_seat(
    session: Session, as_anna: Client, owner: User, stranger: User, superuser: User
) -> None:
    for part in ("", "-utility"):
        assert as_anna.get(url(session, part)).status_code == 200
        for user in (owner, stranger, superuser):
            assert client_of(user).get(url(session, part)).status_code == 404
    assert client_of(owner).post(url(session), offer(session)).status_code == 404
    assert not Move.objects.exists()


def test_the_anonymous_one_is_asked_to_sign_in(session: Session) -> None:
    for part in ("", "-utility"):
        assert Client().get(url(session, part)).status_code == 302
    assert Client().post(url(session), offer(session)).status_code == 302
    assert Client().get(url(session, "-live")).status_code == 401


def test_who_is_seated_comes_from_the_session_to_their_seat(
    session: Session, as_anna: Client, owner: User
) -> None:
    assert as_anna.get(session.get_absolute_url())["Location"] == url(session)
    assert client_of(owner).get(session.get_absolute_url()).status_code == 200


# --- What it says ---------------------------------------------------------------------------------------------


def test_it_says_whose_turn_it_is_and_what_is_on_the_table(session: Session, as_anna: Client) -> None:
    page = text(as_anna.get(url(session)))
    assert "Your turn" in page
    assert "<b>0.00</b> to you" in page
    assert "Accept at 0.00" in page
    assert f'name="seq" value="{session.awaits_seq}"' in page


def test_the_form_begins_with_ones_best_and_then_with_ones_last_offer(
    session: Session, as_anna: Client
) -> None:
    page = text(as_anna.get(url(session)))
    assert '<option value="4" selected>dear</option>' in page
    assert "worth <b>1.00</b> to you" in page
    as_anna.post(url(session), offer(session, 3))
    page = text(as_anna.get(url(worked(session))))
    assert '<option value="3" selected>steep</option>' in page


def test_the_utility_of_what_the_form_holds_is_shown_at_each_change(
    session: Session, as_anna: Client
) -> None:
    answer = text(as_anna.get(url(session, "-utility"), {"issue-0": 2, "issue-1": 0}))
    assert "worth <b>0.38</b> to you" in answer
    assert "Give each issue a value." in text(as_anna.get(url(session, "-utility"), {"issue-0": "x"}))


def test_a_suggestion_is_filled_in_without_a_script_too(session: Session, as_anna: Client) -> None:
    page = text(as_anna.get(url(session), {"fill": "1 0"}))
    assert '<option value="1" selected>fair</option>' in page
    assert '<option value="0" selected>yes</option>' in page


def test_advice_comes_from_the_offers_and_costs_nothing(session: Session, as_anna: Client) -> None:
    page = text(as_anna.get(url(session)))
    assert "seems to care for" in page
    as_anna.post(url(session), offer(session, 3, 0))
    page = text(as_anna.get(url(worked(session))))
    assert "Your last offer" in page


def test_out_of_turn_the_form_stays_and_its_button_waits(session: Session, as_anna: Client) -> None:
    as_anna.post(url(session), offer(session))
    page = text(as_anna.get(url(session)))
    assert "The others are at it" in page
    assert "Once it is your turn." in page
    assert "session-seat-accept" not in page


def test_what_is_left_of_a_turn_is_shown(session: Session, as_anna: Client) -> None:
    Session.objects.filter(pk=session.pk).update(turn_seconds=3600)
    Job.objects.filter(pk=session.pk).update(awaits_since=timezone.now())
    assert "59 minutes" in text(as_anna.get(url(session)))


def test_what_is_no_sum_over_the_issues_is_worth_what_its_document_says(
    session: Session, as_anna: Client
) -> None:
    scenario = session.scenario
    scenario.preferences[1] |= {"kind": "hyper-rectangles", "weights": {}, "values": {}}
    scenario.document = scenario.document[: scenario.document.rindex("---")] + BOXES
    scenario.save()
    page = text(as_anna.get(url(session)))
    assert "depends on its values together" in page
    assert "worth <b>0.10</b> to you" in page
    assert '<option value="0" selected>low</option>' in page
    answer = text(as_anna.get(url(session, "-utility"), {"issue-0": 4, "issue-1": 1}))
    assert "worth <b>0.85</b> to you" in answer
    assert "Give each issue a value." in text(as_anna.get(url(session, "-utility"), {"issue-0": ""}))


# --- Answers ----------------------------------------------------------------------------------------------------


def test_an_offer_is_taken_and_the_page_comes_again(session: Session, as_anna: Client, anna: User) -> None:
    response = as_anna.post(url(session), offer(session, text="Take it."))
    assert response["Location"] == url(session)
    move = Move.objects.get()
    assert (move.seq, move.response, move.outcome, move.text, move.by) == (
        2,
        "offer",
        ["dear", "no"],
        "Take it.",
        anna,
    )


def test_by_script_the_page_stays_and_asks_what_became_of_it(session: Session, as_anna: Client) -> None:
    response = as_anna.post(url(session), offer(session), headers=HTMX)
    assert response.status_code == 204
    assert Move.objects.count() == 1


def test_accept_and_end_need_no_values(session: Session, as_anna: Client) -> None:
    response = as_anna.post(url(session), {"response": "accept", "seq": 2})
    assert response.status_code == 302
    over = worked(session)
    assert (over.end_reason, over.agreement) == ("agreement", ["low", "yes"])


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_cannot_be_sent_is_said_beside_its_field(
    session: Session, as_anna: Client, headers: dict[str, str]
) -> None:
    for wrong in ({"issue-0": 99}, {"issue-1": ""}, {"text": "x" * (MOST_TEXT + 1)}, {"seq": ""}):
        page = text(as_anna.post(url(session), offer(session) | wrong, headers=headers))
        assert (
            "This is not one of the values" in page
            or "at most 1,000" in page
            or "which turn it answers" in page
        )
    assert not Move.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_double_submit_is_answered_and_changes_nothing(
    session: Session, as_anna: Client, headers: dict[str, str]
) -> None:
    sent = offer(session)
    as_anna.post(url(session), sent)
    answer = text(as_anna.post(url(session), sent | {"issue-0": 0}, headers=headers), 409)
    assert "You have answered this turn already." in answer
    assert Move.objects.get().outcome == ["dear", "no"]


def test_a_stale_form_is_answered_and_changes_nothing(session: Session, as_anna: Client) -> None:
    answer = text(as_anna.post(url(session), offer(session, seq=9)), 409)
    assert "the session is at action 2" in answer
    assert not Move.objects.exists()


def test_an_answer_that_is_none_of_the_three_is_refused(session: Session, as_anna: Client) -> None:
    as_anna.post(url(session), offer(session, response="leave"))
    assert not Move.objects.exists()


# --- Live ---------------------------------------------------------------------------------------------------------


def shown(page: Any) -> dict[str, Any]:
    """The versions of the parts that a page shows."""
    found = re.findall(r'id="(session-seat-[a-z]+)"[^>]*data-version="([0-9a-f]+)"', page)
    return {f"v-{id}": version for id, version in found}


def test_a_poll_with_nothing_new_says_so_in_two_queries(
    session: Session, as_anna: Client, django_assert_max_num_queries: Any
) -> None:
    versions = shown(text(as_anna.get(url(session))))
    assert len(versions) == 5
    with django_assert_max_num_queries(5):  # session, user, inbox, and the two
        response = as_anna.get(url(session, "-live"), {"after": 1, "every": 3, **versions})
    assert response.status_code == 204


def test_a_poll_brings_new_offers_and_leaves_the_form_alone(session: Session, as_anna: Client) -> None:
    versions = shown(text(as_anna.get(url(session))))
    as_anna.post(url(session), offer(session))
    worked(session)
    answer = text(as_anna.get(url(session, "-live"), {"after": 1, "every": 3, **versions}))
    assert answer.count('<li class="offer') == 2
    assert 'id="session-seat-form"' not in answer
    assert 'id="session-seat-turn"' in answer
    assert 'name="seq" value="4" form="session-seat-form"' in answer


def test_it_is_asked_seldom_while_it_is_ones_turn_and_often_while_others_are_at_it(
    session: Session, as_anna: Client
) -> None:
    assert "every 3s" in text(as_anna.get(url(session)))
    as_anna.post(url(session), offer(session))
    assert "every 1s" in text(as_anna.get(url(session)))


def test_at_the_end_it_says_how_and_leads_to_the_whole_session(session: Session, as_anna: Client) -> None:
    as_anna.post(url(session), {"response": "accept", "seq": 2})
    over = worked(session)
    page = text(as_anna.get(url(session)))
    assert "Agreement" in page
    assert over.get_absolute_url() in page
    assert "session-seat-form" not in page
    assert as_anna.get(over.get_absolute_url()).status_code == 200
    live = text(as_anna.get(url(session, "-live"), {"after": 0}))
    assert reverse("notifications:live") in live


def test_a_poll_with_a_broken_cursor_is_refused(session: Session, as_anna: Client) -> None:
    assert as_anna.get(url(session, "-live"), {"after": "x"}).status_code == 400


# --- Lists --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["home", "negotiations:session-list"])
def test_lists_name_ones_seats_and_whose_turn_it_is(session: Session, as_anna: Client, page: str) -> None:
    shown_page = text(as_anna.get(reverse(page)))
    assert f'href="{url(session)}"' in shown_page
    assert "Your turn" in shown_page
    assert f'href="{session.get_absolute_url()}"' not in shown_page
    as_anna.post(url(session), offer(session))
    assert "Your turn" not in text(as_anna.get(reverse(page)))


def test_the_list_hears_of_a_turn_by_its_poll(session: Session, as_anna: Client) -> None:
    as_anna.post(url(session), offer(session))
    live = reverse("negotiations:session-list-live")
    first = text(as_anna.get(live))
    versions = {"v-your-seats": first.partition('id="your-seats"')[2].partition('data-version="')[2][:12]}
    assert "Your turn" not in text(as_anna.get(live, versions)).replace("Your turns", "")
    worked(session)
    assert "Your turn" in text(as_anna.get(live, versions))

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.engine.room_specs import BUYER
from negotiations.models import Job, Session, Status
from negotiations.models.room_news import tell_of_turn
from tests.factory import (
    NegotiatorFactory,
    ScenarioFactory,
    SessionFactory,
    make_completed_session,
    make_message,
)
from tests.negotiations.market_rooms import await_person, fresh, started, talk

LIVE = "/home/sessions/"


def version_in(page: str, id: str = "home-sessions") -> str:
    return page.split(f'id="{id}" data-version="')[1].split('"')[0]


def shown_by(page: str) -> dict[str, str]:
    """What a page sends with its next poll."""
    return {f"v-{id}": version_in(page, id) for id in ("home-sessions", "home-markets")}


def run(session: Session) -> None:
    Job.objects.filter(pk=session.pk).update(status=Status.PROCESSING, token=uuid.uuid4())


def test_it_sends_the_anonymous_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/sign-in/?next=/"
    assert client.get(LIVE).status_code == 401


def test_it_shows_what_runs_and_what_ended(as_owner: Client, owner: User) -> None:
    running = SessionFactory(job__owner=owner, scenario__name="Flat share")
    run(running)
    make_completed_session(job__owner=owner, scenario__name="Old camera")
    page = as_owner.get("/").content.decode()
    assert "Flat share" in page
    assert "Running" in page
    assert "Old camera" in page
    assert "0.62" in page
    assert f"/sessions/{running.pk}/" in page


def test_a_colleague_sees_what_is_shared_and_a_stranger_nothing(
    as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    make_completed_session(job__owner=owner, job__group=group, scenario__name="Shared deal")
    make_completed_session(job__owner=owner, scenario__name="Private deal")
    page = as_colleague.get("/").content.decode()
    assert "Shared deal" in page
    assert "Private deal" not in page
    for url in ("/", LIVE):
        page = as_stranger.get(url).content.decode()
        assert "deal" not in page
        assert "No sessions yet" in page


def test_a_newcomer_is_shown_three_ways_to_begin(as_owner: Client) -> None:
    ScenarioFactory()
    ScenarioFactory()
    page = as_owner.get("/").content.decode()
    for text in ("Start the example", "2 scenarios are here already", "None is installed yet"):
        assert text in page


def test_who_has_sessions_is_not_asked_to_begin(as_owner: Client, owner: User) -> None:
    SessionFactory(job__owner=owner)
    assert "Start the example" not in as_owner.get("/").content.decode()


def test_a_running_session_makes_the_page_poll_each_second(as_owner: Client, owner: User) -> None:
    """N-09."""
    session = SessionFactory(job__owner=owner)
    run(session)
    assert 'hx-trigger="every 1s, live:now"' in as_owner.get("/").content.decode()
    Job.objects.filter(pk=session.pk).update(status=Status.COMPLETED, token=None)
    assert 'hx-trigger="every 5s, live:now"' in as_owner.get(LIVE, {"every": 1}).content.decode()


def test_where_nothing_runs_it_polls_slowly_and_where_nobody_is_slower_still(as_owner: Client) -> None:
    """F-03, F-25."""
    assert 'hx-trigger="every 5s, live:now"' in as_owner.get("/").content.decode()
    answer = as_owner.get(LIVE, {"every": 5, "idle": 1}).content.decode()
    assert 'hx-trigger="every 15s, live:now"' in answer


def test_ten_running_sessions_come_in_one_answer(as_owner: Client, owner: User) -> None:
    """N-14."""
    sessions = [SessionFactory(job__owner=owner) for _ in range(10)]
    for session in sessions:
        run(session)
    body = as_owner.get(LIVE, {"every": 1}).content.decode()
    assert body.count('class="card run"') == 10
    assert all(f"home-{session.pk}" in body for session in sessions)


def test_a_poll_without_news_is_a_204_in_two_queries_beyond_session_and_user(
    as_owner: Client, owner: User, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        run(SessionFactory(job__owner=owner))
    make_completed_session(job__owner=owner)
    shown = shown_by(as_owner.get("/").content.decode())
    with django_assert_num_queries(4):
        response = as_owner.get(LIVE, {"every": "1", **shown})
    assert response.status_code == 204


def test_the_number_of_sessions_does_not_change_the_number_of_queries(
    as_owner: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        make_completed_session(job__owner=owner)
        run(SessionFactory(job__owner=owner))
    with django_assert_max_num_queries(12):
        as_owner.get("/")


def test_progress_is_news(as_owner: Client, owner: User) -> None:
    session = SessionFactory(job__owner=owner)
    run(session)
    version = version_in(as_owner.get("/").content.decode())
    job = Job.objects.get(pk=session.pk)
    job.beat(current_step=4)
    response = as_owner.get(LIVE, {"every": "1", "v-home-sessions": version})
    assert response.status_code == 200
    assert "Step 4 of 20" in response.content.decode()


def test_a_seat_in_a_market_lives_with_the_page(
    as_colleague: Client, owner: User, colleague: User, group: Group
) -> None:
    """Its turn comes and goes, and so does the seat; what happens to others brings nothing."""
    run = talk(started(owner, group, {1: colleague}))

    def poll() -> str:
        return as_colleague.get(LIVE, {"every": "5", **shown}).content.decode()

    page = as_colleague.get("/").content.decode()
    shown = shown_by(page)
    assert "Your seats in markets" in page
    assert "Your turn" not in page
    assert poll() == ""

    make_message(run, 2, BUYER, "And now?")
    tell_of_turn(await_person(fresh(run), 1), [1])
    news = poll()
    assert "Your turn" in news
    shown["v-home-markets"] = version_in(news, "home-markets")

    fresh(run).answer(colleague, 1, "Less.", Decimal("18.50"), 10, round=2)
    news = poll()
    assert "Your turn" not in news
    shown["v-home-markets"] = version_in(news, "home-markets")

    run.room.decide(owner, "no_deal")
    assert "Your seats in markets" not in poll()


def test_trying_an_example_starts_one_paced_session(as_owner: Client, owner: User) -> None:
    ScenarioFactory(name="Flat share", owner=None, log10_outcomes=2.0)
    for name in ("BoulwareTBNegotiator", "MiCRONegotiator", "LinearTBNegotiator"):
        NegotiatorFactory(type=f"negmas.{name}", short_name=name)
    response = as_owner.post("/home/example/")
    session = Session.objects.get()
    assert response["Location"] == f"/sessions/{session.pk}/"
    assert session.pace_ms == 100
    assert session.job.owner == owner
    assert [party.name for party in session.parties.all()] == ["LinearTBNegotiator", "MiCRONegotiator"]


def test_an_example_needs_a_library_and_says_so(as_owner: Client) -> None:
    response = as_owner.post("/home/example/", follow=True)
    assert "The library is empty" in response.content.decode()
    assert not Session.objects.exists()


def test_an_example_never_seats_a_negotiator_that_does_not_fit(as_owner: Client) -> None:
    ScenarioFactory(name="Huge", owner=None, n_outcomes=str(10**10), log10_outcomes=10)
    for name in ("BoulwareTBNegotiator", "MiCRONegotiator"):
        NegotiatorFactory(type=f"negmas.{name}", short_name=name, max_outcomes=1000)
    as_owner.post("/home/example/")
    assert not Session.objects.exists()


@pytest.mark.parametrize("url", ["/", LIVE])
def test_it_is_only_read(as_owner: Client, url: str) -> None:
    assert as_owner.post(url).status_code == 405


def test_an_example_is_only_posted_and_only_by_somebody(as_owner: Client, client: Client) -> None:
    assert as_owner.get("/home/example/").status_code == 405
    assert client.post("/home/example/").status_code == 302
    assert not Session.objects.exists()

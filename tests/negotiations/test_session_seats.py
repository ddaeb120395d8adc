"""X-08: a person in a seat is asked, answers once, in their turn, and the session goes on as the engine says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from negotiations.engine.sessions import play
from negotiations.engine.specs import PERSON, Action, Result
from negotiations.exceptions import OutOfTurn, Unsuitable
from negotiations.models import Job, Move, Seat, Session, Status
from negotiations.models.forks import Change, Fork
from negotiations.models.session_seats import spoken
from negotiations.tasks import run_job
from notifications.models import Notification
from tests.factory import NegotiatorFactory, ScenarioFactory, make_seated_session

WANDERER = "tests.engine.wanderer.Wanderer"
OFFER = ("fair", "yes")
pytestmark = pytest.mark.django_db


def worked(session: Session) -> Session:
    """As it is once a worker has done what there is to do now."""
    run_job(str(session.pk))
    return refreshed(session)


def refreshed(session: Session) -> Session:
    found: Session = Session.objects.select_related("job", "scenario").get(pk=session.pk)
    return found


def offered(session: Session, by: User, outcome: tuple[str, ...] = OFFER, text: str = "") -> Session:
    assert session.awaits_seq
    session.answer(by, session.awaits_seq, "offer", outcome, text)
    return worked(session)


@pytest.fixture
def anna(group: Group) -> User:
    user = User.objects.create(username="anna")
    user.groups.add(group)
    return user


@pytest.fixture
def session(owner: User, group: Group, anna: User) -> Session:
    """Anna sits in the second seat, and the first one has offered."""
    return worked(make_seated_session(anna, 1, job__owner=owner, job__group=group))


# --- Whose turn it is -----------------------------------------------------------------------------------------


def test_at_a_persons_turn_the_job_waits_with_all_that_was_said(session: Session) -> None:
    assert (session.status, session.job.status, session.job.worker) == ("running", Status.QUEUED, "")
    assert (session.awaits_party, session.awaits_seq) == (1, 2)
    assert session.offers.count() == session.n_offers == 1
    assert session.job.message == "Waits for anna to answer."
    assert worked(session).offers.count() == 1


def test_the_person_is_told_once_for_each_turn(session: Session, anna: User, owner: User) -> None:
    told = Notification.objects.get(user=anna)
    assert told.title == f"Your turn in {session.name}"
    assert told.context["href"] == session.seat_url()
    session.job.pause(owner)
    refreshed(session).job.resume(owner)
    worked(session)
    assert Notification.objects.filter(user=anna).count() == 1
    offered(refreshed(session), anna)
    assert Notification.objects.filter(user=anna).count() == 2
    assert not Notification.objects.filter(user=owner).exists()


def test_who_begins_is_asked_before_anything_is_said(owner: User) -> None:
    session = worked(make_seated_session(owner, 0, job__owner=owner))
    assert (session.awaits_party, session.awaits_seq, session.offers.count()) == (0, 1, 0)


def test_who_has_answered_need_not_read_that_it_was_their_turn(session: Session, anna: User) -> None:
    assert Notification.objects.get(user=anna).seen_at is None
    session.answer(anna, 2, "offer", OFFER)
    assert Notification.objects.get(user=anna).seen_at


# --- Answers ----------------------------------------------------------------------------------------------------


def test_an_offer_goes_on_the_table_and_the_others_answer_it(session: Session, anna: User) -> None:
    after = offered(session, anna, text="A fair one.")
    second, third = after.offers.order_by("seq")[1:3]
    assert (second.party, second.response, second.outcome, second.text) == (
        1,
        "offer",
        list(OFFER),
        "A fair one.",
    )
    assert second.utilities == [0.8125, 0.1875]
    assert (third.party, after.awaits_seq) == (0, 4)
    move = Move.objects.get()
    assert (move.seq, move.by, move.is_late) == (2, anna, False)


def test_to_accept_is_to_agree_with_what_is_on_the_table(session: Session, anna: User) -> None:
    on_table = session.offers.get(seq=1)
    session.answer(anna, 2, "accept")
    over = worked(session)
    assert (over.status, over.end_reason, over.agreement) == ("completed", "agreement", on_table.outcome)
    assert not over.job.awaits_since


def test_to_end_it_names_who_did(session: Session, anna: User) -> None:
    session.answer(anna, 2, "end")
    over = worked(session)
    assert (over.status, over.end_reason, over.ended_by) == ("completed", "ended", 1)
    assert over.job.message == "No agreement: anna (seat 2) ended the negotiation."


def test_the_end_is_told_to_who_sits_in_it_and_to_its_owner(
    session: Session, anna: User, owner: User
) -> None:
    session.answer(anna, 2, "end")
    worked(session)
    for user in (anna, owner):
        assert Notification.objects.filter(user=user, kind="session_completed").count() == 1


def test_cancelled_by_its_owner_it_is_told_to_who_sits_in_it(
    session: Session, anna: User, owner: User
) -> None:
    assert session.job.cancel(owner)
    assert Notification.objects.get(user=anna, kind="session_cancelled").seen_at is None
    assert (refreshed(session).end_reason, refreshed(session).status) == ("cancelled", "cancelled")


def test_what_people_answered_replays_to_the_same_end(session: Session, anna: User) -> None:
    for outcome in (("dear", "no"), ("steep", "no"), ("steep", "yes")):
        session = offered(session, anna, outcome)
    assert session.awaits_seq
    session.answer(anna, session.awaits_seq, "accept")
    over = worked(session)
    *actions, result = play(Session.objects.get(pk=over.pk).to_spec())
    assert isinstance(result, Result)
    assert list(result.agreement or ()) == over.agreement
    stored = [offer.to_action() for offer in over.offers.order_by("seq")]
    assert [one for one in actions if isinstance(one, Action)] == stored


def test_a_worker_that_dies_between_turns_costs_nothing(session: Session, anna: User) -> None:
    session.answer(anna, 2, "offer", OFFER)
    assert Job.objects.claim(session.pk, "dead")
    assert Job.objects.lost_by("dead") == []
    after = worked(session)
    assert (after.awaits_seq, after.offers.count()) == (4, 3)


# --- What is refused, and changes nothing -------------------------------------------------------------------------


def refusal(session: Session, by: User, seq: int, response: str = "offer") -> str:
    before = list(Move.objects.values_list("session", "seq")), refreshed(session).job.awaits_since
    with pytest.raises(OutOfTurn) as told:
        refreshed(session).answer(by, seq, response, OFFER if response == "offer" else None)
    assert (list(Move.objects.values_list("session", "seq")), refreshed(session).job.awaits_since) == before
    return str(told.value)


def test_the_same_turn_is_answered_once(session: Session, anna: User) -> None:
    session.answer(anna, 2, "offer", OFFER)
    assert "answered this turn already" in refusal(session, anna, 2)
    assert "answered this turn already" in refusal(worked(session), anna, 2)


def test_out_of_turn_nothing_is_taken(session: Session, anna: User) -> None:
    session.answer(anna, 2, "offer", OFFER)
    assert "not your turn" in refusal(session, anna, 4)


def test_a_form_of_an_earlier_or_later_turn_is_stale(session: Session, anna: User) -> None:
    assert "session is at action 2" in refusal(session, anna, 7)


def test_without_a_seat_there_is_no_turn(session: Session, owner: User, stranger: User) -> None:
    for user in (owner, stranger):
        assert "no seat" in refusal(session, user, 2)


def test_nothing_can_be_accepted_before_an_offer(owner: User) -> None:
    session = worked(make_seated_session(owner, 0, job__owner=owner))
    assert "nothing to accept" in refusal(session, owner, 1, "accept")


def test_when_it_is_over_nothing_is_taken(session: Session, anna: User, owner: User) -> None:
    session.job.cancel(owner)
    assert "cancelled" in refusal(session, anna, 2)


def test_the_other_persons_turn_is_theirs(owner: User, anna: User, group: Group) -> None:
    session = make_seated_session(anna, 1, job__owner=owner, job__group=group)
    session.parties.filter(index=0).update(type=PERSON, person=owner, name="owner")
    session = worked(session)
    assert "turn of owner" in refusal(session, anna, 1)
    session = offered(session, owner)
    assert session.awaits_party == 1
    session = offered(session, anna, ("dear", "no"))
    assert (session.awaits_party, session.awaits_seq) == (0, 3)


def test_a_database_has_one_move_for_each_action(session: Session, anna: User) -> None:
    fields: dict[str, Any] = {"session": session, "seq": 2, "party": 1, "response": "end"}
    Move.objects.create(by=anna, **fields)
    with pytest.raises(IntegrityError):
        Move.objects.create(by=anna, **fields)


def test_a_person_has_one_seat_in_a_session(session: Session, anna: User) -> None:
    with pytest.raises(IntegrityError):
        session.parties.filter(index=0).update(person=anna)


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_counts(owner: User, anna: User, group: Group) -> None:
    session = worked(make_seated_session(anna, 1, job__owner=owner, job__group=group))
    together, told = threading.Barrier(2), []

    def click(price: str) -> None:
        mine = refreshed(session)
        together.wait()
        try:
            told.append(mine.answer(anna, 2, "offer", (price, "yes")).outcome)
        except OutOfTurn:
            told.append(None)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click, args=(price,)) for price in ("fair", "high")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, told)) == [False, True]
    move = Move.objects.get()
    assert move.outcome in told
    after = worked(session)
    assert after.offers.get(seq=2).outcome == move.outcome
    assert connection.vendor in ("sqlite", "postgresql")


# --- Pause and time -------------------------------------------------------------------------------------------------


def test_paused_it_takes_the_answer_and_goes_on_later(session: Session, anna: User, owner: User) -> None:
    session.job.pause(owner)
    refreshed(session).answer(anna, 2, "offer", OFFER)
    assert worked(session).offers.count() == 1
    refreshed(session).job.resume(owner)
    assert worked(session).awaits_seq == 4


@pytest.fixture
def timed(owner: User, anna: User, group: Group) -> Iterator[Session]:
    """Anna had ten minutes, eleven minutes ago."""
    session = worked(make_seated_session(anna, 1, job__owner=owner, job__group=group, turn_seconds=600))
    past = timezone.now() - timedelta(minutes=11)
    Job.objects.filter(pk=session.pk).update(awaits_since=past)
    yield refreshed(session)


def test_who_does_not_answer_in_time_ends_it(timed: Session, anna: User) -> None:
    assert Session.objects.overdue() == [timed]
    assert timed.give_up_turn()
    over = worked(timed)
    assert (over.status, over.end_reason, over.ended_by) == ("completed", "late", 1)
    assert over.job.message == "No agreement: anna (seat 2) did not answer in time."
    assert over.offers.latest("seq").text == "anna did not answer within 10 minutes."
    move = Move.objects.get()
    assert (move.is_late, move.by) == (True, None)
    assert Notification.objects.filter(user=anna, kind="session_completed").exists()


def test_an_answer_before_anybody_looked_still_counts(timed: Session, anna: User) -> None:
    timed.answer(anna, 2, "offer", OFFER)
    assert timed.give_up_turn() is None
    assert Session.objects.overdue() == []
    assert not Move.objects.filter(is_late=True).exists()


def test_who_was_late_in_a_session_that_goes_in_this_moment_stops_nobody_who_looks(timed: Session) -> None:
    Session.objects.overdue()[0].job.delete()
    assert timed.give_up_turn() is None


def test_while_it_is_paused_no_time_runs_out_and_afterwards_it_begins_anew(
    timed: Session, owner: User
) -> None:
    assert timed.job.pause(owner)
    assert Session.objects.overdue() == []
    assert refreshed(timed).give_up_turn() is None
    refreshed(timed).job.resume(owner)
    assert Session.objects.overdue() == []
    until = refreshed(timed).awaits_until
    assert until
    assert until > timezone.now() + timedelta(minutes=9)


def test_without_a_limit_nobody_is_late(session: Session) -> None:
    Job.objects.filter(pk=session.pk).update(awaits_since=timezone.now() - timedelta(days=400))
    assert Session.objects.overdue() == []


@pytest.mark.parametrize(
    ("seconds", "words"), [(60, "1 minute"), (90, "90 seconds"), (86_400, "1 day"), (172_800, "2 days")]
)
def test_times_are_spoken_in_whole_units(seconds: int, words: str) -> None:
    assert spoken(seconds) == words


# --- Again, swapped, forked ---------------------------------------------------------------------------------------


def over(session: Session, anna: User) -> Session:
    session = offered(session, anna, ("dear", "no"))
    session = offered(session, anna, ("steep", "no"))
    assert session.awaits_seq
    session.answer(anna, session.awaits_seq, "end")
    return worked(session)


def test_once_more_the_same_people_sit_in_it(session: Session, anna: User, owner: User) -> None:
    again = over(session, anna).again(owner)
    seats = list(again.parties.values_list("type", "person__username"))
    assert seats[1] == (PERSON, "anna")
    assert worked(again).awaits_seq == 2


def test_swapped_they_sit_in_the_other_seat(session: Session, anna: User, owner: User) -> None:
    swapped = over(session, anna).swapped(owner)
    assert worked(swapped).awaits_party == 0


def test_who_left_the_group_is_not_seated_again(session: Session, anna: User, owner: User) -> None:
    ended = over(session, anna)
    anna.groups.clear()
    with pytest.raises(Unsuitable, match="anna has a seat in it"):
        ended.again(owner)


def test_a_fork_repeats_what_a_person_answered_and_then_asks_anew(
    session: Session, anna: User, owner: User
) -> None:
    ended = over(session, anna)
    fork = worked(Fork.objects.start(ended, 5, Change("offer", ("low", "no")), owner=owner))
    assert (fork.awaits_party, fork.awaits_seq) == (1, 6)
    same = ended.offers.filter(seq__lt=5).order_by("seq")
    assert [one.to_action() for one in fork.offers.filter(seq__lt=5).order_by("seq")] == [
        one.to_action() for one in same
    ]
    assert fork.offers.get(seq=5).outcome == ["low", "no"]
    second = worked(Fork.objects.start(over_by_end(fork, anna), 6, Change(n_steps=40), owner=owner))
    assert (second.awaits_seq, second.n_steps) == (6, 40)


def over_by_end(session: Session, by: User) -> Session:
    assert session.awaits_seq
    session.answer(by, session.awaits_seq, "end")
    return worked(session)


def test_a_fork_may_seat_a_negotiator_in_a_persons_place_and_the_other_way_round(
    session: Session, anna: User, owner: User
) -> None:
    negotiator = NegotiatorFactory()
    ended = over(session, anna)
    without = worked(Fork.objects.start(ended, 4, Change(party=1, seat=Seat(negotiator)), owner=owner))
    assert without.status == "completed"
    assert without.offers.get(seq=2).outcome == ended.offers.get(seq=2).outcome
    taken = Fork.objects.start(without, 3, Change(party=0, seat=Seat(person=owner)), owner=owner)
    assert (worked(taken).awaits_party, worked(taken).awaits_seq) == (0, 3)


def test_what_goes_on_with_a_person_is_not_forked(session: Session, owner: User) -> None:
    with pytest.raises(Unsuitable, match="Fork it when"):
        Fork.objects.start(session, 1, Change("offer", OFFER), owner=owner)


def test_a_session_that_is_started_knows_who_sits_where(owner: User, anna: User, group: Group) -> None:
    seats = [Seat(person=anna), Seat(NegotiatorFactory())]
    session = Session.objects.start(
        owner=owner, scenario=ScenarioFactory(), seats=seats, seed=1, n_steps=10, group=group, turn_seconds=60
    )
    first, second = session.parties.all()
    assert (first.name, first.type, first.person, first.negotiator) == ("anna", PERSON, anna, None)
    assert (second.person, session.turn_seconds) == (None, 60)


# --- The administration ---------------------------------------------------------------------------------------------


def test_the_administration_shows_what_people_answered_for_no_query_a_row(
    session: Session,
    anna: User,
    as_superuser: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    address = reverse("admin:negotiations_session_change", args=[session.pk])
    offered(session, anna, text="A fair one.")
    as_superuser.get(address)
    with CaptureQueriesContext(connection) as before:
        assert "A fair one." in as_superuser.get(address).content.decode()
    offered(refreshed(session), anna, text="Once more.")
    with django_assert_num_queries(len(before)):
        assert "Once more." in as_superuser.get(address).content.decode()

"""Forks with rows and a real engine: what is copied, what is refused, what outlives the session forked from (X-03)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from negotiations.exceptions import TooMuch, Unsuitable
from negotiations.models import Fork, Negotiator, Offer, Party, Scenario, Seat, Session
from negotiations.models.forks import Change, why_not_fork
from negotiations.tasks import run_job
from tests.factory import DOCUMENT, PREFERENCES, NegotiatorFactory, ScenarioFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REMEMBERER = "tests.engine.rememberer.Rememberer"
WANDERER = "tests.engine.wanderer.Wanderer"
BOULWARE = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"
CONCEDING = "negmas.gb.negotiators.timebased.TimeBasedConcedingNegotiator"
HOSTILE = "tests.engine.hostile."
FIELDS = ("seq", "step", "relative_time", "party", "response", "outcome", "utilities", "text")
DEAR = ("dear", "yes")


def negotiator(kind: str) -> Negotiator:
    found: Negotiator = NegotiatorFactory(
        type=kind, short_name=kind.rpartition(".")[2], max_outcomes=None, max_parties=None
    )
    return found


def bike(parties: int) -> Scenario:
    """The tests' bike for as many parties."""
    space, *ufuns = DOCUMENT.split("---\n")
    scenario: Scenario = ScenarioFactory(
        n_parties=parties,
        document="---\n".join([space, *(ufuns[index % 2] for index in range(parties))]),
        preferences=[PREFERENCES[index % 2] for index in range(parties)],
    )
    return scenario


def played(*types: str, owner: User, **fields: Any) -> Session:
    """A session that is over."""
    types = types or (REMEMBERER, REMEMBERER)
    session = SessionFactory(
        types=list(types), scenario=bike(len(types)), job__owner=owner, **{"n_steps": 10, **fields}
    )
    for party in session.parties.all():
        Party.objects.filter(pk=party.pk).update(negotiator=negotiator(party.type))
    return over(session)


def over(session: Session) -> Session:
    """The session once a worker has had its job."""
    run_job(str(session.pk))
    found: Session = Session.objects.select_related("job").get(pk=session.pk)
    return found


def forked(of: Session, seq: int, change: Change, owner: User | None = None) -> Session:
    session: Session = Fork.objects.start(of, seq, change, owner=owner or of.job.owner)
    return session


def rows(session: Session) -> list[tuple[Any, ...]]:
    return list(session.offers.order_by("seq").values_list(*FIELDS))


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_rows_before_another_action_are_those_of_the_first(parties: int, owner: User) -> None:
    first = played(*[REMEMBERER] * parties, owner=owner)
    seq = 2 * parties + 2
    fork = forked(first, seq, Change("offer", DEAR))
    assert rows(fork) == rows(first)[: seq - 1]
    fork = over(fork)
    assert (fork.job.status, fork.job.attempt, fork.forked_from, fork.forked_seq) == (
        "completed", 1, first, seq,
    )  # fmt: skip
    assert rows(fork)[: seq - 1] == rows(first)[: seq - 1]
    done = fork.offers.get(seq=seq)
    assert (done.party, done.response, done.outcome) == (1, "offer", list(DEAR))
    assert rows(fork)[seq:] != rows(first)[seq:]
    assert fork.n_offers == fork.offers.count()


@pytest.mark.parametrize("parties", [2, 3, 9])
@pytest.mark.parametrize("seat", [0, 1])
def test_rows_before_another_negotiator_are_those_of_the_first(parties: int, seat: int, owner: User) -> None:
    first = played(*[REMEMBERER] * parties, owner=owner)
    seq = 2 * parties + 2
    change = Change(party=seat, seat=Seat(negotiator(CONCEDING), {"offering_curve": "conceder"}))
    fork = over(forked(first, seq, change))
    assert (fork.job.error, fork.parties.get(index=seat).type) == ("", CONCEDING)
    assert fork.parties.get(index=seat).parameters == {"offering_curve": "conceder"}
    assert rows(fork)[: seq - 1] == rows(first)[: seq - 1]
    assert rows(fork)[seq - 1 :] != rows(first)[seq - 1 :]


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_with_more_steps_the_times_alone_differ_before_it(parties: int, owner: User) -> None:
    first = played(*[BOULWARE] * parties, owner=owner, n_steps=6)
    seq = 2 * parties + 1
    fork = over(forked(first, seq, Change(n_steps=30)))
    assert (fork.n_steps, fork.job.total_steps, fork.job.error) == (30, 30, "")
    before = [(row[0], row[1], *row[3:]) for row in rows(first)[: seq - 1]]
    assert [(row[0], row[1], *row[3:]) for row in rows(fork)[: seq - 1]] == before
    assert fork.offers.get(seq=1).relative_time == pytest.approx(1 / 31, abs=1e-6)


def test_times_that_a_database_rounds_otherwise_are_the_same(owner: User) -> None:
    """1/128 ends in a half at the seventh digit: Python rounds it to even, databases away from zero."""
    first = played(WANDERER, WANDERER, owner=owner)
    fork = over(forked(first, 15, Change(n_steps=127)))
    assert (fork.job.error, fork.job.status) == ("", "completed")
    assert abs(fork.offers.get(seq=1).relative_time - 1 / 128) < 1e-6


def test_times_that_are_others_end_it(owner: User) -> None:
    fork = forked(played(owner=owner), 8, Change(n_steps=127))
    Offer.objects.filter(session=fork, seq=5).update(relative_time=0.5)
    assert over(fork).end_reason == "mismatch"


def test_to_accept_where_it_offered(owner: User) -> None:
    first = played(WANDERER, WANDERER, owner=owner)
    fork = over(forked(first, 6, Change("accept")))
    assert (fork.end_reason, fork.agreement) == ("agreement", first.offers.get(seq=5).outcome)
    assert fork.offers.count() == 6


def test_a_fork_outlives_the_session_it_was_forked_from(owner: User) -> None:
    """Nothing of that is read any more."""
    first = played(owner=owner)
    before = rows(first)
    fork = forked(first, 8, Change(party=0, seat=Seat(negotiator(WANDERER))))
    first.job.delete()
    fork = over(fork)
    assert (fork.job.status, fork.forked_from, fork.forked_seq) == ("completed", None, 8)
    assert rows(fork)[:7] == before[:7]


def test_a_fork_of_a_fork_keeps_what_was_changed_before(owner: User) -> None:
    first = played(owner=owner)
    second = over(forked(first, 6, Change("offer", DEAR)))
    third = over(forked(second, 9, Change(party=1, seat=Seat(negotiator(WANDERER)))))
    fourth = over(forked(third, 12, Change("end")))
    assert [one.job.error for one in (second, third, fourth)] == ["", "", ""]
    assert rows(third)[:8] == rows(second)[:8]
    assert rows(fourth)[:11] == rows(third)[:11]
    assert fourth.end_reason == "ended"


def test_a_fork_before_a_fork_forgets_it(owner: User) -> None:
    first = played(owner=owner)
    second = over(forked(first, 9, Change("offer", DEAR)))
    third = over(forked(second, 4, Change("offer", DEAR)))
    assert third.job.status == "completed"
    assert rows(third)[:3] == rows(first)[:3]
    assert third.fork.actions == [{"seq": 4, "party": 1, "response": "offer", "outcome": list(DEAR)}]


def test_a_forked_session_run_again_is_the_same_fork(owner: User) -> None:
    first = played(owner=owner)
    fork = over(forked(first, 6, Change("offer", DEAR)))
    first.job.delete()
    fork.refresh_from_db()
    twin = over(fork.again(by=owner))
    assert rows(twin) == rows(fork)
    assert (twin.job.retry_of, twin.forked_seq, twin.job.attempt) == (fork.job, 6, 1)


def test_one_that_failed_goes_on_where_another_takes_the_seat(owner: User) -> None:
    first = played(WANDERER, f"{HOSTILE}Raises", owner=owner)
    assert first.job.status == "failed"
    last = first.offers.latest("seq")
    assert last.response == "error"
    fork = over(forked(first, last.seq, Change(party=1, seat=Seat(negotiator(WANDERER)))))
    assert (fork.job.status, fork.end_reason) == ("completed", "steps")
    assert rows(fork)[: last.seq - 1] == rows(first)[:-1]


def test_a_running_session_is_forked_at_a_row_that_it_has(owner: User) -> None:
    first = played(owner=owner)
    Offer.objects.filter(session=first, seq__gt=9).delete()
    assert over(forked(first, 9, Change("end"))).end_reason == "ended"


# --- What is refused ----------------------------------------------------------------------------------------


def test_what_depends_on_the_clock_is_not_forked(owner: User) -> None:
    first = played(owner=owner)
    first.mechanism = {"seconds": 5}
    assert "limited by seconds" in why_not_fork(first)
    with pytest.raises(Unsuitable, match="limited by seconds"):
        forked(first, 3, Change("end"))


def test_what_other_versions_played_is_not_forked(owner: User) -> None:
    first = played(owner=owner)
    first.versions |= {"negmas": "0.15.0"}
    with pytest.raises(Unsuitable, match=r"negmas 0\.15\.0 is now"):
        forked(first, 3, Change("end"))
    assert Session.objects.count() == 1


def test_what_has_no_row_is_not_forked(owner: User) -> None:
    assert "nothing to begin at" in why_not_fork(SessionFactory())
    with pytest.raises(Unsuitable, match="has no offer 99"):
        forked(played(owner=owner), 99, Change("end"))


def test_what_cannot_be_seated_or_seen_is_not_forked(owner: User, colleague: User) -> None:
    first = played(owner=owner)
    Scenario.objects.update(owner=owner)
    with pytest.raises(Unsuitable, match="no access"):
        forked(first, 3, Change("end"), colleague)
    Negotiator.objects.update(is_present=False)
    with pytest.raises(Unsuitable, match="cannot run by itself"):
        forked(first, 3, Change("end"))
    assert Session.objects.count() == 1


def test_the_limits_of_a_person_hold(owner: User, settings: Settings) -> None:
    first = played(owner=owner)
    settings.ACTIVE_JOBS = 0
    with pytest.raises(TooMuch):
        forked(first, 3, Change("end"))
    assert (Session.objects.count(), Fork.objects.count()) == (1, 0)


# --- What ends it ---------------------------------------------------------------------------------------------


def test_a_replay_that_differs_ends_the_fork_at_once(owner: User) -> None:
    first = played(owner=owner)
    fork = forked(first, 8, Change("offer", DEAR))
    Offer.objects.filter(session=fork, seq=5).update(text="said by nobody")
    fork = over(fork)
    assert (fork.job.status, fork.end_reason) == ("failed", "mismatch")
    assert "It does not go as the session that it was forked from: offer 5 is another one." in fork.job.error
    assert fork.offers.count() == 7


def test_versions_that_change_before_it_runs_end_it(owner: User) -> None:
    fork = forked(played(owner=owner), 8, Change("offer", DEAR))
    Session.objects.filter(pk=fork.pk).update(versions=fork.versions | {"numpy": "1.0"})
    fork = over(fork)
    assert fork.end_reason == "mismatch"
    assert "It is a fork, and what the session ran with has changed" in fork.job.error

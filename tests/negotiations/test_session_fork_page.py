"""The page of a fork: at which offer, what changes, what is refused and with which words, and who may (X-03)."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from negotiations.engine.versions import versions
from negotiations.models import ConfiguredNegotiator, Negotiator, Party, Scenario, Session
from tests.factory import PREFERENCES, ConfiguredFactory, NegotiatorFactory, ScenarioFactory, UserFactory
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db

PARAMETERS = [{"name": "exponent", "kind": "float", "default": 4.0, "choices": [], "optional": True}]


@pytest.fixture
def ended(owner: User, group: Group) -> Session:
    """Six offers and an accept of the first party."""
    session = make_session("completed", job__owner=owner, job__group=group, versions=versions())
    Party.objects.update(negotiator=NegotiatorFactory(parameters=PARAMETERS), parameters={"exponent": 2.0})
    return session


def url(session: Session, query: str = "") -> str:
    return f"/sessions/{session.pk}/fork/{query}"


def read(client: Client, session: Session, query: str = "", status: int = 200) -> str:
    response = client.get(url(session, query))
    assert response.status_code == status
    return html.unescape(response.content.decode())


def send(client: Client, session: Session, **data: Any) -> Any:
    return client.post(url(session), data)


def fork_of(session: Session) -> Session:
    found: Session = Session.objects.exclude(pk=session.pk).get()
    return found


# --- Where ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "seq"),
    [
        ("", 7),
        ("?step=2", 3),
        ("?seq=4", 4),
        ("?step=99", 7),
        ("?step=x", 7),
        ("?seq=-1&step=3", 5),
        ("?seq=99", 7),
    ],
)
def test_it_begins_at_the_step_or_the_offer_asked_for(
    as_owner: Client, ended: Session, query: str, seq: int
) -> None:
    page = read(as_owner, ended, query)
    assert f'name="seq" value="{seq}"' in page
    assert page.count("from here") == 1


def test_it_shows_what_stands_before_the_offer(as_owner: Client, ended: Session) -> None:
    page = read(as_owner, ended, "?seq=4")
    assert "Before offer 4" in page
    assert "steep · yes" in page.split("Before offer 4")[1]


def test_it_suggests_what_was_offered(as_owner: Client, ended: Session) -> None:
    """One value is changed, the others stay."""
    page = read(as_owner, ended, "?seq=4")
    assert '<option value="4" selected>dear</option>' in page
    assert '<option value="0" selected>yes</option>' in page


# --- What changes ---------------------------------------------------------------------------------------------


def test_another_offer(as_owner: Client, ended: Session, owner: User) -> None:
    response = send(
        as_owner, ended, seq="4", what="action", response="offer", **{"issue-0": "2", "issue-1": "1"}
    )
    fork = fork_of(ended)
    assert response.status_code == 302
    assert response["Location"] == f"/sessions/compare/?ids={ended.pk},{fork.pk}"
    assert (fork.forked_from, fork.forked_seq, fork.seed, fork.scenario) == (
        ended,
        4,
        ended.seed,
        ended.scenario,
    )
    assert (fork.job.owner, fork.job.group, fork.status) == (owner, ended.job.group, "pending")
    assert fork.fork.actions == [{"seq": 4, "party": 1, "response": "offer", "outcome": ["high", "no"]}]
    assert fork.offers.count() == 3
    assert [party.parameters for party in fork.parties.all()] == [{"exponent": 2.0}] * 2


@pytest.mark.parametrize("response", ["accept", "reject", "end"])
def test_another_answer(as_owner: Client, ended: Session, response: str) -> None:
    send(as_owner, ended, seq="4", what="action", response=response)
    assert fork_of(ended).fork.actions == [{"seq": 4, "party": 1, "response": response, "outcome": None}]


def test_another_negotiator_with_parameters(as_owner: Client, ended: Session) -> None:
    other = NegotiatorFactory(type="tests.Other", short_name="Other", parameters=PARAMETERS)
    fields = {"party-0-negotiator": str(other.pk), "party-0-p-exponent": "0.5", "party-0-n_steps": ""}
    send(as_owner, ended, seq="3", what="negotiator", party="0", **fields)
    fork = fork_of(ended)
    assert [party.name for party in fork.parties.all()] == ["Other", "BoulwareTBNegotiator"]
    assert fork.parties.get(index=0).parameters == {"exponent": 0.5}
    assert (fork.fork.what, fork.fork.party, fork.fork.follows) == ("negotiator", 0, {"0": 3})


def test_another_parameter_is_another_negotiator(as_owner: Client, ended: Session) -> None:
    send(as_owner, ended, seq="3", what="negotiator", party="1", **{"party-1-p-exponent": "9"})
    assert fork_of(ended).parties.get(index=1).parameters == {"exponent": 9.0}


def test_another_number_of_steps(as_owner: Client, ended: Session) -> None:
    send(as_owner, ended, seq="3", what="steps", n_steps="40")
    fork = fork_of(ended)
    assert (fork.n_steps, fork.job.total_steps, fork.fork.follows) == (40, 40, {"0": 3, "1": 3})


def test_a_seat_shows_its_fields_when_it_is_chosen(as_owner: Client, ended: Session) -> None:
    response = as_owner.get(url(ended, "?seq=3&what=negotiator&party=1"), headers={"HX-Request": "true"})
    part = response.content.decode()
    assert part.lstrip().startswith('<div id="session-fork-seat"')
    assert 'name="party-1-p-exponent" value="2.0"' in part


def test_htmx_is_sent_to_the_pair(as_owner: Client, ended: Session) -> None:
    response = as_owner.post(
        url(ended), {"seq": "4", "what": "action", "response": "end"}, headers={"HX-Request": "true"}
    )
    assert response.headers["HX-Redirect"].startswith("/sessions/compare/?ids=")


# --- What is refused ------------------------------------------------------------------------------------------

SAME_OFFER = {"what": "action", "response": "offer", "issue-0": "4", "issue-1": "0"}
REFUSED: list[tuple[dict[str, str], str]] = [
    (SAME_OFFER, "That is what it offered. Change one of the values."),
    (SAME_OFFER | {"issue-0": "5"}, "This is not one of the values. Choose one."),
    (SAME_OFFER | {"issue-0": "-1"}, "This is not one of the values. Choose one."),
    (SAME_OFFER | {"issue-0": "low"}, "This is not one of the values. Choose one."),
    ({"what": "action", "response": "shout"}, "This is not one of the available choices. Choose another."),
    ({"what": "action", "response": ""}, "Choose what the party does."),
    ({"seq": "1", "what": "action", "response": "accept"}, "No offer of another party is on the table."),
    ({"seq": "7", "what": "action", "response": "accept"}, "That is what it did. Choose something else."),
    ({"what": "everything"}, "This is not one of the available choices. Choose another."),
    ({"what": "negotiator", "party": "1"}, "That is who sits there."),
    ({"what": "negotiator", "party": "2"}, "This is not one of the available choices. Choose another."),
    ({"what": "negotiator", "party": "1", "party-1-negotiator": "999"}, "This negotiator is not one of the"),
    ({"what": "negotiator", "party": "1", "party-1-p-exponent": "x"}, "Leave it empty for the default (4.0)."),
    ({"what": "steps", "n_steps": "1000"}, "It has 1,000 steps already. Give another number."),
    ({"what": "steps", "n_steps": "1"}, "Give a whole number from 2 to 100,000: it begins in step 2."),
    ({"what": "steps", "n_steps": "many"}, "Give a whole number from 1 to 100,000"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "told"), REFUSED)
def test_what_is_wrong_is_said_beside_it(
    as_owner: Client, ended: Session, data: dict[str, str], told: str
) -> None:
    response = send(as_owner, ended, **{"seq": "4"} | data)
    assert response.status_code == 200
    assert told in html.unescape(response.content.decode())
    assert Session.objects.count() == 1


def test_a_negotiator_that_does_not_fit_is_refused_with_those_that_do(
    as_owner: Client, ended: Session
) -> None:
    small = NegotiatorFactory(type="tests.Small", short_name="Small", max_outcomes=5)
    response = send(
        as_owner, ended, seq="3", what="negotiator", party="0", **{"party-0-negotiator": str(small.pk)}
    )
    page = html.unescape(response.content.decode())
    assert "Small goes through all outcomes; 10 are too many." in page
    assert "These can work with" in page
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("issue", "text", "kept"),
    [
        ({"kind": "integer", "low": 0.0, "high": 9e6}, "12345", 12345),
        ({"kind": "continuous", "low": 0.0, "high": 1.0}, "0.25", 0.25),
        ({"kind": "categorical", "low": None, "high": None}, "value 2000", "value 2000"),
    ],
)
def test_issues_without_a_list_take_what_is_typed(
    as_owner: Client, ended: Session, issue: dict[str, Any], text: str, kept: Any
) -> None:
    _with_first_issue(ended, issue)
    send(as_owner, ended, seq="4", what="action", response="offer", **{"issue-0": text, "issue-1": "1"})
    assert fork_of(ended).fork.actions[0]["outcome"] == [kept, "no"]


@pytest.mark.parametrize("kind", ["integer", "continuous"])
@pytest.mark.parametrize("text", ["-1", "2e9", "nan", "inf", "", "ten", "9" * 5000])
def test_numbers_outside_an_issue_are_refused(as_owner: Client, ended: Session, kind: str, text: str) -> None:
    _with_first_issue(ended, {"kind": kind, "low": 0.0, "high": 9e6})
    response = send(
        as_owner, ended, seq="4", what="action", response="offer", **{"issue-0": text, "issue-1": "1"}
    )
    assert "number from 0 to 9e+06." in response.content.decode()
    assert Session.objects.count() == 1


def _with_first_issue(session: Session, issue: dict[str, Any]) -> None:
    first, second = session.scenario.issues
    changed = first | {"values": None, "n_values": None} | issue
    Scenario.objects.filter(pk=session.scenario_id).update(issues=[changed, second])


def test_what_cannot_be_forked_says_why(as_owner: Client, ended: Session) -> None:
    Session.objects.update(versions={"negmas": "0.1"})
    page = read(as_owner, ended)
    assert "This session cannot be forked" in page
    assert "negmas 0.1 is now" in page
    assert "Start fork" not in page
    assert send(as_owner, ended, seq="4", what="action", response="end").status_code == 409
    assert Session.objects.count() == 1


def test_one_without_offers_says_so(as_owner: Client, owner: User) -> None:
    assert "nothing to begin at" in read(as_owner, make_session("pending", job__owner=owner))


def test_the_limits_of_a_person_are_said(as_owner: Client, ended: Session, settings: Settings) -> None:
    settings.ACTIVE_JOBS = 0
    response = send(as_owner, ended, seq="4", what="action", response="end")
    assert response.status_code == 429
    assert "ACTIVE_JOBS" in response.content.decode()
    assert Session.objects.count() == 1


def test_a_negotiator_that_has_gone_is_said(as_owner: Client, ended: Session) -> None:
    Negotiator.objects.update(is_present=False)
    response = send(as_owner, ended, seq="4", what="action", response="end")
    assert response.status_code == 409
    assert "Choose another negotiator" in response.content.decode()


# --- Who may --------------------------------------------------------------------------------------------------


def test_a_colleague_gets_one_of_their_own(as_colleague: Client, colleague: User, ended: Session) -> None:
    send(as_colleague, ended, seq="4", what="action", response="end")
    fork = fork_of(ended)
    assert (fork.job.owner, fork.job.group) == (colleague, ended.job.group)


def test_a_scenario_that_is_not_theirs_is_not_forked(as_colleague: Client, ended: Session) -> None:
    Scenario.objects.update(owner=ended.job.owner)
    response = send(as_colleague, ended, seq="4", what="action", response="end")
    assert response.status_code == 409
    assert "You have no access to" in response.content.decode()


def test_who_may_not(as_stranger: Client, ended: Session) -> None:
    assert as_stranger.get(url(ended)).status_code == 404
    assert send(as_stranger, ended, seq="4", what="action", response="end").status_code == 404
    assert Client().get(url(ended)).headers["Location"].startswith("/sign-in/")
    assert Client().post(url(ended)).headers["Location"].startswith("/sign-in/")
    assert Session.objects.count() == 1


@pytest.mark.parametrize("state", ["running", "paused", "failed", "cancelled"])
def test_it_is_there_in_every_state_with_offers(as_owner: Client, owner: User, state: str) -> None:
    session = make_session(state, job__owner=owner, versions=versions())
    assert "Start fork" in read(as_owner, session)


@pytest.mark.parametrize("parties", [3, 9])
def test_more_parties(as_owner: Client, owner: User, parties: int) -> None:
    preferences = [PREFERENCES[index % 2] for index in range(parties)]
    scenario = ScenarioFactory(n_parties=parties, preferences=preferences)
    session = make_session("failed", offers=20, job__owner=owner, versions=versions(), scenario=scenario)
    Party.objects.update(negotiator=NegotiatorFactory())
    page = read(as_owner, session, "?seq=10")
    assert f"Party {parties}: BoulwareTBNegotiator" in page
    send(as_owner, session, seq="10", what="action", response="end")
    assert fork_of(session).parties.count() == parties


# --- On the session's page --------------------------------------------------------------------------------------


def head(client: Client, session: Session) -> str:
    page = html.unescape(client.get(f"/sessions/{session.pk}/").content.decode())
    return page.split('id="session-forks"')[1].split("</section>")[0] if 'id="session-forks"' in page else ""


def test_the_page_of_a_session_leads_to_its_fork(as_owner: Client, ended: Session) -> None:
    page = as_owner.get(f"/sessions/{ended.pk}/").content.decode()
    assert f'href="/sessions/{ended.pk}/fork/"' in page
    assert head(as_owner, ended) == ""


def test_both_name_each_other(as_owner: Client, ended: Session) -> None:
    send(as_owner, ended, seq="4", what="action", response="accept")
    fork = fork_of(ended)
    said = head(as_owner, fork)
    assert f'href="/sessions/{ended.pk}/"' in said
    assert "at offer 4: BoulwareTBNegotiator accepts." in said
    assert f"?ids={ended.pk},{fork.pk}" in said
    assert f'href="/sessions/{fork.pk}/"' in head(as_owner, ended)
    assert f"?ids={ended.pk},{fork.pk}" in head(as_owner, ended)


def test_forks_that_are_not_theirs_are_not_named(
    as_owner: Client, as_colleague: Client, ended: Session
) -> None:
    ended.job.group = None
    ended.job.save()
    send(as_owner, ended, seq="4", what="action", response="accept")
    fork = fork_of(ended)
    fork.job.group = Group.objects.get()
    fork.job.save()
    assert "from a session of somebody else" in head(as_colleague, fork)
    assert str(ended.pk) not in head(as_colleague, fork)
    fork.job.group = None
    fork.job.save()
    ended.job.group = Group.objects.get()
    ended.job.save()
    assert head(as_colleague, ended) == ""


def test_of_many_forks_the_newest_are_named(as_owner: Client, ended: Session) -> None:
    for seq in range(1, 8):
        send(as_owner, ended, seq=str(seq), what="action", response="end")
    said = head(as_owner, ended)
    assert "Newest forks" in said
    assert said.count('title="BoulwareTBNegotiator ends it"') == 5


def test_a_fork_whose_first_was_deleted_says_so(as_owner: Client, ended: Session) -> None:
    send(as_owner, ended, seq="4", what="action", response="accept")
    fork = fork_of(ended)
    ended.job.delete()
    assert "from a session that has been deleted at offer 4" in " ".join(head(as_owner, fork).split())


# --- Negotiators that people configured ---------------------------------------------------------------------------


def own(owner: User, **fields: Any) -> ConfiguredNegotiator:
    kept: ConfiguredNegotiator = ConfiguredFactory(
        owner=owner, name="Patient", parameters={"exponent": 7.25},
        negotiator=NegotiatorFactory(type="tests.Own", short_name="Own", parameters=PARAMETERS), **fields,
    )  # fmt: skip
    return kept


def test_a_configured_negotiator_is_offered_and_takes_a_seat_with_its_parameters(
    as_owner: Client, ended: Session, owner: User
) -> None:
    """What who sat there before was given does not come with it."""
    kept = own(owner)
    assert f'<option value="{kept.key}">Patient</option>' in read(as_owner, ended, "?seq=3&what=negotiator")
    send(as_owner, ended, seq="3", what="negotiator", party="0", **{"party-0-negotiator": kept.key})
    party = fork_of(ended).parties.get(index=0)
    assert (party.name, party.type, party.parameters) == ("Patient", "tests.Own", {"exponent": 7.25})
    assert fork_of(ended).parties.get(index=1).parameters == {"exponent": 2.0}


def test_its_parameters_can_be_changed_in_the_seat(as_owner: Client, ended: Session, owner: User) -> None:
    kept = own(owner)
    seat = {"party-0-negotiator": kept.key, "party-0-p-exponent": "3"}
    send(as_owner, ended, seq="3", what="negotiator", party="0", **seat)
    assert fork_of(ended).parties.get(index=0).parameters == {"exponent": 3.0}


def test_a_configured_one_that_is_who_sits_there_is_no_change(
    as_owner: Client, ended: Session, owner: User
) -> None:
    kept = ConfiguredFactory(
        owner=owner, negotiator=ended.parties.get(index=0).negotiator, parameters={"exponent": 2.0}
    )
    answer = send(as_owner, ended, seq="3", what="negotiator", party="0", **{"party-0-negotiator": kept.key})
    assert "That is who sits there." in answer.content.decode()


def test_one_shared_with_the_group_is_offered_and_one_of_somebody_else_is_not(
    as_owner: Client, as_colleague: Client, ended: Session, owner: User, group: Group
) -> None:
    kept, other = own(owner), own(UserFactory(), group=None)
    query = "?seq=3&what=negotiator"
    assert kept.key not in read(as_colleague, ended, query)
    assert other.key not in read(as_owner, ended, query)
    answer = send(as_owner, ended, seq="3", what="negotiator", party="0", **{"party-0-negotiator": other.key})
    assert "This negotiator is not one of the available choices." in answer.content.decode()
    ConfiguredNegotiator.objects.filter(pk=kept.pk).update(group=group)
    assert kept.key in read(as_colleague, ended, query)

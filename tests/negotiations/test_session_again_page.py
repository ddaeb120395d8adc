"""Running a session again: the same everything, a new job."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.models import Job, Negotiator, Party, Session
from tests.factory import NegotiatorFactory, ScenarioFactory
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(owner: User, group: Group) -> Session:
    session = make_session("failed", job__owner=owner, job__group=group, seed=42, pace_ms=5)
    Party.objects.update(negotiator=NegotiatorFactory(), parameters={"exponent": 2.0}, n_steps=9)
    return session


def again(client: Client, session: Session) -> str:
    response = client.post(f"{session.get_absolute_url()}again/")
    assert response.status_code == 302
    return response.headers["Location"]


def test_it_has_the_same_everything_and_a_job_of_its_own(
    as_owner: Client, ended: Session, owner: User, group: Group
) -> None:
    """N-17, J-23"""
    url = again(as_owner, ended)
    new = Session.objects.exclude(pk=ended.pk).get()
    assert url == new.get_absolute_url()
    assert (new.scenario, new.seed, new.n_steps, new.pace_ms) == (ended.scenario, 42, 1000, 5)
    assert [(party.parameters, party.n_steps) for party in new.parties.all()] == [({"exponent": 2.0}, 9)] * 2
    assert (new.status, new.job.owner, new.job.group) == ("pending", owner, group)
    assert new.job.retry_of == Job.objects.get(pk=ended.pk)


def test_a_colleague_gets_one_of_their_own(as_colleague: Client, colleague: User, ended: Session) -> None:
    again(as_colleague, ended)
    assert Session.objects.exclude(pk=ended.pk).get().job.owner == colleague


def test_where_a_negotiator_has_gone_the_form_asks_for_another(as_owner: Client, ended: Session) -> None:
    Negotiator.objects.update(is_present=False)
    url = again(as_owner, ended)
    assert url == f"/sessions/new/?again={ended.pk}"
    page = as_owner.get(url).content.decode()
    assert 'value="42"' in page
    assert Session.objects.count() == 1


def test_where_the_scenario_is_not_theirs_nothing_starts(as_colleague: Client, ended: Session) -> None:
    ended.scenario.owner = ended.job.owner
    ended.scenario.save()
    assert again(as_colleague, ended).startswith("/sessions/new/?again=")
    assert Session.objects.count() == 1


def test_who_may(as_stranger: Client, ended: Session) -> None:
    ScenarioFactory()
    assert as_stranger.post(f"{ended.get_absolute_url()}again/").status_code == 404
    assert Client().post(f"{ended.get_absolute_url()}again/").headers["Location"].startswith("/sign-in/")
    assert Session.objects.count() == 1

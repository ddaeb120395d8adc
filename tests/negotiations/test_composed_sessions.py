"""Composed negotiators in recorded sessions: played by a worker's task, run again, replayed to the same offers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from negotiations import tasks
from negotiations.engine.composed import components
from negotiations.engine.composition import COMPOSED, slot_parameters
from negotiations.models import Component, ConfiguredNegotiator, Negotiator, Seat, Session
from tests.factory import ConfiguredFactory, NegotiatorFactory, ScenarioFactory

GIVEN: dict[str, Any] = {
    "offering": "GBoulwareOffering", "offering.e": 0.3, "acceptance": "ACCombi", "model": "GSmithFrequencyModel",
}  # fmt: skip


@pytest.fixture
def composed(db: None) -> Negotiator:
    """As a synchronisation keeps it."""
    Component.objects.synchronise(components())
    parameters = [
        {"name": each.name, "kind": each.kind, "default": each.default, "choices": list(each.choices)}
        for each in slot_parameters(components())
    ]
    return NegotiatorFactory(source="parley", type=COMPOSED, short_name="Composed", parameters=parameters)


def play(session: Session) -> list[Any]:
    tasks.run_job(str(session.pk))
    session.job.refresh_from_db()
    assert session.job.status == "completed", session.job.error
    return list(session.offers.order_by("seq").values_list("party", "response", "outcome"))


def start(owner: User, seats: list[Seat]) -> Session:
    return Session.objects.start(owner=owner, scenario=ScenarioFactory(), seats=seats, seed=5, n_steps=20)


@pytest.mark.django_db(transaction=True)
def test_it_plays_and_plays_the_same_again(owner: User, composed: Negotiator) -> None:
    seats = [Seat(composed, GIVEN, name="Mine"), Seat(NegotiatorFactory())]
    first = start(owner, seats)
    offers = play(first)
    assert {party for party, _, _ in offers} == {0, 1}
    again = first.again(by=owner)
    assert play(again) == offers
    assert again.parties.get(index=0).name == "Mine"


@pytest.mark.django_db(transaction=True)
def test_one_that_names_what_is_not_on_the_list_fails_and_is_named(owner: User, composed: Negotiator) -> None:
    seats = [Seat(composed, {"offering": "os.system"}, name="Hostile"), Seat(NegotiatorFactory())]
    session = start(owner, seats)
    tasks.run_job(str(session.pk))
    session.job.refresh_from_db()
    assert session.job.status == "failed"
    assert (
        "Hostile" in session.job.message
        and "There is no offering component 'os.system'" in session.job.message
    )


def test_a_session_with_one_fills_the_form_anew(as_owner: Client, owner: User, composed: Negotiator) -> None:
    session = start(owner, [Seat(composed, GIVEN), Seat(NegotiatorFactory())])
    page = as_owner.get(f"/sessions/new/?again={session.pk}").content.decode()
    assert 'name="party-0-p-offering.e" value="0.3"' in page


def test_components_that_are_gone_leave_the_list(composed: Negotiator) -> None:
    kept = components()[:3]
    assert Component.objects.synchronise(kept) == 3
    assert Component.objects.count() == 3


def test_a_configured_one_of_a_gone_package_is_offered_nowhere(as_owner: Client, owner: User) -> None:
    ConfiguredFactory(owner=owner, name="Orphan", negotiator=NegotiatorFactory(is_present=False))
    assert not ConfiguredNegotiator.objects.seatable().exists()
    page = as_owner.get("/negotiators/", {"source": "own"}).content.decode()
    assert "Orphan" in page and "no longer installed" in page

"""X-08: people in the form of a new session, and on every page that begins with or tells of a session that they sat in."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from negotiations.engine.versions import versions
from negotiations.models import Negotiator, Preset, Scenario, Session
from negotiations.tasks import run_job
from tests.conftest import client_of
from tests.factory import GroupFactory, NegotiatorFactory, ScenarioFactory, UserFactory, make_seated_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def negotiator() -> Negotiator:
    return NegotiatorFactory()


@pytest.fixture
def scenario() -> Scenario:
    return ScenarioFactory()


@pytest.fixture
def as_owner(owner: User) -> Client:
    return client_of(owner)


@pytest.fixture
def filled(scenario: Scenario, negotiator: Negotiator, colleague: User, group: Group) -> dict[str, str]:
    """The colleague against a negotiator, shared with the group of both."""
    return {
        "scenario": str(scenario.pk), "n_steps": "20", "pace_ms": "0", "seed": "7", "offering_is_accepting": "on",
        "turn_seconds": "3600", "group": str(group.pk), "party-0-negotiator": f"person-{colleague.pk}",
        "party-1-negotiator": str(negotiator.pk),
    }  # fmt: skip


def sent(client: Client, fields: dict[str, str]) -> Any:
    return client.post(reverse("negotiations:session-new"), fields)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_seat_offers_oneself_and_the_people_of_ones_groups(
    as_owner: Client, filled: dict[str, str], owner: User, colleague: User, stranger: User
) -> None:
    page = text(as_owner.get(reverse("negotiations:session-new"), {"scenario": filled["scenario"]}))
    assert f'<option value="person-{owner.pk}">owner (you)</option>' in page
    assert f'<option value="person-{colleague.pk}">colleague</option>' in page
    assert "stranger" not in page


def test_it_starts_with_the_person_and_the_time_for_a_turn(
    as_owner: Client, filled: dict[str, str], colleague: User
) -> None:
    response = sent(as_owner, filled)
    session = Session.objects.get()
    assert response["Location"] == session.get_absolute_url()
    assert (session.parties.get(index=0).person, session.turn_seconds) == (colleague, 3600)


def test_ones_own_seat_needs_no_group_and_leads_to_it(
    as_owner: Client, filled: dict[str, str], owner: User
) -> None:
    response = as_owner.post(
        reverse("negotiations:session-new"),
        filled | {"group": "", "party-0-negotiator": f"person-{owner.pk}"},
        follow=True,
    )
    assert response.redirect_chain[-1][0] == Session.objects.get().seat_url()


def test_who_is_not_in_the_group_it_is_shared_with_cannot_sit_in_it(
    as_owner: Client, filled: dict[str, str], owner: User, colleague: User
) -> None:
    other = GroupFactory(name="other")
    owner.groups.add(other)
    for group, where in (("", "in a group that it is shared with"), (str(other.pk), "in other")):
        page = text(sent(as_owner, filled | {"group": group}))
        assert f"colleague is not {where}" in page
    assert not Session.objects.exists()


def test_who_is_no_colleague_is_no_choice(as_owner: Client, filled: dict[str, str]) -> None:
    unknown = UserFactory()
    page = text(sent(as_owner, filled | {"party-0-negotiator": f"person-{unknown.pk}"}))
    assert "not one of the available choices" in page
    assert not Session.objects.exists()


def test_nobody_sits_on_two_seats(as_owner: Client, filled: dict[str, str], colleague: User) -> None:
    page = text(sent(as_owner, filled | {"party-1-negotiator": f"person-{colleague.pk}"}))
    assert "colleague has a seat already." in page


def test_issues_that_no_form_can_list_are_refused_beside_the_seat(
    as_owner: Client, filled: dict[str, str], scenario: Scenario
) -> None:
    first, *others = scenario.issues
    Scenario.objects.filter(pk=scenario.pk).update(
        issues=[{**first, "values": None, "n_values": 5000}, *others]
    )
    assert "more values than a form can list" in text(sent(as_owner, filled))


def test_the_check_says_that_it_waits_and_who_knows_what(
    as_owner: Client, filled: dict[str, str], scenario: Scenario, colleague: User
) -> None:
    url = reverse("negotiations:session-new-check")

    def page(**fields: Any) -> str:
        Scenario.objects.filter(pk=scenario.pk).update(**fields)
        return html.unescape(text(as_owner.get(url, filled)))

    library = page()
    assert "It waits for colleague at each of their turns." in library
    assert f"Until it is over, {scenario} shows colleague what their own party wants, and no more." in library
    hidden = page(owner=User.objects.get(username="owner"))
    assert "what their own party wants" not in hidden
    theirs = page(owner=colleague, group=Group.objects.get(name="lab"))
    assert f"colleague brought {scenario} here, and sees what every party wants." in theirs


def test_a_time_that_is_none_of_the_choices_is_refused(as_owner: Client, filled: dict[str, str]) -> None:
    assert "This is not one of the times." in text(sent(as_owner, filled | {"turn_seconds": "7"}))


def test_a_preset_keeps_people_and_their_time(
    as_owner: Client, filled: dict[str, str], colleague: User
) -> None:
    as_owner.post(reverse("negotiations:preset-new"), filled | {"preset_name": "Usual"})
    preset = Preset.objects.get()
    assert (preset.names[0], preset.turn_seconds) == ("colleague", 3600)
    page = text(as_owner.get(preset.get_absolute_url()))
    assert f'<option value="person-{colleague.pk}" selected>' in page
    assert '<option value="3600" selected>' in page


# --- Pages of a session in which somebody sat ---------------------------------------------------------------------


@pytest.fixture
def ended(owner: User, colleague: User, group: Group, scenario: Scenario) -> Session:
    session = make_seated_session(
        colleague,
        1,
        job__owner=owner,
        job__group=group,
        scenario=scenario,
        turn_seconds=60,
        versions=versions(),
    )
    run_job(str(session.pk))
    Session.objects.get(pk=session.pk).answer(colleague, 2, "offer", ("dear", "no"), "Mine.")
    run_job(str(session.pk))
    Session.objects.get(pk=session.pk).answer(colleague, 4, "accept")
    run_job(str(session.pk))
    return Session.objects.get(pk=session.pk)


@pytest.mark.parametrize("part", ["detail", "offers", "tables", "fork", "export-csv", "replay", "chart"])
def test_its_pages_name_the_person(as_owner: Client, ended: Session, part: str) -> None:
    response = as_owner.get(reverse(f"negotiations:session-{part}", args=[ended.pk]))
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    assert response.status_code == 200
    assert part in ("chart", "replay") or "colleague" in body.decode()


def test_its_export_holds_what_was_said(as_owner: Client, ended: Session) -> None:
    response: Any = as_owner.get(reverse("negotiations:session-export-json", args=[ended.pk]))
    told = json.loads(b"".join(response.streaming_content) if response.streaming else response.content)
    assert "Mine." in json.dumps(told)


def test_change_and_run_begins_with_the_same_people(
    as_owner: Client, ended: Session, colleague: User
) -> None:
    page = text(as_owner.get(reverse("negotiations:session-new"), {"again": ended.pk}))
    assert f'<option value="person-{colleague.pk}" selected>' in page
    assert '<option value="60" selected>' in page


def test_run_again_and_a_preset_of_it_keep_them_too(
    as_owner: Client, ended: Session, colleague: User
) -> None:
    as_owner.post(reverse("negotiations:session-again", args=[ended.pk]))
    again = Session.objects.exclude(pk=ended.pk).get()
    assert again.parties.get(index=1).person == colleague
    as_owner.post(reverse("negotiations:preset-of", args=[ended.pk]), {"preset_name": "As then"})
    assert Preset.objects.get().seats[1]["person"] == f"person-{colleague.pk}"


def test_it_can_be_compared_with_one_in_which_nobody_sat(
    as_owner: Client, ended: Session, owner: User, negotiator: Negotiator, filled: dict[str, str]
) -> None:
    sent(as_owner, filled | {"party-0-negotiator": str(negotiator.pk), "again": str(ended.pk)})
    other = Session.objects.exclude(pk=ended.pk).get()
    run_job(str(other.pk))
    page = text(as_owner.get(f"{reverse('negotiations:session-compare')}?ids={ended.pk},{other.pk}"))
    assert "colleague" in page
    assert "engine.people" not in page
    assert "colleague" in text(as_owner.get(other.get_absolute_url()))


def test_the_form_of_a_fork_seats_people_and_takes_them_out(
    as_owner: Client, ended: Session, owner: User, colleague: User, negotiator: Negotiator
) -> None:
    url = reverse("negotiations:session-fork", args=[ended.pk])
    page = text(as_owner.get(url, {"seq": "3", "what": "negotiator", "party": "1"}))
    assert f'<option value="person-{colleague.pk}" selected>' in page
    fields = {"seq": 3, "what": "negotiator", "party": 0, "party-0-negotiator": f"person-{owner.pk}"}
    as_owner.post(url, fields)
    fork = Session.objects.exclude(pk=ended.pk).get()
    assert list(fork.parties.values_list("person", flat=True)) == [owner.pk, colleague.pk]
    taken = text(as_owner.post(url, fields | {"party-0-negotiator": f"person-{colleague.pk}"}))
    assert "not one of the available choices" in taken

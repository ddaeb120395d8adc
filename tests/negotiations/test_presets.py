"""P-07, P-15: set-ups that are kept, used, renamed, shared and deleted; seats swapped; one thing changed."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from negotiations.differences import differences
from negotiations.forms import presets as preset_forms
from negotiations.models import Negotiator, Preset, Scenario, Session, SessionTag
from tests.factory import NegotiatorFactory, PartyFactory, ScenarioFactory
from tests.negotiations.session_rows import make_session
from tests.negotiations.test_session_new_page import PARAMETERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return ScenarioFactory(name="Used bike")


@pytest.fixture
def negotiator() -> Negotiator:
    return NegotiatorFactory(parameters=PARAMETERS)


@pytest.fixture
def filled(scenario: Scenario, negotiator: Negotiator) -> dict[str, str]:
    return {
        "scenario": str(scenario.pk), "n_steps": "50", "pace_ms": "20", "seed": "7", "offering_is_accepting": "on",
        "party-0-negotiator": str(negotiator.pk), "party-1-negotiator": str(negotiator.pk),
        "party-0-p-exponent": "2.5", "party-1-n_steps": "9", "preset_name": "Usual",
    }  # fmt: skip


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def keep(client: Client, data: dict[str, str]) -> Any:
    return client.post("/sessions/presets/new/", data, follow=True)


# --- Keeping and using --------------------------------------------------------------------------------------------


def test_a_form_is_kept_and_another_begins_with_it(
    as_owner: Client, owner: User, negotiator: Negotiator, filled: dict[str, str]
) -> None:
    page = text(keep(as_owner, filled))
    preset = Preset.objects.get()
    assert (preset.owner, preset.name, preset.group, preset.n_steps) == (owner, "Usual", None, 50)
    assert preset.seats[0] == {
        "negotiator": negotiator.pk, "name": "BoulwareTBNegotiator", "parameters": {"exponent": 2.5}, "n_steps": None,
    }  # fmt: skip
    assert "The preset “Usual” is kept." in page
    for part in (
        'name="n_steps" value="50"',
        'name="pace_ms" value="20"',
        'name="party-0-p-exponent" value="2.5"',
    ):
        assert part in page
    assert 'name="party-1-n_steps" value="9"' in page
    assert 'name="seed" value="7"' not in page
    assert Session.objects.count() == 0


def test_a_preset_may_leave_the_scenario_and_seats_open(
    as_owner: Client, scenario: Scenario, negotiator: Negotiator, filled: dict[str, str]
) -> None:
    keep(as_owner, filled | {"scenario": "", "preset_name": "Any"})
    keep(as_owner, filled | {"party-1-negotiator": "", "preset_name": "Half"})
    any_, half = Preset.objects.order_by("name")
    assert (any_.scenario, any_.seats) == (None, [])
    assert half.names == ["BoulwareTBNegotiator", ""]


def test_the_seats_of_a_preset_come_in_with_a_scenario(
    as_owner: Client, owner: User, scenario: Scenario, negotiator: Negotiator
) -> None:
    seats = [{"negotiator": negotiator.pk, "name": "", "parameters": {}, "n_steps": 4}]
    preset = Preset.objects.create(owner=owner, name="Open", n_steps=30, seats=seats)
    page = text(as_owner.get(f"/sessions/new/?preset={preset.pk}"))
    assert f'<input type="hidden" name="preset" value="{preset.pk}">' in page
    given = {"preset": str(preset.pk), "scenario": str(scenario.pk), "n_steps": "30"}
    parts = text(as_owner.get("/sessions/new/parties/", given))
    assert f'<option value="{negotiator.pk}" selected>' in parts
    assert 'name="party-0-n_steps" value="4"' in parts


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"preset_name": ""}, "Give the preset a name."),
        ({"preset_name": "x" * 81}, "A name has at most 80 characters."),
        ({"preset_name": "a\x00"}, "Null characters are not allowed."),
        ({"n_steps": "0"}, "No preset was kept: something in the form has to be corrected."),
        ({"party-0-p-exponent": "abc"}, "No preset was kept: something in the form has to be corrected."),
        ({"scenario": "999999"}, "No preset was kept: something in the form has to be corrected."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    change: dict[str, str], told: str, as_owner: Client, filled: dict[str, str]
) -> None:
    response = keep(as_owner, filled | change)
    assert response.status_code == 422
    assert told in text(response)
    assert 'name="seed" value="7"' in text(response)
    assert not Preset.objects.exists()


def test_a_name_is_taken_once_by_each_person(
    as_owner: Client, as_colleague: Client, filled: dict[str, str]
) -> None:
    keep(as_owner, filled)
    assert "There is a preset “Usual” already." in text(keep(as_owner, filled))
    keep(as_colleague, filled)
    assert Preset.objects.count() == 2


def test_no_more_than_a_list_can_hold(
    as_owner: Client, filled: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preset_forms, "MOST_PRESETS", 1)
    keep(as_owner, filled)
    assert "You have 1 presets, and no more may be kept." in text(
        keep(as_owner, filled | {"preset_name": "Two"})
    )


def test_a_session_is_kept_as_a_preset(as_owner: Client, owner: User, negotiator: Negotiator) -> None:
    session = make_session("completed", job__owner=owner)
    session.parties.update(negotiator=negotiator, parameters={"levels": 3})
    page = text(as_owner.post(f"/sessions/{session.pk}/preset/", {"preset_name": "<b>Mine</b>"}, follow=True))
    assert "The preset “<b>Mine</b>” is kept." in page
    preset = Preset.objects.get()
    assert (preset.scenario, preset.n_steps, len(preset.seats)) == (session.scenario, 1000, 2)
    assert preset.seats[0]["parameters"] == {"levels": 3}


# --- Looking after them -------------------------------------------------------------------------------------------


def test_a_preset_is_renamed_shared_and_deleted(
    as_owner: Client, as_colleague: Client, as_stranger: Client, owner: User, group: Group
) -> None:
    preset = Preset.objects.create(owner=owner, name="<i>Odd</i>", n_steps=30)
    assert "&lt;i&gt;Odd" in as_owner.get("/sessions/presets/").content.decode()
    assert "Odd" not in text(as_colleague.get("/sessions/presets/"))
    change = f"/sessions/presets/{preset.pk}/change/"
    page = text(as_owner.post(change, {"preset_name": "Plain", "group": group.pk}, follow=True))
    assert "The preset “Plain” is saved." in page
    assert "of owner" in text(as_colleague.get("/sessions/presets/"))
    assert 'name="n_steps" value="30"' in text(as_colleague.get(f"/sessions/new/?preset={preset.pk}"))
    assert "Plain" not in text(as_stranger.get("/sessions/new/"))
    assert 'name="n_steps" value="100"' in text(as_stranger.get(f"/sessions/new/?preset={preset.pk}"))
    assert "Nothing was changed." in text(as_owner.post(change, {"preset_name": ""}, follow=True))
    assert as_colleague.post(f"/sessions/presets/{preset.pk}/delete/").status_code == 403
    page = text(as_owner.post(f"/sessions/presets/{preset.pk}/delete/", follow=True))
    assert "The preset “Plain” is deleted." in page
    assert "No presets yet" in page


def test_a_foreign_group_is_none_to_share_with(as_stranger: Client, stranger: User, group: Group) -> None:
    preset = Preset.objects.create(owner=stranger, name="Own", n_steps=30)
    as_stranger.post(f"/sessions/presets/{preset.pk}/change/", {"preset_name": "Own", "group": group.pk})
    assert Preset.objects.get().group is None


def test_a_hidden_scenario_is_not_named(as_colleague: Client, owner: User, group: Group) -> None:
    hidden = ScenarioFactory(name="Secret plan", owner=owner)
    preset = Preset.objects.create(owner=owner, group=group, name="P", n_steps=30, scenario=hidden)
    assert "Secret plan" not in text(as_colleague.get("/sessions/presets/"))
    assert "Secret plan" not in text(as_colleague.get(f"/sessions/new/?preset={preset.pk}"))


@pytest.mark.parametrize("pk", ["0", "x", "9" * 40, "\x00", "-1"])
def test_an_unknown_preset_gives_a_fresh_form(pk: str, as_owner: Client) -> None:
    assert 'name="n_steps" value="100"' in text(as_owner.get("/sessions/new/", {"preset": pk}))


def test_a_new_form_has_the_limits_of_ones_last_session(
    as_owner: Client, as_stranger: Client, owner: User
) -> None:
    """P-15"""
    make_session(
        "completed", job__owner=owner, n_steps=77, pace_ms=30, mechanism={"offering_is_accepting": False}
    )
    page = text(as_owner.get("/sessions/new/"))
    assert 'name="n_steps" value="77"' in page
    assert 'name="pace_ms" value="30"' in page
    assert "checked" not in page.split('name="offering_is_accepting"')[1].split(">")[0]
    assert 'name="n_steps" value="100"' in text(as_stranger.get("/sessions/new/"))


# --- The same with something changed -----------------------------------------------------------------------------


def swappable(owner: User, *names: str, **fields: Any) -> Session:
    session = make_session("completed", offers=4, job__owner=owner, **fields)
    for index in range(2, len(names)):
        PartyFactory(session=session, index=index)
    for party, name in zip(session.parties.all(), names, strict=True):
        party.negotiator = NegotiatorFactory(type=f"tests.{name}", short_name=name)
        party.name, party.type, party.parameters = name, f"tests.{name}", {"own": name}
        party.save()
    return session


@pytest.mark.parametrize("names", [("A", "B"), ("A", "B", "C"), tuple("ABCDEFGHI")])
def test_one_click_moves_each_negotiator_one_seat_further(names: Any, as_owner: Client, owner: User) -> None:
    scenario = ScenarioFactory(n_parties=2)
    scenario.preferences = scenario.preferences[:1] * len(names)
    scenario.n_parties = len(names)
    scenario.save()
    session = swappable(owner, *names, scenario=scenario) if len(names) == 2 else None
    if session is None:
        two = ScenarioFactory()
        session = swappable(owner, *names, scenario=two)
        Session.objects.filter(pk=session.pk).update(scenario=scenario)
    SessionTag.objects.add([session.pk], ["pilot"])
    response = as_owner.post(f"/sessions/{session.pk}/swap/")
    swapped = Session.objects.get(based_on=session)
    assert response.headers["Location"] == swapped.get_absolute_url()
    moved = [*names[1:], names[0]]
    assert list(swapped.parties.values_list("name", flat=True)) == moved
    assert [party.parameters["own"] for party in swapped.parties.all()] == moved
    assert (swapped.seed, swapped.n_steps, swapped.job.retry_of) == (session.seed, session.n_steps, None)
    assert [tag.name for tag in swapped.tags.all()] == ["pilot"]


def test_what_was_changed_is_marked_and_can_be_compared(
    as_owner: Client, as_colleague: Client, owner: User, group: Group
) -> None:
    session = swappable(owner, "A", "B", scenario=ScenarioFactory(name="Pier"))
    form = text(as_owner.get(f"/sessions/new/?again={session.pk}"))
    assert f'<input type="hidden" name="again" value="{session.pk}">' in form
    first, second = (party.negotiator_id for party in session.parties.all())
    sent = {
        "again": str(session.pk), "scenario": str(session.scenario_id), "n_steps": "1000", "pace_ms": "0",
        "seed": "8", "offering_is_accepting": "on", "tags": "Pilot", "group": str(group.pk),
        "party-0-negotiator": str(first), "party-1-negotiator": str(second),
    }  # fmt: skip
    as_owner.post("/sessions/new/", sent)
    changed = Session.objects.get(based_on=session)
    assert [tag.name for tag in changed.tags.all()] == ["pilot"]
    page = text(as_owner.get(changed.get_absolute_url()))
    assert "Seed <s>7</s> <b>8</b>" in page
    assert f'href="/sessions/compare/?ids={session.pk},{changed.pk}"' in page
    # The colleague sees this one, but not what it was changed from.
    assert "Changed from" not in text(as_colleague.get(changed.get_absolute_url()))


def test_every_difference_is_named(owner: User) -> None:
    before = swappable(owner, "A", "B", mechanism={"offering_is_accepting": True})
    after = swappable(
        owner, "A", "C", mechanism={"offering_is_accepting": False}, seed=9, n_steps=50, pace_ms=5
    )
    after.parties.filter(index=0).update(n_steps=3, parameters={"own": "other"})
    found = {one.name: (one.before, one.after) for one in differences(before, after)}
    assert found == {
        "Scenario": (before.scenario.name, after.scenario.name),
        "Steps": ("1000", "50"), "Pace in ms": ("0", "5"), "Seed": ("7", "9"),
        "Offering is accepting": ("yes", "no"), "Party 2": ("B", "C"),
        "Party 1, own step limit": ("default", "3"), "Party 1, own": ("A", "other"),
    }  # fmt: skip
    assert differences(before, before) == []


def test_a_negotiator_that_is_gone_leads_to_the_form(as_owner: Client, owner: User) -> None:
    session = make_session("completed", job__owner=owner)
    response = as_owner.post(f"/sessions/{session.pk}/swap/")
    assert response.headers["Location"] == f"/sessions/new/?again={session.pk}"


def test_a_limit_is_said(as_owner: Client, owner: User, settings: Any) -> None:
    """J-18"""
    settings.ACTIVE_JOBS = 0
    session = swappable(owner, "A", "B")
    response = as_owner.post(f"/sessions/{session.pk}/swap/")
    assert (response.status_code, "ACTIVE_JOBS" in text(response)) == (429, True)

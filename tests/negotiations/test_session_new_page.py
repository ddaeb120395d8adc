"""The form of a new session: what it takes, what it refuses and with which words, and that nothing is lost."""

from __future__ import annotations

import html
import time
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

from negotiations.models import Negotiator, Party, Scenario, Session
from tests.factory import PREFERENCES, NegotiatorFactory, ScenarioFactory
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db

STEPS = "Give a whole number from 1 to 100,000."
PACE = "Give a whole number from 0 to 10,000."
SEED = "Give a whole number from 0 to 2,147,483,647."
OWN_STEPS = "Give a whole number from 1 to 100,000, or leave it empty."
PARAMETERS = [
    {"name": "exponent", "kind": "float", "default": 4.0, "choices": [], "optional": True},
    {"name": "levels", "kind": "int", "default": 10, "choices": [], "optional": True},
    {
        "name": "kind",
        "kind": "choice",
        "default": "linear",
        "choices": ["linear", "boulware"],
        "optional": True,
    },
    {"name": "eager", "kind": "bool", "default": False, "choices": [], "optional": True},
    {"name": "shape", "kind": "number_or_choice", "default": 1.0, "choices": ["steep"], "optional": True},
]


@pytest.fixture
def scenario() -> Scenario:
    return ScenarioFactory(name="Used bike")


@pytest.fixture
def negotiator() -> Negotiator:
    return NegotiatorFactory(parameters=PARAMETERS)


@pytest.fixture
def filled(scenario: Scenario, negotiator: Negotiator) -> dict[str, str]:
    return {
        "scenario": str(scenario.pk), "n_steps": "50", "pace_ms": "0", "seed": "7", "offering_is_accepting": "on",
        "party-0-negotiator": str(negotiator.pk), "party-1-negotiator": str(negotiator.pk),
    }  # fmt: skip


def read(response: Any) -> str:
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def send(client: Client, data: dict[str, str], **headers: str) -> HttpResponse:
    response = client.post("/sessions/new/", data, headers=headers)
    assert isinstance(response, HttpResponse)
    return response


# --- Starting ---------------------------------------------------------------------------------------------------


def test_it_starts_a_session_at_once(as_owner: Client, owner: User, filled: dict[str, str]) -> None:
    """N-01"""
    began = time.monotonic()
    response = send(as_owner, filled)
    assert time.monotonic() - began < 0.5
    session = Session.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, session.get_absolute_url())
    assert (session.status, session.job.owner, session.job.group) == ("pending", owner, None)
    assert (session.n_steps, session.seed, session.pace_ms) == (50, 7, 0)
    assert session.mechanism == {"offering_is_accepting": True}


def test_htmx_is_sent_to_the_session(as_owner: Client, filled: dict[str, str]) -> None:
    """N-01"""
    response = send(as_owner, filled, **{"HX-Request": "true"})
    assert response["HX-Redirect"] == Session.objects.get().get_absolute_url()


def test_parameters_and_own_limits_are_kept_for_each_party(as_owner: Client, filled: dict[str, str]) -> None:
    """N-03"""
    given = {
        "party-0-p-exponent": "2.5", "party-0-p-levels": "12", "party-0-p-kind": "boulware",
        "party-0-p-eager": "true", "party-0-p-shape": "steep", "party-1-n_steps": "3",
    }  # fmt: skip
    send(as_owner, filled | given)
    first, second = Party.objects.order_by("index")
    assert first.parameters == {
        "exponent": 2.5, "levels": 12, "kind": "boulware", "eager": True, "shape": "steep",
    }  # fmt: skip
    assert (first.n_steps, second.parameters, second.n_steps) == (None, {}, 3)


def test_an_unticked_box_is_kept_too(as_owner: Client, filled: dict[str, str]) -> None:
    del filled["offering_is_accepting"]
    send(as_owner, filled)
    assert Session.objects.get().mechanism == {"offering_is_accepting": False}


def test_it_can_be_shared_with_a_group_of_ones_own(
    as_owner: Client, group: Group, filled: dict[str, str]
) -> None:
    send(as_owner, filled | {"group": str(group.pk)})
    assert Session.objects.get().job.group == group


# --- Refusing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        *[("n_steps", value, STEPS) for value in ("", "0", "-5", "abc", "nan", "inf", "null", "1000000000", "1.5", "5\x00")],
        *[("pace_ms", value, PACE) for value in ("", "-1", "10001", "inf", "1e3", "\x00")],
        *[("seed", value, SEED) for value in ("", "-1", "2147483648", "NaN", "9" * 5000)],
        *[("party-0-n_steps", value, OWN_STEPS) for value in ("0", "-5", "abc", "100001")],
        ("scenario", "", "Choose a scenario."),
        ("scenario", "999999", "This scenario is not one of the available choices. Choose another."),
        ("scenario", "abc", "This scenario is not one of the available choices. Choose another."),
        ("scenario", "9" * 30, "This scenario is not one of the available choices. Choose another."),
        ("scenario", "1\x00", "Null characters are not allowed."),
        ("party-1-negotiator", "", "Choose a negotiator."),
        ("party-1-negotiator", "999999", "This negotiator is not one of the available choices. Choose another."),
        ("party-1-negotiator", "\x00", "This negotiator is not one of the available choices. Choose another."),
        ("group", "1234", "This group is not one of the available choices. Choose one of yours, or nobody."),
        ("party-0-p-exponent", "abc", "Has to be a number. Leave it empty for the default (4.0)."),
        ("party-0-p-exponent", "nan", "Has to be a finite number. Leave it empty for the default (4.0)."),
        ("party-0-p-exponent", "inf", "Has to be a finite number. Leave it empty for the default (4.0)."),
        ("party-0-p-exponent", "1000000000", "Has to lie between -1,000,000 and 1,000,000. Leave it empty for the default (4.0)."),
        ("party-0-p-levels", "1.5", "Has to be a whole number. Leave it empty for the default (10)."),
        ("party-0-p-levels", "null", "Has to be a whole number. Leave it empty for the default (10)."),
        ("party-0-p-kind", "odd", "Has to be one of linear, boulware. Leave it empty for the default (linear)."),
        ("party-0-p-eager", "perhaps", "Has to be true or false. Leave it empty for the default (False)."),
        ("party-0-p-shape", "odd", "Has to be a number or one of steep. Leave it empty for the default (1.0)."),
        ("party-0-p-exponent", "\x00", "Null characters are not allowed."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    name: str, value: str, text: str, as_owner: Client, filled: dict[str, str]
) -> None:
    page = read(send(as_owner, filled | {name: value}))
    assert f'_error">{text}</div>' in page
    assert 'name="seed"' in page
    if name != "n_steps":
        assert 'name="n_steps" value="50"' in page
    assert Session.objects.count() == 0


def test_every_wrong_field_is_counted_with_a_link_to_it(as_owner: Client, filled: dict[str, str]) -> None:
    page = read(send(as_owner, filled | {"n_steps": "x", "seed": "x"}))
    assert "2 fields to correct:" in page
    assert '<a href="#id_n_steps">Steps</a>' in page
    assert '<a href="#id_seed">Seed</a>' in page


def test_a_foreign_scenario_is_not_one_of_the_choices(
    as_stranger: Client, owner: User, filled: dict[str, str]
) -> None:
    hidden = ScenarioFactory(name="Secret plan", owner=owner)
    page = read(send(as_stranger, filled | {"scenario": str(hidden.pk)}))
    assert "is not one of the available choices" in page
    assert "Secret plan" not in page
    assert Session.objects.count() == 0


def test_a_foreign_group_is_not_one_of_the_choices(
    as_stranger: Client, group: Group, filled: dict[str, str]
) -> None:
    assert "This group is not one of the available choices" in read(
        send(as_stranger, filled | {"group": str(group.pk)})
    )


def test_a_negotiator_that_does_not_fit_is_refused_before_the_run(
    as_owner: Client, filled: dict[str, str]
) -> None:
    """P-08"""
    small = NegotiatorFactory(type="tests.Small", short_name="MiCRO", max_outcomes=5)
    page = read(send(as_owner, filled | {"party-0-negotiator": str(small.pk)}))
    assert "MiCRO goes through all outcomes; 10 are too many. These can work with Used bike: " in page
    assert 'name="party-0-negotiator" value="' in page.split("These can work")[1]
    assert ">BoulwareTBNegotiator</button>" in page
    assert Session.objects.count() == 0


# --- Filling in -------------------------------------------------------------------------------------------------


def test_a_new_form_has_a_seed_and_marks_nothing_as_wrong(as_owner: Client, scenario: Scenario) -> None:
    page = read(as_owner.get("/sessions/new/"))
    assert "Choose a scenario, then a negotiator for each party." in page
    assert "aria-invalid" not in page
    assert 'name="seed" value="' in page


def test_a_scenario_brings_a_seat_for_each_of_its_parties(as_owner: Client, negotiator: Negotiator) -> None:
    three = ScenarioFactory(n_parties=3, preferences=[*PREFERENCES, PREFERENCES[0]])
    page = read(as_owner.get("/sessions/new/parties/", {"scenario": three.pk, "n_steps": "9"}))
    assert [f'name="party-{index}-negotiator"' in page for index in range(4)] == [True, True, True, False]
    assert "3 of 3 seats have no negotiator yet." in page


def test_a_negotiator_brings_its_parameters(as_owner: Client, filled: dict[str, str]) -> None:
    page = read(as_owner.get("/sessions/new/", filled))
    assert 'name="party-0-p-exponent"' in page
    assert 'placeholder="4.0"' in page
    assert '<option value="boulware">boulware</option>' in page


def test_the_check_tells_before_the_run(as_owner: Client, filled: dict[str, str]) -> None:
    page = read(as_owner.get("/sessions/new/check/", filled | {"pace_ms": "200"}))
    assert "Both negotiators can work with 10 outcomes and 2 parties." in page
    assert "At most 100 offers, at 200 ms a step: 10 s." in page
    wrong = read(as_owner.get("/sessions/new/check/", filled | {"n_steps": "-5"}))
    assert "One field to correct: <a" in wrong


def test_the_address_can_name_a_scenario_and_a_negotiator(
    as_owner: Client, scenario: Scenario, negotiator: Negotiator
) -> None:
    page = read(as_owner.get("/sessions/new/", {"scenario": scenario.pk, "negotiator": negotiator.pk}))
    assert f'<option value="{scenario.pk}" selected>' in page
    seats = page.split('id="session-new-parties"')[1]
    assert seats.count(f'<option value="{negotiator.pk}" selected>') == 1


def test_a_session_can_be_changed_and_run_again(
    as_owner: Client, owner: User, negotiator: Negotiator
) -> None:
    session = make_session("completed", job__owner=owner, seed=4242, pace_ms=20)
    Party.objects.update(negotiator=negotiator, parameters={"levels": 33}, n_steps=8)
    page = read(as_owner.get("/sessions/new/", {"again": str(session.pk)}))
    for part in ('value="4242"', 'name="pace_ms" value="20"', 'name="party-1-p-levels" value="33"'):
        assert part in page
    assert f'<option value="{session.scenario_id}" selected>' in page


@pytest.mark.parametrize("again", ["no-uuid", "\x00", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_session_gives_an_empty_form(again: str, as_owner: Client) -> None:
    assert 'name="n_steps" value="100"' in read(as_owner.get("/sessions/new/", {"again": again}))


def test_nobody_reads_a_foreign_session_through_the_form(as_stranger: Client, owner: User) -> None:
    session = make_session("completed", job__owner=owner, seed=4242)
    assert "4242" not in read(as_stranger.get("/sessions/new/", {"again": str(session.pk)}))


def test_the_visitor_has_to_sign_in(client: Client, filled: dict[str, str]) -> None:
    for answer in (client.get("/sessions/new/"), client.post("/sessions/new/", filled)):
        assert answer.headers["Location"].startswith("/sign-in/")
    assert client.get("/sessions/new/check/").status_code == 302


def test_many_negotiators_cost_no_more_queries(
    as_owner: Client, filled: dict[str, str], django_assert_max_num_queries: Any
) -> None:
    for index in range(30):
        NegotiatorFactory(type=f"tests.N{index}", short_name=f"N{index}")
    with django_assert_max_num_queries(12):
        as_owner.get("/sessions/new/", filled)


def test_before_anything_was_sent_nothing_is_marked_as_wrong(as_owner: Client) -> None:
    page = as_owner.get("/sessions/new/").content.decode()
    assert "aria-invalid" not in page
    assert "invalid-feedback" not in page


def test_a_long_name_of_a_party_is_there_in_full_when_it_is_cut(as_owner: Client) -> None:
    name = "Amsterdam_party1_with_a_name_that_does_not_end"
    scenario = ScenarioFactory(preferences=[{**one, "name": name} for one in PREFERENCES])
    page = as_owner.get("/sessions/new/", {"scenario": str(scenario.pk)}).content.decode()
    assert f'<span class="muted seat-role" title="{name}">{name}</span>' in page

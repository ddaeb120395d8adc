"""P-08: the parameters of NegMAS's mechanism in the form, in presets, by the API and by the command, up to the run."""

from __future__ import annotations

import html
import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from negotiations.forms.mechanism import SECONDS_MAX, WITH_PACE, WITH_PEOPLE
from negotiations.models import Job, Negotiator, Preset, Scenario, Session
from negotiations.tasks import run_job
from tests.factory import JobFactory, NegotiatorFactory, ScenarioFactory, SessionFactory
from tests.negotiations.session_rows import make_session

pytestmark = pytest.mark.django_db

WANDERER = "tests.engine.wanderer.Wanderer"


@pytest.fixture
def negotiator() -> Negotiator:
    return NegotiatorFactory()


@pytest.fixture
def filled(negotiator: Negotiator) -> dict[str, str]:
    scenario: Scenario = ScenarioFactory(name="Used bike")
    return {
        "scenario": str(scenario.pk), "n_steps": "50", "pace_ms": "0", "seed": "7", "offering_is_accepting": "on",
        "party-0-negotiator": str(negotiator.pk), "party-1-negotiator": str(negotiator.pk),
    }  # fmt: skip


def sent(client: Client, data: dict[str, str]) -> str:
    return html.unescape(client.post("/sessions/new/", data).content.decode())


def is_ticked(page: str, name: str) -> bool:
    return "checked" in page.split(f'name="{name}"')[1].split(">")[0]


# --- The form -------------------------------------------------------------------------------------------------------


def test_a_clock_and_single_offers_are_kept(as_owner: Client, filled: dict[str, str]) -> None:
    sent(as_owner, filled | {"seconds": "30", "one_offer_per_step": "on"})
    session = Session.objects.get()
    assert session.mechanism == {"offering_is_accepting": True, "one_offer_per_step": True, "seconds": 30}
    assert not session.can_resume


def test_what_they_mean_is_said_before_the_run(as_owner: Client, filled: dict[str, str]) -> None:
    page = html.unescape(as_owner.get("/sessions/new/check/", filled).content.decode())
    assert "At most 100 offers, as fast as the negotiators answer." in page
    page = html.unescape(
        as_owner.get(
            "/sessions/new/check/", filled | {"seconds": "30", "one_offer_per_step": "on"}
        ).content.decode()
    )
    assert "At most 50 offers, within 30 s." in page
    assert "With a clock it is never the same twice: it cannot be paused" in page


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"seconds": "0"}, f"Give a whole number from 1 to {SECONDS_MAX:,}, or leave it empty."),
        ({"seconds": "soon"}, "or leave it empty."),
        ({"seconds": "\x00"}, "or leave it empty."),
        ({"seconds": "901"}, "A session may take 900 s here (SESSION_SECONDS)."),
        ({"seconds": "30", "pace_ms": "200"}, WITH_PACE),
    ],
)
def test_what_does_not_go_together_is_refused(
    given: dict[str, str], text: str, as_owner: Client, filled: dict[str, str], settings: Settings
) -> None:
    settings.SESSION_SECONDS = 900.0
    assert text in sent(as_owner, filled | given)
    assert not Session.objects.exists()


def test_a_person_has_no_clock(
    as_owner: Client, colleague: User, group: Group, filled: dict[str, str]
) -> None:
    given = {"group": str(group.pk), "party-0-negotiator": f"person-{colleague.pk}", "seconds": "30"}
    assert WITH_PEOPLE in sent(as_owner, filled | given)
    assert not Session.objects.exists()
    sent(as_owner, filled | given | {"seconds": ""})
    assert Session.objects.exists()


def test_forms_presets_and_the_last_session_bring_them_again(
    as_owner: Client, owner: User, filled: dict[str, str]
) -> None:
    """P-07, P-15"""
    rules = {"offering_is_accepting": False, "one_offer_per_step": True, "seconds": 30}
    session = make_session("completed", job__owner=owner, mechanism=rules)
    del filled["offering_is_accepting"]
    kept = filled | {"one_offer_per_step": "on", "seconds": "30", "preset_name": "Quick"}
    as_owner.post("/sessions/presets/new/", kept)
    preset = Preset.objects.get()
    assert preset.mechanism == rules
    for address in (f"?again={session.pk}", f"?preset={preset.pk}", ""):
        page = as_owner.get(f"/sessions/new/{address}").content.decode()
        assert 'name="seconds" value="30"' in page
        assert is_ticked(page, "one_offer_per_step") and not is_ticked(page, "offering_is_accepting")
    page = as_owner.get("/sessions/new/parties/", filled | {"again": str(session.pk)}).content.decode()
    assert "one_offer_per_step" not in page  # a box that was unticked since stays so: it is not drawn anew


def test_what_runs_against_a_clock_offers_no_pause(as_owner: Client, owner: User) -> None:
    session = make_session("running", job__owner=owner, mechanism={"seconds": 30})
    other = make_session("running", job__owner=owner)
    assert f"/sessions/{other.pk}/pause/" in as_owner.get(other.get_absolute_url()).content.decode()
    for address in (session.get_absolute_url(), "/sessions/"):
        page = as_owner.get(address).content.decode()
        assert f"/sessions/{session.pk}/pause/" not in page
        assert f"/sessions/{session.pk}/cancel/" in page


@pytest.mark.parametrize("state", ["pending", "running"])
def test_what_runs_against_a_clock_is_paused_nowhere(state: str, as_owner: Client, owner: User) -> None:
    """Neither from its page and its job's nor by a program: it could not go on."""
    session = make_session(state, job__owner=owner, mechanism={"seconds": 30})
    assert "/pause/" not in as_owner.get(f"/jobs/{session.pk}/").content.decode()
    for address in (
        "/sessions/{}/pause/",
        "/jobs/{}/pause/",
        "/api/v1/sessions/{}/pause",
        "/api/v1/jobs/{}/pause",
    ):
        answer = as_owner.post(address.format(session.pk), content_type="application/json")
        assert answer.status_code == 409
        assert "has a limit of seconds" in answer.content.decode()
    assert not Job.objects.get(pk=session.pk).hold


def test_among_many_jobs_those_with_a_clock_are_left_as_they_are(as_owner: Client, owner: User) -> None:
    clocked = make_session("running", job__owner=owner, mechanism={"seconds": 30})
    other, job = make_session("running", job__owner=owner), JobFactory(owner=owner, kind="deletion")
    ids = [str(clocked.pk), str(other.pk), str(job.pk)]
    page = as_owner.post("/jobs/bulk/", {"change": "pause", "ids": ids}, follow=True).content.decode()
    assert "2 jobs paused. 1 job left as it was" in page and "without a limit of seconds" in page
    assert set(Job.objects.filter(hold=True).values_list("pk", flat=True)) == {other.pk, job.pk}


# --- By programs ----------------------------------------------------------------------------------------------------


def test_a_program_gives_them_too(as_owner: Client, negotiator: Negotiator) -> None:
    parties = [{"negotiator": negotiator.pk}] * 2
    wanted = {"scenario": ScenarioFactory().pk, "parties": parties, "seconds": 5, "one_offer_per_step": True}
    answer = as_owner.post("/api/v1/sessions", json.dumps(wanted), content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert Session.objects.get().mechanism == {
        "offering_is_accepting": True, "one_offer_per_step": True, "seconds": 5,
    }  # fmt: skip


def test_the_command_gives_them_too(superuser: User, negotiator: Negotiator) -> None:
    scenario = ScenarioFactory()
    options: dict[str, Any] = {"scenario": scenario.name, "negotiators": [negotiator.short_name] * 2}
    call_command(
        "run_session", **options, seconds="9", one_offer_per_step=True, queue=True, stdout=StringIO()
    )
    mechanism = Session.objects.get().mechanism
    assert (mechanism["seconds"], mechanism["one_offer_per_step"]) == (9, True)
    with pytest.raises(CommandError, match="--seconds: Give a whole number"):
        call_command("run_session", **options, seconds="soon", queue=True, stdout=StringIO())


# --- The run --------------------------------------------------------------------------------------------------------


def test_a_step_is_one_offer_of_one_party() -> None:
    session = SessionFactory(types=[WANDERER] * 2, n_steps=6, mechanism={"one_offer_per_step": True})
    run_job(str(session.pk))
    rows = list(Session.objects.get(pk=session.pk).offers.values_list("step", flat=True))
    assert rows == list(range(6))


def test_the_clock_ends_it_and_says_so(as_owner: Client, owner: User, settings: Settings) -> None:
    """Before the limit of all sessions does, also where both are the same."""
    settings.SESSION_SECONDS = 1
    made = SessionFactory(job__owner=owner, types=[WANDERER] * 2, n_steps=100_000, mechanism={"seconds": 1})
    run_job(str(made.pk))
    session = Session.objects.get(pk=made.pk)
    assert (session.status, session.end_reason) == ("completed", "seconds")
    assert session.steps and session.steps < 100_000
    page = as_owner.get(session.get_absolute_url()).content.decode()
    assert "All seconds used." in page

"""Scenarios made by chance, by page and by command (P-04)."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from negotiations.forms import scenario_making
from negotiations.models import Scenario
from tests.factory import JobFactory

URL = "/scenarios/generate/"
ASKED = {"name": "Made", "parties": "2", "issues": "4", "values": "3 to 5", "opposition": "0.4", "seed": "5"}


def test_a_preview_keeps_nothing_and_its_seed_makes_the_same(as_owner: Client, owner: User) -> None:
    text = as_owner.post(URL, ASKED | {"seed": "", "preview": "1"}).content.decode()
    seed = re.search(r'name="seed" value="(\d+)"', text)
    assert seed and "Nothing is kept yet" in text and "Utility to Party 1" in text
    assert not Scenario.objects.exists()
    answer = as_owner.post(URL, ASKED | {"seed": seed[1], "keep": "1"})
    scenario = Scenario.objects.get()
    assert answer["Location"] == scenario.get_absolute_url()
    assert (scenario.owner, scenario.source, scenario.n_parties) == (owner, "generated", 2)


def test_a_preview_of_part_of_the_outcomes_says_so(as_owner: Client) -> None:
    text = as_owner.post(URL, ASKED | {"preview": "1"}).content.decode()
    assert "Every outcome by its utility" in text and "drawn by chance" not in text
    text = as_owner.post(URL, ASKED | {"issues": "9", "values": "9", "preview": "1"}).content.decode()
    assert "20,000 outcomes, drawn by chance, each by its utility" in text
    assert "The picture shows 20,000 of them, drawn by chance, and their frontier." in text


@pytest.mark.parametrize("parties", ["2", "3", "9"])
def test_parties_tags_and_sharing_are_as_asked(as_owner: Client, group: Group, parties: str) -> None:
    asked = {"parties": parties, "opposition": "0.6", "tags": "Course, course", "group": str(group.pk)}
    as_owner.post(URL, ASKED | asked | {"reserved": "0 to 0.1", "keep": "1"})
    scenario = Scenario.objects.get()
    assert (scenario.n_parties, scenario.tags, scenario.group) == (int(parties), ["course"], group)
    assert all(0 <= party["reserved_value"] <= 0.1 for party in scenario.preferences)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "A scenario needs a name."),
        ({"parties": "1"}, "greater than or equal to 2"),
        ({"parties": "11"}, "less than or equal to 10"),
        ({"issues": "0"}, "greater than or equal to 1"),
        ({"values": "many"}, "Write a number, or a range"),
        ({"values": "5 to 3"}, "the smaller one first"),
        ({"values": "1"}, "Whole numbers from 2"),
        ({"values": "2.5"}, "Whole numbers from 2"),
        ({"values": "1.2.3"}, "Write a number, or a range"),
        ({"opposition": "nan"}, "Enter a number."),
        ({"opposition": "-1"}, "greater than or equal to 0"),
        ({"opposition": "1.5"}, "opposition from 0 to the root"),
        (
            {"issues": "1", "values": "2", "opposition": "0.7"},
            "The nearest opposition of such a scenario is 1.00.",
        ),
        ({"reserved": "2"}, "Numbers from 0 to 1"),
        ({"reserved": "1", "opposition": "0.9"}, "The nearest opposition"),
        ({"seed": "-1"}, "greater than or equal to 0"),
        ({"seed": "9" * 30}, "less than or equal to"),
    ],
)
def test_what_cannot_be_made_is_said_beside_the_field(
    as_owner: Client, wrong: dict[str, str], said: str
) -> None:
    answer = as_owner.post(URL, ASKED | wrong | {"keep": "1"})
    assert answer.status_code == 200 and said in answer.content.decode()
    assert not Scenario.objects.exists()


def test_the_same_twice_is_kept_once(as_owner: Client) -> None:
    as_owner.post(URL, ASKED)
    answer = as_owner.post(URL, ASKED | {"name": "Other"}, follow=True)
    assert Scenario.objects.count() == 1
    assert "You have this scenario already, as Made" in answer.content.decode()


def test_only_people_who_are_signed_in_make_scenarios(client: Client, db: None) -> None:
    assert client.post(URL, ASKED).status_code == 302
    assert not Scenario.objects.exists()


@pytest.mark.django_db
def test_the_command_keeps_one_in_the_library_and_says_its_opposition(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("generate_scenario", "Trial", parties=3, opposition=0.7, values=[4], seed=2, json=True)
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    scenario = Scenario.objects.get()
    assert told["scenario"] == scenario.pk and told["new"] and told["exact"]
    assert told["opposition"] == pytest.approx(0.7, abs=0.01)
    assert (scenario.owner, scenario.n_outcomes) == (None, "256")
    call_command("generate_scenario", "Trial", parties=3, opposition=0.7, values=[4], seed=2)
    assert "there already" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_says_what_cannot_be() -> None:
    with pytest.raises(CommandError, match="2 to 10 parties"):
        call_command("generate_scenario", "Trial", parties=1)
    with pytest.raises(CommandError, match="no user called 'nobody'"):
        call_command("generate_scenario", "Trial", owner="nobody")
    with pytest.raises(CommandError, match="two ends"):
        call_command("generate_scenario", "Trial", values=[1, 2, 3])


# --- Limits: those of an upload -------------------------------------------------------------------------------


def test_who_has_too_much_keeps_no_more_and_reads_why(
    as_owner: Client, owner: User, settings: Settings
) -> None:
    settings.ACTIVE_JOBS = 1
    JobFactory(owner=owner)
    answer = as_owner.post(URL, ASKED | {"keep": "1"})
    text = answer.content.decode()
    assert answer.status_code == 429 and "You have 1 active job" in text and 'value="Made"' in text
    assert not Scenario.objects.exists()
    assert as_owner.post(URL, ASKED | {"preview": "1"}).status_code == 200


def test_no_more_is_kept_than_a_person_may_store(as_owner: Client, settings: Settings) -> None:
    settings.STORAGE_MB = 0
    answer = as_owner.post(URL, ASKED | {"keep": "1"})
    assert answer.status_code == 429 and "STORAGE_MB" in answer.content.decode()
    assert not Scenario.objects.exists()


def test_one_is_generated_at_a_time(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes up to a second of a web process; its other threads answer others meanwhile."""
    monkeypatch.setattr(scenario_making, "WAIT", 0.01)
    with scenario_making._one_at_a_time:
        answer = as_owner.post(URL, ASKED | {"preview": "1"})
    assert answer.status_code == 429
    assert "Other scenarios are being generated. Nothing was kept." in answer.content.decode()
    assert as_owner.post(URL, ASKED | {"keep": "1"}).status_code == 302
    assert (
        as_owner.post(URL, ASKED | {"opposition": "1.5"}).status_code == 200
    )  # refused, and the turn given back
    assert as_owner.post(URL, ASKED | {"preview": "1"}).status_code == 200

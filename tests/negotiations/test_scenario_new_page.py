"""Writing a scenario in a form, and editing one, which makes a new one (P-04)."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import Settings

from negotiations.engine.scenarios import load
from negotiations.models import Job, Kind, Scenario
from tests.factory import ScenarioFactory
from tests.negotiations.scenario_rows import generated

URL = "/scenarios/new/"
FILLED = {
    "name": "Bike",
    "tags": "Used, cheap",
    "party-0": "buyer",
    "party-1": "seller",
    "reserved-0": "0,2",
    "issue-0": "price",
    "weight-0-0": "3",
    "weight-0-1": "1",
    "value-0-0": "low",
    "worth-0-0-0": "10",
    "worth-0-0-1": "",
    "value-0-1": "high",
    "worth-0-1-0": "0",
    "worth-0-1-1": "5",
}
NEW_ISSUE = [
    ("issue", ""), ("weight", "-0"), ("weight", "-1"), ("value", "-0"), ("value", "-1"),
    ("worth", "-0-0"), ("worth", "-0-1"), ("worth", "-1-0"), ("worth", "-1-1"),
]  # fmt: skip


def fields(text: str) -> dict[str, str]:
    """What a browser would send of the page's form."""
    inputs = re.findall(r'<input class="form-control[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', text)
    return {name: html.unescape(value) for name, value in inputs}


def test_what_is_written_is_kept_normalised_and_analysed(as_owner: Client, owner: User) -> None:
    answer = as_owner.post(URL, FILLED)
    scenario = Scenario.objects.get()
    assert answer["Location"] == scenario.get_absolute_url()
    assert (scenario.owner, scenario.name, scenario.tags) == (owner, "Bike", ["used", "cheap"])
    assert [party["reserved_value"] for party in scenario.preferences] == [0.2, None]
    buyer, seller = load(scenario.document).ufuns
    assert [(buyer((value,)), seller((value,))) for value in ("low", "high")] == [(1, 0), (0, 1)]
    assert Job.objects.filter(kind=Kind.SCENARIO_ANALYSIS).count() == 1


def test_a_blank_form_has_two_parties_and_two_issues(as_owner: Client) -> None:
    names = fields(as_owner.get(URL).content.decode())
    assert {"party-0", "party-1", "issue-0", "issue-1", "value-1-2", "worth-1-2-1"} <= set(names)
    assert "party-2" not in names


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "A scenario needs a name."),
        ({"name": "a\0b"}, "Null characters are not allowed."),
        ({"party-0": " "}, "The name of the party is missing."),
        ({"issue-0": ""}, "The name of the issue is missing."),
        ({"value-0-1": "low"}, "The issue has this value twice."),
        ({"value-0-1": ""}, "The value is missing."),
        ({"value-0-1": "x" * 201}, "201 characters"),
        ({"value-0-1": "\x07"}, "Take it out."),
        ({"worth-0-0-0": "ten"}, "Write a number."),
        ({"worth-0-0-0": "nan"}, "Write a number."),
        ({"worth-0-0-0": "inf"}, "At most 1,000,000,000."),
        ({"reserved-1": "1e400"}, "At most 1,000,000,000."),
        ({"weight-0-0": "-1"}, "Not below 0"),
        ({"weight-0-0": "0"}, "It values every outcome alike"),
        ({"issue-1": "price", "value-1-0": "a"}, "Another issue has this name."),
    ],
)
def test_errors_stand_beside_the_field_and_nothing_typed_is_lost(
    as_owner: Client, wrong: dict[str, str], said: str
) -> None:
    sent = FILLED | wrong
    answer = as_owner.post(URL, sent)
    text = html.unescape(answer.content.decode())
    assert answer.status_code == 200 and said in text
    assert not Scenario.objects.exists()
    kept = fields(answer.content.decode())
    for name, value in sent.items():
        if name not in ("name", "tags"):
            assert kept[name] == value
    assert html.escape("cheap") in text


@pytest.mark.parametrize(
    ("change", "more", "fewer"),
    [
        ("add-party", {"party-2", "reserved-2", "weight-0-2", "worth-0-0-2", "worth-0-1-2"}, set()),
        (
            "add-issue",
            {f"{name}-1{rest}" for name, rest in NEW_ISSUE},
            set(),
        ),
        ("add-value-0", {"value-0-2", "worth-0-2-0", "worth-0-2-1"}, set()),
        ("drop-value-0-0", set(), {"value-0-1", "worth-0-1-0", "worth-0-1-1"}),
    ],
)
def test_rows_are_added_and_dropped_without_script(
    as_owner: Client, change: str, more: set[str], fewer: set[str]
) -> None:
    answer = as_owner.post(URL, FILLED | {"change": change})
    kept = fields(answer.content.decode())
    sent = {name for name in FILLED if name not in ("name", "tags")} | {"reserved-1"}
    assert set(kept) - {"name", "tags"} == (sent | more) - fewer
    assert kept["party-1"] == "seller"
    assert not Scenario.objects.exists()


def test_dropping_renumbers_what_is_left(as_owner: Client) -> None:
    wide = fields(as_owner.post(URL, FILLED | {"change": "add-party"}).content.decode())
    wide |= {"party-2": "bank", "worth-0-0-2": "7"}
    kept = fields(as_owner.post(URL, FILLED | wide | {"change": "drop-party-0"}).content.decode())
    assert (kept["party-0"], kept["party-1"], kept["worth-0-0-1"]) == ("seller", "bank", "7")


@pytest.mark.parametrize(
    "change",
    [
        "drop-party-0", "drop-issue-0", "drop-value-0-9", "drop-value-7-0", "add-value-9", "add-value", "nonsense",
        "add-", "drop-party-x", "add-value--1", "drop-value-²-0", "add-planet",
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused_in_words(as_owner: Client, change: str) -> None:
    answer = as_owner.post(URL, FILLED | {"change": change})
    assert answer.status_code == 200 and 'role="alert"' in answer.content.decode()
    assert fields(answer.content.decode())["value-0-1"] == "high"


def test_it_never_grows_beyond_what_a_form_can_send(as_owner: Client) -> None:
    sent = dict(FILLED)
    for change in ["add-party"] * 9 + ["add-issue"] * 21 + ["add-value-0"] * 9:
        sent = {"name": "x", **fields(as_owner.post(URL, sent | {"change": change}).content.decode())}
    assert len(sent) < 930


def test_an_edit_makes_a_new_version_and_leaves_the_old_one(
    as_owner: Client, as_colleague: Client, owner: User, group: Group
) -> None:
    old = generated(owner, name="First", group=group, analysed=False, reserved=(0.1, 0.2), tags=["lab"])
    page = as_owner.get(URL, {"from": old.pk}).content.decode()
    sent = fields(page)
    assert "lab" in page and sent["party-0"] == "Party 1"
    sent |= {"name": "Second", "worth-0-0-0": "0.123", "group": ""}
    answer = as_owner.post(f"{URL}?from={old.pk}", sent)
    new = Scenario.objects.get(name="Second")
    assert answer["Location"] == new.get_absolute_url()
    assert new.version_of == old and new.checksum != old.checksum and new.group is None
    assert Scenario.objects.get(pk=old.pk).document == old.document
    assert "Newer version: Second" in as_owner.get(old.get_absolute_url()).content.decode()
    assert "Edited from First" in as_owner.get(new.get_absolute_url()).content.decode()
    assert "Second" not in as_colleague.get(old.get_absolute_url()).content.decode()


@pytest.mark.parametrize("parties", [2, 3, 9])
def test_an_edit_that_changes_nothing_keeps_nothing(as_owner: Client, owner: User, parties: int) -> None:
    """All digits come back, though six are shown."""
    old = generated(owner, parties=parties, issues=4, opposition=0.6, reserved=(0.1, 0.2), analysed=False)
    sent = fields(as_owner.get(URL, {"from": old.pk}).content.decode()) | {"name": "Again"}
    answer = as_owner.post(f"{URL}?from={old.pk}", sent, follow=True)
    assert Scenario.objects.count() == 1
    assert "You have this scenario already" in answer.content.decode()


def test_a_scenario_of_the_library_is_copied_by_anybody(as_stranger: Client, stranger: User) -> None:
    base = generated(analysed=False)
    sent = fields(as_stranger.get(URL, {"from": base.pk}).content.decode()) | {"name": "Mine"}
    as_stranger.post(f"{URL}?from={base.pk}", sent)
    assert Scenario.objects.get(owner=stranger).version_of == base


def test_what_one_may_not_see_or_no_form_can_hold_is_no_base(
    as_stranger: Client, as_owner: Client, client: Client, owner: User
) -> None:
    mine = generated(owner, analysed=False)
    boxes: list[dict[str, object]] = [
        {"name": "a", "kind": "hyper-rectangles", "reserved_value": None, "weights": {}, "values": {}}
    ]
    large = generated(issues=1, values=(50, 50), opposition=0.9, analysed=False)
    assert as_stranger.get(URL, {"from": mine.pk}).status_code == 404
    assert as_stranger.post(f"{URL}?from={mine.pk}", FILLED).status_code == 404
    for base in (ScenarioFactory(preferences=boxes * 2).pk, large.pk, "x", "9" * 30, "-1", "²"):
        assert as_owner.get(URL, {"from": base}).status_code == 404
    assert client.get(URL).status_code == 302


def test_a_foreign_group_is_no_choice(as_stranger: Client, group: Group) -> None:
    text = as_stranger.post(URL, FILLED | {"group": str(group.pk)}).content.decode()
    assert "Select a valid choice" in text
    assert not Scenario.objects.exists()


def test_hostile_texts_are_kept_as_they_are_and_shown_escaped(as_owner: Client) -> None:
    evil = '"><script>alert(1)</script>'
    text = as_owner.post(URL, FILLED | {"value-0-1": evil, "worth-0-0-0": evil}).content.decode()
    assert "<script>alert" not in text and fields(text)["value-0-1"] == evil
    answer = as_owner.post(URL, FILLED | {"value-0-1": evil, "name": evil}, follow=True)
    assert "<script>alert" not in answer.content.decode()
    assert Scenario.objects.get().issues[0]["values"] == ["low", evil]


@pytest.mark.parametrize(
    ("name", "told"), [("ACTIVE_JOBS", "You have 0 active jobs"), ("STORAGE_MB", "a person may store 0 MB")]
)
def test_the_limits_of_an_upload_hold_here_too_and_nothing_typed_is_lost(
    as_owner: Client, settings: Settings, name: str, told: str
) -> None:
    setattr(settings, name, 0)
    answer = as_owner.post(URL, FILLED)
    assert answer.status_code == 429 and told in html.unescape(answer.content.decode())
    assert fields(answer.content.decode())["value-0-1"] == FILLED["value-0-1"]
    assert not Scenario.objects.exists()


def test_a_form_of_more_bytes_or_fields_than_any_scenario_needs_is_not_read(
    as_owner: Client, settings: Settings
) -> None:
    assert as_owner.post(URL, FILLED | {f"more-{n}": "x" for n in range(10_001)}).status_code == 400
    assert (
        as_owner.post(URL, FILLED | {"name": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}).status_code
        == 400
    )
    assert not Scenario.objects.exists()

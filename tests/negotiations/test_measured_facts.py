"""What negotiators can stand: measured, shipped, kept by a synchronisation, used by forms and filters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from negotiations.engine.specs import NegotiatorSpec
from negotiations.management.commands import measure_negotiators
from negotiations.measured import ship, shipped
from negotiations.models import Negotiator
from tests.factory import NegotiatorFactory, ScenarioFactory

pytestmark = pytest.mark.django_db

STOOD: dict[str, Any] = {
    "facts": 1, "outcomes": 10**10, "outcomes_failed": None, "parties": 9, "parties_failed": None, "microseconds": 44,
    "first_seconds": 0.01, "deterministic": True, "needs_seconds": False, "fails": "", "fails_with_parties": "",
    "small_failed": None, "fails_small": "",
    "cpu_seconds": 3, "version": "negmas 0.16", "day": "2026-11-21",
}  # fmt: skip
FAILED = STOOD | {
    "outcomes": 1224, "outcomes_failed": 13860, "fails": "20 steps took more than 3 s of processor time.",
    "parties": 2, "parties_failed": 3, "fails_with_parties": "ValueError: two only", "deterministic": False,
}  # fmt: skip


def make(name: str, measured: dict[str, Any], **fields: Any) -> Negotiator:
    row: Negotiator = NegotiatorFactory(
        type=f"negmas.{name}", short_name=name, measured=measured, version="negmas 0.16", **fields
    )
    return row


def test_one_is_refused_from_the_size_on_that_it_failed_with() -> None:
    row = make("Slow", FAILED)
    assert row.misfit(ScenarioFactory(n_outcomes="1224")) == ""
    assert row.misfit(ScenarioFactory(name="Big", n_outcomes="13860")) == (
        "Slow failed in a trial on 13,860 outcomes: 20 steps took more than 3 s of processor time. Big has 13,860."
    )
    assert (
        row.misfit(ScenarioFactory(n_parties=3))
        == "Slow failed in a trial with 3 parties: ValueError: two only"
    )


def test_what_stood_more_than_its_stated_size_may_have_additive_scenarios_of_it() -> None:
    row = make("Fast", STOOD, max_outcomes=10**6)
    huge = ScenarioFactory(n_outcomes=str(10**10), log10_outcomes=10.0)
    assert row.misfit(huge) == ""
    huge.preferences = [{**each, "values": {}} for each in huge.preferences]
    assert "goes through all outcomes; 10^10 are too many" in row.misfit(huge)
    assert "too many" in row.misfit(ScenarioFactory(n_outcomes=str(10**12), log10_outcomes=12.0))


def test_one_may_fail_on_the_smallest_alone() -> None:
    row = make("Picky", STOOD | {"small_failed": 10, "fails_small": "It never acted."})
    assert (
        row.misfit(ScenarioFactory(n_outcomes="10"))
        == "Picky failed in a trial on 10 outcomes: It never acted."
    )
    assert row.misfit(ScenarioFactory(n_outcomes="11")) == ""


def test_facts_of_another_version_decide_nothing() -> None:
    row = make("Old", FAILED | {"version": "negmas 0.15"})
    assert row.facts == {} and row.misfit(ScenarioFactory(n_outcomes="13860")) == ""


def test_a_synchronisation_keeps_what_was_measured() -> None:
    row = make("Kept", STOOD)
    spec = NegotiatorSpec("negmas", row.type, "Kept", "", (), "", (), None, None, version="negmas 0.17")
    Negotiator.objects.synchronise([spec])
    row.refresh_from_db()
    assert row.measured == STOOD and not row.is_measured


def test_shipped_facts_fill_in_what_was_not_measured_here() -> None:
    here = make("Here", STOOD | {"microseconds": 1})
    new, old = make("New", {}), make("Old", STOOD | {"version": "negmas 0.15"})
    Negotiator.objects.learn({row.type: STOOD for row in (here, new, old)} | {"no.such": STOOD})
    for row, speed in ((here, 1), (new, 44), (old, 44)):
        row.refresh_from_db()
        assert row.measured["microseconds"] == speed and row.is_measured


def test_older_shipped_facts_are_shown_as_such(as_owner: Client) -> None:
    row = make("New", {})
    Negotiator.objects.learn({row.type: STOOD | {"version": "negmas 0.15"}})
    page = as_owner.get(f"/negotiators/{row.pk}/").content.decode()
    assert "which is not what is installed now: it decides nothing until it is measured again" in page


def test_the_file_that_is_shipped_is_whole() -> None:
    facts = shipped()
    assert len(facts) > 150
    for one in facts.values():
        assert set(one) == set(STOOD) and one["version"].endswith("negmas 0.16.0")


def test_facts_survive_their_file(tmp_path: Path) -> None:
    ship({"b": STOOD, "a": FAILED}, tmp_path / "facts.json")
    assert shipped(tmp_path / "facts.json") == {"a": FAILED, "b": STOOD}
    assert shipped(tmp_path / "none.json") == {}


# --- The command -------------------------------------------------------------------------------------------------


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def measured(rows: list[Negotiator], jobs: int) -> Any:
        for row in rows:
            names.append(row.short_name)
            yield row, {key: value for key, value in FAILED.items() if key not in ("version", "day")}

    monkeypatch.setattr(measure_negotiators, "_measured", measured)
    return names


def test_the_command_measures_what_is_due_and_goes_on_where_it_was_stopped(
    played: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    make("Done", STOOD)
    make("Due", {})
    make("Part", {}, runs_alone=False)
    call_command("measure_negotiators", "--json", "--save", str(tmp_path / "facts.json"))
    assert played == ["Due"]
    told = capsys.readouterr().out.splitlines()
    assert "1 of 1  Due" in told[0] and "1,224 outcomes, 2 parties, 44 us an action, random" in told[0]
    assert json.loads(told[-1]) == {
        "negotiators": 2, "measured_now": 1, "measured": 2, "fail_always": 0, "stand_all_sizes": 1, "deterministic": 1,
    }  # fmt: skip
    assert Negotiator.objects.get(short_name="Due").is_measured
    assert set(shipped(tmp_path / "facts.json")) == {"negmas.Done", "negmas.Due"}
    call_command("measure_negotiators")
    assert played == ["Due"]
    call_command("measure_negotiators", "Done", "--again")
    assert played == ["Due", "Done"]


def test_an_unknown_name_is_told(db: None) -> None:
    make("Done", STOOD)
    with pytest.raises(CommandError, match="There is no negotiator called Nobody"):
        call_command("measure_negotiators", "Nobody")


# --- The library -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"stands": "huge"}, ["Fast"]),
        ({"stands": "large"}, ["Fast"]),
        ({"stands": "three"}, ["Fast"]),
        ({"stands": "sure"}, ["Fast"]),
        ({"tag": "anac"}, ["Slow"]),
        ({"tag": "anac", "stands": "huge"}, []),
        ({"stands": "nonsense", "scenario": "x"}, ["Fast", "Plain", "Slow"]),
    ],
)
def test_the_list_filters_by_tag_and_by_what_one_can_stand(
    as_owner: Client, query: dict[str, str], found: list[str]
) -> None:
    make("Fast", STOOD)
    make("Slow", FAILED, tags=["anac"])
    make("Plain", {})
    assert [row.short_name for row in as_owner.get("/negotiators/", query).context["page"]] == found


def test_the_list_filters_by_who_can_play_a_scenario(as_owner: Client, as_stranger: Client) -> None:
    make("Fast", STOOD)
    make("Slow", FAILED)
    big = ScenarioFactory(n_outcomes="13860")
    page = as_owner.get("/negotiators/", {"scenario": str(big.pk)}).context["page"]
    assert [row.short_name for row in page] == ["Fast"]
    hidden = ScenarioFactory(n_outcomes="13860", owner=as_owner.get("/negotiators/").context["user"])
    shown = as_stranger.get("/negotiators/", {"scenario": str(hidden.pk)})
    assert hidden.name not in shown.content.decode()
    assert len(shown.context["page"].object_list) == 2


def test_a_page_shows_what_was_measured_with_the_versions(as_owner: Client) -> None:
    page = as_owner.get(f"/negotiators/{make('Slow', FAILED).pk}/").content.decode()
    for text in (
        "13,860",
        "20 steps took more than 3 s of processor time.",
        "negmas 0.16",
        "2026-11-21",
        "44 µs",
    ):
        assert text in page

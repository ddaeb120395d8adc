"""The library that every installation begins with (P-04)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from django.core.management import call_command

from negotiations.engine.scenarios import read_folder
from negotiations.engine.specs import ScenarioSpec
from negotiations.management.commands.load_builtin_scenarios import FOLDER, TAGS
from negotiations.models import Scenario
from tests.factory import ScenarioFactory, SessionFactory

FOLDERS = sorted(path for path in FOLDER.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def specs() -> dict[str, ScenarioSpec]:
    return {folder.name: read_folder(folder) for folder in FOLDERS}


def test_every_folder_has_its_tags() -> None:
    assert [folder.name for folder in FOLDERS] == sorted(TAGS)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_scenario_reads_without_a_warning(folder: Path) -> None:
    assert read_folder(folder).warnings == ()


def test_they_reach_from_ten_outcomes_to_more_than_a_hundred_thousand(specs: dict[str, ScenarioSpec]) -> None:
    sizes = sorted(spec.n_outcomes or 0 for spec in specs.values())
    assert sizes[0] == 10
    assert sizes[-1] > sizes[-2] > 100_000
    assert all(math.log10(larger / smaller) < 1 for smaller, larger in zip(sizes, sizes[1:], strict=False))


def test_they_seat_two_three_and_four_parties(specs: dict[str, ScenarioSpec]) -> None:
    parties = [len(spec.preferences) for spec in specs.values()]
    assert len(parties) >= 14
    assert parties.count(3) >= 3
    assert parties.count(4) == 1


def test_some_parties_would_rather_leave_than_take_all(specs: dict[str, ScenarioSpec]) -> None:
    reserved = [preference.reserved_value or 0 for spec in specs.values() for preference in spec.preferences]
    assert min(reserved) == 0
    assert max(reserved) == 0.6


def test_what_is_written_is_what_is_normalised(specs: dict[str, ScenarioSpec]) -> None:
    """Weights sum to one and every issue goes from nothing to all, so the files can be read as they are."""
    for spec in specs.values():
        for preference in spec.preferences:
            assert sum(preference.weights.values()) == pytest.approx(1)
            for values in preference.values.values():
                assert [min(values.values()), max(values.values())] == pytest.approx([0, 1])


@pytest.mark.django_db
def test_loading_twice_adds_nothing() -> None:
    call_command("load_builtin_scenarios")
    before = set(Scenario.objects.values_list("pk", flat=True))
    call_command("load_builtin_scenarios")
    assert set(Scenario.objects.values_list("pk", flat=True)) == before
    assert len(before) == len(TAGS)


@pytest.mark.django_db
def test_they_belong_to_all_under_names_for_people() -> None:
    call_command("load_builtin_scenarios")
    scenario = Scenario.objects.get(name="Flea market lamp")
    assert (scenario.owner, scenario.source, scenario.outcomes) == (None, "builtin", 10)
    assert scenario.tags == ["trade", "small"]


@pytest.mark.django_db
def test_an_edited_scenario_keeps_the_old_one_for_its_sessions() -> None:
    old = ScenarioFactory(name="Flea market lamp", source="builtin")
    session = SessionFactory(scenario=old)
    call_command("load_builtin_scenarios")
    old.refresh_from_db()
    assert old.source == "builtin (former)"
    assert session.scenario == old
    assert Scenario.objects.filter(name="Flea market lamp", source="builtin").count() == 1

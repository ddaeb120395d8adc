"""Scenarios of each format are read, normalised, stored and loaded again without change."""

from __future__ import annotations

import math
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from negmas.inout import Scenario
from negmas.outcomes import make_issue, make_os
from negmas.preferences import (
    HyperRectangleUtilityFunction,
    LinearUtilityFunction,
)

from negotiations.engine import scenario_documents, scenarios
from negotiations.engine.specs import PartySpec, SessionSpec
from tests.engine.scenes import BOULWARE, DATA, SCENARIOS, played, scenario, session


def utilities(loaded: Scenario) -> list[tuple[float, ...]]:
    return [
        tuple(float(ufun(outcome)) for ufun in loaded.ufuns) for outcome in loaded.outcome_space.enumerate()
    ]


def written(tmp_path: Path, space: Any, *ufuns: Any) -> Path:
    """A folder of NegMAS's YAML files as NegMAS writes it."""
    folder = tmp_path / "made"
    Scenario(outcome_space=space, ufuns=ufuns, name="made").dumpas(folder, "yml")
    return folder


@pytest.mark.parametrize("name", SCENARIOS)
def test_utilities_span_zero_to_one_for_each_party(name: str) -> None:
    for column in zip(*utilities(scenarios.load(scenario(name).document)), strict=True):
        assert min(column) == pytest.approx(0)
        assert max(column) == pytest.approx(1)


def test_normalising_keeps_the_order_and_the_proportions() -> None:
    raw = Scenario.from_genius_folder(DATA / "laptop_xml", safe_parsing=False).remove_discounting()
    ours = scenarios.load(scenario("laptop_xml").document)
    for raw_ufun, our_ufun in zip(raw.ufuns, ours.ufuns, strict=True):
        low, high = raw_ufun.minmax()
        for outcome in raw.outcome_space.enumerate():
            assert our_ufun(outcome) == pytest.approx((raw_ufun(outcome) - low) / (high - low))


def test_a_reservation_value_of_genius_is_kept_since_it_lies_in_zero_to_one_already() -> None:
    assert [preference.reserved_value for preference in scenario("laptop_xml").preferences] == [0.25, 0.1]


def test_a_reservation_value_of_yaml_is_scaled_with_its_utilities() -> None:
    """first: utilities 3 to 24, reserved 3; second: 0 to 16.5, reserved 2; third: none."""
    reserved = [preference.reserved_value for preference in scenario("kitchen_yaml").preferences]
    assert reserved == [pytest.approx(0.0), pytest.approx(2 / 16.5), None]


def test_a_reservation_bid_of_geniusweb_is_the_reserved_value() -> None:
    assert [preference.reserved_value for preference in scenario("trip_json").preferences] == [
        pytest.approx(0.18),
        None,
    ]


def test_discounting_is_removed_with_a_warning() -> None:
    (warning,) = scenario("laptop_xml").warnings
    assert "'laptop-seller' (party 2) was discounted over time" in warning
    assert "Discounted" not in scenario("laptop_xml").document


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_document_loads_to_the_same_utilities(name: str, tmp_path: Path) -> None:
    spec = scenario(name)
    scenarios.write_folder(spec.document, tmp_path / "out")
    again = scenarios.read_folder(tmp_path / "out")
    assert again.checksum == spec.checksum
    assert again.document == spec.document
    assert utilities(scenarios.load(again.document)) == utilities(scenarios.load(spec.document))


def test_negmas_reads_what_is_written(tmp_path: Path) -> None:
    spec = scenario("laptop_xml")
    scenarios.write_folder(spec.document, tmp_path / "out")
    theirs = Scenario.load(tmp_path / "out")
    assert theirs is not None
    assert utilities(theirs) == utilities(scenarios.load(spec.document))


def test_a_document_is_one_yaml_stream_with_the_outcome_space_first() -> None:
    types = [part["type"] for part in yaml.safe_load_all(scenario("trip_json").document)]
    assert types == ["DiscreteCartesianOutcomeSpace"] + ["LinearAdditiveUtilityFunction"] * 2


def test_the_checksum_does_not_depend_on_names(tmp_path: Path) -> None:
    shutil.copytree(DATA / "kitchen_yaml", tmp_path / "other name")
    renamed = tmp_path / "other name" / "domain.yml"
    renamed.write_text(renamed.read_text().replace("name: kitchen", "name: scullery"))
    assert scenarios.read_folder(tmp_path / "other name").checksum == scenario("kitchen_yaml").checksum


def test_the_checksum_depends_on_the_content_and_the_order_of_the_parties(tmp_path: Path) -> None:
    shutil.copytree(DATA / "kitchen_yaml", tmp_path / "swapped")
    (tmp_path / "swapped" / "first.yml").rename(tmp_path / "swapped" / "zfirst.yml")
    assert scenarios.read_folder(tmp_path / "swapped").checksum != scenario("kitchen_yaml").checksum


def test_issues_are_shown_with_their_values() -> None:
    hours, cook, _ = scenario("kitchen_yaml").issues
    assert (hours.name, hours.kind, hours.values, hours.n_values) == (
        "hours",
        "integer",
        (1, 2, 3, 4, 5, 6),
        6,
    )
    assert (hours.low, hours.high) == (1, 6)
    assert (cook.kind, cook.values, cook.low) == ("categorical", ("first", "second", "third"), None)


def test_weights_add_up_and_each_issue_spans_zero_to_one() -> None:
    for preference in scenario("kitchen_yaml").preferences:
        assert preference.kind == "additive"
        assert sum(preference.weights.values()) == pytest.approx(1)
        assert all(
            min(values.values()) == 0 and max(values.values()) == 1 for values in preference.values.values()
        )


def test_what_is_shown_adds_up_to_the_utility() -> None:
    spec = scenario("kitchen_yaml")
    loaded = scenarios.load(spec.document)
    for preference, ufun in zip(spec.preferences, loaded.ufuns, strict=True):
        for outcome in loaded.outcome_space.enumerate():
            parts = zip(preference.weights.items(), outcome, strict=True)
            shown = sum(weight * preference.values[issue][str(value)] for (issue, weight), value in parts)
            assert shown == pytest.approx(ufun(outcome))


def test_a_continuous_issue_makes_the_space_infinite(tmp_path: Path) -> None:
    space = make_os([make_issue((0.0, 1.0), "share"), make_issue(5, "days")], name="made")
    ufuns = [
        LinearUtilityFunction([3.0, sign], outcome_space=space, reserved_value=0.5) for sign in (1.0, -1.0)
    ]
    spec = scenarios.read_folder(written(tmp_path, space, *ufuns))
    assert spec.n_outcomes is None
    assert (spec.issues[0].kind, spec.issues[0].values, spec.issues[0].high) == ("continuous", None, 1.0)
    assert spec.preferences[0].weights == {"share": pytest.approx(3 / 7), "days": pytest.approx(4 / 7)}


def test_a_number_of_outcomes_may_be_larger_than_any_column(tmp_path: Path) -> None:
    space = make_os([make_issue(10, f"i{index}") for index in range(50)], name="made")
    ufuns = [
        LinearUtilityFunction([sign * 1.0] * 50, outcome_space=space, reserved_value=0.0) for sign in (1, -1)
    ]
    spec = scenarios.read_folder(written(tmp_path, space, *ufuns))
    assert spec.n_outcomes == 10**50


def test_a_long_range_is_not_listed(tmp_path: Path) -> None:
    space = make_os([make_issue(10**9, "price")], name="made")
    ufuns = [LinearUtilityFunction([sign * 1.0], outcome_space=space, reserved_value=0.0) for sign in (1, -1)]
    spec = scenarios.read_folder(written(tmp_path, space, *ufuns))
    (price,) = spec.issues
    assert (price.values, price.n_values, price.low, price.high) == (None, 10**9, 0, 10**9 - 1)
    assert spec.preferences[0].values == {"price": {}}


def hyper_rectangles(tmp_path: Path) -> Path:
    space = make_os([make_issue(10, f"i{index}") for index in range(8)], name="made")
    ranges = [
        [{0: (0.0, 5.0), 1: (2.0, 9.0)}, {2: (1.0, 4.0)}],
        [{3: (0.0, 9.0)}, {4: (5.0, 8.0), 5: (0.0, 3.0)}],
    ]
    ufuns = [
        HyperRectangleUtilityFunction(
            one, utilities=[7.0, 3.0], outcome_space=space, reserved_value=1.0, name=name
        )
        for name, one in zip(("first", "second"), ranges, strict=True)
    ]
    return written(tmp_path, space, *ufuns)


def test_hyper_rectangles_are_normalised_by_the_best_that_can_be_found(tmp_path: Path) -> None:
    spec = scenarios.read_folder(hyper_rectangles(tmp_path))
    loaded = scenarios.load(spec.document)
    assert {preference.kind for preference in spec.preferences} == {"hyper-rectangles"}
    assert spec.preferences[0].weights == {}
    assert float(loaded.ufuns[0]((1, 5, 2, 0, 0, 0, 0, 0))) == pytest.approx(1)
    assert spec.preferences[0].reserved_value == pytest.approx(0.1)


def test_reading_twice_gives_the_same_and_leaves_random_alone(tmp_path: Path) -> None:
    """Nothing of the search for the largest utility depends on chance."""
    folder = hyper_rectangles(tmp_path)
    random.seed(5)
    first, state = scenarios.read_folder(folder), random.getstate()
    second = scenarios.read_folder(folder)
    assert first == second
    assert random.getstate() == state


def test_a_stored_scenario_can_be_played() -> None:
    spec = scenario("trip_json")
    rules = session(BOULWARE, BOULWARE).mechanism
    parties = tuple(PartySpec(name, BOULWARE) for name in ("ann", "ben"))
    _, result = played(SessionSpec(spec.document, parties, replace(rules, n_steps=50), 1))
    assert result.agreement is not None
    assert all(value is not None and math.isfinite(value) for value in result.utilities)


def test_loading_gives_fresh_objects() -> None:
    one, two = (scenarios.load(scenario("kitchen_yaml").document) for _ in range(2))
    assert one.ufuns[0] is not two.ufuns[0]
    assert one.ufuns[2].values[0].mapping is not two.ufuns[2].values[0].mapping


def test_a_stored_document_is_not_trusted_either() -> None:
    with pytest.raises(scenarios.ScenarioRefused, match="'subprocess.Popen', which is not allowed"):
        scenario_documents.load("type: subprocess.Popen\nargs: [touch, /tmp/never]\n")

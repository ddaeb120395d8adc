"""The same scores as NegMAS: utilities, advantages and optimalities of a tournament, match by match."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from negotiations.engine.match_specs import MatchResult
from negotiations.engine.matches import play_matches
from negotiations.engine.negmas_tournament import (
    TournamentPlan,
    TournamentRow,
    differences,
    row_of,
    run_negmas,
)
from negotiations.engine.specs import PartySpec
from tests.engine.bouts import CONCEDER, MICRO, NAIVE, RANDOM, material
from tests.engine.scenes import BOULWARE

TYPES = {"MiCRO": MICRO, "Random": RANDOM, "Boulware": BOULWARE, "Conceder": CONCEDER, "Naive": NAIVE}
COMPETITORS = (
    *(PartySpec(name, kind) for name, kind in TYPES.items()),
    PartySpec(
        "Curved",
        "negmas.gb.negotiators.timebased.AspirationNegotiator",
        {"aspiration_type": 2.0, "presort": None},
    ),
)
DETERMINISTIC = COMPETITORS[2:4]


def plan_of(*names: str, competitors: tuple[PartySpec, ...] = DETERMINISTIC) -> TournamentPlan:
    documents = {number: material(name).document for number, name in enumerate(names)}
    return TournamentPlan(documents, competitors, n_steps=15, normalize=False)


def ours(plan: TournamentPlan, names: tuple[str, ...]) -> list[TournamentRow]:
    scenarios = {number: material(name) for number, name in enumerate(names)}
    played = play_matches(scenarios, list(plan.matches()))
    results = [item for item in played if isinstance(item, MatchResult)]
    return [row_of(key, result) for key, result in zip(plan.keys(), results, strict=True)]


@pytest.mark.slow
def test_scores_are_those_of_cartesian_tournament() -> None:
    plan = plan_of("laptop_xml", "trip_json", competitors=COMPETITORS)
    mine = ours(plan, ("laptop_xml", "trip_json"))
    run = run_negmas(plan, seeded=True)
    assert len(run.rows) == len(mine) == 2 * 2 * 36
    assert differences(run.rows, mine) == []
    steps = {row.key: (row.steps, row.agreement) for row in run.rows}
    assert steps == {row.key: (row.steps, row.agreement) for row in mine}
    assert any(row.agreement for row in mine)


@pytest.mark.slow
def test_scores_of_three_parties_and_of_another_rotation_are_too() -> None:
    plan = plan_of("kitchen_yaml")
    assert differences(run_negmas(plan, seeded=True).rows, ours(plan, ("kitchen_yaml",))) == []


def test_a_plan_seats_everybody_with_everybody_on_every_seat() -> None:
    keys = list(plan_of("laptop_xml").keys())
    assert len(keys) == len(set(keys)) == 2 * 4
    without = replace(plan_of("laptop_xml"), self_play=False, rotate=False, repetitions=3)
    assert {seats for _, _, seats, _ in without.keys()}  # noqa: SIM118 == {("Conceder", "Boulware"), ("Boulware", "Conceder")}
    assert len(list(without.keys())) == 6


def test_rows_that_differ_and_rows_that_are_missing_are_told() -> None:
    plan = plan_of("laptop_xml")
    rows = ours(plan, ("laptop_xml",))
    other = [replace(rows[0], utilities=(0.5, 0.5)), replace(rows[1], utilities=(None, None)), *rows[2:-1]]
    told = differences(other, rows)
    assert {one.ours.key for one in told if one.ours} == {rows[0].key, rows[1].key, rows[-1].key}
    assert differences(rows, rows) == []


@pytest.mark.slow
@pytest.mark.workers
def test_processes_of_negmas_are_counted_and_what_they_save_is_there(tmp_path: Path) -> None:
    plan = plan_of("laptop_xml")
    run = run_negmas(plan, n_jobs=2, path=tmp_path / "tournament")
    assert (tmp_path / "tournament" / "scores.csv").exists()
    assert differences(run.rows, ours(plan, ("laptop_xml",))) == []
    assert run.cpu_seconds > 0.05

"""A plan says every match before the first is played (B-10, P-12, X-07)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.plan import Plan, PlannedCompetitor, PlannedScenario

A, B, C = (PlannedCompetitor(name, f"negmas.{name}") for name in "ABC")
ONE, TWO = PlannedScenario("One", "1"), PlannedScenario("Two", "2")
PLAN = Plan((A, B, C), (ONE, TWO), repetitions=2, seed=5)


def test_everybody_meets_everybody_in_both_roles_and_orders() -> None:
    met = {(match.scenario, match.rotation, match.seats, match.repetition) for match in PLAN.matches()}
    assert len(met) == len(list(PLAN.matches())) == PLAN.count() == 2 * 2 * 9 * 2
    assert (0, 0, (0, 1), 0) in met
    assert (0, 1, (1, 0), 1) in met


def test_numbers_are_without_holes_and_may_be_begun_anywhere() -> None:
    everything = list(PLAN.matches())
    assert [match.index for match in everything] == list(range(PLAN.count()))
    for start in (0, 1, 17, 18, 36, PLAN.count()):
        assert list(PLAN.matches(start)) == everything[start:]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"rotate": False}, 36),
        ({"self_play": False}, 48),
        ({"self_play": False, "rotate": False, "repetitions": 1}, 12),
        ({"scenarios": (ONE, PlannedScenario("Three", "3", n_parties=3))}, (18 + 3 * 27) * 2),
        ({"competitors": (A, B, replace(C, is_opponent=True))}, 2 * 2 * 2 * 2),
        ({"competitors": (A, replace(A, name="A again")), "self_play": False}, 0),
    ],
)
def test_the_count_is_that_of_the_matches(changes: dict[str, object], count: int) -> None:
    plan = replace(PLAN, **changes)  # type: ignore[arg-type]
    assert plan.count() == len(list(plan.matches())) == count


def test_opponents_sit_opposite_and_never_meet_each_other() -> None:
    plan = replace(PLAN, competitors=(A, replace(B, is_opponent=True), replace(C, is_opponent=True)))
    assert {match.seats for match in plan.matches()} == {(0, 1), (0, 2)}


def test_a_match_keeps_its_seed_when_others_come_and_go() -> None:
    small = replace(PLAN, competitors=(B, A), scenarios=(TWO,), repetitions=1)
    here = {match.seats: match.seed for match in small.matches() if not match.rotation}
    there = {
        match.seats: match.seed
        for match in PLAN.matches()
        if (match.scenario, match.rotation, match.repetition) == (1, 0, 0)
    }
    assert here[(0, 1)] == there[(1, 0)]
    assert len({match.seed for match in PLAN.matches()}) == PLAN.count()


def test_all_who_meet_in_a_repetition_of_a_scenario_have_the_same_steps() -> None:
    plan = replace(PLAN, steps=(10, 200), seconds=(1.0, 2.0), repetitions=20)
    limits: dict[tuple[int, int], set[tuple[int | None, float | None]]] = {}
    for match in plan.matches():
        limits.setdefault((match.scenario, match.repetition), set()).add((match.n_steps, match.seconds))
    assert all(len(drawn) == 1 for drawn in limits.values())
    steps = [next(iter(drawn))[0] or 0 for drawn in limits.values()]
    assert min(steps) >= 10
    assert max(steps) <= 200
    assert len(set(steps)) > 20
    assert list(replace(PLAN, steps=None).matches())[0].n_steps is None


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 6},
        {"repetitions": 3},
        {"steps": (100, 101)},
        {"competitors": (A, B, replace(C, parameters={"k": 1}))},
        {"scenarios": (ONE, replace(TWO, checksum="3"))},
        {"one_offer_per_step": True},
        {"ignore_reserved": True},
    ],
)
def test_the_digest_changes_with_whatever_matches_depend_on(changes: dict[str, object]) -> None:
    assert replace(PLAN, **changes).digest != PLAN.digest == replace(PLAN).digest  # type: ignore[arg-type]

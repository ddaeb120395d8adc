"""The plan of a chaos run."""

from __future__ import annotations

import pytest

from tests.chaos.plan import KILLS, Backend, Breakage, breakages_of, plan


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    kinds = breakages_of(Backend.SQLITE)
    first, again, other = (plan(seed, 600, kinds, 7.0, live=200, batch=300) for seed in (1, 1, 2))
    assert first == again
    assert first.dues != other.dues
    assert first.works != other.works


@pytest.mark.parametrize("backend", Backend)
def test_every_kind_of_breakage_comes_as_often_as_any_other(backend: Backend) -> None:
    kinds = breakages_of(backend)
    dues = plan(3, 600, kinds, 7.0, live=1, batch=1).dues
    counts = [sum(due.breakage == kind for due in dues) for kind in kinds]
    assert min(counts) >= 4
    assert max(counts) - min(counts) <= 1
    assert all(0 < due.at < 600 for due in dues)


def test_a_database_is_broken_in_its_own_way() -> None:
    assert set(KILLS) < set(breakages_of(Backend.SQLITE))
    assert Breakage.LOCK in breakages_of(Backend.SQLITE)
    assert {Breakage.CUT, Breakage.LOCK} & set(breakages_of(Backend.POSTGRES)) == {Breakage.CUT}
    assert {Breakage.CUT, Breakage.FLUSH} < set(breakages_of(Backend.POSTGRES_REDIS))


def test_there_is_as_much_work_as_was_asked_for_all_along_the_run() -> None:
    works = plan(1, 600, KILLS, 7.0, live=200, batch=300).works
    assert [sum(work.is_batch == is_batch for work in works) for is_batch in (False, True)] == [200, 300]
    assert works[0].at < 30
    assert 550 < works[-1].at < 600
    assert {work.n_parties for work in works} == {2, 3}
    assert any(work.pace_ms for work in works)
    assert any(work.cancel_at for work in works)
    assert any(work.pause_at for work in works)

"""Matches in children: each comes to one result, and nobody is blamed for what another did."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any

import psutil
import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from benchmarks.models import Benchmark
from benchmarks.models.line_ups import Entrant
from benchmarks.playing import MOST_KILLS, Players, Table, rules_of
from negotiations.engine.match_specs import MatchResult, MatchSpec
from tests.factory import NegotiatorFactory, ScenarioFactory

BOULWARE = "negmas.gb.negotiators.timebased.BoulwareTBNegotiator"


def begin(owner: User, *types: str, repetitions: int = 1) -> Benchmark:
    """Each meets itself only by way of an opponent: one match a competitor and repetition."""
    entrants = [Entrant(NegotiatorFactory(type=each, short_name=each.rpartition(".")[2])) for each in types]
    entrants.append(Entrant(NegotiatorFactory(type=BOULWARE), name="The other", is_opponent=True))
    options: dict[str, Any] = {"steps_low": 20, "steps_high": 20, "rotate": False, "repetitions": repetitions}
    scenarios = [ScenarioFactory()]
    made: Benchmark = Benchmark.objects.start(
        owner=owner, name="Cup", entrants=entrants, scenarios=scenarios, **options
    )
    made.matches.plan(made.pk, made.to_plan().matches())
    return made


def table(benchmark: Benchmark) -> tuple[Table, Sequence[MatchSpec]]:
    players = Players(benchmark)
    specs = players.specs(list(benchmark.matches.order_by("index")))
    return Table(players, rules_of(benchmark.mechanism, benchmark.ignore_reserved)), specs


def results(benchmark: Benchmark) -> list[MatchResult]:
    playing, specs = table(benchmark)
    return [item for item in playing.played(specs) if isinstance(item, MatchResult)]


def hostile(name: str) -> str:
    return f"tests.engine.hostile.{name}"


def test_who_follows_one_that_leaks_is_not_blamed(owner: User, settings: Settings) -> None:
    """In one child the memory would be used up by the third match."""
    settings.CHILD_MEMORY_MB = 200
    told = results(begin(owner, hostile("Leaks"), BOULWARE, repetitions=4))
    assert [result.index for result in told] == list(range(8))
    assert {result.end_reason for result in told} <= {"agreement", "steps"}


def test_a_match_may_take_no_longer_than_a_session(owner: User, settings: Settings) -> None:
    settings.SESSION_SECONDS = 0.5
    slow, quick = results(begin(owner, hostile("Slow"), BOULWARE))
    assert (slow.end_reason, slow.failed_party) == ("session_limit", 0)
    assert slow.error == "The match took longer than 0.5 s. It was the turn of Slow (seat 1)."
    assert quick.end_reason == "agreement"


def test_a_child_that_somebody_kills_costs_no_match(owner: User) -> None:
    playing, specs = table(begin(owner, hostile("Slow"), BOULWARE))
    told, killed = [], 0
    before = set(psutil.Process().children())  # a browser, where tests of one came first
    for item in playing.played(specs):
        if isinstance(item, MatchResult):
            told.append(item)
        elif killed < MOST_KILLS - 1:
            for child in set(psutil.Process().children()) - before:
                os.kill(child.pid, signal.SIGKILL)
            killed += 1
    assert killed == MOST_KILLS - 1
    assert [result.index for result in told] == [0, 1]
    assert all(result.end_reason in ("steps", "agreement") for result in told)


def test_who_kills_its_child_each_time_loses(owner: User) -> None:
    suicide, quick = results(begin(owner, hostile("KillsItself"), BOULWARE))
    assert (suicide.end_reason, suicide.failed_party) == ("exited", 0)
    assert suicide.error == "KillsItself (seat 1) ended the process."
    assert (suicide.reserved, suicide.best) == ((0.1, 0.2), (1.0, 1.0))
    assert quick.end_reason == "agreement"


@pytest.mark.parametrize("name", ["RaisesAtBirth", "Raises", "RaisesMemoryError", "Crashes", "Exits"])
def test_whatever_one_does_the_next_one_plays(owner: User, name: str) -> None:
    bad, quick = results(begin(owner, hostile(name), BOULWARE))
    assert bad.end_reason in ("error", "memory_limit", "exited")
    assert bad.failed_party == 0
    assert quick.end_reason == "agreement"

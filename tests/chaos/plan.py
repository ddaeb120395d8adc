"""What to run, what to break and when: all of it from one seed, before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any


class Backend(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"
    POSTGRES_REDIS = "postgres+redis"


class Breakage(StrEnum):
    KILL_CHILD = "SIGKILL a session's child"
    KILL_WORKER = "SIGKILL a worker"
    KILL_GUARD = "SIGKILL a sentinel"
    KILL_MONITOR = "SIGKILL a monitor"
    KILL_PUSHER = "SIGKILL a pusher"
    KILL_MAIN = "SIGKILL a cluster's main process"
    KILL_CLUSTER = "SIGKILL a whole cluster"
    KILL_WEB = "SIGKILL the web server"
    KILL_SUPERVISOR = "SIGKILL the supervisor"
    STOP_SERVE = "SIGTERM serve, start again"
    FREEZE_WORKER = "SIGSTOP a worker past its lease"
    FREEZE_CLUSTER = "SIGSTOP a cluster past its leases"
    CUT = "cut all database connections"
    FLUSH = "flush the broker"
    LOCK = "a foreign write lock of 7 s"


ONLY_ON = {
    Breakage.CUT: {Backend.POSTGRES, Backend.POSTGRES_REDIS},
    Breakage.FLUSH: {Backend.POSTGRES_REDIS},
    Breakage.LOCK: {Backend.SQLITE},
}
KILLS = tuple(each for each in Breakage if each.name.startswith("KILL_"))


def breakages_of(backend: Backend) -> tuple[Breakage, ...]:
    return tuple(each for each in Breakage if backend in ONLY_ON.get(each, {backend}))


@dataclass(frozen=True)
class Due:
    """A breakage, so many seconds after the beginning."""

    at: float
    breakage: Breakage


@dataclass(frozen=True)
class Work:
    """A session to start, or a benchmark where it has lanes; and what its owner does with it, in seconds after the beginning."""

    at: float
    seed: int
    n_steps: int
    is_batch: bool = False
    n_parties: int = 2
    pace_ms: int = 0
    is_slow: bool = False
    n_lanes: int = 0
    cancel_at: float | None = None
    pause_at: float | None = None


@dataclass(frozen=True)
class Plan:
    """A whole run. The work begins all along the breakages, so that each of them finds some under way."""

    seed: int
    seconds: float
    dues: tuple[Due, ...]
    works: tuple[Work, ...]


def plan(
    seed: int,
    seconds: float,
    kinds: tuple[Breakage, ...],
    every: float,
    live: int,
    batch: int,
    benchmarks: int = 0,
) -> Plan:
    random = Random(seed)
    works = [_work(random, seconds, is_batch=index >= live) for index in range(live + batch)]
    dues = tuple(_dues(random, seconds, kinds, every))
    works += [_benchmark(random, seconds) for _ in range(benchmarks)]
    return Plan(seed, seconds, dues, tuple(sorted(works, key=lambda work: work.at)))


def _dues(random: Random, seconds: float, kinds: tuple[Breakage, ...], every: float) -> list[Due]:
    """In shuffled rounds of all kinds: at random moments, and yet none is left out."""
    dues: list[Due] = []
    deck: list[Breakage] = []
    at = random.uniform(0.5, 1.0) * every
    while at < seconds:
        deck = deck or random.sample(kinds, len(kinds))
        dues.append(Due(at, deck.pop()))
        at += random.uniform(0.5, 1.5) * every
    return dues


def _work(random: Random, seconds: float, *, is_batch: bool) -> Work:
    at = random.uniform(0, 0.97) * seconds
    shape = _slow(random, 60, 160) if is_batch else random.choice((_quick, _paced, _slow))(random)
    wishes = _wishes(random, at)
    n_parties = random.choice((2, 2, 3))
    return Work(at, random.randrange(2**31), is_batch=is_batch, n_parties=n_parties, **shape, **wishes)


def _benchmark(random: Random, seconds: float) -> Work:
    """Early enough that most of its matches are played while things break."""
    at = random.uniform(0, 0.8) * seconds
    lanes = random.choice((1, 2, 3))
    return Work(at, random.randrange(2**31), 20, is_batch=True, n_lanes=lanes, **_wishes(random, at))


def _wishes(random: Random, at: float) -> dict[str, Any]:
    wish = random.random()
    if wish < 0.1:
        return {"cancel_at": at + random.uniform(0, 3)}
    return {"pause_at": at + random.uniform(0, 2)} if wish < 0.2 else {}


def _quick(random: Random) -> dict[str, Any]:
    return {"n_steps": random.randint(20, 120)}


def _paced(random: Random) -> dict[str, Any]:
    return {"n_steps": random.randint(15, 40), "pace_ms": random.choice((50, 80, 100))}


def _slow(random: Random, least: int = 40, most: int = 120) -> dict[str, Any]:
    return {"n_steps": random.randint(least, most), "is_slow": True}

"""Matches that are over, as scoring sees them, with what a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks.scoring import Scored, SeatRows


def over(index: int = 0, **given: Any) -> Scored:
    """An agreement of competitors 0 and 1 in scenario 0; `utilities` of None mean that there was none."""
    seats = given.get("seats", (0, 1))
    utilities = given.get("utilities", (0.6,) * len(seats))
    usual: dict[str, Any] = {
        "index": index,
        "scenario": 0,
        "rotation": 0,
        "repetition": 0,
        "seats": seats,
        "reserved": (0.0,) * len(seats),
        "best": (1.0,) * len(seats),
        "agreed": utilities is not None,
        "failed_seat": None,
        "is_failed": False,
        "steps": 9,
        "n_steps": 99,
        "cpu_seconds": 0.01,
    }
    return Scored(**{**usual, **given, "utilities": utilities or (None,) * len(seats)})


def failed(index: int = 0, seat: int | None = 0, **given: Any) -> Scored:
    return over(index, **{"utilities": None, "is_failed": True, "failed_seat": seat, **given})


def tournament(means: Iterable[Iterable[float]], matches: int = 1) -> list[Scored]:
    """One scenario a line, in which competitor c gets `means[s][c]` in each match; its opponent is none of them."""
    return [
        over(seats=(c, 99), scenario=s, repetition=k, utilities=(value, 0.5), index=s * 10_000 + c * 100 + k)
        for s, line in enumerate(means)
        for c, value in enumerate(line)
        for k in range(matches)
    ]


def random_tournament(seed: int = 1, scenarios: int = 12, competitors: int = 4) -> list[Scored]:
    """Everybody meets everybody, itself too; two repetitions; some agree on nothing and some fail."""
    rng = np.random.default_rng(seed)
    return [
        _random_match(rng, index, seats=(i, j), scenario=s, repetition=k)
        for index, (s, i, j, k) in enumerate(np.ndindex(scenarios, competitors, competitors, 2))
    ]


def _random_match(rng: np.random.Generator, index: int, **given: Any) -> Scored:
    reserved = tuple(rng.choice([0.0, 0.1, 0.3], 2).tolist())
    if rng.random() < 0.05:
        return failed(index, seat=int(rng.integers(2)), reserved=reserved, **given)
    utilities = tuple(rng.random(2).tolist()) if rng.random() < 0.8 else None
    steps = int(rng.integers(1, 90))
    return over(
        index, utilities=utilities, reserved=reserved, steps=steps, nash_optimality=rng.random(), **given
    )


def rows(*matches: Scored) -> SeatRows:
    return SeatRows.of(matches)

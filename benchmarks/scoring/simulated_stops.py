"""How often the stop rule is wrong, and what it saves, by simulation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.scoring.blocks import Blocks
from benchmarks.scoring.rows import Array
from benchmarks.scoring.simulation import ALIKE, FIELDS, Field, draw
from benchmarks.scoring.stopping import StopRule, look


@dataclass(frozen=True, slots=True)
class Stopped:
    """A line of the table, as shares of tournaments."""

    field: str
    #: How many places had to be settled; None: all.
    first: int | None
    scenarios: int
    stopped: float
    #: Stopped with a ranking that is wrong, or with one of competitors that are equal.
    wrong: float
    #: Mean share of scenarios not played, over all tournaments.
    saved: float


def stops(rng: np.random.Generator, tournaments: int, scenarios: int) -> Iterator[Stopped]:
    for name, field in FIELDS.items():
        drawn = draw(rng, field, tournaments, scenarios)
        for first in (None, 1):
            yield _stopped(name, field, drawn, StopRule(first=first))


def _stopped(name: str, field: Field, drawn: Array, rule: StopRule) -> Stopped:
    scenarios = drawn.shape[1]
    ended = [end for means in drawn if (end := _end(means, rule)) is not None]
    wrong = sum(not is_right(ranking, field, rule.first) for _, ranking in ended)
    return Stopped(
        field=name,
        first=rule.first,
        scenarios=scenarios,
        stopped=len(ended) / len(drawn),
        wrong=wrong / len(drawn),
        saved=sum(1 - n / scenarios for n, _ in ended) / len(drawn),
    )


def is_right(ranking: tuple[int, ...], field: Field, first: int | None) -> bool:
    """Whether each settled place is truly above all that come after it."""
    means = [field[competitor].mean for competitor in ranking]
    return all(means[place] > max(means[place + 1 :]) + ALIKE for place in range(len(means) - 1)[:first])


def _end(means: Array, rule: StopRule) -> tuple[int, tuple[int, ...]] | None:
    """After how many scenarios it stopped and with which ranking; None where it never did."""
    planned, competitors = means.shape
    for n in rule.when(planned):
        blocks = Blocks(tuple(range(n)), tuple(range(competitors)), means[:n])
        ranking, still = look(blocks, planned, rule)
        if not still:
            return n, ranking
    return None

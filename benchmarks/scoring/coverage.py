"""How often intervals hold the true mean: ours, and those that were weighed against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.scoring import rivals
from benchmarks.scoring.blocks import Blocks
from benchmarks.scoring.comparisons import Comparison, comparisons, corrected
from benchmarks.scoring.intervals import intervals
from benchmarks.scoring.ranks import places
from benchmarks.scoring.rivals import LEVEL, UNIT
from benchmarks.scoring.rows import Array
from benchmarks.scoring.simulation import ALIKE, FIELD, FIELDS, Field, draw

AT_ONCE = 500  # columns, so that their resamples fit into memory
IN_PAIRS = ("two equals", "four equals", "equals, skewed", "equals, most skewed", "apart")


@dataclass(frozen=True, slots=True)
class Covered:
    """A line of the table: shares of tournaments whose interval held the true mean of this competitor."""

    scenarios: int
    competitor: str
    mean: float
    #: Share of scenarios in which it has nothing at all.
    zeros: float
    shares: dict[str, float]
    #: Mean width of our interval.
    width: float


@dataclass(frozen=True, slots=True)
class Told:
    """How well pairs are told apart, as shares of pairs or of tournaments."""

    field: str
    scenarios: int
    #: Pairs whose interval held the true difference.
    differences: float
    #: Tournaments in which a pair was called different that is not, or the wrong way round.
    false_claims: float
    #: The same by the plain t-test.
    false_by_t: float
    #: Tournaments in which the rank ranges of all competitors held their true ranks.
    ranks: float


def coverage(rng: np.random.Generator, tournaments: int, scenarios: int) -> Iterator[Covered]:
    drawn = draw(rng, FIELD, tournaments, scenarios)
    for number, competitor in enumerate(FIELD):
        columns = drawn[:, :, number].T
        found = {name: _in_parts(method, columns) for name, method in METHODS.items()}
        yield Covered(
            scenarios=scenarios,
            competitor=competitor.name,
            mean=competitor.mean,
            zeros=float((columns == 0).mean()),
            shares={name: _holds(ends, competitor.mean) for name, ends in found.items()},
            width=float((found[OURS][1] - found[OURS][0]).mean()),
        )


def told_apart(rng: np.random.Generator, tournaments: int, scenarios: int) -> Iterator[Told]:
    for name in IN_PAIRS:
        field = FIELDS[name]
        drawn = list(_tournaments(rng, field, tournaments, scenarios))
        pairs = [comparisons(blocks, LEVEL) for blocks in drawn]
        plain = [corrected([replace(pair, p=pair.t_test) for pair in found]) for found in pairs]
        yield Told(
            field=name,
            scenarios=scenarios,
            differences=_share(_holds_difference(pair, field) for found in pairs for pair in found),
            false_claims=_share(_is_false(found, field) for found in pairs),
            false_by_t=_share(_is_false(found, field) for found in plain),
            ranks=_share(
                _holds_ranks(blocks, found, field) for blocks, found in zip(drawn, pairs, strict=True)
            ),
        )


def _share(cases: Iterable[bool]) -> float:
    return float(np.mean(list(cases)))


def true_difference(pair: Comparison, field: Field) -> float:
    difference = field[pair.first].mean - field[pair.second].mean
    return 0.0 if abs(difference) < ALIKE else difference


def _holds_difference(pair: Comparison, field: Field) -> bool:
    assert pair.low is not None and pair.high is not None
    return pair.low <= true_difference(pair, field) <= pair.high


def _is_false(found: Iterable[Comparison], field: Field) -> bool:
    """Whether any claim is."""
    return any(
        (pair.difference or 0.0) * true_difference(pair, field) <= 0
        for pair in found
        if pair.is_significant(LEVEL)
    )


def _holds_ranks(blocks: Blocks, found: tuple[Comparison, ...], field: Field) -> bool:
    """Competitors that are equal have all the ranks that they share between them."""
    means = np.array([competitor.mean for competitor in field])
    ranks = [(1 + (means > mine + ALIKE).sum(), (means >= mine - ALIKE).sum()) for mine in means]
    told = places(blocks.competitors, blocks.scores, found, LEVEL)
    return all(
        place.low <= best and worst <= place.high for place, (best, worst) in zip(told, ranks, strict=True)
    )


def _tournaments(
    rng: np.random.Generator, field: Field, tournaments: int, scenarios: int
) -> Iterator[Blocks]:
    for means in draw(rng, field, tournaments, scenarios):
        yield Blocks(tuple(range(scenarios)), tuple(range(len(field))), means)


def _holds(ends: Array, mean: float) -> float:
    return float(((ends[0] <= mean) & (mean <= ends[1])).mean())


def _in_parts(method: Callable[[Array], Array], columns: Array) -> Array:
    parts = range(0, columns.shape[1], AT_ONCE)
    return np.concatenate([method(columns[:, start : start + AT_ONCE]) for start in parts], axis=1)


def _ours(columns: Array) -> Array:
    return intervals(columns, UNIT, LEVEL)


OURS = "ours"
METHODS: dict[str, Callable[[Array], Array]] = {
    OURS: _ours,
    "bootstrap-t": rivals.bootstrap_t,
    "Student t": rivals.student,
    "percentile": rivals.percentile,
    "BCa": rivals.bca,
}

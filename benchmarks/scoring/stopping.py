"""When a ranking is settled before all scenarios are played: a sequential test with a bounded chance of error.

At some numbers of scenarios, fixed before the start, all pairs are tested with Holm's correction at an even part of
alpha. The chance of any wrong claim at any look is at most the sum of these parts (Bonferroni), so at most alpha.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np

from benchmarks.scoring.blocks import Blocks, blocks_of
from benchmarks.scoring.comparisons import comparisons
from benchmarks.scoring.rows import SeatRows


@dataclass(frozen=True, slots=True)
class StopRule:
    """Fixed before the start, like the plan."""

    #: The chance to stop with a ranking that is wrong.
    alpha: float = 0.05
    #: The last one is the end itself.
    looks: int = 5
    #: No look before so many scenarios: with fewer the tests are wrong too often where scores are skewed.
    least: int = 25
    #: How many places, from the first, must be settled; None: all.
    first: int | None = None

    def when(self, planned: int) -> tuple[int, ...]:
        """After how many scenarios to look."""
        even = {-(-planned * look // self.looks) for look in range(1, self.looks)}
        return tuple(sorted(n for n in even if self.least <= n < planned))


@dataclass(frozen=True, slots=True)
class Verdict:
    is_settled: bool
    #: Scenarios that it rests on: those of the look that settled it, or of the latest look.
    scenarios: int
    planned_scenarios: int
    #: After how many scenarios the next look comes; None where there is none.
    next_look: int | None
    #: Competitors from the best on, by the scenarios of that look.
    ranking: tuple[int, ...]
    #: Pairs that must still be told apart.
    open_pairs: tuple[tuple[int, int], ...]
    #: Planned matches of the scenarios that need not be played.
    saved_matches: int
    planned_matches: int

    @property
    def saved_share(self) -> float:
        return self.saved_matches / self.planned_matches if self.planned_matches else 0.0


def settled(
    rows: SeatRows,
    planned: Mapping[int, int],
    metric: str = "advantage",
    rule: StopRule = StopRule(),
    competitors: Sequence[int] | None = None,
) -> Verdict:
    """`planned`: scenario -> number of its matches, in the order of play, which must not depend on results.

    Only scenarios all of whose matches are over are looked at, in that order; so the verdict is the same however many
    lanes play, in whatever order their matches end, and it does not change once it is settled.
    """
    blocks = blocks_of(rows, metric, competitors)
    done = _completed(rows, planned)
    looks = [n for n in rule.when(len(planned)) if n <= len(done)]
    state: tuple[int, tuple[int, ...], tuple[tuple[int, int], ...]] = (0, (), ())
    for n in looks:
        ranking, still = look(_of_scenarios(blocks, done[:n]), len(planned), rule)
        state = n, ranking, still
        if not still:
            break
    return _verdict(state, planned, rule)


def look(blocks: Blocks, planned: int, rule: StopRule) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """The ranking by these scenarios, and the pairs that keep it from being settled."""
    level = 1 - rule.alpha / max(1, len(rule.when(planned)))
    scores = blocks.scores if blocks.less_is_better else -blocks.scores
    ranking = tuple(blocks.competitors[k] for k in np.argsort(scores, kind="stable"))
    counted = set(ranking[: rule.first])
    return ranking, tuple(
        (pair.first, pair.second)
        for pair in comparisons(blocks, level)
        if {pair.first, pair.second} & counted and not pair.is_significant(level)
    )


def _completed(rows: SeatRows, planned: Mapping[int, int]) -> list[int]:
    """The scenarios that are over, up to the first that is not."""
    over = Counter(match.scenario for match in rows.matches)
    return list(takewhile(lambda scenario: over[scenario] >= planned[scenario], planned))


def _of_scenarios(blocks: Blocks, scenarios: Sequence[int]) -> Blocks:
    place = {scenario: number for number, scenario in enumerate(blocks.scenarios)}
    there = tuple(scenario for scenario in scenarios if scenario in place)
    means = blocks.means[[place[scenario] for scenario in there]]
    return replace(blocks, scenarios=there, means=means)


def _verdict(
    state: tuple[int, tuple[int, ...], tuple[tuple[int, int], ...]],
    planned: Mapping[int, int],
    rule: StopRule,
) -> Verdict:
    seen, ranking, still = state
    is_settled = len(ranking) > 1 and not still
    later = (n for n in rule.when(len(planned)) if n > seen)
    return Verdict(
        is_settled=is_settled,
        scenarios=seen,
        planned_scenarios=len(planned),
        next_look=None if is_settled else next(later, None),
        ranking=ranking,
        open_pairs=still,
        saved_matches=sum(list(planned.values())[seen:]) if is_settled else 0,
        planned_matches=sum(planned.values()),
    )

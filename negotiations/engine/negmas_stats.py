"""The same quantities by NegMAS itself, one outcome after the other: what `check_analysis` compares ours with."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from negmas.inout import Scenario
from negmas.preferences.ops import calc_scenario_stats

from negotiations.engine.arrays import Array
from negotiations.engine.outcome_space import Analysis

Points = Sequence[Sequence[float]]

_NAMES = {
    "frontier": "pareto_utils",
    "nash": "nash_utils",
    "kalai": "kalai_utils",
    "ks": "ks_utils",
    "modified_kalai": "modified_kalai_utils",
    "modified_ks": "modified_ks_utils",
    "welfare": "max_welfare_utils",
    "relative_welfare": "max_relative_welfare_utils",
}


def by_negmas(scenario: Scenario) -> dict[str, Points]:
    """Every quantity as a list of points; a number is a list of one point of one coordinate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that it is slow
        stats = calc_scenario_stats(scenario.ufuns)
    return {
        "ranges": [[float(end) for end in ends] for ends in stats.utility_ranges],
        "opposition": [[stats.opposition]] if math.isfinite(stats.opposition) else [],
        "rational_fraction": [[stats.rational_fraction]],
        **{name: getattr(stats, theirs) for name, theirs in _NAMES.items()},
    }


def by_us(analysis: Analysis) -> dict[str, Points]:
    """The same of an analysis."""
    solved = {name: analysis.frontier[rows] for name, rows in analysis.solutions.items()}
    return {
        "ranges": analysis.ranges,
        "opposition": [] if analysis.opposition is None else [[analysis.opposition]],
        "rational_fraction": [[analysis.rational_fraction]],
        "frontier": analysis.frontier,
        **{name: solved.get(name, []) for name in _NAMES if name != "frontier"},
    }


def difference(ours: Mapping[str, Points], theirs: Mapping[str, Points]) -> float:
    """The largest of all quantities: infinite where one has another number of points."""
    return max(_apart(np.array(ours[name]), np.array(theirs[name]), name == "ranges") for name in theirs)


def _apart(ours: Array, theirs: Array, in_order: bool) -> float:
    if len(ours) != len(theirs):
        return math.inf
    if not len(ours):
        return 0.0
    if in_order:
        return float(np.abs(ours - theirs).max())
    away = np.abs(ours[:, None, :] - theirs[None, :, :]).max(axis=2)
    return float(max(away.min(axis=0).max(), away.min(axis=1).max()))

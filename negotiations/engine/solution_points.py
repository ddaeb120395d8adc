"""Which points of a frontier are the solutions of bargaining theory, as NegMAS 0.16 defines them.

Reserved values count as in negmas.preferences.ops: only outcomes with at least everybody's reserved value are looked at
(`pareto_frontier`); what each party has without agreement is its reserved value, or the least it can get where it has none
or a lower one (`nash_points`, `kalai_points`, `ks_points`); a fraction counts outcomes above all reserved values
(`rational_fraction`). Where somebody cannot gain anything, every point of the frontier is a solution.
"""

from __future__ import annotations

import math

import numpy as np

from negotiations.engine.arrays import Array

EPSILON = 1e-12
"""What NegMAS takes for equal."""


def solutions(frontier: Array, ranges: Array, reserved: Array) -> dict[str, Array]:
    """The rows of the frontier that are each kind of solution, several where they are equal: none of an empty frontier.

    `kalai` is the egalitarian solution (the one who gains least gains most), `ks` Kalai-Smorodinsky's (shares of the
    possible gain as equal as can be), `welfare` the highest sum, `relative_welfare` the highest sum of shares;
    `modified_kalai` and `modified_ks` count from zero instead of from disagreement.
    """
    if not len(frontier):
        return {}
    low, high = ranges[:, 0], ranges[:, 1]
    without = np.where(np.isfinite(reserved) & (reserved >= low), reserved, low)
    spans, reach = high - without, high - np.maximum(reserved, low)
    gains = frontier - without
    everything = np.arange(len(frontier))
    nothing_to_gain, all_equal = (spans <= EPSILON).any(), (high - low <= EPSILON).any()
    bargained = {
        "nash": _product(gains),
        "kalai": gains.min(axis=1),
        "ks": -_spread(gains / _divisors(spans)),
        "modified_kalai": frontier.min(axis=1),
        "modified_ks": -_spread(frontier / _divisors(high)),
    }
    summed = {
        "welfare": _sum(frontier),
        "relative_welfare": _sum((frontier - low) / _divisors(reach)),
    }
    return {
        **{name: everything if nothing_to_gain else _best(values) for name, values in bargained.items()},
        **{name: everything if all_equal else _best(values) for name, values in summed.items()},
    }


def opposition(frontier: Array, high: Array) -> float | None:
    """How far the outcome nearest to everybody's best is from it; None where no outcome is acceptable to all.

    As negmas.preferences.ops.opposition_level over all outcomes: the nearest of them is always on the frontier.
    """
    if not len(frontier):
        return None
    missing = np.zeros(len(frontier))
    for index, best in enumerate(high):
        missing += (1 - frontier[:, index] / (best or 1.0)) ** 2
    return math.sqrt(missing.min())


def _best(values: Array) -> Array:
    return np.flatnonzero(values >= values.max() - EPSILON)


def _spread(values: Array) -> Array:
    return np.asarray(values.max(axis=1) - values.min(axis=1))


def _divisors(values: Array) -> Array:
    return np.where(values == 0, 1.0, values)


def _product(values: Array) -> Array:
    """Party after party, as NegMAS does, so that the same numbers are equal."""
    product = np.ones(len(values))
    for index in range(values.shape[1]):
        product = product * values[:, index]
    return product


def _sum(values: Array) -> Array:
    total = np.zeros(len(values))
    for index in range(values.shape[1]):
        total = total + values[:, index]
    return total

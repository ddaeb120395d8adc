"""What is measured of a competitor in a match. Definitions are NegMAS's; docs/statistics.md lists them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.scoring.rows import Array, SeatRows

TOLERANCE = 1e-12  # NegMAS's, for a utility below the reserved value


def values_of(rows: SeatRows, metric: str) -> Array:
    """The metric for each row; NaN where it is not known."""
    return rows.remembered(metric, METRICS[metric])


def _agreed(rows: SeatRows) -> Array:
    return rows.remembered("agreed", lambda r: r.per_match(lambda m: m.agreed and not m.is_failed) == 1.0)


def _reserved(rows: SeatRows) -> Array:
    """Who has no reserved value has the least utility without an agreement, which is 0: utilities are in [0, 1]."""
    given = _given_reserved(rows)
    return np.where(np.isfinite(given), given, 0.0)


def _given_reserved(rows: SeatRows) -> Array:
    return rows.remembered("reserved", lambda r: r.per_seat(lambda m: m.reserved))


def _utility(rows: SeatRows) -> Array:
    given = rows.per_seat(lambda m: m.utilities)
    return np.where(_agreed(rows), given, _reserved(rows))


def _advantage(rows: SeatRows) -> Array:
    """(u - r) / (best - r), and 0 where nothing is to be gained; u itself without a reserved value."""
    has_none = ~np.isfinite(_given_reserved(rows))
    gain = values_of(rows, "utility") - _reserved(rows)
    most = np.where(has_none, 1.0, rows.per_seat(lambda m: m.best) - _reserved(rows))
    share = np.divide(gain, most, out=np.zeros(len(gain)), where=most != 0)
    return np.where(_agreed(rows), np.where(np.isnan(gain), np.nan, share), 0.0)


def _partner_welfare(rows: SeatRows) -> Array:
    return rows.others(values_of(rows, "utility"))


def _welfare(rows: SeatRows) -> Array:
    """The mean utility of all parties."""
    utility, n = values_of(rows, "utility"), len(rows.matches)
    made = (np.bincount(rows.match, utility, n) / np.bincount(rows.match, minlength=n))[rows.match]
    given = rows.per_match(lambda m: None if m.is_failed else m.welfare)
    return np.where(np.isnan(given), made, given)


def _agreement(rows: SeatRows) -> Array:
    return _agreed(rows).astype(float)


def _speed(rows: SeatRows) -> Array:
    """1 - relative time where they agreed, else 0."""
    steps, limit = rows.per_match(lambda m: m.steps), rows.per_match(lambda m: m.n_steps)
    given = rows.per_match(lambda m: m.relative_time)
    relative = np.where(np.isnan(given), (steps + 1) / (limit + 1), given)
    return np.where(_agreed(rows), 1 - np.minimum(1.0, relative), 0.0)


def _exploited(rows: SeatRows) -> Array:
    """1 where it agreed to less than its reserved value and somebody else got more than theirs."""
    given = _given_reserved(rows)
    gain = values_of(rows, "utility") - np.where(np.isnan(given), -np.inf, given)
    profits = _agreed(rows) & (gain > TOLERANCE)
    somebody = np.nan_to_num(rows.others(profits.astype(float))) > 0
    return np.where(np.isnan(gain), np.nan, (_agreed(rows) & (gain < -TOLERANCE) & somebody).astype(float))


METRICS: dict[str, Callable[[SeatRows], Array]] = {
    "advantage": _advantage,
    "utility": _utility,
    "partner_welfare": _partner_welfare,
    "welfare": _welfare,
    "agreement_rate": _agreement,
    "nash_optimality": lambda rows: rows.per_match(lambda m: m.nash_optimality),
    "kalai_optimality": lambda rows: rows.per_match(lambda m: m.kalai_optimality),
    "ks_optimality": lambda rows: rows.per_match(lambda m: m.ks_optimality),
    "max_welfare_optimality": lambda rows: rows.per_match(lambda m: m.max_welfare_optimality),
    "pareto_optimality": lambda rows: rows.per_match(lambda m: m.pareto_optimality),
    "pareto_distance": lambda rows: rows.per_match(lambda m: m.pareto_distance),
    "speed": _speed,
    "exploited": _exploited,
}

#: Of these less is better.
LESS_IS_BETTER = frozenset({"pareto_distance", "exploited"})


def limits(rows: SeatRows, metric: str) -> tuple[float, float]:
    """Between which values a mean can be: utilities are in [0, 1]; wider where something was seen beyond."""
    values = values_of(rows, metric)
    values = values[rows.counts & ~np.isnan(values)]
    most = float(rows.seat.max(initial=0) + 1) ** 0.5 if metric == "pareto_distance" else 1.0
    return float(values.min(initial=0.0)), float(values.max(initial=most))

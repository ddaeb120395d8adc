"""Utility functions for many matches: equal to the scenario's own to the last bit, and looked up instead of worked out.

A negotiator is given a function of its own for each match, as it may change it. What is costly about a function is kept
here: what outcomes are worth, and their order, which most negotiators ask for at the start.
"""

from __future__ import annotations

import copy
import functools
import itertools
from typing import Any

import numpy as np
from negmas.preferences import (
    AffineUtilityFunction,
    BaseUtilityFunction,
    LinearAdditiveUtilityFunction,
    TableFun,
)
from negmas.preferences.inv_ufun import PresortingInverseUtilityFunction

from negotiations.engine.arrays import Array
from negotiations.engine.outcome_arrays import Additive, Axis

MOST_OUTCOMES = 1_000_000
"""Up to which NegMAS sorts outcomes."""
MOST_KNOWN = 50_000
"""Outcomes whose worth is kept; in a larger space those that were asked for."""
_LISTS = ("_weights", "values", "_values", "issues", "_constraints", "_changes")
_STASHED = "_genius_sorted"
"""Where agents of negmas_genius_agents leave their order of the outcomes for the next of their kind."""


class Unsorted(Exception):
    """NegMAS has another idea of an inverter's state than this module."""


class SharedUfun:
    """One party's function with all that its copies share. `original` is never given to a negotiator."""

    def __init__(self, original: Any, space: AllOutcomes) -> None:
        self.original = original
        self._space = space
        self.stashed: Any = None
        self._values: dict[Any, float] = {}
        self._orders: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._sorts: dict[bool, tuple[list[Any], Array]] = {}
        os = original.outcome_space
        self.is_quick = (
            isinstance(original, LinearAdditiveUtilityFunction | AffineUtilityFunction)
            and all(issue.is_discrete() for issue in os.issues)
            and os.cardinality <= MOST_OUTCOMES
            and not original._constraints
            and original._invalid_value is None
        )
        if self.is_quick:
            original.minmax()  # which keeps what it found, and so do copies

    def fresh(self) -> Any:
        """A function for one match."""
        if not self.is_quick:
            return copy.deepcopy(self.original)
        ufun = object.__new__(_quick(self.original.__class__))
        own = self.original.__dict__ | {"_shared": self}
        own.update(
            {name: [_copied(item) for item in own[name]] for name in _LISTS if own.get(name) is not None}
        )
        ufun.__dict__.update(own)
        return ufun

    def worth(self, outcome: Any) -> float:
        """What the original says of an outcome."""
        known = self._values.get(outcome)
        if known is None:
            if len(self._values) >= MOST_KNOWN:
                self._values.clear()
            known = self._values[outcome] = self.original.eval(outcome)
        return known

    def keep(self, ufun: Any) -> None:
        """Take what a trusted negotiator left on its copy for the next of its kind."""
        inverter = ufun.__dict__.get("_cached_inverse")
        if self.stashed is None and inverter is not None:
            self.stashed = vars(inverter).get(_STASHED)

    def order(self, inverter: Any) -> dict[str, Any] | None:
        """What an inverter with these settings knows once it has sorted all outcomes; None where it would not."""
        if inverter.max_cache_size < len(self._outcomes):
            return None
        settings = inverter.rational_only, inverter._eps, inverter._rel_eps
        if settings not in self._orders:
            self._orders[settings] = self._known_by(inverter)
        known = self._orders[settings]
        return known | {"outcomes": list(known["outcomes"]), "utils": known["utils"].copy()}

    def _known_by(self, inverter: Any) -> dict[str, Any]:
        """As NegMAS restores what it saved of an inverter, so that only the sorting is ours."""
        rational = inverter.rational_only and bool((self._worths < self.original.reserved_value).any())
        outcomes, worths = self._sorted(rational)
        worst, best = self.original.extreme_outcomes()
        extra = {"worst": worst, "best": best, "min": self.original(worst), "max": self.original(best)}
        told = copy.copy(inverter)
        told._ufun = self.original
        if not told.restore_state({"outcomes": outcomes, "utils": worths, "extra": extra}):
            raise Unsorted(f"NegMAS does not take our order of {self.original.name}.")
        return {name: value for name, value in vars(told).items() if name != "_ufun"}

    def _sorted(self, rational: bool) -> tuple[list[Any], Array]:
        """As negmas.preferences.inv_ufun.presorting: the rational outcomes by worth, then the others as they come."""
        if rational not in self._sorts:
            enough = (
                self._worths >= self.original.reserved_value if rational else np.ones(len(self._worths), bool)
            )
            first = np.flatnonzero(enough)
            rows = np.concatenate([first[np.argsort(self._worths[first])], np.flatnonzero(~enough)])
            self._sorts[rational] = [self._outcomes[row] for row in rows.tolist()], self._worths[rows]
        return self._sorts[rational]

    @functools.cached_property
    def _worths(self) -> Array:
        axes = [Axis.of(issue) for issue in self.original.outcome_space.issues]
        return Additive.of(self.original, axes).everywhere()

    @property
    def _outcomes(self) -> list[Any]:
        return self._space.outcomes


class AllOutcomes:
    """The outcomes of a space in NegMAS's order, one list for all who sort them; made when it is asked for."""

    def __init__(self, space: Any) -> None:
        self._space = space

    @functools.cached_property
    def outcomes(self) -> list[Any]:
        return list(itertools.product(*(issue.all for issue in self._space.issues)))


def _copied(item: Any) -> Any:
    return TableFun(dict(item.mapping)) if type(item) is TableFun else item


class _Quick(BaseUtilityFunction):
    """What makes a copy quick. To whoever looks it is of the original's type, and a copy of it is."""

    _shared: SharedUfun

    def __call__(self, offer: Any) -> Any:
        if offer is None:
            return self.reserved_value
        if self._constraints or self._invalid_value is not None:
            return super().__call__(offer)
        return self.eval(offer)

    def eval(self, offer: Any) -> Any:
        if offer is None:
            return self.reserved_value
        try:
            return self._shared.worth(offer)
        except TypeError:  # what has no hash
            return super().eval(offer)

    @property
    def reserved_value(self) -> Any:
        """NegMAS asks whether it is a distribution, which takes longer than all the rest."""
        value = self._reserved_value
        return value if type(value) is float else super().reserved_value

    @reserved_value.setter
    def reserved_value(self, value: Any) -> None:
        BaseUtilityFunction.reserved_value.fset(self, value)

    def restore_inverse_from_cache(self, inverter: Any) -> bool:
        """NegMAS's inverters ask this before they sort."""
        same = self._reserved_value == self._shared.original._reserved_value and not self._constraints
        if type(inverter) is PresortingInverseUtilityFunction and same:
            known = self._shared.order(inverter)
            vars(inverter).update(known or {})
            return known is not None
        return False

    def invert(self, inverter: Any = None, **kwargs: Any) -> Any:
        made = super().invert(inverter, **kwargs)
        if inverter is None and not kwargs and self._shared.stashed is not None:
            vars(made).setdefault(_STASHED, self._shared.stashed)
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        state = {name: value for name, value in vars(self).items() if name != "_shared"}
        return _plain, (type(self).__mro__[2],), state


def _plain(kind: type[Any]) -> Any:
    return object.__new__(kind)


@functools.cache
def _quick(kind: type[Any]) -> type[Any]:
    return type(
        kind.__name__, (_Quick, kind), {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    )

"""What one outcome is worth to one party of a stored scenario, whatever the shape of its utility function.

Read from the document, by the rules of NegMAS and without it, so that pages may ask it. It knows the types that may be
stored, and nothing of the other parties.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from negotiations.engine.scenario_texts import parsed, short
from negotiations.engine.specs import Outcome, Value

Node = Mapping[str, Any]


def worth_of(document: str, party: int, outcome: Outcome) -> float | None:
    """None where the function has no number for it."""
    ufun = parsed(document)[1 + party]
    worth = _UFUNS[short(ufun)](ufun, outcome)
    return worth if worth is not None and math.isfinite(worth) else None


def _additive(ufun: Node, outcome: Outcome) -> float | None:
    shares = [_share(fun, value) for fun, value in zip(ufun["values"], outcome, strict=True)]
    if None in shares:
        return None
    return _sum(ufun, shares)


def _linear(ufun: Node, outcome: Outcome) -> float | None:
    if not all(isinstance(value, int | float) for value in outcome):
        return None
    return _sum(ufun, outcome)


def _sum(ufun: Node, shares: Sequence[Any]) -> float:
    worths = [weight * share for weight, share in zip(ufun["weights"], shares, strict=True)]
    return float(sum(worths, ufun.get("bias") or 0.0))


def _boxes(ufun: Node, outcome: Outcome) -> float | None:
    """The bias, and what each box adds that holds the outcome."""
    boxes = ufun["outcome_ranges"]
    amounts = [_amount(amount) for amount in ufun["utilities"]]
    weights = ufun.get("weights") or [1.0] * len(boxes)
    worth = float(ufun.get("bias") or 0.0)
    for weight, box, amount in zip(weights, boxes, amounts, strict=True):
        if any(issue >= len(outcome) for issue in box or ()):
            if ufun.get("ignore_issues_not_in_input"):
                continue
            return None
        if all(_is_within(outcome[issue], side) for issue, side in (box or {}).items()):
            worth += weight * amount
    return worth


def _amount(amount: Any) -> float:
    """A number, or a constant that is written as a function."""
    return float(amount["bias"] if isinstance(amount, dict) else amount)


def _is_within(value: Value, side: Any) -> bool:
    """Of a range its ends are not a part; of a list one item is enough."""
    if not isinstance(side, list):
        return bool(value == side)
    if _is_range(side):
        return _is_between(value, side)
    return any(
        (_is_between(value, item) if _is_range(item) else value in item)
        if isinstance(item, list)
        else value == item
        for item in side
    )


def _is_range(side: Sequence[Any]) -> bool:
    """Files know no tuples: two numbers are the ends of a range."""
    return len(side) == 2 and all(isinstance(end, int | float) for end in side)


def _is_between(value: Any, ends: Sequence[Any]) -> bool:
    return isinstance(value, int | float) and ends[0] < value < ends[1]


def _share(fun: Any, value: Any) -> float | None:
    """What the function of an issue makes of a value: a table, or a straight line."""
    kind = short(fun)
    if kind in ("", "TableFun"):
        share: float | None = (fun["mapping"] if kind else fun).get(value)
        return share
    if kind == "ConstFun":
        return float(fun["bias"])
    if not isinstance(value, int | float):
        return None
    slope = 1.0 if kind == "IdentityFun" else fun["slope"]
    return float(slope * value + (fun.get("bias") or 0.0))


_UFUNS: dict[str, Callable[[Node, Outcome], float | None]] = {
    "LinearAdditiveUtilityFunction": _additive,
    "LinearUtilityFunction": _linear,
    "AffineUtilityFunction": _linear,
    "HyperRectangleUtilityFunction": _boxes,
}

"""The tables of NegMAS's tournaments, row by row, as matches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks.result_values import (
    NoResults,
    ReadMatch,
    Row,
    number,
    numbers,
    outcome,
    sequence,
    text,
    truth,
    whole,
)
from negotiations.engine.specs import EndReason

MOST_NAME = 120
MOST_SEATS = 30
SHARES = (
    "nash_optimality",
    "kalai_optimality",
    "ks_optimality",
    "max_welfare_optimality",
    "pareto_optimality",
)
_TURNED = re.compile(r"(.+)-(\d{1,2})", re.DOTALL)


def read_details(rows: Iterable[Row], names: set[str]) -> Iterator[ReadMatch]:
    """A row of `details` is a match."""
    for row in rows:
        who = tuple(text(name, MOST_NAME) for name in sequence(row.get("partners")))
        if not who or len(who) > MOST_SEATS or not all(who):
            raise NoResults("The table `details` has a row without `partners`: it is not one of NegMAS's.")
        yield _match(row, who, names)


def _match(row: Row, who: tuple[str, ...], names: set[str]) -> ReadMatch:
    scenario, rotation = turned(text(row.get("scenario"), MOST_NAME), len(who), names)
    agreement, has_error = outcome(row.get("agreement")), truth(row.get("has_error")) is True
    end = _end(row, agreement is not None, has_error)
    return ReadMatch(
        scenario=scenario,
        rotation=rotation,
        competitors=who,
        success=False if has_error else True if agreement is not None else None,
        end_reason=end,
        error=text(row.get("error_details")) if has_error else "",
        failed_seat=_who_failed(row, who) if has_error else None,
        steps=whole(row.get("step")) or 0,
        n_steps=whole(row.get("n_steps")) or None,
        relative_time=number(row.get("relative_time")),
        cpu_seconds=max(0.0, number(row.get("execution_time")) or 0.0),
        agreement=agreement,
        utilities=_fitted(numbers(row.get("utilities")), len(who)),
        reserved=_fitted(numbers(row.get("reserved_values")), len(who)),
        best=_fitted(numbers(row.get("max_utils")), len(who)),
        **_shares(row),
    )


def _shares(row: Row) -> dict[str, Any]:
    return {name: number(row.get(name)) for name in SHARES}


def _end(row: Row, agreed: bool, has_error: bool) -> str:
    if has_error:
        return EndReason.ERROR.value
    if agreed:
        return EndReason.AGREEMENT.value
    if truth(row.get("timedout")):
        return EndReason.STEPS.value
    return EndReason.ENDED.value if truth(row.get("broken")) else ""


def _who_failed(row: Row, who: Sequence[str]) -> int | None:
    culprit = text(row.get("erred_negotiator"))
    ids = [text(each) for each in sequence(row.get("negotiator_ids"))]
    return ids.index(culprit) if culprit and culprit in ids[: len(who)] else None


def _fitted(values: tuple[float | None, ...], n: int) -> tuple[float | None, ...]:
    """As many as there are seats."""
    return (values + (None,) * n)[:n]


def turned(name: str, n: int, names: set[str]) -> tuple[str, int]:
    """NegMAS writes NAME-1 where the utility functions are turned by one, to the other side than we count."""
    found = _TURNED.fullmatch(name)
    if found and found[1] in names and 0 < int(found[2]) < n:
        return found[1], -int(found[2]) % n
    return name or "Unknown", 0


# --- all_scores: a row a negotiator ---------------------------------------------------------------------------------


def read_scores(rows: Iterable[Row], names: set[str]) -> Iterator[ReadMatch]:
    """Rows of one match follow each other. Whether it ended in an agreement is seldom told: then nobody knows."""
    group: list[Row] = []
    size = 0
    for row in rows:
        if not group:
            size = 1 + len(_partners(row))
        group.append(row)
        if len(group) == size:
            yield _of_scores(group, names)
            group = []


def _partners(row: Row) -> tuple[Any, ...]:
    """One partner stands there by its name."""
    told = row.get("partners")
    found = sequence(told)
    if not found and not text(told):
        raise NoResults("The table `all_scores` has a row without `partners`: it is not one of NegMAS's.")
    return found[:MOST_SEATS] or (told,)


def _of_scores(group: Sequence[Row], names: set[str]) -> ReadMatch:
    first, who = group[0], tuple(text(row.get("strategy"), MOST_NAME) or "Unknown" for row in group)
    scenario, rotation = turned(text(first.get("scenario"), MOST_NAME), len(who), names)
    failed = any(truth(row.get("has_error")) for row in group)
    agreed = truth(first.get("session_agreement_reached"))
    erred = [seat for seat, row in enumerate(group) if truth(row.get("self_error"))]
    utilities = tuple(number(row.get("utility")) for row in group)
    reserved = tuple(number(row.get("reserved_value")) for row in group)
    gains = [number(row.get("advantage")) for row in group]
    return ReadMatch(
        scenario=scenario,
        rotation=rotation,
        competitors=who,
        success=False if failed else True if agreed else None,
        end_reason=EndReason.ERROR.value if failed else EndReason.AGREEMENT.value if agreed else "",
        error=text(first.get("error_details")) if failed else "",
        failed_seat=erred[0] if failed and erred else None,
        utilities=utilities,
        reserved=reserved,
        best=tuple(map(best_of, utilities, reserved, gains)),
        welfare=number(first.get("welfare")),
        **_shares(first),
    )


def best_of(utility: float | None, reserved: float | None, advantage: float | None) -> float | None:
    """What the advantage tells of the most that could be had."""
    if utility is None or reserved is None or not advantage:
        return None
    return number(reserved + (utility - reserved) / advantage)

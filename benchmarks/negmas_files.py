"""The files that NegMAS's tournaments write, from our matches: pure, and read back by NegMAS in a test."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from benchmarks.models import Benchmark, Match, MatchStatus
from negotiations.engine.specs import EndReason
from negotiations.exports import csv_line

SHARES = (
    "pareto_optimality",
    "nash_optimality",
    "kalai_optimality",
    "max_welfare_optimality",
    "ks_optimality",
)
DETAILS = (
    "running", "waiting", "started", "step", "time", "relative_time", "broken", "timedout", "agreement", "results",
    "n_negotiators", "has_error", "error_details", "erred_negotiator", "erred_agent", "utilities", "max_utils",
    "reserved_values", "partners", "params", "run_id", "execution_time", "negotiator_names", "negotiator_ids",
    "negotiator_types", "negotiator_times", "n_steps", "time_limit", "scenario", "mechanism_name", "mechanism_type",
    "effective_scenario_name", "scored_indices", "rep", "n_repetitions", *SHARES,
)  # fmt: skip
SCORES = (
    "strategy", "utility", "reserved_value", "advantage", "partner_welfare", "welfare", "scenario", "partners", "time",
    "negotiator_id", "has_error", "self_error", "mechanism_error", "error_details", "mechanism_name",
    *SHARES,
)  # fmt: skip
MEASURED = ("utility", "reserved_value", "advantage", "partner_welfare", "welfare", "time", *SHARES)
STATISTICS = ("count", "mean", "std", "min", "25%", "50%", "75%", "max")


def details(
    matches: Iterable[Match], names: Sequence[str], places: Sequence[str], mark: Sequence[str] = ()
) -> Iterator[str]:
    """A row a match that is over, as `SimpleTournamentResults.details`."""
    yield csv_line(["index", *DETAILS, *mark])
    for row, match in enumerate(_over(matches)):
        told = _detail(match, names, places)
        yield csv_line([row, *(_text(told.get(name)) for name in DETAILS), *mark])


def all_scores(
    matches: Iterable[Match], names: Sequence[str], places: Sequence[str], mark: Sequence[str] = ()
) -> Iterator[str]:
    """A row a match and seat, as `SimpleTournamentResults.scores`."""
    yield csv_line(["index", *SCORES, *mark])
    for row, score in enumerate(_scores(matches, names, places)):
        yield csv_line([row, *(_text(score[name]) for name in SCORES), *mark])


def type_scores(matches: Iterable[Match], names: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    """What pandas' `describe` says of each strategy's scores, under two rows of headings."""
    pairs = [(name, statistic) for name in MEASURED for statistic in STATISTICS]
    yield csv_line(["", *(name for name, _ in pairs)])
    yield csv_line(["", *(statistic for _, statistic in pairs)])
    yield csv_line(["strategy", *[""] * len(pairs)])
    found: dict[str, dict[str, list[float]]] = {}
    for score in _scores(matches, names, places):
        columns = found.setdefault(score["strategy"], {name: [] for name in MEASURED})
        for name in MEASURED:
            if isinstance(score[name], int | float) and math.isfinite(score[name]):
                columns[name].append(score[name])
    for strategy in sorted(found):
        yield csv_line([strategy, *(cell for name in MEASURED for cell in summary(found[strategy][name]))])


def final_scores(board: dict[str, Any], names: Sequence[str], mark: Sequence[str] = ()) -> Iterator[str]:
    """The leaderboard, best first."""
    yield csv_line(["index", "strategy", "score", *mark])
    for row, line in enumerate(board.get("rows", [])):
        yield csv_line([row, names[line["competitor"]], line["score"], *mark])


def config(benchmark: Benchmark, names: Sequence[str]) -> Iterator[str]:
    """JSON, which is YAML, too."""
    told = {
        "competitor_names": list(names),
        "final_score": [benchmark.metric, benchmark.statistic],
        "ignore_reserved": benchmark.ignore_reserved,
        "mechanism_type": MECHANISM,
        "metadata": {"made_by": "Parley", "id": str(benchmark.pk), "simulated": benchmark.is_simulated},
        "n_competitors": len(names),
        "n_repetitions": benchmark.repetitions,
        "n_steps": benchmark.steps_high,
        "rotate_ufuns": benchmark.rotate,
        "self_play": benchmark.self_play,
    }
    yield json.dumps(told, indent=1) + "\n"


MECHANISM = "negmas.sao.mechanism.SAOMechanism"


def mean_of_others(utilities: Sequence[float | None], seat: int) -> float | None:
    """NegMAS's partner_welfare."""
    others = [worth for index, worth in enumerate(utilities) if index != seat]
    known = [worth for worth in others if worth is not None]
    return sum(known) / len(known) if known and len(known) == len(others) else None


def summary(values: Sequence[float]) -> list[float | None]:
    if not values:
        return [0, *[None] * 7]
    spread = statistics.stdev(values) if len(values) > 1 else None
    lower, middle, upper = (
        statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    )
    return [len(values), statistics.fmean(values), spread, min(values), lower, middle, upper, max(values)]


def _over(matches: Iterable[Match]) -> Iterator[Match]:
    return (match for match in matches if match.is_over)


def _scenario(match: Match, places: Sequence[str]) -> str:
    """As NegMAS names a scenario whose utility functions are turned, which it does the other way."""
    turned = -match.rotation % len(match.numbers)
    return f"{places[match.scenario]}-{turned}" if turned else places[match.scenario]


def _ids(match: Match, names: Sequence[str]) -> list[str]:
    return [f"{names[number]}@{seat}" for seat, number in enumerate(match.numbers)]


def _detail(match: Match, names: Sequence[str], places: Sequence[str]) -> dict[str, Any]:
    ids, who = _ids(match, names), [names[number] for number in match.numbers]
    has_error = match.status == MatchStatus.FAILED
    return {name: getattr(match, name) for name in SHARES} | {
        "running": False, "waiting": False, "started": True, "step": match.steps, "time": match.cpu_seconds,
        "relative_time": match.relative_time, "broken": match.end_reason == EndReason.ENDED,
        "timedout": match.end_reason in (EndReason.STEPS, EndReason.SECONDS),
        "agreement": None if match.agreement is None else tuple(match.agreement), "n_negotiators": len(ids),
        "has_error": has_error, "error_details": match.error,
        "erred_negotiator": "" if match.failed_seat is None else ids[match.failed_seat], "erred_agent": "",
        "utilities": tuple(map(_number, match.utilities)), "max_utils": [*map(_number, match.best)],
        "reserved_values": tuple(map(_number, match.reserved)), "partners": who, "run_id": f"match{match.index}",
        "execution_time": match.cpu_seconds, "negotiator_names": ids, "negotiator_ids": ids,
        "negotiator_types": who, "negotiator_times": [0.0] * len(ids), "n_steps": match.n_steps,
        "time_limit": match.seconds or "inf", "scenario": _scenario(match, places),
        "mechanism_name": f"match{match.index}", "mechanism_type": MECHANISM,
        "effective_scenario_name": _scenario(match, places), "rep": match.repetition,
        "n_repetitions": match.repetition + 1,
    }  # fmt: skip


def _scores(
    matches: Iterable[Match], names: Sequence[str], places: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for match in _over(matches):
        ids, who = _ids(match, names), [names[number] for number in match.numbers]
        has_error, known = match.status == MatchStatus.FAILED, [*map(_number, match.utilities)]
        advantages = match.advantages if match.best else [None] * len(who)
        for seat, name in enumerate(who):
            partners = tuple(other for index, other in enumerate(who) if index != seat)
            yield {share: getattr(match, share) for share in SHARES} | {
                "strategy": name, "utility": known[seat] if known else None, "advantage": advantages[seat],
                "reserved_value": _number(match.reserved[seat]) if match.reserved else None,
                "partner_welfare": mean_of_others(match.utilities, seat),
                "welfare": sum(known) / len(known) if known else None, "scenario": _scenario(match, places),
                "partners": partners[0] if len(partners) == 1 else partners, "time": 0.0,
                "negotiator_id": ids[seat], "has_error": has_error,
                "self_error": has_error and match.failed_seat == seat,
                "mechanism_error": has_error and match.failed_seat is None, "error_details": match.error,
                "mechanism_name": f"match{match.index}",
            }  # fmt: skip


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _text(value: Any) -> Any:
    """Lists and tuples as Python writes them: so NegMAS reads them."""
    return repr(value) if isinstance(value, list | tuple) else value

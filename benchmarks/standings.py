"""What `Leaderboard.data` holds: made by lanes from the matches that are over, read by pages.

Numbers of competitors and scenarios are their `index`; rates and utilities are rounded to six digits; None is "not known".

    seq            the last finished match that counts (Match.finished_seq), as Leaderboard.seq
    n_over, n_matches, n_skipped
    metric, statistic, level        as chosen in the benchmark; level of the intervals, 0.95
    settled        as Benchmark.settled; where it is, all but `done` and `errors` count the scenarios that settled it alone
    warning        what a reader must know before believing it (below ten scenarios); "" where there is nothing
    rows           the leaderboard, best first; opponents that do not compete are not in it
                   {competitor, rank, rank_low, rank_high, was, score, low, high, matches, scenarios, failed, left_out}
                   rank: by score alone; rank_low..rank_high: the places that the tests leave open (a tied range)
                   was: its rank when a twentieth of the matches fewer were over, None in the beginning
                   failed: matches in which it crashed or hung; left_out: those that a partner spoilt
    grid           {competitors: [..], opponents: [..], all: CELLS, scenarios: [CELLS, ..]}
                   CELLS are row by row, competitor x opponent: [done, planned, mean, failed, agreed], or None where these
                   two do not meet; failed: matches of the two that failed, whoever did it. The scenarios are a list, as of
                   a list each database reads one place alone (`data__grid__scenarios__3`): SQLite takes no number for a key.
    per_scenario   {"0": {competitor: [mean, matches]}, ..} by scenario
    per_seat       {"0": {competitor: [mean, matches]}, ..} by seat, 0 speaks first
    errors         [{reason, competitor, error, n, match}], the most frequent first, 50 at most; competitor None where
                   nobody knows who it was, match: the index of the newest
    history        [{n, scores: {competitor: score}}], 100 points at most: the scores when n matches were over
    tests          paired, by scenario, corrected by Holm: [{first, second, scenarios, difference, low, high, p, p_holm,
                   higher, lower, equal, is_significant}]
    wins           {competitor: {opponent: share of the scenarios in which the first is better}}

Keys of JSON are strings: `data["wins"]["0"]["2"]`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import permutations
from typing import Any, cast

from django.db.models import Count

from benchmarks import scoring
from benchmarks.models import Benchmark, Leaderboard, MatchStatus
from benchmarks.models.benchmarks import Metric
from benchmarks.models.matches import MatchQuerySet
from benchmarks.scoring import Cell, Scored, SeatRows
from negotiations.engine.specs import EndReason

FIELDS = (
    "index", "scenario", "rotation", "repetition", "seats", "utilities", "reserved", "best", "status", "end_reason",
    "failed_seat", "steps", "n_steps", "seconds", "cpu_seconds", "relative_time", "welfare", "nash_optimality",
    "kalai_optimality", "ks_optimality", "max_welfare_optimality", "pareto_optimality", "pareto_distance", "error",
    "finished_seq",
)  # fmt: skip
SAME = ("index", "scenario", "rotation", "repetition", "failed_seat", "steps", "n_steps", "cpu_seconds", "welfare",
        "relative_time", "nash_optimality", "kalai_optimality", "ks_optimality", "max_welfare_optimality",
        "pareto_optimality", "pareto_distance")  # fmt: skip
"""What scoring calls as the rows do."""
NAMES = {Metric.AGREEMENT.value: "agreement_rate"}
"""What scoring calls otherwise."""
MOST_POINTS = 100
MOST_ERRORS = 50
ERROR_LENGTH = 200
SEAT = re.compile(r" \(seat \d+\)")
EARLIER = 20
"""The rank to compare with is that of a twentieth of the matches before."""

Pair = tuple[int | None, int, int]
"""Scenario (None: all), competitor, opponent."""


class Standings:
    """Remembers the matches that it has read, so that each look reads only those that ended since."""

    def __init__(self, benchmark: Benchmark) -> None:
        self._benchmark = benchmark
        self._scored: dict[int, Scored] = {}
        self._failures: dict[int, tuple[str, int | None, str]] = {}
        self._competitors = list(benchmark.competitors.select_related("negotiator"))
        self._ranked = [each.index for each in self._competitors if not each.is_opponent]
        self._planned: Counter[Pair] = Counter()
        self._sizes: Counter[int] = Counter()
        self._rows = SeatRows.of(())
        self.seq = 0

    def read(self) -> None:
        """What ended since the last look; numbered under the benchmark's lock, so none is missed."""
        self._benchmark.refresh_from_db(fields=["n_skipped", "settled"])
        self.take(self._benchmark.matches.after(self.seq))
        self._rows = SeatRows.of(self._scored.values())

    def take(self, matches: MatchQuerySet) -> None:
        """Remember these, which are over."""
        for values in matches.values_list(*FIELDS).iterator():
            self._take(dict(zip(FIELDS, values, strict=True)))

    @property
    def scored(self) -> dict[int, Scored]:
        """What is over, by the index of the match."""
        return self._scored

    def _take(self, row: dict[str, Any]) -> None:
        seats = tuple(int(number) for number in row["seats"].split(","))
        self.seq = row["finished_seq"]
        is_repeatable = row["seconds"] is None
        self._scored[row["index"]] = Scored(
            **{name: row[name] for name in SAME},
            seats=seats,
            utilities=tuple(row["utilities"]),
            reserved=tuple(row["reserved"]),
            best=tuple(row["best"]),
            agreed=row["end_reason"] == EndReason.AGREEMENT,
            is_failed=row["status"] == MatchStatus.FAILED,
            deterministic=is_repeatable and all(self._is_deterministic(seat) for seat in seats),
        )
        self._failures.pop(row["index"], None)
        if row["status"] == MatchStatus.FAILED:
            culprit = None if row["failed_seat"] is None else seats[row["failed_seat"]]
            self._failures[row["index"]] = (row["end_reason"], culprit, _cause(row["error"]))

    def _is_deterministic(self, competitor: int) -> bool:
        negotiator = self._competitors[competitor].negotiator
        return negotiator is not None and negotiator.deterministic

    # --- What pages read ------------------------------------------------------------------------------------------

    def data(self, before: dict[str, Any]) -> dict[str, Any]:
        """All of it; `before` is what was stored last, whose history goes on."""
        benchmark, rows, metric = self._benchmark, self._rows, self._metric
        if benchmark.settled:
            rows = rows.only(benchmark.settled["scenarios"])
        planned = 0 if benchmark.settled else self._n_scenarios()
        board = scoring.leaderboard(
            rows, metric, benchmark.statistic, competitors=self._ranked, planned=planned
        )
        history = self._history(before, board)
        earlier = self._earlier(history)
        lines = [asdict(line) | {"was": earlier.get(line.competitor)} for line in board.standings]
        told = {
            "seq": self.seq,
            "n_over": len(self._scored),
            "n_matches": benchmark.n_matches,
            "n_skipped": benchmark.n_skipped,
            "metric": benchmark.metric,
            "statistic": benchmark.statistic,
            "level": board.level,
            "settled": benchmark.settled,
            "warning": board.warning,
            "rows": lines,
            "grid": self._grid(rows, metric),
            "per_scenario": _table(scoring.per_scenario(rows, metric)),
            "per_seat": _table(scoring.per_seat(rows, metric)),
            "errors": self._errors(),
            "history": history,
            "tests": [asdict(each) | {"is_significant": each.is_significant()} for each in board.comparisons],
            "wins": self._wins(rows, metric),
        }
        return cast("dict[str, Any]", _rounded(told))

    @property
    def _metric(self) -> str:
        return NAMES.get(self._benchmark.metric, self._benchmark.metric)

    def verdict(self) -> scoring.Verdict:
        """Whether the ranking is settled by the scenarios that are over, in the order in which they are played (X-05)."""
        self._all_planned()
        sizes = dict(sorted(self._sizes.items()))
        return scoring.settled(self._rows, sizes, self._metric, competitors=self._ranked)

    def _history(self, before: dict[str, Any], board: scoring.Leaderboard) -> list[dict[str, Any]]:
        """With a point for now; thinned to every second where they become too many."""
        n = len(self._scored)
        points = [point for point in before.get("history", []) if point["n"] < n]
        if len(points) >= MOST_POINTS:
            points = points[1::2]
        return [*points, {"n": n, "scores": {str(line.competitor): line.score for line in board.standings}}]

    def _earlier(self, history: Sequence[dict[str, Any]]) -> dict[int, int]:
        """The ranks as they were a while ago."""
        until = len(self._scored) - max(1, self._benchmark.n_matches // EARLIER)
        point = next((point for point in reversed(history) if point["n"] <= until), None)
        if point is None:
            return {}
        scores = {int(key): score for key, score in point["scores"].items() if score is not None}
        return {key: 1 + sum(other > score for other in scores.values()) for key, score in scores.items()}

    def _grid(self, rows: SeatRows, metric: str) -> dict[str, Any]:
        planned, done, failed = self._all_planned(), self._count(self._scored), self._count(self._failures)
        opponents = [each.index for each in self._competitors if each.is_opponent] or self._ranked
        by_scenario = scoring.grids(rows, metric)

        def cells(scenario: int | None, found: Iterable[Cell]) -> list[list[Any] | None]:
            known = {(cell.competitor, cell.other): cell for cell in found}
            keys = ((scenario, first, second) for first in self._ranked for second in opponents)
            return [
                [
                    done[key],
                    planned[key],
                    *_mean_of(known.get(key[1:])),
                    failed[key],
                    _agreed(known.get(key[1:])),
                ]
                if planned[key]
                else None
                for key in keys
            ]

        return {
            "competitors": self._ranked,
            "opponents": opponents,
            "all": cells(None, scoring.grid(rows, metric)),
            "scenarios": [
                cells(each, by_scenario.get(each, ())) for each in range(max(self._sizes, default=-1) + 1)
            ],
        }

    def _all_planned(self) -> Counter[Pair]:
        """How many matches each two have; read once, since a plan does not change."""
        if not self._planned:
            groups = (
                self._benchmark.matches.order_by().values_list("scenario", "seats").annotate(n=Count("pk"))
            )
            for scenario, seats, n in groups:
                self._sizes[scenario] += n
                for key in _pairs(scenario, [int(number) for number in seats.split(",")]):
                    self._planned[key] += n
        return self._planned

    def _n_scenarios(self) -> int:
        """That are planned."""
        self._all_planned()
        return len(self._sizes)

    def _count(self, indexes: Iterable[int]) -> Counter[Pair]:
        matches = (self._scored[index] for index in indexes)
        return Counter(key for match in matches for key in _pairs(match.scenario, match.seats))

    def _errors(self) -> list[dict[str, Any]]:
        counts = Counter(self._failures.values())
        newest = {cause: index for index, cause in self._failures.items()}
        return [
            {"reason": cause[0], "competitor": cause[1], "error": cause[2], "n": n, "match": newest[cause]}
            for cause, n in counts.most_common(MOST_ERRORS)
        ]

    def _wins(self, rows: SeatRows, metric: str) -> dict[str, dict[str, float | None]]:
        matrix = scoring.win_matrix(scoring.blocks_of(rows, metric, self._ranked))
        return {
            str(competitor): {str(cell.opponent): cell.share for cell in line if cell}
            for competitor, line in zip(self._ranked, matrix, strict=True)
        }

    # --- To the row -----------------------------------------------------------------------------------------------

    def keep(self, data: dict[str, Any]) -> None:
        """In the place of what is older; what another lane wrote of more matches stays."""
        rows = Leaderboard.objects.filter(benchmark=self._benchmark)
        seq = rows.values_list("seq", flat=True).first()
        if seq is None or seq <= data["seq"]:
            fields = {"seq": data["seq"], "data": data}
            Leaderboard.objects.update_or_create(benchmark=self._benchmark, defaults=fields)


def _pairs(scenario: int, seats: Sequence[int]) -> Iterator[Pair]:
    """The cells of the grids that a match belongs to, each once."""
    for first, second in set(permutations(seats, 2)):
        yield scenario, first, second
        yield None, first, second


def _mean_of(cell: Cell | None) -> tuple[float | None]:
    return (cell.mean if cell else None,)


def _agreed(cell: Cell | None) -> int:
    return cell.agreed if cell else 0


def _table(cells: Iterable[Cell]) -> dict[str, dict[str, list[Any]]]:
    table: dict[str, dict[str, list[Any]]] = {}
    for cell in cells:
        table.setdefault(str(cell.other), {})[str(cell.competitor)] = [cell.mean, cell.matches]
    return table


def _cause(text: str) -> str:
    """The first line, whichever seat it was at."""
    return SEAT.sub("", text.strip().partition("\n")[0])[:ERROR_LENGTH]


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in cast("Sequence[Any]", value)]
    return value

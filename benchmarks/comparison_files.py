"""Two benchmarks side by side as files (B-28): CSV with a row a paired match, JSON with settings, ranks and tests too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.comparison import BenchmarkComparison, Move, Pair
from negotiations.exports import csv_line, strict

FORMAT = 1


def csv_lines(shown: BenchmarkComparison) -> Iterator[str]:
    """A row a paired match."""
    n = max((len(pair.names) for pair in shown.pairs), default=2)
    seats = range(1, n + 1)
    worths = [f"{which} utility {seat}" for which in ("first", "second") for seat in seats]
    simulated = [f"simulated: {each.name}" for each in shown.benchmarks if each.is_simulated]
    people = [f"competitor {seat}" for seat in seats]
    ends = ["first result", "second result", "differs"]
    yield csv_line(
        [
            "first match",
            "second match",
            "scenario",
            "rotation",
            "repetition",
            *people,
            *worths,
            *ends,
            *simulated,
        ]
    )
    for pair in shown.pairs:
        place = [pair.one.index, pair.other.index, pair.scenario, pair.one.rotation, pair.one.repetition]
        columns = (pair.names, pair.one.utilities, pair.other.utilities)
        cells = [cell for column in columns for cell in _filled(column, n)]
        yield csv_line([*place, *cells, *pair.words, pair.differs, *["simulated" for _ in simulated]])


def json_texts(shown: BenchmarkComparison) -> Iterator[str]:
    told = {
        "format": "parley-comparison",
        "format_version": FORMAT,
        "benchmarks": [
            {
                "id": str(each.pk),
                "name": each.name,
                "simulated": each.is_simulated,
                "imported": each.is_imported,
            }
            for each in shown.benchmarks
        ],
        "metric": shown.metric,
        "settings": [{"name": line.name, "values": line.values} for line in shown.settings],
        "paired": len(shown.pairs),
        "unpaired": shown.unpaired,
        "competitors": [_told_move(move) for move in shown.moves],
    }
    head = strict(told, indent=1)
    yield head[: head.rindex("}")].rstrip() + ',\n "matches": ['
    comma = "\n  "
    for pair in shown.pairs:
        yield comma + strict(_told_pair(pair))
        comma = ",\n  "
    yield "\n ]\n}\n"


def _told_move(move: Move) -> dict[str, Any]:
    ends = [
        line and {name: line[name] for name in ("rank", "score", "low", "high", "matches")}
        for line in move.lines
    ]
    test = move.test and {
        name: getattr(move.test, name) for name in ("scenarios", "difference", "low", "high", "p", "p_holm")
    }
    return {"name": move.name, "lines": ends, "test": test}


def _told_pair(pair: Pair) -> dict[str, Any]:
    return {
        "indexes": [pair.one.index, pair.other.index],
        "scenario": pair.scenario,
        "rotation": pair.one.rotation,
        "repetition": pair.one.repetition,
        "competitors": pair.names,
        "utilities": [pair.one.utilities, pair.other.utilities],
        "results": pair.words,
        "differs": pair.differs,
    }


def _filled(values: Sequence[Any], n: int) -> list[Any]:
    return [*values, *[None] * (n - len(values))][:n]

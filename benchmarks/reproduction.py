"""Playing matches again from the frozen plan, and holding what comes against the rows (X-07). Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

from benchmarks.models import Benchmark, Match, MatchTranscript
from benchmarks.models.matches import seats_key
from benchmarks.plan import PlannedMatch
from benchmarks.playing import Players, Table, rules_of
from negotiations.engine.match_specs import MatchResult
from negotiations.engine.transcripts import Unreadable, read_transcript, transcript_bytes
from negotiations.engine.versions import versions

AT_ONCE = 200
PLANNED = ("scenario", "rotation", "repetition", "seed", "n_steps", "seconds")
ENDED = ("end_reason", "steps", "agreement", "utilities", "n_offers")


@dataclass(frozen=True)
class Difference:
    """Of one match, or of what all depend on where `index` is None."""

    index: int | None
    what: str
    before: Any
    now: Any

    def __str__(self) -> str:
        where = "" if self.index is None else f"match {self.index}: "
        return f"{where}{self.what} was {self.before}, is {self.now}"


def frozen(benchmark: Benchmark) -> list[Difference]:
    """What of plan and versions is not as it was."""
    found = []
    digest = benchmark.to_plan().digest
    if digest != benchmark.plan_hash:
        found.append(Difference(None, "hash of the plan", benchmark.plan_hash, digest))
    for name, now in versions().items():
        before = benchmark.versions.get(name, "unknown")
        if before != now:
            found.append(Difference(None, f"version of {name}", before, now))
    return found


def planned(benchmark: Benchmark) -> Iterator[Difference]:
    """Rows that are not what the plan says they are."""
    rows = benchmark.matches.order_by("index").iterator(chunk_size=1_000)
    for row, match in zip(rows, benchmark.to_plan().matches(), strict=False):
        yield from _unlike_plan(row, match)


def _unlike_plan(row: Match, match: PlannedMatch) -> Iterator[Difference]:
    for name in PLANNED:
        if getattr(row, name) != getattr(match, name):
            yield Difference(match.index, f"its {name}", getattr(match, name), getattr(row, name))
    if row.index != match.index or row.seats != seats_key(match.seats):
        yield Difference(match.index, "its seats", seats_key(match.seats), row.seats)


def chosen(benchmark: Benchmark, most: int | None) -> list[int]:
    """Indexes of what is over and repeats itself, or of so many of them, evenly spread over the plan."""
    over = benchmark.matches.over().filter(seconds=None).order_by("index").values_list("index", flat=True)
    indexes = list(over)
    if most is None or most >= len(indexes):
        return indexes
    return [indexes[number * len(indexes) // most] for number in range(most)]


def replayed(benchmark: Benchmark, indexes: Sequence[int]) -> Iterator[list[Difference] | None]:
    """For each match what differs, nothing where it is identical; None while one is played."""
    players = Players(benchmark)
    table = Table(players, rules_of(benchmark.mechanism, benchmark.ignore_reserved))
    for start in range(0, len(indexes), AT_ONCE):
        wanted = indexes[start : start + AT_ONCE]
        rows = {row.index: row for row in benchmark.matches.filter(index__in=wanted).order_by("index")}
        with closing(cast("Any", table.played(players.specs(list(rows.values()))))) as heard:
            for item in heard:
                yield differences(rows[item.index], item) if isinstance(item, MatchResult) else None


def differences(row: Match, result: MatchResult) -> list[Difference]:
    found = []
    for name in ENDED:
        before, now = getattr(row, name), _plain(getattr(result, name))
        if before != now:
            found.append(Difference(row.index, name, before, now))
    if place := _first_other_action(row, result):
        found.append(Difference(row.index, f"action {place[0]}", place[1], place[2]))
    return found


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _first_other_action(row: Match, result: MatchResult) -> tuple[int, Any, Any] | None:
    stored = MatchTranscript.objects.filter(match=row.pk).values_list("actions", flat=True).first()
    try:
        before, now = (
            read_transcript(bytes(stored or b"")),
            read_transcript(transcript_bytes(result.transcript)),
        )
    except Unreadable as error:
        return 0, "stored", str(error)
    for number in range(max(len(before), len(now))):
        one, other = (actions[number] if number < len(actions) else None for actions in (before, now))
        if one != other:
            return number + 1, one, other
    return None

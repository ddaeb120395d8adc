"""How the scores moved while the matches were played, as paths of an SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from negotiations.charts.frames import Frame, Tick, path_of

FRAME = Frame(880, 200, 40, 130, 12, 26)
APART = 14.0
"""Two labels closer than this would lie on each other."""


@dataclass(frozen=True)
class ScoreLine:
    competitor: int
    name: str
    path: str
    y: float
    label_y: float


@dataclass(frozen=True)
class ScoreChart:
    frame: Frame
    lines: tuple[ScoreLine, ...]
    scores: tuple[Tick, ...]
    matches: tuple[Tick, ...]

    label_x: float


def score_chart(
    history: Sequence[Mapping[str, Any]], names: Mapping[int, str], n_matches: int
) -> ScoreChart | None:
    """Of the points of `Leaderboard.data`; None where there are fewer than two. The axis of matches is that of the plan."""
    if len(history) < 2 or not n_matches:
        return None
    known = [float(score) for point in history for score in point["scores"].values() if score is not None]
    if not known:
        return None
    low, high = _rounded_range(min(known), max(known))
    lines = [_line(history, number, name, n_matches, (low, high)) for number, name in names.items()]
    ticks = [Tick(FRAME.y(share), f"{low + share * (high - low):.2f}") for share in (0.0, 0.5, 1.0)]
    ends = (Tick(FRAME.x0, "0", "start"), Tick(FRAME.x1, f"{n_matches:,} matches", "end"))
    return ScoreChart(
        FRAME,
        tuple(_labelled([line for line in lines if line])),
        tuple(ticks),
        ends,
        _label_x(history, n_matches),
    )


def _label_x(history: Sequence[Mapping[str, Any]], n_matches: int) -> float:
    """Names stand where the lines end now."""
    return FRAME.x(history[-1]["n"] / n_matches) + 8


def _line(
    history: Sequence[Mapping[str, Any]], number: int, name: str, n_matches: int, span: tuple[float, float]
) -> ScoreLine | None:
    low, high = span
    found = [(point["n"], point["scores"].get(str(number))) for point in history]
    points = [
        FRAME.place(n / n_matches, (score - low) / (high - low)) for n, score in found if score is not None
    ]
    return ScoreLine(number, name, path_of(points), points[-1][1], points[-1][1]) if points else None


def _rounded_range(low: float, high: float) -> tuple[float, float]:
    """To twentieths, and never nothing."""
    low, high = int(low * 20 - (low < 0)) / 20, (int(high * 20) + 1) / 20
    return low, max(high, low + 0.1)


def _labelled(lines: Sequence[ScoreLine]) -> list[ScoreLine]:
    """Names moved apart, from the top; where there is no room left they end at the frame's edge."""
    placed: list[ScoreLine] = []
    for line in sorted(lines, key=lambda each: each.y):
        least = placed[-1].label_y + APART if placed else FRAME.y1
        placed.append(ScoreLine(line.competitor, line.name, line.path, line.y, max(line.y, least)))
    over = (placed[-1].label_y if placed else 0) - FRAME.y0
    if over <= 0:
        return placed
    return [ScoreLine(each.competitor, each.name, each.path, each.y, each.label_y - over) for each in placed]

"""Outcome spaces as SVG: the pictures of the library's cards, a scenario's own plane, and the library as a plot.

Axes are fixed, 0 to 1, so that pictures compare. Cells that hold outcomes are drawn as runs of a row, which keeps a
million outcomes as short as a thousand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Protocol

import numpy as np

CARD = (160, 94)
CELLS = 96
"""A side of a card's square, in cells."""
MOST_SQUARES = 12
FEW_POINTS = 30
"""Of a frontier, that are marked one by one."""
MOST_DOTS = 1_500
NAMES = {
    "nash": "Nash",
    "kalai": "Kalai",
    "ks": "Kalai-Smorodinsky",
    "welfare": "Maximum welfare",
    "relative_welfare": "Relative welfare",
}
SHORT = NAMES | {"ks": "KS", "welfare": "Welfare", "relative_welfare": "Rel. welfare"}
SHAPES = {
    "nash": "M0-6 6 0 0 6-6 0z",
    "kalai": "M-6-5H6L0 6z",
    "ks": "M-6 5H6L0-6z",
    "welfare": "M-5-5H5V5H-5z",
    "relative_welfare": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
}
Point = tuple[float, float]


class Known(Protocol):
    """What is stored of an outcome space."""

    @property
    def frontier_utilities(self) -> Sequence[Sequence[float]]: ...

    @property
    def points(self) -> Mapping[str, Mapping[str, Any]]: ...

    @property
    def n_sampled(self) -> int:
        """How many outcomes were drawn by chance; 0 where all were looked at."""

    def grid(self, i: int, j: int) -> Any: ...

    def cloud(self, i: int, j: int) -> Sequence[Point]: ...


def edge(frontier: Sequence[Sequence[float]], i: int, j: int) -> list[Point]:
    """What two parties see of a frontier: the points that no other beats for both of them, from left to right."""
    kept: list[Point] = []
    for x, y in sorted({(round(each[i], 4), round(each[j], 4)) for each in frontier}, reverse=True):
        if not kept or y > kept[-1][1]:
            kept.append((x, y))
    return kept[::-1]


def runs(grid: Any, left: float, bottom: float, side: float) -> str:
    """The marked cells of a square grid as one path of horizontal strokes; row 0 is the lowest."""
    count = len(grid)
    step = side / count
    parts = []
    for row in np.flatnonzero(np.asarray(grid).any(axis=1)):
        ends = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(grid[row], np.int8), [0]])))
        y = f"{bottom - (row + 0.5) * step:.2f}"
        parts += [
            f"M{left + start * step:.2f} {y}h{(end - start) * step:.2f}" for start, end in ends.reshape(-1, 2)
        ]
    return "".join(parts)


def coarse(points: Sequence[Point], count: int) -> Any:
    """Which cells of a square grid hold a point."""
    grid: Any = np.zeros((count, count), bool)
    if len(points):
        cells = np.clip((np.asarray(points, float) * count).astype(int), 0, count - 1)
        grid[cells[:, 1], cells[:, 0]] = True
    return grid


# --- The picture of a card ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Square:
    """Where one pair of parties is drawn."""

    left: float
    top: float
    side: float

    @property
    def inset(self) -> float:
        return self.side / 26

    def place(self, point: Point) -> str:
        room = self.side - 2 * self.inset
        x, y = (min(max(share, 0.0), 1.0) * room for share in point)
        return f"{self.left + self.inset + x:.1f} {self.top + self.side - self.inset - y:.1f}"


def thumbnail(known: Known, parties: int) -> str:
    """An SVG file in the colours of the light theme; the page turns them round in the dark one."""
    pairs = _pairs(parties)
    drawn = "".join(
        _square(known, i, j, square) for (i, j), square in zip(pairs, _squares(len(pairs)), strict=True)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {CARD[0]} {CARD[1]}">{drawn}</svg>'


STAMP = Square(0, 0, 32)
"""In a list: the plane of the first two parties, where the list itself marks what was agreed on."""


def stamp(known: Known | None) -> str:
    """As a thumbnail, small; empty where nothing is known yet."""
    drawn = _square(known, 0, 1, STAMP) if known else ""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{drawn}</svg>'


def _pairs(parties: int) -> list[tuple[int, int]]:
    """Each pair once; of many parties, the first with each of the others."""
    found = list(combinations(range(parties), 2))
    return found if len(found) <= MOST_SQUARES else [(0, other) for other in range(1, parties)][:MOST_SQUARES]


def _squares(count: int) -> Iterator[Square]:
    width, height = CARD
    rows = 1 if count <= 3 else 2 if count <= 10 else 3
    columns = -(-count // rows)
    gap = 6
    side = min(78, (height - 14 - (rows - 1) * gap) / rows, (width - 16 - (columns - 1) * gap) / columns)
    left = (width - columns * side - (columns - 1) * gap) / 2
    top = (height - rows * side - (rows - 1) * gap) / 2
    for index in range(count):
        row, column = divmod(index, columns)
        yield Square(left + column * (side + gap), top + row * (side + gap), side)


def _square(known: Known, i: int, j: int, square: Square) -> str:
    box = f"M{square.left:.1f} {square.top:.1f}h{square.side:.1f}v{square.side:.1f}h-{square.side:.1f}z"
    room = square.side - 2 * square.inset
    count = CELLS if square.side > 40 else CELLS // 2
    cells = runs(
        _shrunk(known, i, j, count), square.left + square.inset, square.top + square.side - square.inset, room
    )
    line = [square.place(point) for point in edge(known.frontier_utilities, i, j)]
    dots = "".join(f"M{place}h0" for place in line) if len(line) <= FEW_POINTS else ""
    return (
        f'<path d="{box}" fill="none" stroke="#848e9c" stroke-width=".6" opacity=".6"/>'
        f'<path d="{cells}" fill="none" stroke="#5b6472" stroke-width="{max(1.1 * room / count, 0.6):.2f}" opacity=".5"/>'
        f'<path d="{"M" + "L".join(line) if line else ""}" fill="none" stroke="#14181f" stroke-width="1.1"/>'
        f'<path d="{dots}" fill="none" stroke="#14181f" stroke-width="2.6" stroke-linecap="round"/>'
    )


def _shrunk(known: Known, i: int, j: int, count: int) -> Any:
    """Few outcomes by their places, many by the grid that is stored."""
    points = known.cloud(i, j)
    if len(points) < MOST_DOTS:
        return coarse(points, count)
    grid = known.grid(i, j)
    places: Any = (np.arange(len(grid)) * count) // len(grid)
    small: Any = np.zeros((count, count), bool)
    rows, columns = np.nonzero(grid)
    small[places[rows], places[columns]] = True
    return small


# --- A scenario's own plane -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """A solution point; its names stand in the margin, one below the other, each with a line to it."""

    x: float
    y: float
    shape: str
    title: str
    labels: list[tuple[float, str, str]]


@dataclass(frozen=True)
class Plane:
    """The outcome space of two parties, in px of a drawing of 580 x 512."""

    pair: tuple[int, int]
    names: tuple[str, str]
    dots: str
    cells: str
    frontier: str
    frontier_points: list[tuple[float, float, str]]
    marks: list[Mark]
    reserved: tuple[float | None, float | None]
    n_sampled: int
    """How many outcomes it shows, drawn by chance; 0 where it shows all."""


TICKS = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
LEFT, RIGHT, TOP, BOTTOM = 44, 488, 28, 472
LINE = 15


def across(share: float) -> float:
    return round(LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT), 1)


def up(share: float) -> float:
    return round(BOTTOM - min(max(share, 0.0), 1.0) * (BOTTOM - TOP), 1)


def plane(known: Known, pair: tuple[int, int], parties: Sequence[Mapping[str, Any]]) -> Plane:
    i, j = pair
    points = known.cloud(i, j)
    few = len(points) <= MOST_DOTS
    line = edge(known.frontier_utilities, i, j)
    places = [(across(x), up(y)) for x, y in line]
    marked = zip(places, line, strict=True) if len(line) <= FEW_POINTS else ()
    reserved = [parties[index]["reserved_value"] for index in pair]
    return Plane(
        pair=pair,
        names=(str(parties[i]["name"]), str(parties[j]["name"])),
        dots="".join(f"M{across(x):g} {up(y):g}h0" for x, y in points) if few else "",
        cells="" if few else runs(known.grid(i, j), LEFT, BOTTOM, RIGHT - LEFT),
        frontier="M" + "L".join(f"{x:g} {y:g}" for x, y in places) if places else "",
        frontier_points=[(x, y, f"Pareto frontier: {a:z.2f} and {b:z.2f}") for (x, y), (a, b) in marked],
        marks=_marks(known.points, pair),
        reserved=(
            across(reserved[0]) if reserved[0] else None,
            up(reserved[1]) if reserved[1] else None,
        ),
        n_sampled=known.n_sampled,
    )


def _marks(points: Mapping[str, Mapping[str, Any]], pair: tuple[int, int]) -> list[Mark]:
    """Solution points, the highest first; those that are one outcome for all parties are one mark."""
    found: dict[tuple[float, ...], list[str]] = {}
    for name in NAMES:
        if name in points:
            found.setdefault(tuple(round(u, 6) for u in points[name]["utilities"]), []).append(name)
    marks: list[Mark] = []
    lowest = float(TOP - LINE)
    for utilities, names in sorted(found.items(), key=lambda item: -item[0][pair[1]]):
        x, y = across(utilities[pair[0]]), up(utilities[pair[1]])
        labels = []
        for name in names:
            lowest = max(lowest + LINE, y - 12)
            labels.append((lowest, SHORT[name], f"M{x:g} {y:g}L{RIGHT + 6} {lowest - 4:g}"))
        told = " and ".join(f"{utilities[index]:z.2f}" for index in pair)
        title = f"{', '.join(NAMES[name] for name in names)}: {told}"
        marks.append(Mark(x, y, SHAPES[names[0]], title, labels))
    return marks


# --- The library as a plot ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dot:
    """One scenario of the plot: where, and what it says."""

    pk: int
    name: str
    x: float
    y: float
    title: str
    url: str
    parties: int


@dataclass(frozen=True)
class Scatter:
    dots: list[Dot]
    xs: list[tuple[float, str]]
    ys: list[tuple[float, str]]
    width: int = 1040
    height: int = 480
    left: int = 44
    right: int = 1020
    top: int = 28
    bottom: int = 430


def scatter(scenarios: Sequence[Any]) -> Scatter:
    """Opposition upwards, the number of outcomes to the right in powers of ten; infinitely many stand at the right edge."""
    sizes = [s.log10_outcomes for s in scenarios if np.isfinite(s.log10_outcomes)]
    most_x = max(2, int(np.ceil(max(sizes, default=2) + 1e-9)))
    most_y = max(1.0, float(np.ceil(max((s.opposition for s in scenarios), default=1.0) * 5 - 1e-9) / 5))
    frame = Scatter([], [], [])
    wide, high = frame.right - frame.left, frame.bottom - frame.top
    apart = max(1, -(-most_x // 12))
    dots = [
        Dot(
            pk=s.pk,
            name=s.name,
            x=round(frame.left + min(s.log10_outcomes, most_x) / most_x * wide, 1),
            y=round(frame.bottom - s.opposition / most_y * high, 1),
            title=f"{s.name}: {s.size} outcomes, opposition {s.opposition:.2f}",
            url=s.get_absolute_url(),
            parties=s.n_parties,
        )
        for s in scenarios
    ]
    xs = [(round(frame.left + tick / most_x * wide, 1), str(tick)) for tick in range(0, most_x + 1, apart)]
    ticks = int(round(most_y * 5)) + 1
    ys = [
        (round(frame.bottom - tick / 5 / most_y * high, 1), f"{tick / 5:.1f}")
        for tick in range(0, ticks, max(1, ticks // 8))
    ]
    return Scatter(dots, xs, ys)
